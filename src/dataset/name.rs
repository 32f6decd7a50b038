//! The data sets that are known by name, and the options that each takes.

use super::preparation::Preparation;
use serde::{Deserialize, Serialize};

/// The data sets that are known by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Name {
    /// Three interleaved spirals in the plane.
    Spirals,
    /// Two interleaved half circles in the plane.
    Moons,
    /// A circle within a circle.
    Circles,
    /// The four quadrants of a square, opposite ones alike.
    Xor,
    /// The cells of a 4 × 4 board in the plane, one class per colour.
    Checkerboard,
    /// Gaussian blobs, one per class, in any dimension.
    Blobs,
    /// Normal inputs labelled by a random network.
    Teacher,
    /// Handwritten digits of 8 × 8 pixels (Alpaydin and Kaynak).
    Digits,
    /// The same, averaged over squares of 2 × 2 pixels.
    #[serde(rename = "digits4x4")]
    DigitsSmall,
    /// Iris flowers (Fisher 1936).
    Iris,
    /// Italian wines (Aeberhard and Forina).
    Wine,
    /// Breast cancer cell nuclei (Wolberg, Mangasarian, Street and Street).
    BreastCancer,
}

/// What an option may be, and what it is unless set.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(not(target_arch = "wasm32"), derive(Serialize))]
pub struct Range<T> {
    /// Smallest allowed value.
    pub min: T,
    /// Largest allowed value.
    pub max: T,
    /// Value unless set.
    pub default: T,
}

/// The options that a named data set takes; `None` where it takes none.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(not(target_arch = "wasm32"), derive(Serialize))]
pub struct Limits {
    /// Number of samples; real sets have all theirs unless set.
    pub samples: Range<usize>,
    /// Noise; its unit is documented at the set's function in [`synthetic`](super::synthetic).
    pub noise: Option<Range<f64>>,
    /// Number of inputs and of classes, where they are no options.
    pub shape: (usize, usize),
    /// Number of inputs.
    pub features: Option<Range<usize>>,
    /// Number of classes.
    pub classes: Option<Range<usize>>,
    /// Hidden units of the teacher network.
    pub hidden: Option<Range<usize>>,
    /// Preparation unless set.
    pub preparation: Preparation,
}

impl Name {
    /// All of them, in the order of the page.
    pub const ALL: [Name; 12] = [
        Name::Spirals,
        Name::Moons,
        Name::Circles,
        Name::Xor,
        Name::Checkerboard,
        Name::Blobs,
        Name::Teacher,
        Name::Digits,
        Name::DigitsSmall,
        Name::Iris,
        Name::Wine,
        Name::BreastCancer,
    ];

    /// The name that people read.
    pub fn label(self) -> &'static str {
        match self {
            Name::Spirals => "spirals",
            Name::Moons => "moons",
            Name::Circles => "circles",
            Name::Xor => "xor",
            Name::Checkerboard => "checkerboard",
            Name::Blobs => "Gaussian blobs",
            Name::Teacher => "teacher network",
            Name::Digits => "digits 8×8",
            Name::DigitsSmall => "digits 4×4",
            Name::Iris => "iris",
            Name::Wine => "wine",
            Name::BreastCancer => "breast cancer",
        }
    }

    /// The options that this set takes, with ranges and defaults.
    pub fn limits(self) -> Limits {
        let planar = |classes, noise, max| Limits {
            shape: (2, classes),
            samples: Range { min: 12, max: 10_000, default: 300 },
            noise: Some(Range { min: 0.0, max, default: noise }),
            features: None,
            classes: None,
            hidden: None,
            preparation: Preparation::None,
        };
        let real = |samples, shape, preparation| Limits {
            shape,
            samples: Range { min: 12, max: samples, default: samples },
            noise: None,
            preparation,
            ..planar(0, 0.0, 0.0)
        };
        let size = |min, max, default| Some(Range { min, max, default });
        match self {
            Name::Spirals => planar(3, 0.15, 1.0),
            Name::Moons => planar(2, 0.15, 1.0),
            Name::Circles => planar(2, 0.08, 1.0),
            Name::Xor => planar(2, 0.08, 1.0),
            Name::Checkerboard => planar(2, 0.03, 1.0),
            Name::Blobs => Limits { features: size(1, 64, 10), classes: size(2, 16, 4), ..planar(0, 1.0, 10.0) },
            Name::Teacher => Limits {
                noise: None,
                features: size(1, 64, 8),
                classes: size(2, 16, 3),
                hidden: size(1, 256, 8),
                ..planar(0, 0.0, 0.0)
            },
            Name::Digits => real(1797, (64, 10), Preparation::None),
            Name::DigitsSmall => real(1797, (16, 10), Preparation::None),
            Name::Iris => real(150, (4, 3), Preparation::Standardized),
            Name::Wine => real(178, (13, 3), Preparation::Standardized),
            Name::BreastCancer => real(569, (30, 2), Preparation::Standardized),
        }
    }

    /// The packed table that the set is made of, for sets that are neither drawn nor computed.
    pub fn table(self) -> Option<&'static str> {
        match self {
            Name::Digits | Name::DigitsSmall => Some("digits"),
            Name::Iris => Some("iris"),
            Name::Wine => Some("wine"),
            Name::BreastCancer => Some("breast_cancer"),
            _ => None,
        }
    }

    /// Whether the samples are points of a plane, whatever the options.
    pub fn is_planar(self) -> bool {
        let limits = self.limits();
        limits.features.is_none() && limits.shape.0 == 2
    }

    /// Side of the square image that an input is, for sets of images.
    pub fn image_side(self) -> Option<usize> {
        match self {
            Name::Digits => Some(8),
            Name::DigitsSmall => Some(4),
            _ => None,
        }
    }
}
