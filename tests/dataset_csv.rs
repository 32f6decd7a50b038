//! The reader of own tables: what RFC 4180 and common programs write is read, every mistake is named with its place,
//! and hostile text neither panics nor hangs.

use eigendrift::Error;
use eigendrift::dataset::{Dataset, MAX_CLASSES, MAX_FEATURES, MAX_SAMPLES, csv};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

fn read(text: &str) -> Dataset {
    csv::read(text, None).unwrap()
}

/// The sentence, which begins with the place.
fn refused(text: &str, label_column: Option<&str>) -> String {
    let error = csv::read(text, label_column).unwrap_err();
    assert!(matches!(error, Error::Csv { .. }), "{error:?}");
    error.to_string()
}

#[test]
fn a_plain_table_is_read() {
    let table = read("a,b,kind\n1,2.5,no\n-3e2,.5,yes\n0,+4,no\n");
    assert_eq!(table.inputs, [1.0, 2.5, -300.0, 0.5, 0.0, 4.0]);
    assert_eq!(table.labels, [0, 1, 0]);
    assert_eq!((table.features, table.classes), (2, 2));
    assert_eq!(table.class_names, ["no", "yes"]);
    assert_eq!(table.feature_names, ["a", "b"]);
}

#[test]
fn the_same_table_in_other_clothes_is_the_same() {
    let plain = read("a,b,kind\n1,2.5,no\n-3e2,.5,yes\n");
    for text in [
        "\u{feff}a,b,kind\r\n1,2.5,no\r\n-3e2,.5,yes\r\n",
        "a,b,kind\n1,2.5,no\n-3e2,.5,yes",
        "\n\na,b,kind\n\n1,2.5,no\n   \n-3e2,.5,yes\n\n\n",
        "\"a\",\"b\",\"kind\"\n\"1\",\"2.5\",\"no\"\n \"-3e2\" , .5 , \"yes\" \n",
        "a;b;kind\n1;2.5;no\n-3e2;.5;yes\n",
        "a\tb\tkind\r1\t2.5\tno\r-3e2\t.5\tyes\r",
    ] {
        assert_eq!(read(text), plain, "{text:?}");
    }
}

#[test]
fn a_header_is_optional() {
    let table = read("1,2,cat\n3,4,dog\n");
    assert_eq!(table.len(), 2);
    assert_eq!(table.feature_names, ["column 1", "column 2"]);
    assert_eq!(table.class_names, ["cat", "dog"]);
    assert_eq!(read("1,2,0\n3,4,1\n").len(), 2);
}

#[test]
fn the_label_column_is_found_by_name_number_or_place() {
    let text = "kind,x,y\nb,1,2\na,3,4\n";
    let by_name = csv::read(text, Some("kind")).unwrap();
    assert_eq!(by_name.inputs, [1.0, 2.0, 3.0, 4.0]);
    assert_eq!(by_name.labels, [1, 0]);
    assert_eq!(by_name.feature_names, ["x", "y"]);
    assert_eq!(csv::read(text, Some("1")).unwrap(), by_name);
    assert_eq!(csv::read("b,5,2\na,3,4\n", Some("1")).unwrap().labels, [1, 0]);
    // A name makes the first line a header even where it holds numbers.
    let years = csv::read("1990,2000,2010\n0,1,5\n1,0,6\n", Some("1990")).unwrap();
    assert_eq!(years.feature_names, ["2000", "2010"]);
    assert_eq!(years.inputs, [1.0, 5.0, 0.0, 6.0]);
}

#[test]
fn labels_are_any_text_and_sorted_independently_of_rows() {
    let table = read("1,\"O'Hara, \"\"Bob\"\"\"\n2,naïve λ\n3,\"two\nlines\"\n");
    assert_eq!(table.class_names, ["O'Hara, \"Bob\"", "naïve λ", "two\nlines"]);
    assert_eq!(read("0,10\n0,9\n0,2\n").class_names, ["2", "9", "10"]); // by value
    assert_eq!(read("0,10\n0,9\n0,x\n").class_names, ["10", "9", "x"]); // as text
}

#[test]
fn mistakes_are_named_with_their_place() {
    for (text, label, sentence) in [
        ("", None, "line 1: the table is empty"),
        ("\u{feff}\r\n\r\n", None, "line 1: the table is empty"),
        ("1\n2\n", None, "line 1: 1 columns; 2 to 1025"),
        ("a,b,c\n1,2,x\n1,oops,y\n", None, "line 3, column 2: 'oops' is not a number"),
        ("a,b,c\n\n1,,x\n", None, "line 3, column 2: the cell is empty"),
        ("1,2,x\n1,NaN,y\n", None, "line 2, column 2: 'NaN' is not a finite number"),
        ("1,inf,x\n1,1,y\n", None, "line 1, column 2: 'inf' is not a finite number"),
        ("1,2,x\n1e999,1,y\n", None, "line 2, column 1: '1e999' is not a finite number"),
        ("1,2,x\n1,2\n", None, "line 2: 2 cells, but the first line has 3"),
        ("1,2,x\n1,2,y,z\n", None, "line 2: 4 cells, but the first line has 3"),
        ("1,2,x\n1,2,\n", None, "line 2, column 3: a label has 1 to 100 characters"),
        ("1,2,x\n1,\"2,y\n3,4,z\n", None, "line 2, column 2: a quote is opened but never closed"),
        ("1,2,x\n1,\"2\"0,y\n", None, "line 2, column 2: text follows a closing quote"),
        ("1,\"a\nb\"\n1,\"c\nd\"\nx,e\n", None, "line 5, column 1: 'x' is not a number"),
        ("1;2,5;x\n1;2;y\n", None, "line 1, column 2: '2,5' is not a number"),
        ("1,,x\n1,2,y\n", None, "line 1, column 2: the cell is empty"),
        ("a,b\n1,x\n2,x\n", None, "line 3: 2 rows with 1 different labels; at least 2"),
        ("a,b\n", None, "line 1: 0 rows with 0 different labels"),
        ("a,b\n1,x\n2,y\n", Some("species"), "line 1: no column is called 'species'; the line begins 'a', 'b'"),
        ("a,a\n1,x\n2,y\n", Some("a"), "line 1: several columns are called 'a'"),
        ("a,b\n1,x\n2,y\n", Some("3"), "line 1: no column is called '3'"),
    ] {
        let error = refused(text, label);
        assert!(error.starts_with(sentence), "{text:?}: {error}");
    }
}

#[test]
fn bounds_hold_and_what_lies_within_is_read() {
    let rows = |count: usize| (0..count).map(|n| format!("{n},{}\n", n % 2)).collect::<String>();
    assert_eq!(read(&rows(MAX_SAMPLES)).len(), MAX_SAMPLES);
    assert!(refused(&rows(MAX_SAMPLES + 1), None).starts_with("line 100001: more than 100000 rows"));

    let wide = |count: usize| format!("{0}x\n{0}y\n", "1,".repeat(count));
    assert_eq!(read(&wide(MAX_FEATURES)).features, MAX_FEATURES);
    assert!(refused(&wide(MAX_FEATURES + 1), None).starts_with("line 1: more than 1025 columns"));

    let classes = |count: usize| (0..count).map(|n| format!("1,c{n}\n")).collect::<String>();
    assert_eq!(read(&classes(MAX_CLASSES)).classes, MAX_CLASSES);
    assert!(refused(&classes(MAX_CLASSES + 1), None).starts_with("line 65, column 2: more than 64 different labels"));

    let huge = "1,x\n2,y\n".to_string() + &" ".repeat(csv::MAX_BYTES);
    assert!(refused(&huge, None).contains("bytes; at most 50000000"));
    let long = format!("1,x\n2,{}\n", "y".repeat(csv::MAX_LABEL + 1));
    assert!(refused(&long, None).starts_with("line 2, column 2: a label has"));
    assert!(refused(&format!("1,x\n{},y\n", "z".repeat(1000)), None).len() < 200);
}

#[cfg(not(target_arch = "wasm32"))]
mod hostile {
    use super::*;
    use proptest::prelude::*;

    /// What must hold of any table that was accepted.
    fn check(text: &str, label_column: Option<&str>) {
        let Ok(table) = csv::read(text, label_column) else { return };
        assert!(table.len() >= 2 && table.len() <= MAX_SAMPLES);
        assert!(table.features >= 1 && table.features <= MAX_FEATURES);
        assert!(table.classes >= 2 && table.classes <= MAX_CLASSES);
        assert_eq!(table.inputs.len(), table.len() * table.features);
        assert_eq!(table.feature_names.len(), table.features);
        assert_eq!(table.class_names.len(), table.classes);
        assert!(table.inputs.iter().all(|x| x.is_finite()));
        assert!((0..table.classes).all(|class| table.labels.contains(&class)));
        assert!(table.labels.iter().all(|&label| label < table.classes));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]

        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..512)) {
            check(&String::from_utf8_lossy(&bytes), None);
        }

        #[test]
        fn arbitrary_text_and_labels_never_panic(text in ".{0,200}", label in ".{0,12}") {
            check(&text, Some(&label));
        }

        /// Few marks, so that quotes, separators and line ends meet in every order and tables are often accepted.
        #[test]
        fn marks_in_any_order_never_panic(text in "[\",;\t\r\n 01ax.-]{0,60}", label in "[01a \"]{0,2}") {
            check(&text, Some(&label));
        }

        /// What a program writes, any other reads: write a table with quoting, read it back.
        #[test]
        fn written_tables_are_read_back(
            cells in proptest::collection::vec((any::<f64>(), any::<f64>(), "[ -~λ\n]{1,12}"), 2..20),
            crlf in any::<bool>(),
        ) {
            let rows: Vec<_> = cells.into_iter()
                .map(|(x, y, label)| (x, y, label.trim().to_string()))
                .filter(|(x, y, label)| x.is_finite() && y.is_finite() && !label.is_empty())
                .collect();
            let end = if crlf { "\r\n" } else { "\n" };
            let text: String = std::iter::once(format!("x,y,label{end}"))
                .chain(rows.iter().map(|(x, y, label)| format!("{x:?},{y:e},\"{}\"{end}", label.replace('"', "\"\""))))
                .collect();
            let kinds: std::collections::BTreeSet<_> = rows.iter().map(|row| &row.2).collect();
            prop_assume!(kinds.len() >= 2);
            let table = csv::read(&text, None).unwrap();
            prop_assert_eq!(table.inputs, rows.iter().flat_map(|row| [row.0, row.1]).collect::<Vec<_>>());
            for (label, row) in table.labels.iter().zip(&rows) {
                prop_assert_eq!(&table.class_names[*label], &row.2);
            }
        }
    }

    /// An eighth of the longest allowed text of each kind of mark: no quadratic time, no deep recursion.
    #[test]
    fn long_runs_of_one_mark_end_quickly() {
        let start = std::time::Instant::now();
        for unit in ["\"", "\"\"", ",", "\n", "\r", " ", ";", "1,\n", "\"\n", "a,", "1,x\n", "\"\"\"", "λ"] {
            let text = unit.repeat(csv::MAX_BYTES / 8 / unit.len());
            check(&text, None);
            check(&format!("1,x\n2,y\n{text}"), Some("1"));
        }
        // Measured at 0.3 s; quadratic time would need hours.
        assert!(start.elapsed().as_secs() < 60);
    }
}
