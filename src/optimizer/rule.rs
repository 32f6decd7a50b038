//! The rules by name, and which settings each has.

use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};

/// A rule that turns a gradient into a step. Names and defaults are those of `torch.optim`, except the learning rate's
/// default, which suits small networks.
#[derive(Serialize, Deserialize, Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[serde(rename_all = "lowercase")]
pub enum Rule {
    /// Gradient descent: θ ← θ − η g.
    Sgd,
    /// Heavy ball (Polyak 1964): b ← μ b + g, θ ← θ − η b.
    Momentum,
    /// Nesterov's momentum (Sutskever et al. 2013): b ← μ b + g, θ ← θ − η (g + μ b).
    Nesterov,
    /// Adagrad (Duchi, Hazan and Singer 2011): s ← s + g², θ ← θ − η g / (√s + ε).
    Adagrad,
    /// RMSprop (Hinton 2012): v ← α v + (1−α) g², θ ← θ − η g / (√v + ε).
    RmsProp,
    /// Adam (Kingma and Ba 2015), AMSGrad (Reddi, Kale and Kumar 2018) as an option.
    Adam,
    /// Adam with decoupled weight decay (Loshchilov and Hutter 2019).
    AdamW,
    /// Adam with Nesterov's momentum (Dozat 2016).
    NAdam,
    /// Lion (Chen et al. 2023): the sign of a momentum, decoupled weight decay.
    Lion,
    /// Muon (Jordan et al. 2024): an orthogonalized momentum for hidden weight matrices, AdamW for all else.
    Muon,
}

impl Rule {
    /// All rules, in the order in which a menu shows them.
    pub const ALL: [Rule; 10] = [
        Rule::Sgd,
        Rule::Momentum,
        Rule::Nesterov,
        Rule::Adagrad,
        Rule::RmsProp,
        Rule::Adam,
        Rule::AdamW,
        Rule::NAdam,
        Rule::Lion,
        Rule::Muon,
    ];

    /// The name in JSON and in links.
    pub fn name(self) -> &'static str {
        match self {
            Rule::Sgd => "sgd",
            Rule::Momentum => "momentum",
            Rule::Nesterov => "nesterov",
            Rule::Adagrad => "adagrad",
            Rule::RmsProp => "rmsprop",
            Rule::Adam => "adam",
            Rule::AdamW => "adamw",
            Rule::NAdam => "nadam",
            Rule::Lion => "lion",
            Rule::Muon => "muon",
        }
    }

    /// The name for people.
    pub fn label(self) -> &'static str {
        match self {
            Rule::Sgd => "SGD",
            Rule::Momentum => "SGD with momentum",
            Rule::Nesterov => "Nesterov",
            Rule::Adagrad => "Adagrad",
            Rule::RmsProp => "RMSprop",
            Rule::Adam => "Adam",
            Rule::AdamW => "AdamW",
            Rule::NAdam => "NAdam",
            Rule::Lion => "Lion",
            Rule::Muon => "Muon",
        }
    }

    /// The numbers that this rule depends on, with their defaults and ranges.
    pub fn fields(self) -> &'static [Hyperparameter] {
        static SGD: [Hyperparameter; 2] = [learning_rate(0.1), weight_decay(0.0)];
        static MOMENTUM: [Hyperparameter; 3] = [learning_rate(0.02), momentum(0.9), weight_decay(0.0)];
        static ADAGRAD: [Hyperparameter; 3] = [learning_rate(0.05), epsilon(1e-10), weight_decay(0.0)];
        static RMSPROP: [Hyperparameter; 4] = [learning_rate(0.01), ALPHA, epsilon(1e-8), weight_decay(0.0)];
        static ADAM: [Hyperparameter; 5] = [learning_rate(0.01), BETA1, beta2(0.999), epsilon(1e-8), weight_decay(0.0)];
        static ADAMW: [Hyperparameter; 5] =
            [learning_rate(0.01), BETA1, beta2(0.999), epsilon(1e-8), weight_decay(0.01)];
        static NADAM: [Hyperparameter; 6] =
            [learning_rate(0.01), BETA1, beta2(0.999), epsilon(1e-8), MOMENTUM_DECAY, weight_decay(0.0)];
        static LION: [Hyperparameter; 4] = [learning_rate(0.001), BETA1, beta2(0.99), weight_decay(0.0)];
        static MUON: [Hyperparameter; 6] =
            [learning_rate(0.02), momentum(0.95), BETA1, beta2(0.999), epsilon(1e-8), weight_decay(0.1)];
        match self {
            Rule::Sgd => &SGD,
            Rule::Momentum | Rule::Nesterov => &MOMENTUM,
            Rule::Adagrad => &ADAGRAD,
            Rule::RmsProp => &RMSPROP,
            Rule::Adam => &ADAM,
            Rule::AdamW => &ADAMW,
            Rule::NAdam => &NADAM,
            Rule::Lion => &LION,
            Rule::Muon => &MUON,
        }
    }

    /// The switches that this rule has besides `rotated_basis`, which all have.
    pub fn switches(self) -> &'static [&'static str] {
        match self {
            Rule::Adam => &["amsgrad", "decoupled_weight_decay"],
            Rule::AdamW => &["amsgrad"],
            Rule::NAdam => &["decoupled_weight_decay"],
            _ => &[],
        }
    }
}

/// One number among the settings of a rule or of a schedule.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Hyperparameter {
    /// Name in JSON, for example `learning_rate`.
    pub name: &'static str,
    /// Name for people, for example `learning rate η`.
    pub label: &'static str,
    /// Value when none is given.
    pub default: f64,
    /// Which values are accepted.
    pub allowed: Allowed,
    /// Ends of a slider: the useful part of what is allowed.
    pub slider: (f64, f64),
    /// Whether the slider should move in equal ratios.
    pub logarithmic: bool,
}

impl Hyperparameter {
    /// Checks that `value` is allowed; `owner` is what the field belongs to, `optimizer` for example.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the field and what is allowed.
    pub fn check(&self, owner: &str, value: f64) -> Result<()> {
        if self.allowed.contains(value) {
            return Ok(());
        }
        let problem = format!("must be {}, not {value}", self.allowed.sentence());
        Err(Error::invalid(format!("{owner}.{}", self.name), problem))
    }
}

/// Which values a [`Hyperparameter`] accepts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Allowed {
    /// 0 ≤ x < ∞.
    NonNegative,
    /// 0 ≤ x < 1.
    BelowOne,
    /// 0 ≤ x ≤ 1.
    Fraction,
    /// 1, 2, 3 ... up to 2³² − 1.
    Count,
}

impl Allowed {
    /// Whether `x` is among them; NaN never is.
    pub fn contains(self, x: f64) -> bool {
        match self {
            Allowed::NonNegative => (0.0..f64::INFINITY).contains(&x),
            Allowed::BelowOne => (0.0..1.0).contains(&x),
            Allowed::Fraction => (0.0..=1.0).contains(&x),
            Allowed::Count => (1.0..=u32::MAX as f64).contains(&x) && x.fract() == 0.0,
        }
    }

    /// What is allowed, to follow the words "must be".
    pub fn sentence(self) -> &'static str {
        match self {
            Allowed::NonNegative => "a finite number from 0 up",
            Allowed::BelowOne => "a number from 0 up to, but not including, 1",
            Allowed::Fraction => "a number from 0 to 1",
            Allowed::Count => "a whole number from 1 up",
        }
    }
}

const fn learning_rate(default: f64) -> Hyperparameter {
    Hyperparameter {
        name: "learning_rate",
        label: "learning rate η",
        default,
        allowed: Allowed::NonNegative,
        slider: (1e-4, 10.0),
        logarithmic: true,
    }
}

const fn momentum(default: f64) -> Hyperparameter {
    below_one("momentum", "momentum μ", default, (0.0, 0.99))
}

const BETA1: Hyperparameter = below_one("beta1", "β₁", 0.9, (0.0, 0.99));
const ALPHA: Hyperparameter = below_one("alpha", "smoothing α", 0.99, (0.5, 0.999));

const fn beta2(default: f64) -> Hyperparameter {
    below_one("beta2", "β₂", default, (0.5, 0.9999))
}

const fn below_one(name: &'static str, label: &'static str, default: f64, slider: (f64, f64)) -> Hyperparameter {
    Hyperparameter { name, label, default, allowed: Allowed::BelowOne, slider, logarithmic: false }
}

const fn epsilon(default: f64) -> Hyperparameter {
    Hyperparameter {
        name: "epsilon",
        label: "ε",
        default,
        allowed: Allowed::NonNegative,
        slider: (1e-12, 1e-1),
        logarithmic: true,
    }
}

const MOMENTUM_DECAY: Hyperparameter = Hyperparameter {
    name: "momentum_decay",
    label: "momentum decay ψ",
    default: 0.004,
    allowed: Allowed::NonNegative,
    slider: (0.0, 0.1),
    logarithmic: false,
};

const fn weight_decay(default: f64) -> Hyperparameter {
    Hyperparameter {
        name: "weight_decay",
        label: "weight decay",
        default,
        allowed: Allowed::NonNegative,
        slider: (0.0, 0.2),
        logarithmic: false,
    }
}
