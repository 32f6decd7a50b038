//! Networks in safetensors files: linear layers as PyTorch and Keras keep them, and back.
//!
//! ```text
//! PyTorch   NAME.weight  n_l × n_{l−1}     NAME.bias  n_l      f = W x + b
//! Keras     NAME/kernel  n_{l−1} × n_l     NAME/bias  n_l      f = xᵀ K + b, so W = Kᵀ
//! ```
//!
//! A file keeps its tensors in any order. That of the layers follows from the numbers in their names where they differ in
//! nothing else (`0`, `2`, `10`; `dense`, `dense_1`), and otherwise from sizes that fit in one order only.
//! Format: <https://github.com/huggingface/safetensors>.

use half::{bf16, f16};
use safetensors::tensor::{Dtype, SafeTensorError, SafeTensors, TensorView};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::activation::Activation;
use crate::dataset::{DataSource, Origin, Shape};
use crate::error::{Error, Result, shown};
use crate::experiment::Experiment;
use crate::loss::{Loss, LossFunction};
use crate::mlp::{Architecture, MAX_HIDDEN_LAYERS, MAX_WIDTH};

/// The most bytes of the part of a file that describes its tensors; that of the largest network here takes a few thousand.
const MAX_HEADER: u64 = 100_000;

/// A network from a file, or for one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct NetworkFile {
    /// n_0, …, n_L.
    pub layers: Vec<usize>,
    /// θ, P numbers: per layer the weight matrix (outputs × inputs) row by row, then the bias.
    pub parameters: Vec<f64>,
    /// φ of the hidden layers, where the metadata have it as `activation`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activation: Option<Activation>,
    /// The loss, where the metadata have it as `loss_function`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loss_function: Option<LossFunction>,
    /// Its label smoothing, where the metadata have it as `label_smoothing`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label_smoothing: Option<f64>,
}

impl NetworkFile {
    /// Checks that data of this shape from `source` are the network's. Where the data number their classes, some may be
    /// missing; those of a table are numbered by the order of their names, which is that of the outputs only if none is.
    ///
    /// # Errors
    /// [`Error::Invalid`] with `name`, the file's, in its sentence.
    pub fn check(&self, name: &str, source: &DataSource, data: Shape) -> Result<()> {
        let (inputs, outputs) = (self.layers[0], self.layers[self.layers.len() - 1]);
        let is_named = match &source.origin {
            Origin::Csv { .. } => true,
            Origin::Own { own, .. } => !own.images,
            Origin::Named(_) | Origin::Explicit { .. } | Origin::Images { .. } => false,
        };
        if data.features == inputs && (data.classes == outputs || !is_named && data.classes < outputs) {
            return Ok(());
        }
        let problem = format!(
            "{name} has {inputs} inputs and {outputs} outputs; the data have {} inputs and {} classes",
            data.features, data.classes
        );
        Err(Error::invalid("network", problem))
    }

    /// The file, which PyTorch loads into `Sequential(Linear, φ, Linear, …)`: F64, with the names `0.weight`, `0.bias`, `2.weight`,
    /// …, and what is known of activation and loss as metadata.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming `layers` or `parameters` where they are not allowed or do not fit.
    pub fn write(&self) -> Result<Vec<u8>> {
        // Which activation does not matter to the ranges.
        let architecture = Architecture::new(self.layers.clone(), Activation::Tanh)?;
        architecture.check_parameters("parameters", &self.parameters)?;
        let name = |value: Value| value.as_str().map(str::to_owned);
        let known = [
            ("activation", name(json!(self.activation))),
            ("format", Some("pt".to_owned())),
            ("label_smoothing", self.label_smoothing.map(|smoothing| smoothing.to_string())),
            ("loss_function", name(json!(self.loss_function))),
        ];
        // Names and numbers, none of which JSON escapes.
        let known = known.into_iter().filter_map(|(key, text)| Some(format!("\"{key}\":\"{}\"", text?)));
        let mut entries = vec![format!("\"__metadata__\":{{{}}}", known.collect::<Vec<_>>().join(","))];
        for l in 0..architecture.depth() {
            let (inputs, outputs) = (architecture.inputs(l), architecture.outputs(l));
            // θ is in the order of the file.
            for (part, shape, range) in [
                ("weight", format!("{outputs},{inputs}"), architecture.weights(l)),
                ("bias", outputs.to_string(), architecture.biases(l)),
            ] {
                let (layer, begin, end) = (2 * l, 8 * range.start, 8 * range.end);
                let offsets = format!("\"data_offsets\":[{begin},{end}]");
                entries.push(format!("\"{layer}.{part}\":{{\"dtype\":\"F64\",\"shape\":[{shape}],{offsets}}}"));
            }
        }
        let mut header = format!("{{{}}}", entries.join(",")).into_bytes();
        // Readers want the numbers at a multiple of 8.
        header.resize(header.len().next_multiple_of(8), b' ');
        let mut file = (header.len() as u64).to_le_bytes().to_vec();
        file.extend(header);
        file.extend(self.parameters.iter().flat_map(|x| x.to_le_bytes()));
        Ok(file)
    }

    /// Makes the network the start of an experiment.
    ///
    /// # Errors
    /// As [`NetworkFile::check`] and [`Experiment::data_shape`].
    pub fn begin(&self, name: &str, experiment: &mut Experiment) -> Result<()> {
        self.check(name, &experiment.data, experiment.data_shape()?.0)?;
        experiment.layers = Some(self.layers.clone());
        experiment.initial_parameters = Some(self.parameters.clone());
        Ok(())
    }
}

/// Reads a file; `name` names it in errors. Numbers may be F64, F32, F16 or BF16, and stay what they are.
///
/// # Errors
/// [`Error::Invalid`] with `name`: when it is no safetensors file or is cut off, a tensor is neither weight nor bias of a
/// linear layer, has other numbers or one that is not finite; when layers do not follow one another, or in more than one
/// order; when they are larger or more than a network here may have; when metadata name an unknown activation or loss.
pub fn read(name: &str, bytes: &[u8]) -> Result<NetworkFile> {
    let refuse = |problem: String| Error::invalid(name, problem);
    let length = bytes.first_chunk().map_or(0, |length| u64::from_le_bytes(*length));
    if length > MAX_HEADER && length < bytes.len() as u64 {
        let problem = format!("has a header of {length} bytes; allowed are {MAX_HEADER}");
        return Err(refuse(problem));
    }
    let broken = |error: SafeTensorError| refuse(format!("is no safetensors file, or damaged: {error}"));
    let file = SafeTensors::deserialize(bytes).map_err(broken)?;
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(broken)?;
    let metadata = header.metadata().clone().unwrap_or_default();
    let layers = ordered(linear_layers(&file).map_err(refuse)?).map_err(refuse)?;

    let mut sizes = vec![layers[0].inputs];
    let mut parameters = Vec::new();
    for layer in &layers {
        sizes.push(layer.outputs);
        layer.append(&mut parameters).map_err(refuse)?;
    }
    // Which activation does not matter to the sizes.
    Architecture::new(sizes.clone(), Activation::Tanh).map_err(|error| refuse(error.to_string()))?;
    let known = |key: &str| metadata.get(key).map(String::as_str);
    let label_smoothing = known("label_smoothing")
        .map(|text| match text.parse() {
            Ok(smoothing) => {
                let loss = Loss { function: LossFunction::CrossEntropy, label_smoothing: smoothing };
                loss.validate().map(|()| smoothing).map_err(|error| refuse(format!("metadata: {error}")))
            }
            Err(_) => Err(refuse(format!("metadata: label_smoothing is “{}”, which is no number", shown(text)))),
        })
        .transpose()?;
    Ok(NetworkFile {
        layers: sizes,
        parameters,
        activation: named("activation", known("activation")).map_err(refuse)?,
        loss_function: named("loss_function", known("loss_function")).map_err(refuse)?,
        label_smoothing,
    })
}

/// A choice by the name that records have for it.
fn named<T: for<'a> Deserialize<'a>>(key: &str, name: Option<&str>) -> std::result::Result<Option<T>, String> {
    let known = |name: &str| serde_json::from_value(Value::String(shown(name)));
    name.map(known).transpose().map_err(|error| format!("metadata: {key}: {error}"))
}

/// One linear layer.
#[derive(Clone)]
struct Layer<'a> {
    name: String,
    inputs: usize,
    outputs: usize,
    weights: (String, TensorView<'a>),
    /// Whether the weights are a kernel, inputs × outputs.
    is_kernel: bool,
    bias: (String, TensorView<'a>),
}

/// All layers of a file, in no order.
fn linear_layers<'a>(file: &SafeTensors<'a>) -> std::result::Result<Vec<Layer<'a>>, String> {
    let mut names: Vec<(String, TensorView<'a>)> = file.tensors();
    names.sort_by(|(a, _), (b, _)| a.cmp(b));
    let mut layers = Vec::new();
    for (tensor, view) in &names {
        let (name, separator, part) = match tensor.rfind(['.', '/']) {
            Some(at) => (&tensor[..at], &tensor[at..=at], tensor[at + 1..].trim_end_matches(":0")),
            None => ("", "", tensor.as_str()),
        };
        let bias = |ending: &str| format!("{name}{separator}bias{ending}");
        let ending = if tensor.ends_with(":0") { ":0" } else { "" };
        let (outputs, inputs) = match (part, view.shape()) {
            ("weight", &[outputs, inputs]) => (outputs, inputs),
            ("kernel", &[inputs, outputs]) => (outputs, inputs),
            ("bias", [_]) => {
                let of_layer = |weights: &str| file.tensor(&format!("{name}{separator}{weights}{ending}")).is_ok();
                if of_layer("weight") || of_layer("kernel") {
                    continue;
                }
                return Err(format!("has “{}”, but no weights beside it", shown(tensor)));
            }
            (_, shape) => {
                return Err(format!(
                    "has the tensor “{}” of the sizes {shape:?}; only weights (two sizes) and biases (one) of linear layers \
                     are read",
                    shown(tensor)
                ));
            }
        };
        if !(1..=MAX_WIDTH).contains(&inputs) || !(1..=MAX_WIDTH).contains(&outputs) {
            return Err(format!(
                "has a layer “{}” of {inputs} inputs and {outputs} outputs; 1 to {MAX_WIDTH} are allowed",
                shown(name)
            ));
        }
        let bias_name = bias(ending);
        let Ok(bias) = file.tensor(&bias_name) else {
            return Err(format!("has no “{}”; every layer needs a bias", shown(&bias_name)));
        };
        if bias.shape() != [outputs] {
            let sizes = bias.shape();
            return Err(format!("has “{}” of the sizes {sizes:?} for {outputs} outputs", shown(&bias_name)));
        }
        layers.push(Layer {
            name: name.to_owned(),
            inputs,
            outputs,
            weights: (tensor.clone(), view.clone()),
            is_kernel: part == "kernel",
            bias: (bias_name, bias),
        });
    }
    match layers.len() {
        0 => Err("holds no tensors".to_owned()),
        count if count > MAX_HIDDEN_LAYERS + 1 => {
            Err(format!("has {count} layers; allowed are 1 to {}", MAX_HIDDEN_LAYERS + 1))
        }
        _ => Ok(layers),
    }
}

/// The layers in their order.
fn ordered(layers: Vec<Layer>) -> std::result::Result<Vec<Layer>, String> {
    let keys: Vec<(String, Vec<u64>)> = layers.iter().map(|layer| key(&layer.name)).collect();
    let mut orders = Vec::new();
    extend(&layers, &keys, &mut Vec::new(), &mut orders);
    let listed = || {
        let sizes = layers.iter().map(|layer| format!("“{}” {} → {}", shown(&layer.name), layer.inputs, layer.outputs));
        sizes.collect::<Vec<_>>().join(", ")
    };
    match &orders[..] {
        [order] => Ok(order.iter().map(|&index| layers[index].clone()).collect()),
        [] => Err(format!("has layers that do not follow one another: {}", listed())),
        _ => Err(format!("has layers that fit in more than one order; number their names (0, 1, …): {}", listed())),
    }
}

/// Adds to `orders` those that begin with `begun`, until there are two: each layer takes what the one before gives, and those
/// whose names differ in their numbers alone ascend.
fn extend(layers: &[Layer], keys: &[(String, Vec<u64>)], begun: &mut Vec<usize>, orders: &mut Vec<Vec<usize>>) {
    if begun.len() == layers.len() {
        return orders.push(begun.clone());
    }
    for next in 0..layers.len() {
        let follows = begun.last().is_none_or(|&last| layers[last].outputs == layers[next].inputs);
        let left = (0..layers.len()).filter(|other| !begun.contains(other));
        let is_first = || left.clone().all(|other| keys[other].0 != keys[next].0 || keys[other].1 >= keys[next].1);
        if orders.len() < 2 && !begun.contains(&next) && follows && is_first() {
            begun.push(next);
            extend(layers, keys, begun, orders);
            begun.pop();
        }
    }
}

/// What is left of a name without its numbers, and these: `net.10` → (`net.`, 10); `dense` comes before `dense_1`.
fn key(name: &str) -> (String, Vec<u64>) {
    let numbers = name.split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.parse().ok()).collect();
    let words: String = name.chars().filter(|c| !c.is_ascii_digit()).collect();
    (words.trim_end_matches('_').to_owned(), numbers)
}

impl Layer<'_> {
    /// Appends W row by row, then b.
    fn append(&self, parameters: &mut Vec<f64>) -> std::result::Result<(), String> {
        let weights = numbers(&self.weights)?;
        match self.is_kernel {
            false => parameters.extend(weights),
            true => {
                for output in 0..self.outputs {
                    parameters.extend(weights.iter().skip(output).step_by(self.outputs));
                }
            }
        }
        parameters.extend(numbers(&self.bias)?);
        Ok(())
    }
}

/// The numbers of a tensor.
fn numbers((name, view): &(String, TensorView)) -> std::result::Result<Vec<f64>, String> {
    /// Each as f64, exactly.
    fn each<const BYTES: usize>(data: &[u8], number: impl Fn([u8; BYTES]) -> f64) -> Vec<f64> {
        data.as_chunks().0.iter().map(|bytes| number(*bytes)).collect()
    }
    let data = view.data();
    let numbers = match view.dtype() {
        Dtype::F64 => each(data, f64::from_le_bytes),
        Dtype::F32 => each(data, |bytes| f32::from_le_bytes(bytes).into()),
        Dtype::F16 => each(data, |bytes| f16::from_le_bytes(bytes).to_f64()),
        Dtype::BF16 => each(data, |bytes| bf16::from_le_bytes(bytes).to_f64()),
        other => {
            return Err(format!("has “{}” as {other}; F64, F32, F16 and BF16 are allowed", shown(name)));
        }
    };
    match numbers.iter().position(|x| !x.is_finite()) {
        Some(at) => Err(format!("has “{}” with {} at number {}; all must be finite", shown(name), numbers[at], at + 1)),
        None => Ok(numbers),
    }
}
