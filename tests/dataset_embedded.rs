//! The packed data sets against the tables that they were packed from, read by the program's own CSV reader, and
//! against facts that the tables' publishers state.

use eigendrift::dataset::{DataSource, Dataset, Name, Table, csv, embedded, load};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

/// Equal in everything but the name; numbers in every bit.
fn assert_same(packed: Dataset, table: &str) {
    let table = csv::read(table, Some("label")).unwrap();
    assert_eq!(packed.inputs.len(), table.inputs.len());
    assert!(packed.inputs.iter().zip(&table.inputs).all(|(a, b)| a.to_bits() == b.to_bits()));
    assert_eq!(Dataset { name: table.name.clone(), ..packed }, table);
}

#[test]
fn packed_tables_equal_the_published_ones() {
    assert_same(embedded::iris(None).unwrap(), include_str!("data/iris.csv"));
    assert_same(embedded::wine(None).unwrap(), include_str!("data/wine.csv"));
    assert_same(embedded::breast_cancer(None).unwrap(), include_str!("data/breast_cancer.csv"));
    let mut digits = embedded::digits(None).unwrap();
    digits.inputs.iter_mut().for_each(|pixel| *pixel *= 16.0);
    assert_same(digits, include_str!("data/digits.csv"));
}

/// Where the program does not carry a table, its bytes are supplied: the data are the same, and nothing else is taken for them.
#[test]
fn supplied_tables_give_the_same_data_and_damaged_ones_a_sentence() {
    let iris: &[u8] = include_bytes!("../src/dataset/embedded/iris.bin");
    let digits: &[u8] = include_bytes!("../src/dataset/embedded/digits.bin");
    let source =
        |name: Name, bytes: &[u8]| DataSource { table: Some(Table::from(bytes.to_vec())), ..DataSource::from(name) };
    for (name, bytes) in [(Name::Iris, iris), (Name::Digits, digits), (Name::DigitsSmall, digits)] {
        assert_eq!(load(&source(name, bytes), 1).unwrap(), load(&DataSource::from(name), 1).unwrap());
    }
    let mut changed = iris.to_vec();
    *changed.last_mut().unwrap() ^= 1;
    for (name, bytes) in
        [(Name::Iris, &iris[..100]), (Name::Iris, &changed), (Name::Iris, digits), (Name::Wine, &[][..])]
    {
        let error = load(&source(name, bytes), 1).unwrap_err().to_string();
        assert!(error.contains(if name == Name::Iris { "iris" } else { "wine" }), "{error}");
    }
}

#[test]
fn sizes_and_classes_are_the_published_ones() {
    let counts = |dataset: &Dataset| -> Vec<usize> {
        (0..dataset.classes).map(|class| dataset.labels.iter().filter(|&&label| label == class).count()).collect()
    };
    let iris = embedded::iris(None).unwrap();
    assert_eq!((iris.len(), iris.features), (150, 4));
    assert_eq!(iris.class_names, ["setosa", "versicolor", "virginica"]);
    assert_eq!(counts(&iris), [50, 50, 50]);
    assert_eq!(iris.input(0), [5.1, 3.5, 1.4, 0.2]);
    let wine = embedded::wine(None).unwrap();
    assert_eq!((wine.len(), wine.features), (178, 13));
    assert_eq!(counts(&wine), [59, 71, 48]);
    let cancer = embedded::breast_cancer(None).unwrap();
    assert_eq!((cancer.len(), cancer.features), (569, 30));
    assert_eq!(cancer.class_names, ["benign", "malignant"]);
    assert_eq!(counts(&cancer), [357, 212]);
    let digits = embedded::digits(None).unwrap();
    assert_eq!((digits.len(), digits.features), (1797, 64));
    assert_eq!(counts(&digits), [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
}

#[test]
fn small_digits_are_averages_of_four_pixels() {
    let (large, small) = (embedded::digits(None).unwrap(), embedded::digits_small(None).unwrap());
    assert_eq!((small.len(), small.features, small.classes), (1797, 16, 10));
    assert_eq!(small.labels, large.labels);
    for n in 0..small.len() {
        for row in 0..4 {
            for column in 0..4 {
                let pixel = |i: usize, j: usize| large.input(n)[8 * (2 * row + i) + 2 * column + j];
                let mean = (pixel(0, 0) + pixel(0, 1) + pixel(1, 0) + pixel(1, 1)) / 4.0;
                assert_eq!(small.input(n)[4 * row + column], mean); // sixteenths: every sum is exact
            }
        }
    }
}
