//! How results are shown: the options of the view, typed.

use super::Values;
use super::choice::{Choice, choice, named};
use super::field::Value;
use crate::displacement::Pairing;
use crate::experiment::DirectionMetric;
use crate::hessian::Part;
use crate::null_model::NullKind;

impl Choice for Pairing {
    const ALL: &'static [Self] = &Pairing::ALL;

    fn name(self) -> &'static str {
        match self {
            Pairing::Rank => "rank",
            Pairing::Tracked => "tracked",
            Pairing::Subspace => "subspace",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Pairing::Rank => "by rank",
            Pairing::Tracked | Pairing::Subspace => self.name(),
        }
    }
}

choice! {
    /// What curves over training are drawn against.
    Against {
        /// Optimizer steps.
        Step = "step", "step";
        /// Training loss.
        Loss = "loss", "training loss";
        /// (1/P)‖θ(t) − θ(0)‖².
        Distance = "distance", "distance travelled";
    }
}

choice! {
    /// How the entries of an eigenvector are shown.
    Entries {
        /// v_a², the share of parameter a.
        Squared = "squared", "v²";
        /// v_a.
        Signed = "signed", "v";
    }
}

choice! {
    /// Of which leading eigenvectors localization is shown.
    Directions {
        /// The mean over all k, and the first one thin.
        Mean = "mean", "mean of k and v₁";
        /// The mean, and each of them thin.
        All = "all", "mean and each v";
        /// The one that is chosen for the heatmap.
        One = "one", "one v";
    }
}

choice! {
    /// In which order the parameters are that are the rows of an eigenvector's heatmap.
    RowOrder {
        /// By layer, and in a layer by unit.
        Layers = "layers", "by layer";
        /// By their mean share over runs and training.
        Sorted = "sorted", "by mean share";
    }
}

/// Which null models are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShownNull {
    /// Fresh weights, and fresh weights of the trained scale: the first alone flatters, because scales localize too.
    Both,
    /// One.
    One(NullKind),
}

impl ShownNull {
    /// The name of [`Both`](Self::Both) in links, and the one that people read.
    pub const BOTH: (&'static str, &'static str) = ("both", "random and rescaled weights");

    /// The null models, in the order in which they are computed.
    pub fn kinds(&self) -> &[NullKind] {
        match self {
            ShownNull::Both => &[NullKind::RandomWeights, NullKind::RescaledWeights],
            ShownNull::One(kind) => std::slice::from_ref(kind),
        }
    }

    /// The one that claims, files and reports are about.
    pub fn of_claims(self) -> NullKind {
        self.kinds()[0]
    }
}

choice! {
    /// What the picture of eigenvalues shows.
    Curvature {
        /// The leading eigenvalues themselves.
        Eigenvalues = "lambda", "λ";
        /// The sharpness over its stability threshold.
        Stability = "stability", "λ ÷ threshold";
    }
}

choice! {
    /// What the picture of the loss shows.
    Measure {
        /// The loss.
        Loss = "loss", "loss";
        /// The share of samples classified correctly.
        Accuracy = "accuracy", "accuracy";
    }
}

choice! {
    /// Whose curves are drawn.
    Seeds {
        /// Those of the seed that is set.
        This = "this", "this seed";
        /// Means over all seeds, with the 95 % interval of the mean.
        All = "all", "all seeds";
        /// The same, and each seed thin.
        Each = "each", "all, and each";
    }
}

choice! {
    /// How the cursor runs through training.
    Play {
        /// In ten seconds.
        Normal = "1", "10 s";
        /// Four times as slowly.
        Quarter = "0.25", "40 s";
        /// Half as fast.
        Half = "0.5", "20 s";
        /// Twice as fast.
        Double = "2", "5 s";
        /// Four times as fast.
        Fourfold = "4", "2.5 s";
        /// It follows the newest checkpoint.
        Computed = "computed", "as computed";
    }
}

impl Play {
    /// Its speed, 1 being ten seconds for a whole run; `None` where it follows the computation.
    pub fn factor(self) -> Option<f64> {
        self.name().parse().ok()
    }
}

choice! {
    /// How fast training is computed.
    Speed {
        /// As fast as it can be.
        Full = "max", "full speed";
        /// Ten checkpoints per second.
        Ten = "10", "10 checkpoints/s";
        /// Three checkpoints per second.
        Three = "3", "3 checkpoints/s";
        /// One checkpoint per second.
        One = "1", "1 checkpoint/s";
    }
}

impl Speed {
    /// Most checkpoints per second; `None` for as many as there can be.
    pub fn checkpoints_per_second(self) -> Option<f64> {
        match self {
            Speed::Full => None,
            Speed::Ten => Some(10.0),
            Speed::Three => Some(3.0),
            Speed::One => Some(1.0),
        }
    }
}

choice! {
    /// How large an exported picture is.
    ExportWidth {
        /// As large as on the page, with two pixels for one.
        Shown = "shown", "as shown, 2×";
        /// For a column of text.
        Column = "1200", "1200 px";
        /// For a slide.
        Slide = "1920", "1920 px";
        /// For print.
        Print = "3600", "3600 px";
    }
}

impl ExportWidth {
    /// Pixels; `None` for as many as on the page.
    pub fn pixels(self) -> Option<f64> {
        self.name().parse().ok()
    }
}

choice! {
    /// How much memory runs may hold; beyond it they do not begin.
    MemoryLimit {
        /// What a tab can have almost everywhere.
        One = "1", "1 GB";
        /// Twice that.
        Two = "2", "2 GB";
        /// As much as a page itself can have.
        Four = "4", "4 GB";
        /// On the page and in workers together.
        Eight = "8", "8 GB";
        /// On the page and in workers together.
        Sixteen = "16", "16 GB";
    }
}

impl MemoryLimit {
    /// Bytes.
    pub fn bytes(self) -> f64 {
        1e9 * self.name().parse::<f64>().unwrap_or(1.0)
    }
}

/// How many seeds claims are about unless set, and at most.
pub const SEEDS: usize = 16;
/// See [`SEEDS`].
pub const MOST_SEEDS: usize = 256;

/// The options of the view.
#[derive(Debug, Clone, Copy)]
pub struct View {
    /// How directions are paired, in pictures and in the claims beside them.
    pub pairing: Pairing,
    /// What curves over training are drawn against.
    pub against: Against,
    /// The null models.
    pub null: ShownNull,
    /// Which measure of localization is shown.
    pub localization: &'static DirectionMetric,
    /// Of which eigenvectors.
    pub directions: Directions,
    /// Which eigenvector the heatmap shows, from 1 on.
    pub rank: usize,
    /// How its entries are shown.
    pub entries: Entries,
    /// In which order their rows are.
    pub rows: RowOrder,
    /// What the picture of eigenvalues shows.
    pub curvature: Curvature,
    /// What the picture of the loss shows.
    pub measure: Measure,
    /// Whose spectrum is shown: that of layer 1, 2, …'s diagonal block, or of the whole Hessian.
    pub layer: Option<usize>,
    /// Whose spectrum is shown: that of this part, or of the whole Hessian.
    pub part: Option<Part>,
    /// How far θ is moved along the chosen eigenvector, −1 to 1.
    pub along: f64,
    /// The lag of exported displacements, in checkpoints; a tenth of the run unless set.
    pub lag: Option<usize>,
    /// How the cursor runs through training.
    pub play: Play,
    /// How fast training is computed.
    pub speed: Speed,
    /// How large exported pictures are.
    pub export_width: ExportWidth,
    /// How much memory runs may hold.
    pub memory: MemoryLimit,
    /// Whose curves are drawn.
    pub curves: Seeds,
    /// How many seeds claims are about.
    pub seeds: usize,
    /// Names of the two runs that claims compare, where others are chosen than the first two.
    pub compared: Option<(char, char)>,
}

impl View {
    /// The options that `values` of the view's fields stand for.
    pub fn new(values: &Values) -> Self {
        fn chosen<T: Choice>(values: &Values, key: &str) -> T {
            text(values, key).and_then(T::named).unwrap_or(T::ALL[0])
        }
        let whole = |key: &str| match values.get(key) {
            Some(Value::Number(x)) => Some(*x as usize),
            _ => None,
        };
        View {
            pairing: text(values, "pair").and_then(Pairing::named).unwrap_or(Pairing::Subspace),
            against: chosen(values, "against"),
            null: text(values, "null").and_then(named).map_or(ShownNull::Both, ShownNull::One),
            localization: DirectionMetric::of_localization()
                .find(|metric| text(values, "localization") == Some(metric.column))
                .or(DirectionMetric::of_localization().next())
                .expect("there is a measure of localization"),
            directions: chosen(values, "directions"),
            rank: whole("vector").unwrap_or(1),
            entries: chosen(values, "values"),
            rows: chosen(values, "rows"),
            curvature: chosen(values, "curvature"),
            measure: chosen(values, "measure"),
            layer: text(values, "block").and_then(|name| name.parse().ok()),
            part: match text(values, "block") {
                Some("gn") => Some(Part::GaussNewton),
                Some("residual") => Some(Part::Residual),
                _ => None,
            },
            along: match values.get("along") {
                Some(Value::Number(s)) => *s,
                _ => 0.0,
            },
            lag: whole("lag"),
            play: chosen(values, "play"),
            speed: chosen(values, "speed"),
            export_width: chosen(values, "export"),
            memory: chosen(values, "memory"),
            curves: chosen(values, "curves"),
            seeds: whole("seeds").unwrap_or(SEEDS),
            compared: text(values, "compare").and_then(|pair| pair.chars().next().zip(pair.chars().nth(1))),
        }
    }
}

fn text<'a>(values: &'a Values, key: &str) -> Option<&'a str> {
    match values.get(key) {
        Some(Value::Text(text)) => Some(text),
        _ => None,
    }
}
