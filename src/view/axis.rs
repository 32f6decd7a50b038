//! Axes: data ↔ pixels, linear, logarithmic or by cells; ranges that stay put while data grow.

use super::number;

/// How values lie along an axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AxisScale {
    /// Equal distances for equal differences.
    #[default]
    Linear,
    /// Equal distances for equal ratios; values ≤ 0 have no place.
    Log,
    /// Equal distances for equal ratios of 1 + x: logarithmic for x ≫ 1, and zero has a place. For steps of training,
    /// which begin at 0; negative values have no place.
    Log1p,
    /// Linear within ±t, where t is ten to this power, and equal distances for equal ratios beyond: x/t for |x| ≤ t, else
    /// ±(1 + log₁₀ |x|/t). For eigenvalues, which have both signs and many sizes.
    SymmetricLog(i32),
}

impl AxisScale {
    /// The coordinate in which distances are even: x, log₁₀ x, ln(1 + x) or that of [`SymmetricLog`](Self::SymmetricLog);
    /// `None` where the value has no place.
    pub fn forward(self, value: f64) -> Option<f64> {
        match self {
            AxisScale::Linear => Some(value),
            AxisScale::Log => (value > 0.0).then(|| libm::log10(value)),
            AxisScale::Log1p => (value >= 0.0).then(|| libm::log1p(value)),
            AxisScale::SymmetricLog(power) => {
                let ratio = value / libm::exp10(f64::from(power));
                Some(if ratio.abs() <= 1.0 { ratio } else { ratio.signum() * (1.0 + libm::log10(ratio.abs())) })
            }
        }
    }

    /// The value at a coordinate.
    pub fn inverse(self, coordinate: f64) -> f64 {
        match self {
            AxisScale::Linear => coordinate,
            AxisScale::Log => libm::exp10(coordinate),
            AxisScale::Log1p => libm::expm1(coordinate),
            AxisScale::SymmetricLog(power) => {
                let beyond = coordinate.abs() > 1.0;
                let ratio = if beyond { libm::exp10(coordinate.abs() - 1.0).copysign(coordinate) } else { coordinate };
                ratio * libm::exp10(f64::from(power))
            }
        }
    }
}

/// How the values of an axis are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AxisLabels {
    /// As they are.
    #[default]
    Plain,
    /// In per cent.
    Percent,
    /// As the number 1/x of equal parts of which a participation ratio x speaks, between 1 and this many.
    Count(usize),
}

impl AxisLabels {
    /// A value in few digits: `0.131`, `98 %`, `8`.
    pub fn text(self, value: f64) -> String {
        match self {
            AxisLabels::Plain => number::significant(value, 3),
            AxisLabels::Percent => percent(value),
            AxisLabels::Count(_) => count(value),
        }
    }
}

/// A share of 1 in per cent: whole, but for those below 1 %.
pub fn percent(share: f64) -> String {
    let value = 100.0 * share;
    let small = value != 0.0 && value.abs() < 0.95;
    format!("{} %", if small { number::short(value, 1) } else { number::fixed(value, 0) })
}

/// 1/`ratio`: whole, but for those below 3.
pub fn count(ratio: f64) -> String {
    number::fixed(1.0 / ratio, usize::from(1.0 / ratio < 2.95))
}

/// What the caller sets for an axis.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AxisSpec {
    /// How values lie along it.
    pub scale: AxisScale,
    /// Smallest and largest value shown; from the data if `None`. Fixed ranges keep a growing picture still.
    pub range: Option<(f64, f64)>,
    /// Quantity and unit, such as `step`; may be empty.
    pub title: String,
    /// How its values are written.
    pub labels: AxisLabels,
}

impl AxisSpec {
    /// A linear axis whose range follows the data.
    pub fn linear(title: &str) -> Self {
        AxisSpec { title: title.into(), ..Default::default() }
    }

    /// A logarithmic axis whose range follows the data.
    pub fn log(title: &str) -> Self {
        AxisSpec { scale: AxisScale::Log, title: title.into(), ..Default::default() }
    }

    /// An axis of steps from 0 on, logarithmic in 1 + x, whose range follows the data.
    pub fn log1p(title: &str) -> Self {
        AxisSpec { scale: AxisScale::Log1p, title: title.into(), ..Default::default() }
    }

    /// The same axis with a fixed range.
    pub fn range(mut self, min: f64, max: f64) -> Self {
        self.range = Some((min, max));
        self
    }

    /// The same axis with its values written otherwise.
    pub fn labels(self, labels: AxisLabels) -> Self {
        AxisSpec { labels, ..self }
    }
}

/// A drawn axis: data along `from`..`to` in pixels (`from` may be the larger, as for upward axes).
#[derive(Debug, Clone, PartialEq)]
pub enum Axis {
    /// A continuous axis from `min` at `from` to `max` at `to`.
    Range {
        /// Linear or logarithmic.
        scale: AxisScale,
        /// Value at `from`.
        min: f64,
        /// Value at `to`.
        max: f64,
        /// Pixel of `min`.
        from: f64,
        /// Pixel of `max`.
        to: f64,
    },
    /// Equally wide cells, one per value, the first beginning at `from`, the last ending at `to`.
    Cells {
        /// The value that each cell stands for, ascending.
        values: Vec<f64>,
        /// Pixel where the first cell begins.
        from: f64,
        /// Pixel where the last cell ends.
        to: f64,
    },
}

impl Axis {
    /// Pixel of `value`; `None` where it has no place on this axis (NaN, ≤ 0 on a logarithmic axis, no cells). Values
    /// outside the range give pixels outside `from`..`to`, in cells they are held to the outermost.
    pub fn px(&self, value: f64) -> Option<f64> {
        if !shown(value) {
            return None;
        }
        match self {
            Axis::Range { scale, min, max, from, to } => {
                let (value, min, max) = (scale.forward(value)?, scale.forward(*min)?, scale.forward(*max)?);
                let px = from + (to - from) * ((value - min) / (max - min));
                // Far outside, but finite: differences of pixels must not become NaN.
                (!px.is_nan()).then(|| px.clamp(-1e9, 1e9))
            }
            Axis::Cells { values, from, to } => {
                let n = values.len();
                let after = values.partition_point(|&v| v < value);
                let position = match after {
                    _ if n == 0 => return None,
                    0 => 0.0,
                    after if after == n => (n - 1) as f64,
                    after => {
                        let (a, b) = (values[after - 1], values[after]);
                        (after - 1) as f64 + (value - a) / (b - a)
                    }
                };
                Some(from + (to - from) * (position + 0.5) / n as f64)
            }
        }
    }

    /// Value at pixel `px`, in cells that of the cell; `None` outside the axis.
    pub fn at(&self, px: f64) -> Option<f64> {
        let (from, to) = self.span();
        (px >= from.min(to) && px <= from.max(to)).then(|| self.at_clamped(px)).flatten()
    }

    /// Value at the pixel of the axis nearest to `px`: what a drag that leaves the picture means.
    pub fn at_clamped(&self, px: f64) -> Option<f64> {
        let (from, to) = self.span();
        if px.is_nan() || from == to {
            return None;
        }
        let t = ((px - from) / (to - from)).clamp(0.0, 1.0);
        match self {
            Axis::Range { scale, min, max, .. } => {
                let (min, max) = (scale.forward(*min)?, scale.forward(*max)?);
                Some(scale.inverse(min + t * (max - min)))
            }
            Axis::Cells { values, .. } => self.cell_at(px.clamp(from.min(to), from.max(to))).map(|i| values[i]),
        }
    }

    /// Index of the cell at pixel `px`; `None` outside, or where the axis has no cells.
    pub fn cell_at(&self, px: f64) -> Option<usize> {
        match self {
            Axis::Cells { values, from, to } if !values.is_empty() && from != to => {
                let t = (px - from) / (to - from);
                (0.0..=1.0).contains(&t).then(|| ((t * values.len() as f64) as usize).min(values.len() - 1))
            }
            _ => None,
        }
    }

    fn span(&self) -> (f64, f64) {
        match self {
            Axis::Range { from, to, .. } | Axis::Cells { from, to, .. } => (*from, *to),
        }
    }
}

/// Whether a value can be drawn at all: finite, and small enough that differences of two stay finite.
pub fn shown(value: f64) -> bool {
    value.abs() <= 1e300
}

/// The range to draw: the caller's if it is usable, otherwise that of `values`, widened to round numbers if `round`.
pub fn resolve(spec: &AxisSpec, values: impl Iterator<Item = f64>, round: bool) -> (f64, f64) {
    let usable = |v: f64| shown(v) && spec.scale.forward(v).is_some();
    if let Some((a, b)) = spec.range
        && usable(a)
        && usable(b)
    {
        return apart(spec.scale, a.min(b), a.max(b));
    }
    let (mut min, mut max) = (f64::INFINITY, f64::NEG_INFINITY);
    for v in values.filter(|&v| usable(v)) {
        (min, max) = (min.min(v), max.max(v));
    }
    if min > max {
        return if spec.scale == AxisScale::Log { (0.1, 1.0) } else { (0.0, 1.0) };
    }
    if round && spec.scale == AxisScale::Linear && min > 0.0 && min < 0.5 * max {
        min = 0.0;
    }
    let (min, max) = apart(spec.scale, min, max);
    match spec.scale {
        _ if !round => (min, max),
        AxisScale::Log1p | AxisScale::SymmetricLog(_) => (min, max),
        AxisScale::Linear => {
            let step = nice_step((max - min) / 4.0);
            let (lo, hi) = ((min / step).floor() * step, (max / step).ceil() * step);
            if shown(lo) && shown(hi) { (lo, hi) } else { (min, max) }
        }
        AxisScale::Log => (round_log(min, false), round_log(max, true)),
    }
}

/// Ends that coincide, or nearly so, are moved apart: an axis needs a length.
fn apart(scale: AxisScale, min: f64, max: f64) -> (f64, f64) {
    let largest = min.abs().max(max.abs());
    let (lo, hi) = match scale {
        // 1e-9: ticks must differ within the digits of their labels.
        AxisScale::Linear | AxisScale::Log1p | AxisScale::SymmetricLog(_)
            if max - min <= 1e-9 * largest || max - min < 1e-290 =>
        {
            let half = if largest < 1e-280 { 1.0 } else { 0.25 * largest };
            (if min == 0.0 { 0.0 } else { min - half }, max + half)
        }
        AxisScale::Log if max / min < 1.0 + 1e-6 => (0.5 * min, 2.0 * max),
        _ => (min, max),
    };
    let least = match scale {
        AxisScale::Linear | AxisScale::SymmetricLog(_) => -1e300,
        AxisScale::Log => 1e-305,
        AxisScale::Log1p => 0.0,
    };
    let lo = lo.max(least);
    // Tiny values on a logarithmic axis may all lie below `least`.
    (lo, hi.min(1e300).max(lo + lo.abs().min(1.0)))
}

/// 1, 2, 2.5 or 5 times a power of ten, at least `raw`.
pub fn nice_step(raw: f64) -> f64 {
    let power = libm::exp10(f64::from(number::exponent(raw)));
    // 1e-9 allows for rounding in raw / power.
    [1.0, 2.0, 2.5, 5.0].into_iter().map(|m| m * power).find(|&step| step >= raw * (1.0 - 1e-9)).unwrap_or(10.0 * power)
}

/// The next 1, 2 or 5 times a power of ten above or below `value`.
pub fn round_log(value: f64, up: bool) -> f64 {
    let exponent = number::exponent(value);
    let steps = (exponent - 1..=exponent + 1).flat_map(|e| [1.0, 2.0, 5.0].map(|m| m * libm::exp10(f64::from(e))));
    let slack = 1e-9;
    let found = if up {
        steps.filter(|&s| s >= value * (1.0 - slack)).reduce(f64::min)
    } else {
        steps.filter(|&s| s <= value * (1.0 + slack)).reduce(f64::max)
    };
    found.filter(|&s| s > 0.0 && shown(s)).unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_and_values_are_inverse() {
        let axes = [
            Axis::Range { scale: AxisScale::Linear, min: -3.0, max: 5.0, from: 10.0, to: 250.0 },
            Axis::Range { scale: AxisScale::Log, min: 1e-5, max: 1e3, from: 250.0, to: 10.0 },
            Axis::Range { scale: AxisScale::Log1p, min: 0.0, max: 1e3, from: 10.0, to: 250.0 },
            Axis::Range { scale: AxisScale::SymmetricLog(-2), min: -5.0, max: 5.0, from: 10.0, to: 250.0 },
            Axis::Range { scale: AxisScale::SymmetricLog(0), min: -5.0, max: 5.0, from: 10.0, to: 250.0 },
        ];
        for axis in axes {
            for value in [0.01, 0.5, 2.0, 4.9] {
                let back = axis.at(axis.px(value).unwrap()).unwrap();
                // Two logarithms and an exponential of numbers below 8: a few ulp each.
                assert!((back - value).abs() < 1e-13 * value.abs().max(1.0), "{value} → {back}");
            }
            assert_eq!(axis.at(9.0), None);
            assert_eq!(axis.px(f64::NAN), None);
        }
    }

    #[test]
    fn a_logarithmic_axis_of_steps_begins_at_zero() {
        let axis = Axis::Range { scale: AxisScale::Log1p, min: 0.0, max: 999.0, from: 0.0, to: 300.0 };
        // 1 + x = 1, 10, 100, 1000: equally far apart.
        for (step, px) in [(0.0, 0.0), (9.0, 100.0), (99.0, 200.0), (999.0, 300.0)] {
            assert!((axis.px(step).unwrap() - px).abs() < 1e-9, "{step}");
        }
        assert_eq!(axis.px(-0.5), None);
        let auto = |values: &[f64]| resolve(&AxisSpec::log1p("step"), values.iter().copied(), false);
        assert_eq!(auto(&[0.0, 2000.0, -7.0]), (0.0, 2000.0));
        let (lo, hi) = auto(&[0.0]);
        assert!(lo == 0.0 && hi > 0.0);
    }

    #[test]
    fn pixels_are_finite_however_far_outside() {
        let axis = Axis::Range { scale: AxisScale::Linear, min: 0.0, max: 1e-290, from: 0.0, to: 100.0 };
        assert!(axis.px(1e300).unwrap().is_finite() && axis.px(-1e300).unwrap() < 0.0);
    }

    #[test]
    fn a_symmetric_logarithmic_axis_has_both_signs() {
        // Linear within ±0.1, so that −10, −1, −0.1, 0, 0.1, 1, 10 are equally far apart.
        let axis = Axis::Range { scale: AxisScale::SymmetricLog(-1), min: -10.0, max: 10.0, from: 0.0, to: 600.0 };
        for (value, px) in
            [(-10.0, 0.0), (-1.0, 100.0), (-0.1, 200.0), (0.0, 300.0), (0.05, 350.0), (0.1, 400.0), (1.0, 500.0)]
        {
            assert!((axis.px(value).unwrap() - px).abs() < 1e-9, "{value}");
        }
    }

    #[test]
    fn shares_and_counts_are_written_in_few_digits() {
        assert_eq!([0.976, 0.02, 0.0, 0.004, 1.0].map(percent), ["98 %", "2 %", "0 %", "0.4 %", "100 %"]);
        assert_eq!([0.125, 1.0, 0.45, 1.0 / 77.6].map(count), ["8", "1.0", "2.2", "78"]);
    }

    #[test]
    fn cells_stand_for_their_values() {
        let axis = Axis::Cells { values: vec![0.0, 10.0, 40.0, 100.0], from: 0.0, to: 80.0 };
        assert_eq!(axis.px(10.0), Some(30.0));
        assert_eq!(axis.px(25.0), Some(40.0));
        assert_eq!(axis.at(79.0), Some(100.0));
        assert_eq!(axis.cell_at(19.9), Some(0));
        assert_eq!(axis.at_clamped(-5.0), Some(0.0));
        let up = Axis::Cells { values: vec![0.0, 1.0], from: 100.0, to: 0.0 };
        assert_eq!((up.cell_at(99.0), up.cell_at(1.0)), (Some(0), Some(1)));
    }

    #[test]
    fn ranges_are_round_and_hold_the_data() {
        let auto =
            |scale, values: &[f64]| resolve(&AxisSpec { scale, ..Default::default() }, values.iter().copied(), true);
        assert_eq!(auto(AxisScale::Linear, &[0.012, 0.0772]), (0.0, 0.08));
        assert_eq!(auto(AxisScale::Log, &[0.0006, 1.2, 0.0, -3.0]), (0.0005, 2.0));
        assert_eq!(auto(AxisScale::Linear, &[f64::NAN]), (0.0, 1.0));
        let (lo, hi) = auto(AxisScale::Linear, &[5.0, 5.0]);
        assert!(lo < 5.0 && hi > 5.0);
        let (lo, hi) = auto(AxisScale::Log, &[7.0]);
        assert!(lo < 7.0 && hi > 7.0);
    }
}
