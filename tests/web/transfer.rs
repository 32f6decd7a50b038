//! Records survive the way to another thread and back, bit for bit, as typed arrays that move.

use eigendrift::Measured;
use eigendrift::experiment::{Checkpoint, Experiment, Run};
use eigendrift::web::timer::now;
use eigendrift::web::transfer::{from_js, to_js};
use js_sys::{Array, ArrayBuffer, Float64Array, Object, Reflect, Uint8Array};
use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::{console_log, wasm_bindgen_test as test};
use web_sys::MessageChannel;

use super::js::get;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Every {
    Plain,
    Floats(Vec<f64>),
    Whole { numbers: Vec<usize>, nothing: Option<f64>, largest: u64 },
    Mixed(Vec<Option<f64>>),
    Rows(Vec<Vec<f64>>),
    Measured(Vec<Measured>),
}

#[test]
fn every_shape_comes_back() {
    for record in [
        Every::Plain,
        Every::Floats(vec![1.0, -0.0, f64::MIN_POSITIVE, 1e308]),
        Every::Floats(vec![]),
        Every::Whole { numbers: vec![3, 0, 7], nothing: None, largest: (1 << 53) - 1 },
        Every::Mixed(vec![Some(1.5), Some(2.0), None, Some(-1.0)]),
        Every::Rows(vec![vec![0.1], vec![], vec![0.2, 0.3]]),
        Every::Measured(vec![Measured::UNDETERMINED, 0.5.into(), Measured::UNDETERMINED]),
    ] {
        let (value, _) = to_js(&record).unwrap();
        assert_eq!(from_js::<Every>(value).unwrap(), record);
    }
    assert!(to_js(&(1u64 << 60)).is_err());
    let (value, buffers) = to_js(&Every::Floats(vec![f64::NAN, f64::INFINITY])).unwrap();
    let array: Float64Array = get(&value, "Floats").dyn_into().unwrap();
    assert!(array.get_index(0).is_nan() && array.get_index(1) == f64::INFINITY);
    assert_eq!(buffers.length(), 1);
    let (value, _) = to_js(&Every::Measured(vec![0.5.into(), Measured::UNDETERMINED])).unwrap();
    let array: Float64Array = get(&value, "Measured").dyn_into().unwrap();
    assert!(array.get_index(0) == 0.5 && array.get_index(1).is_nan());
}

/// Arrays may be of any type that holds the numbers; nothing is taken for what it is not.
#[test]
fn what_does_not_fit_is_an_error() {
    let of = |name: &str, value: &JsValue| {
        let object = Object::new();
        Reflect::set(&object, &name.into(), value).unwrap();
        from_js::<Every>(object.into())
    };
    let whole = |numbers: &JsValue| {
        let record = Object::new();
        Reflect::set(&record, &"numbers".into(), numbers).unwrap();
        Reflect::set(&record, &"nothing".into(), &JsValue::UNDEFINED).unwrap();
        Reflect::set(&record, &"largest".into(), &7.into()).unwrap();
        Reflect::set(&record, &"unknown".into(), &"x".into()).unwrap();
        of("Whole", &record)
    };
    let expected = Every::Whole { numbers: vec![3, 0], nothing: None, largest: 7 };
    for numbers in
        [Uint8Array::new(&array(&[3.0, 0.0])).into(), Float64Array::new(&array(&[3.0, 0.0])).into(), array(&[3.0, 0.0])]
    {
        assert_eq!(whole(&numbers).unwrap(), expected);
    }
    assert_eq!(of("Floats", &Uint8Array::new(&array(&[3.0])).into()).unwrap(), Every::Floats(vec![3.0]));
    for numbers in
        [array(&[0.5]), array(&[-1.0]), array(&[1e300]), JsValue::NULL, "3".into(), Object::new().into(), 3.into()]
    {
        assert!(whole(&numbers).is_err(), "{numbers:?}");
    }
    assert!(of("Floats", &array(&[f64::NAN])).is_ok());
    assert!(of("Floats", &Array::of1(&"1".into()).into()).is_err());
    assert!(of("Plain", &Object::new().into()).is_err() && of("Plain", &JsValue::NULL).is_ok());
    for other in [JsValue::NULL, true.into(), 3.into(), "Other".into(), Object::new().into(), array(&[])] {
        assert!(from_js::<Every>(other.clone()).is_err(), "{other:?}");
    }
}

fn array(numbers: &[f64]) -> JsValue {
    numbers.iter().map(|number| JsValue::from_f64(*number)).collect::<Array>().into()
}

#[test]
fn a_checkpoint_moves_and_comes_back() {
    // P = 1210 on digits at 4 × 4, as large as the page suggests.
    let json = r#"{"data": {"name": "digits4x4", "samples": 100}, "hidden": [26, 20], "steps": 1, "null_model": null,
        "optimizer": {"name": "adam"}}"#;
    let mut run = Run::new(Experiment::from_json(json).unwrap()).unwrap();
    run.checkpoint().unwrap();
    run.advance(1).unwrap();
    let checkpoint = run.checkpoint().unwrap();
    let begin = now();
    let (value, buffers) = to_js(&checkpoint).unwrap();
    let written = now();
    let back: Checkpoint = from_js(value.clone()).unwrap();
    console_log!(
        "P = {}: written in {:.1} ms, read in {:.1} ms",
        checkpoint.parameters.len(),
        written - begin,
        now() - written
    );
    assert_eq!(back, checkpoint);

    let vectors = get(&value, "leading_eigenvectors.0");
    assert!(vectors.is_instance_of::<Float64Array>());
    let channel = MessageChannel::new().unwrap();
    channel.port1().post_message_with_transferable(&value, &buffers).unwrap();
    assert!(buffers.iter().all(|buffer: JsValue| buffer.unchecked_into::<ArrayBuffer>().byte_length() == 0));
}
