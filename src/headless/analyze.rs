//! `headless analyze`.

use std::path::{Path, PathBuf};

use clap::Args;

use super::input::{path_name, read};
use super::jobs::Jobs;
use super::network::{Network, named};
use super::output::Out;
use super::record::Record;
use crate::activation::Activation;
use crate::case::{self, Case};
use crate::curvature::SpectrumMode;
use crate::dataset::{DataSource, Origin, Preparation, load};
use crate::loss::LossFunction;
use crate::network_file::NetworkFile;
use crate::spectrum::Order;

/// Of the rows that --samples draws.
const SEED: u64 = 1;

/// Look at one network at one point: loss, gradient, exact Hessian and spectrum.
///
/// The network and its data are those of a case, or are read from files: --network with --data.
#[derive(Args)]
#[command(after_long_help = fields())]
pub struct Analyze {
    /// The case, a JSON object; - for standard input.
    #[arg(value_name = "CASE.json", required_unless_present = "network", conflicts_with_all = ["network", "data"])]
    case: Option<PathBuf>,
    #[command(flatten)]
    network: Network,
    #[command(flatten)]
    options: Options,
    #[command(flatten)]
    jobs: Jobs,
    #[command(flatten)]
    out: Out,
}

/// What a case has beside the network.
#[derive(Args)]
struct Options {
    /// The data of --network: a table (CSV) whose last column holds the class, or with --labels the inputs, an IDX file.
    #[arg(long, value_name = "FILE", requires = "network")]
    data: Option<PathBuf>,
    /// The IDX file of the classes.
    #[arg(long, value_name = "FILE", requires = "data")]
    labels: Option<PathBuf>,
    /// The column of a table that holds the class, by name or number.
    #[arg(long, value_name = "NAME", requires = "data", conflicts_with = "labels")]
    label_column: Option<String>,
    /// How many rows of the data are used, drawn at random; all unless set.
    #[arg(long, value_name = "N", requires = "data")]
    samples: Option<usize>,
    /// What is done to the inputs first: none (unless set), standardized, principal_components.
    #[arg(long, value_parser = named::<Preparation>, requires = "data")]
    preparation: Option<Preparation>,
    /// The activation, where the file does not name it.
    #[arg(long, value_parser = named::<Activation>, requires = "network")]
    activation: Option<Activation>,
    /// The loss: cross_entropy unless set here or in the file, or mean_squared_error.
    #[arg(long, value_parser = named::<LossFunction>, requires = "network")]
    loss_function: Option<LossFunction>,
    /// Label smoothing; that of the file, or 0, unless set.
    #[arg(long, requires = "network")]
    label_smoothing: Option<f64>,
    /// How many leading eigenvectors are wanted; 5 unless set.
    #[arg(long, value_name = "K", requires = "network")]
    leading: Option<usize>,
    /// What leading means: algebraic (unless set) or magnitude.
    #[arg(long, value_parser = named::<Order>, requires = "network")]
    leading_order: Option<Order>,
    /// full, leading or auto (unless set).
    #[arg(long, value_parser = named::<SpectrumMode>, requires = "network")]
    spectrum: Option<SpectrumMode>,
}

impl Analyze {
    pub fn execute(&self) -> Result<(), String> {
        let case = match (&self.case, self.network.read()?) {
            (None, Some((name, network))) => self.options.case(&name, network)?,
            (path, _) => {
                let path = path.as_deref().unwrap_or(Path::new("-"));
                Case::from_json(&read(path)?).map_err(|error| error.to_string())?
            }
        };
        let output = self.out.open()?;
        let analysis = self.jobs.pool()?.install(|| case::analyze(&case));
        output.write_json(&analysis.map_err(|error| error.to_string())?)
    }
}

impl Options {
    /// The case of a network with these data.
    fn case(&self, name: &str, network: NetworkFile) -> Result<Case, String> {
        let source = self.source()?;
        let data = load(&source, SEED).map_err(|error| error.to_string())?;
        network.check(name, &source, data.shape()).map_err(|error| error.to_string())?;
        let activation = self.activation.or(network.activation);
        // Without a hidden layer there is none.
        let activation = activation.or((network.layers.len() == 2).then_some(Activation::Identity));
        let activation = activation.ok_or_else(|| {
            format!("{name}: its metadata name no activation; set --activation, as in --activation relu")
        })?;
        Ok(Case {
            activation,
            loss_function: self.loss_function.or(network.loss_function).unwrap_or(LossFunction::CrossEntropy),
            label_smoothing: self.label_smoothing.or(network.label_smoothing).unwrap_or(0.0),
            inputs: (0..data.len()).map(|n| data.input(n).to_vec()).collect(),
            labels: data.labels,
            layers: network.layers,
            parameters: network.parameters,
            leading: self.leading.unwrap_or(5),
            leading_order: self.leading_order.unwrap_or_default(),
            spectrum: self.spectrum.unwrap_or(SpectrumMode::Auto),
        })
    }

    fn source(&self) -> Result<DataSource, String> {
        let data = self.data.as_deref().ok_or("--network needs the data that it was trained on: --data FILE")?;
        let text = |path: &Path| {
            path.to_str().map(str::to_owned).ok_or_else(|| format!("{}: is no Unicode name", path_name(path)))
        };
        let origin = match &self.labels {
            Some(labels) => {
                let (images, labels) = (text(data)?, text(labels)?);
                Origin::Images { images, labels, classes: None, samples: self.samples, own: None }
            }
            None => {
                let (text, label_column) = (read(data)?, self.label_column.clone());
                Origin::Csv { text, label_column, samples: self.samples }
            }
        };
        let preparation = Some(self.preparation.unwrap_or(Preparation::None));
        Ok(DataSource { origin, preparation, components: None, table: None })
    }
}

fn fields() -> String {
    let (case, analysis) = (Record::Case.fields("Fields of CASE.json"), Record::Analysis.fields("Prints"));
    format!("{case}\n{analysis}")
}
