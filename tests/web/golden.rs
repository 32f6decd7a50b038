//! Whole cases through `analyze` against PyTorch (float64, torch.func.hessian, torch.linalg.eigh).

use js_sys::Float64Array;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::api::analyze;
use super::js::{close, get, largest, number, numbers, parse, returned};

fn agrees(name: &str, json: &str) {
    let golden = parse(json);
    let found = returned(analyze(golden.clone()));
    for field in
        ["gradient", "eigenvalues_descending", "leading_ipr", "hessian_rows.0", "logits.0", "leading_eigenvectors.0"]
    {
        assert!(get(&found, field).is_instance_of::<Float64Array>(), "{name}: {field} is not a Float64Array");
    }

    let loss = number(&golden, "loss");
    close(&[number(&found, "loss")], &[loss], 1e-12 * loss.abs().max(1.0), &format!("{name}: loss"));
    for field in ["logits", "gradient"] {
        let expected = numbers(&golden, field);
        close(&numbers(&found, field), &expected, 1e-12 * largest(&expected).max(1.0), &format!("{name}: {field}"));
    }
    // PyTorch rounds relu networks no worse, but their second derivative is a convention at the kinks.
    let tolerance = if name.contains("relu") { 1e-9 } else { 1e-11 };
    let mut scale = 0.0;
    for field in ["hessian_rows", "eigenvalues_descending"] {
        let expected = numbers(&golden, field);
        scale = largest(&expected);
        close(&numbers(&found, field), &expected, tolerance * scale, &format!("{name}: {field}"));
    }

    // An eigenvector turns by about (error of H)/gap, so that it is compared where its neighbours are far.
    let (gaps, ipr) = (numbers(&golden, "leading_gaps"), numbers(&golden, "leading_ipr"));
    let found_ipr = numbers(&found, "leading_ipr");
    for i in 0..5 {
        let above = if i == 0 { f64::INFINITY } else { gaps[i - 1] };
        if gaps[i].min(above) > 1e-3 * scale {
            let row = format!("leading_eigenvectors.{i}");
            let overlap: f64 = numbers(&found, &row).iter().zip(numbers(&golden, &row)).map(|(a, b)| a * b).sum();
            assert!((overlap.abs() - 1.0).abs() < 1e-12, "{name}: eigenvector {i}");
            close(&found_ipr[i..=i], &ipr[i..=i], 1e-7, &format!("{name}: IPR {i}"));
        }
    }
    for field in ["max_residual", "symmetry_defect", "trace_defect"] {
        assert!(number(&found, &format!("certificates.{field}")) <= 1e-11 * scale, "{name}: {field}");
    }
}

/// One test for each file, so that a failure names it.
macro_rules! cases {
    ($($name:ident),* $(,)?) => {
        $(#[test]
        fn $name() {
            agrees(stringify!($name), include_str!(concat!("../golden/", stringify!($name), ".json")));
        })*
    };
}

cases!(
    deep_gelu_ce,
    deep_gelu_mse,
    deep_linear_ce,
    deep_linear_mse,
    deep_sigmoid_ce,
    deep_sigmoid_mse,
    deep_silu_ce,
    deep_silu_mse,
    deep_softplus_ce,
    deep_softplus_mse,
    deep_tanh_ce,
    deep_tanh_mse,
    linear_softmax_ce,
    linear_softmax_mse,
    shallow_relu_ce,
    shallow_relu_mse,
    shallow_tanh_ce,
    shallow_tanh_mse,
);
