//! The rules: one row holds a rule's names and which settings it has.

use super::hyperparameter::{
    ALPHA, AMSGRAD, BETA1, DECOUPLED_WEIGHT_DECAY, Hyperparameter, MOMENTUM_DECAY, Switch, beta2, epsilon,
    learning_rate, momentum, weight_decay,
};
use serde::{Serialize, Serializer};

/// A rule that turns a gradient into a step. Names and defaults are those of `torch.optim`, except the learning rate's
/// default, which suits small networks.
///
/// Each rule's step is given with its stability threshold: steps on a quadratic grow beyond that curvature, for rules
/// with a preconditioner D of the preconditioned Hessian D^(−1/2) H D^(−1/2), D being taken as constant; weight decay is
/// left out. Sources: Cohen et al. 2021 for the first three, Cohen et al. 2022 for the others.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Rule {
    /// Gradient descent: θ ← θ − η g. Threshold 2/η.
    Sgd,
    /// Heavy ball (Polyak 1964): b ← μ b + g, θ ← θ − η b. Threshold 2(1+μ)/η.
    Momentum,
    /// Nesterov's momentum (Sutskever et al. 2013): b ← μ b + g, θ ← θ − η (g + μ b). Threshold (2+2μ)/((1+2μ)η).
    Nesterov,
    /// Adagrad (Duchi, Hazan and Singer 2011): s ← s + g², θ ← θ − η g / (√s + ε). D = √s + ε, threshold 2/η.
    Adagrad,
    /// RMSprop (Hinton 2012): v ← α v + (1−α) g², θ ← θ − η g / (√v + ε). D = √v + ε, threshold 2/η.
    RmsProp,
    /// Adam (Kingma and Ba 2015), AMSGrad (Reddi, Kale and Kumar 2018) as an option: m ← β₁ m + (1−β₁) g,
    /// v ← β₂ v + (1−β₂) g², θ ← θ − η m̂ / (√v̂ + ε), m̂ = m/(1−β₁ᵗ), v̂ = v/(1−β₂ᵗ). D = (1−β₁ᵗ)(√v̂ + ε), threshold
    /// (2+2β₁)/((1−β₁)η).
    Adam,
    /// Adam with decoupled weight decay (Loshchilov and Hutter 2019).
    AdamW,
    /// Adam with Nesterov's momentum (Dozat 2016): θ ← θ − η (a g + c m) / (√v̂ + ε), a and c changing slowly with t.
    /// D = √v̂ + ε, threshold 2/(η(a + c(1−β₁)/(1+β₁))).
    NAdam,
    /// Adam by the infinity norm (Kingma and Ba 2015): u ← max(β₂ u, |g| + ε), θ ← θ − η m̂ / u. D = (1−β₁ᵗ) u, threshold
    /// as for Adam.
    Adamax,
    /// Lion (Chen et al. 2023): the sign of a momentum, decoupled weight decay. No linear regime and no threshold.
    Lion,
    /// Muon (Jordan et al. 2024): an orthogonalized momentum for hidden weight matrices, AdamW for all else. No linear
    /// regime and no threshold.
    Muon,
}

/// Every fact about a rule but its equations.
struct Row {
    rule: Rule,
    /// Name in JSON and in links.
    name: &'static str,
    /// Name for people.
    label: &'static str,
    numbers: &'static [Hyperparameter],
    switches: &'static [Switch],
    /// Whether weight decay always multiplies the parameters, bypassing the moments.
    decoupled: bool,
}

/// All rules, in the order of [`Rule`], in which a menu shows them.
const ROWS: &[Row] = &[
    Row {
        rule: Rule::Sgd,
        name: "sgd",
        label: "SGD",
        numbers: &[learning_rate(0.1), weight_decay(0.0)],
        switches: &[],
        decoupled: false,
    },
    Row {
        rule: Rule::Momentum,
        name: "momentum",
        label: "SGD with momentum",
        numbers: &[learning_rate(0.02), momentum(0.9), weight_decay(0.0)],
        switches: &[],
        decoupled: false,
    },
    Row {
        rule: Rule::Nesterov,
        name: "nesterov",
        label: "Nesterov",
        numbers: &[learning_rate(0.02), momentum(0.9), weight_decay(0.0)],
        switches: &[],
        decoupled: false,
    },
    Row {
        rule: Rule::Adagrad,
        name: "adagrad",
        label: "Adagrad",
        numbers: &[learning_rate(0.05), epsilon(1e-10), weight_decay(0.0)],
        switches: &[],
        decoupled: false,
    },
    Row {
        rule: Rule::RmsProp,
        name: "rmsprop",
        label: "RMSprop",
        numbers: &[learning_rate(0.01), ALPHA, epsilon(1e-8), weight_decay(0.0)],
        switches: &[],
        decoupled: false,
    },
    Row {
        rule: Rule::Adam,
        name: "adam",
        label: "Adam",
        numbers: &[learning_rate(0.01), BETA1, beta2(0.999), epsilon(1e-8), weight_decay(0.0)],
        switches: &[AMSGRAD, DECOUPLED_WEIGHT_DECAY],
        decoupled: false,
    },
    Row {
        rule: Rule::AdamW,
        name: "adamw",
        label: "AdamW",
        numbers: &[learning_rate(0.01), BETA1, beta2(0.999), epsilon(1e-8), weight_decay(0.01)],
        switches: &[AMSGRAD],
        decoupled: true,
    },
    Row {
        rule: Rule::NAdam,
        name: "nadam",
        label: "NAdam",
        numbers: &[learning_rate(0.01), BETA1, beta2(0.999), epsilon(1e-8), MOMENTUM_DECAY, weight_decay(0.0)],
        switches: &[DECOUPLED_WEIGHT_DECAY],
        decoupled: false,
    },
    Row {
        rule: Rule::Adamax,
        name: "adamax",
        label: "Adamax",
        numbers: &[learning_rate(0.002), BETA1, beta2(0.999), epsilon(1e-8), weight_decay(0.0)],
        switches: &[],
        decoupled: false,
    },
    Row {
        rule: Rule::Lion,
        name: "lion",
        label: "Lion",
        numbers: &[learning_rate(0.001), BETA1, beta2(0.99), weight_decay(0.0)],
        switches: &[],
        decoupled: true,
    },
    Row {
        rule: Rule::Muon,
        name: "muon",
        label: "Muon",
        numbers: &[learning_rate(0.02), momentum(0.95), BETA1, beta2(0.999), epsilon(1e-8), weight_decay(0.1)],
        switches: &[],
        decoupled: true,
    },
];

impl Rule {
    /// All rules, in the order in which a menu shows them.
    pub const ALL: [Rule; ROWS.len()] = {
        let mut all = [Rule::Sgd; ROWS.len()];
        let mut i = 0;
        while i < all.len() {
            all[i] = ROWS[i].rule;
            assert!(all[i] as usize == i, "the rows must have the order of the variants");
            i += 1;
        }
        all
    };

    fn row(self) -> &'static Row {
        &ROWS[self as usize]
    }

    /// The name in JSON and in links.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// The name for people.
    pub fn label(self) -> &'static str {
        self.row().label
    }

    /// The numbers that this rule depends on, with their defaults and ranges.
    pub fn fields(self) -> &'static [Hyperparameter] {
        self.row().numbers
    }

    /// The switches that this rule has besides [`ROTATED_BASIS`](super::ROTATED_BASIS), which all have.
    pub fn switches(self) -> &'static [Switch] {
        self.row().switches
    }

    /// Whether the rule scales each direction by what it has seen of the gradient, so that it acts on the Hessian through a
    /// [preconditioner](super::Optimizer::preconditioner).
    pub fn has_preconditioner(self) -> bool {
        matches!(self, Rule::Adagrad | Rule::RmsProp | Rule::Adam | Rule::AdamW | Rule::NAdam | Rule::Adamax)
    }

    /// Whether weight decay always multiplies the parameters, bypassing the moments.
    pub fn decay_is_decoupled(self) -> bool {
        self.row().decoupled
    }
}

impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}
