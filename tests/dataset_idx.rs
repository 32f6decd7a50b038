//! A visitor's own rows: IDX files as their definition has them, written here byte by byte; packed rows against the tables and
//! files that they are from.
#![cfg(not(target_arch = "wasm32"))]

use std::fs;
use std::io::Write;
use std::path::Path;

use eigendrift::dataset::{DataSource, MAX_SAMPLES, Rows, csv, load, load_split, own, shape_split};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

/// An IDX file: two zeros, the code of the type, the sizes, the body.
fn idx(code: u8, sizes: &[u32], body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, code, sizes.len() as u8];
    sizes.iter().for_each(|size| bytes.extend(size.to_be_bytes()));
    [bytes.as_slice(), body].concat()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Images n of `side` × `side` bytes, pixel i of which is (37 n + 11 i) mod 256, and labels n mod `classes`.
fn images(count: usize, side: usize, classes: usize) -> (Vec<u8>, Vec<u8>) {
    let body: Vec<u8> =
        (0..count).flat_map(|n| (0..side * side).map(move |i| ((37 * n + 11 * i) % 256) as u8)).collect();
    let labels: Vec<u8> = (0..count).map(|n| (n % classes) as u8).collect();
    (idx(8, &[count as u32, side as u32, side as u32], &body), idx(8, &[count as u32], &labels))
}

fn source(value: Value) -> DataSource {
    serde_json::from_value(value).unwrap()
}

fn refused(images: &[u8], labels: &[u8]) -> String {
    Rows::of_idx(("images", images), ("labels", labels)).err().expect("refused").to_string()
}

#[test]
fn bytes_are_scaled_to_one_and_other_types_are_the_numbers_that_they_are() {
    let labels = idx(8, &[2], &[0, 3]);
    let (bytes, wide) = (idx(8, &[2, 2], &[0, 255, 51, 1]), idx(0x0B, &[2, 2, 1], &[0, 7, 0xFF, 0xFF, 1, 0, 0, 0]));
    let read = |file: &[u8]| Rows::of_idx(("images", file), ("labels", &labels)).unwrap().dataset(None, 0).unwrap();
    let data = read(&bytes);
    // 51/255 = 1/5, correctly rounded as the decimal is.
    assert_eq!(data.inputs, [0.0, 1.0, 0.2, 1.0 / 255.0]);
    assert_eq!((data.labels.as_slice(), data.classes, data.features), (&[0, 3][..], 4, 2));
    assert_eq!(data.class_names, ["0", "1", "2", "3"]);
    assert_eq!(data.feature_names, ["x1", "x2"]);
    let data = read(&wide);
    assert_eq!(data.inputs, [7.0, -1.0, 256.0, 0.0]);
    assert_eq!(data.feature_names, ["pixel_0_0", "pixel_1_0"]);
    // Labels may be of any whole type; two classes are the least.
    let labels = idx(0x0C, &[2], &[0, 0, 0, 0, 0, 0, 0, 0]);
    let rows = Rows::of_idx(("images", &bytes), ("labels", &labels)).unwrap();
    assert_eq!((rows.classes(), rows.image_side()), (2, None));
    let (square, labels) = images(3, 4, 3);
    assert_eq!(Rows::of_idx(("images", &square), ("labels", &labels)).unwrap().image_side(), Some(4));
}

#[test]
fn pairs_that_do_not_fit_are_refused_with_what_is_wrong_and_allowed() {
    let (good, labels) = images(3, 2, 3);
    let nan = idx(0x0D, &[2, 1], &[0x3F, 0x80, 0, 0, 0x7F, 0xC0, 0, 0]);
    let many = MAX_SAMPLES as u32 + 1;
    let minus = idx(0x09, &[3], &[0, 0xFF, 1]);
    for (of_images, of_labels, sentence) in [
        (&good, &idx(8, &[2], &[0, 1]), "labels: has 2 labels for 3 samples of images"),
        (&good, &idx(8, &[3], &[0, 64, 1]), "labels: label 2 is 64; labels are 0 to 63"),
        (&good, &minus, "labels: label 2 is -1; labels are 0 to 63"),
        (&good, &idx(0x0D, &[3], &[0; 12]), "labels: has the sizes 3; labels are whole numbers in one dimension"),
        (&good, &good, "labels: has the sizes 3 × 2 × 2; labels are whole numbers"),
        (&labels, &labels, "images: has one dimension, as labels have"),
        (&idx(8, &[1, 1], &[0]), &idx(8, &[1], &[0]), "images: has 1 samples; 2 to 100000 are allowed"),
        (&idx(8, &[many, 1], &vec![0; many as usize]), &labels, "images: has 100001 samples; 2 to 100000"),
        (&idx(8, &[2, 33, 32], &[0; 2112]), &labels, "images: has 1056 numbers per sample; 1 to 1024 are allowed"),
        (&nan, &labels, "images: number 1 of sample 2 is NaN or infinite"),
        (&good[..20].to_vec(), &labels, "images: the sizes 3 × 2 × 2 ask for 12 bytes of numbers; the file has 4"),
        (&good, &labels[..10].to_vec(), "labels: the sizes 3 ask for 3 bytes of numbers; the file has 2"),
    ] {
        let error = refused(of_images, of_labels);
        assert!(error.starts_with(sentence), "{error}");
    }
}

/// What a table's or files' rows are after packing, the same choice of rows included.
#[test]
fn packed_rows_are_those_that_they_were_made_from() {
    let text: String =
        (0..90).map(|n| format!("{},{},{}\n", 0.1 * f64::from(n), n * n, ["b", "a", "c"][n as usize % 3])).collect();
    let text = format!("width,height,kind\n{text}");
    let table = csv::read(&text, None).unwrap();
    let (known, packed) = own::pack_table("t.csv", &table);
    assert_eq!((known.rows, known.features, known.classes, known.bytes), (90, 2, 3, packed.len()));
    assert_eq!(Rows::unpack(&packed).unwrap().dataset(None, 7).unwrap(), table);
    for more in [json!({}), json!({"samples": 40}), json!({"samples": 2, "preparation": "principal_components"})] {
        let with = |form: Value| {
            let mut form = form;
            form.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            source(form)
        };
        let by_text = with(json!({"csv": text}));
        let mut by_rows = with(json!({"own": known}));
        assert_eq!(shape_split(&by_rows, 0.2).unwrap(), shape_split(&by_text, 0.2).unwrap());
        let error = load(&by_rows, 3).unwrap_err().to_string();
        assert!(error.starts_with("data.own: the rows of t.csv are not here; give a table's text as csv"), "{error}");
        by_rows.table = Some(packed.clone().into());
        assert_eq!(load_split(&by_rows, 0.2, 3).unwrap(), load_split(&by_text, 0.2, 3).unwrap());
    }
    let too_many = source(json!({"own": known, "samples": 91}));
    let error = shape_split(&too_many, 0.0).unwrap_err().to_string();
    assert_eq!(error, "data.samples: 91 is not allowed; the table has 2 to 90");

    let (of_images, of_labels) = images(50, 3, 4);
    let rows = Rows::of_idx(("i", &of_images), ("l", &of_labels)).unwrap();
    let (known, packed) = rows.pack("i");
    assert_eq!((known.rows, known.features, known.classes, known.side), (50, 9, 4, Some(3)));
    let again = Rows::unpack(&packed).unwrap();
    assert_eq!(again.dataset(Some(20), 5).unwrap(), rows.dataset(Some(20), 5).unwrap());
    assert_eq!(again.input(7), again.dataset(None, 0).unwrap().input(7));
    // The same rows have the same name at the next visit, others another.
    assert_eq!(rows.pack("other").0.hash, known.hash);
    let (other, _) = images(50, 3, 3);
    let other = Rows::of_idx(("i", &other), ("l", &idx(8, &[50], &[1; 50]))).unwrap().pack("i").0;
    assert_ne!(other.hash, known.hash);
    for damage in [0, 3, 10, packed.len() / 2] {
        assert!(Rows::unpack(&packed[..damage]).is_err(), "{damage}");
    }
}

/// Files as they are and compressed, by their paths.
#[test]
fn files_are_opened_by_their_paths() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (of_images, of_labels) = images(60, 4, 3);
    fs::write(path("images"), &of_images).unwrap();
    fs::write(path("images.gz"), gzip(&of_images)).unwrap();
    fs::write(path("labels.gz"), gzip(&of_labels)).unwrap();
    // Two members, as `cat a.gz b.gz` makes them.
    let (head, tail) = of_images.split_at(100);
    fs::write(path("parts.gz"), [gzip(head), gzip(tail)].concat()).unwrap();
    let of = |name: &str| json!({"images": path(name), "image_labels": path("labels.gz"), "preparation": "none"});
    let data = load(&source(of("images")), 1).unwrap();
    let expected: Vec<f64> =
        (0..60).flat_map(|n| (0..16).map(move |i| f64::from((37 * n + 11 * i) % 256) / 255.0)).collect();
    assert_eq!(data.inputs, expected);
    assert_eq!(data.labels, (0..60).map(|n| n % 3).collect::<Vec<_>>());
    for name in ["images.gz", "parts.gz"] {
        assert_eq!(load(&source(of(name)), 1).unwrap(), data, "{name}");
    }
    let mut fewer = of("images.gz");
    fewer["samples"] = json!(25);
    fewer["classes"] = json!(5);
    let (train, test) = load_split(&source(fewer.clone()), 0.2, 9).unwrap();
    assert_eq!((train.len(), test.len(), train.classes), (20, 5, 5));
    let (shape, tested) = shape_split(&source(fewer), 0.2).unwrap();
    assert_eq!((shape, tested), (train.shape(), 5));
    // Unless set, the leading principal components: the network of all pixels would be large.
    let plain = source(json!({"images": path("images"), "image_labels": path("labels.gz")}));
    assert_eq!(load(&plain, 1).unwrap().features, 16);
    hostile(folder.path());
}

fn hostile(folder: &Path) {
    let path = |name: &str| folder.join(name).display().to_string();
    let (of_images, _) = images(60, 4, 3);
    let cut = gzip(&of_images);
    fs::write(path("cut.gz"), &cut[..cut.len() - 9]).unwrap();
    fs::write(path("text"), "a,b\n1,x\n").unwrap();
    fs::write(path("empty"), "").unwrap();
    // A small file that claims 4 GB of images.
    fs::write(path("claim.gz"), gzip(&idx(8, &[4_000_000, 32, 32], &[]))).unwrap();
    let of = |images: &str| json!({"images": path(images), "image_labels": path("labels.gz")});
    let with = |field: &str, value: Value| {
        let mut form = of("images");
        form[field] = value;
        form
    };
    for (form, sentence) in [
        (of("absent"), format!("data.images: {}: No such file", path("absent"))),
        (with("image_labels", json!(folder.display().to_string())), "data.image_labels: ".to_owned()),
        (of("cut.gz"), format!("data.images: {}: ", path("cut.gz"))),
        (of("text"), "data.images: begins with the bytes 0x61 0x2c; an IDX file begins with two zeros".to_owned()),
        (of("empty"), "data.images: has 0 bytes".to_owned()),
        (of("claim.gz"), "data.images: the sizes 4000000 × 32 × 32 ask for 4096000000 bytes".to_owned()),
        (with("samples", json!(61)), "data.samples: 61 is not allowed; the table has 2 to 60".to_owned()),
        (with("classes", json!(2)), "data.classes: 2 is not allowed; 3 to 64".to_owned()),
        (with("noise", json!(1)), "data.noise: is not a field of image files".to_owned()),
        (json!({"images": "a"}), "data.image_labels: is missing; images need a file of labels".to_owned()),
        (json!({"image_labels": "a"}), "data.image_labels: is not a field of a named data set".to_owned()),
    ] {
        let error = match serde_json::from_value::<DataSource>(form.clone()) {
            Ok(source) => {
                let error = load(&source, 1).unwrap_err().to_string();
                assert_eq!(shape_split(&source, 0.0).unwrap_err().to_string(), error);
                error
            }
            Err(error) => error.to_string(),
        };
        assert!(error.starts_with(&sentence), "{form}: {error}");
    }
}

/// Scores of principal components are uncorrelated, and their variances are the eigenvalues of C, in falling order, whose sum
/// is the trace, the number of features that are not constant; with 77 rows all 76 components have it. Of few features all
/// eigenvectors are computed, of many the leading ones.
#[test]
fn components_of_few_and_of_many_features_are_those_of_the_definition() {
    let count = 77;
    for (side, k) in [(3, 9), (24, 76), (24, 16)] {
        let (_, of_labels) = images(count, side, 2);
        let features = side * side;
        let pixels: Vec<u8> = (0..count * features).map(|i| ((i * i * 7 + i / 5) % 251) as u8).collect();
        let of_images = idx(8, &[count as u32, side as u32, side as u32], &pixels);
        let (known, packed) = Rows::of_idx(("i", &of_images), ("l", &of_labels)).unwrap().pack("i");
        let mut of_rows = source(json!({"own": known, "preparation": "principal_components", "components": k}));
        of_rows.table = Some(packed.into());
        let scores = load(&of_rows, 0).unwrap();
        let covariance = |i: usize, j: usize| {
            (0..count).map(|n| scores.input(n)[i] * scores.input(n)[j]).sum::<f64>() / count as f64
        };
        let variances: Vec<f64> = (0..k).map(|i| covariance(i, i)).collect();
        // Eigenvalues are right to some roundings of the largest, which is below the trace.
        let rounding = 1e-13 * features as f64;
        assert!(variances.windows(2).all(|pair| pair[0] >= pair[1] - rounding), "{variances:?}");
        let (sum, trace) = (variances.iter().sum::<f64>(), features as f64);
        assert!(if k == 16 { sum < 0.9 * trace } else { (sum - trace).abs() < 10.0 * rounding }, "{sum} {trace}");
        for i in 0..k {
            assert!((0..i).all(|j| covariance(i, j).abs() < 10.0 * rounding), "component {i} of {features}");
        }
    }
}
