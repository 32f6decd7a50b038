//! The numbers and switches among an optimizer's settings: one row holds every fact about one of them.

use crate::error::{Error, Result};

/// One number among the settings of a rule or of a schedule.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Hyperparameter {
    /// Name in JSON, for example `learning_rate`.
    pub name: &'static str,
    /// Name in links, for example `lr`.
    pub key: &'static str,
    /// Name for people, for example `learning rate η`.
    pub label: &'static str,
    /// One sentence, or nothing where the label suffices.
    pub help: &'static str,
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
        let problem = format!("must be {}, not {value:?}", self.allowed.sentence());
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
    /// The smallest and the largest number among them.
    pub fn limits(self) -> (f64, f64) {
        match self {
            Allowed::NonNegative => (0.0, f64::MAX),
            Allowed::BelowOne => (0.0, 1.0_f64.next_down()),
            Allowed::Fraction => (0.0, 1.0),
            Allowed::Count => (1.0, f64::from(u32::MAX)),
        }
    }

    /// Whether only whole numbers are among them.
    pub fn is_whole(self) -> bool {
        self == Allowed::Count
    }

    /// Whether `x` is among them; NaN never is.
    pub fn contains(self, x: f64) -> bool {
        let (least, most) = self.limits();
        (least..=most).contains(&x) && (x.fract() == 0.0 || !self.is_whole())
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

/// Something among the settings of a rule that is on or off, off unless set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Switch {
    /// Name in JSON.
    pub name: &'static str,
    /// Name in links.
    pub key: &'static str,
    /// Name for people.
    pub label: &'static str,
    /// One sentence.
    pub help: &'static str,
}

/// η.
pub const fn learning_rate(default: f64) -> Hyperparameter {
    Hyperparameter {
        name: "learning_rate",
        key: "lr",
        label: "learning rate η",
        help: "",
        default,
        allowed: Allowed::NonNegative,
        slider: (1e-4, 10.0),
        logarithmic: true,
    }
}

/// μ.
pub const fn momentum(default: f64) -> Hyperparameter {
    below_one("momentum", "momentum μ", default, (0.0, 0.99))
}

/// β₁.
pub const BETA1: Hyperparameter = below_one("beta1", "β₁", 0.9, (0.0, 0.99));

/// β₂.
pub const fn beta2(default: f64) -> Hyperparameter {
    below_one("beta2", "β₂", default, (0.5, 0.9999))
}

/// α.
pub const ALPHA: Hyperparameter = below_one("alpha", "smoothing α", 0.99, (0.5, 0.999));

const fn below_one(name: &'static str, label: &'static str, default: f64, slider: (f64, f64)) -> Hyperparameter {
    let allowed = Allowed::BelowOne;
    Hyperparameter { name, key: name, label, help: "", default, allowed, slider, logarithmic: false }
}

/// ε.
pub const fn epsilon(default: f64) -> Hyperparameter {
    Hyperparameter {
        name: "epsilon",
        key: "eps",
        label: "ε",
        help: "",
        default,
        allowed: Allowed::NonNegative,
        slider: (1e-12, 1e-1),
        logarithmic: true,
    }
}

/// ψ.
pub const MOMENTUM_DECAY: Hyperparameter = Hyperparameter {
    name: "momentum_decay",
    key: "psi",
    label: "momentum decay ψ",
    help: "",
    default: 0.004,
    allowed: Allowed::NonNegative,
    slider: (0.0, 0.1),
    logarithmic: false,
};

/// w.
pub const fn weight_decay(default: f64) -> Hyperparameter {
    Hyperparameter {
        name: "weight_decay",
        key: "wd",
        label: "weight decay",
        help: "",
        default,
        allowed: Allowed::NonNegative,
        slider: (0.0, 0.2),
        logarithmic: false,
    }
}

/// Whether the second moment is the largest so far.
pub const AMSGRAD: Switch = Switch { name: "amsgrad", key: "amsgrad", label: "amsgrad", help: "" };

/// Whether weight decay bypasses the moments.
pub const DECOUPLED_WEIGHT_DECAY: Switch =
    Switch { name: "decoupled_weight_decay", key: "decoupled", label: "decoupled weight decay", help: "" };

/// Whether the rule acts in coordinates Rθ with a random orthogonal R; a switch of every rule.
pub const ROTATED_BASIS: Switch = Switch {
    name: "rotated_basis",
    key: "rotated",
    label: "rotated basis",
    help: "The optimizer acts in randomly rotated coordinates: SGD does not notice, Adam loses its axes.",
};
