//! Round values to label along an axis.

use super::axis::{AxisLabels, AxisScale, AxisSpec, nice_step};
use super::number;
use crate::sorting::sort_by_number;

/// A labelled place on an axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Tick {
    /// Where, in data.
    pub value: f64,
    /// What is written there.
    pub label: String,
}

/// Ticks within `min`..`max`, about `count` of them.
pub fn ticks(scale: AxisScale, min: f64, max: f64, count: usize) -> Vec<Tick> {
    let count = count.clamp(1, 20);
    match scale {
        AxisScale::Linear => linear_ticks(min, max, count),
        AxisScale::Log => log_ticks(min, max, count, &[1.0, 3.0]),
        AxisScale::Log1p => log1p_ticks(min, max, count),
        AxisScale::SymmetricLog(power) => symmetric_ticks(min, max, count, power),
    }
}

/// Ticks of an axis whose values are written as `labels` says, about `count` of them.
pub fn labelled(spec: &AxisSpec, min: f64, max: f64, count: usize) -> Vec<Tick> {
    if let AxisLabels::Count(most) = spec.labels {
        return count_ticks(min, max, count, most);
    }
    let mut found = ticks(spec.scale, min, max, count);
    if spec.labels == AxisLabels::Percent {
        let percents = ticks(spec.scale, 100.0 * min, 100.0 * max, count);
        found = percents.into_iter().map(|t| Tick { value: t.value / 100.0, label: t.label + " %" }).collect();
    }
    found
}

/// Round numbers N at 1/N, and the greatest number that there is.
fn count_ticks(min: f64, max: f64, count: usize, most: usize) -> Vec<Tick> {
    let mut ticks = log_ticks(1.0 / max, 1.0 / min, count, &[1.0, 3.0]);
    let most = most as f64;
    ticks.retain(|tick| tick.value >= 1.0 && tick.value.fract() == 0.0 && tick.value < 0.8 * most);
    ticks.push(Tick { value: most, label: number::fixed(most, 0) });
    ticks.iter_mut().for_each(|tick| tick.value = 1.0 / tick.value);
    ticks
}

/// 0, and powers of ten of both signs from the end of the linear part on; every second, third, … of them where there is
/// no room for all.
fn symmetric_ticks(min: f64, max: f64, count: usize, power: i32) -> Vec<Tick> {
    let scale = AxisScale::SymmetricLog(power);
    let span = scale.forward(max).zip(scale.forward(min)).map_or(0.0, |(high, low)| high - low);
    let stride = (span / count as f64).ceil().clamp(1.0, 100.0) as usize;
    let highest = number::exponent(min.abs().max(max.abs())).max(power);
    let powers = (power..=highest).rev().step_by(stride).map(|e| (libm::exp10(f64::from(e)), log_label(1.0, e)));
    let mut ticks = vec![Tick { value: 0.0, label: "0".into() }];
    for (value, label) in powers {
        ticks.push(Tick { value: -value, label: format!("−{label}") });
        ticks.push(Tick { value, label });
    }
    ticks.retain(|tick| tick.value >= min && tick.value <= max);
    sort_by_number(&mut ticks, |tick| tick.value);
    ticks
}

fn linear_ticks(min: f64, max: f64, count: usize) -> Vec<Tick> {
    let step = nice_step((max - min) / count as f64);
    if !(step > 0.0 && step.is_finite()) {
        return Vec::new();
    }
    let (first, last) = ((min / step - 1e-6).ceil(), (max / step + 1e-6).floor());
    let values: Vec<f64> = (0..=(last - first).clamp(0.0, 40.0) as i64).map(|i| (first + i as f64) * step).collect();
    let largest = values.iter().fold(0.0f64, |m, v| m.max(v.abs()));
    let (top, fine) = (number::exponent(largest), number::exponent(step));
    // 2.5 needs one digit more than 2 or 5.
    let quarter = ((step / libm::exp10(f64::from(fine))) * 10.0).round() as i64 == 25;
    let decimals = |exponent: i32| (exponent - fine + i32::from(quarter)).clamp(0, 17) as usize;
    values
        .into_iter()
        .map(|value| {
            let label = match value {
                0.0 => "0".into(),
                _ if top >= 6 || fine < -5 => number::scientific(value, top, decimals(top)),
                _ => number::fixed(value, decimals(0)),
            };
            Tick { value, label }
        })
        .collect()
}

/// `between` are the mantissas where there is room for two in each decade, but not for three.
fn log_ticks(min: f64, max: f64, count: usize, between: &[f64]) -> Vec<Tick> {
    let (lo, hi) = (number::exponent(min), number::exponent(max));
    let decades = libm::log10(max) - libm::log10(min);
    // As many mantissas as there is room for; when even decades are too many, every second, third, ... of them.
    let room = count as f64 + 0.5;
    let mantissas: &[f64] = match decades {
        d if d * 3.0 <= room => &[1.0, 2.0, 5.0],
        d if d * 2.0 <= room => between,
        _ => &[1.0],
    };
    let stride = (decades / count as f64).ceil().max(1.0) as i32;
    let inside = |v: f64| v >= min * (1.0 - 1e-9) && v <= max * (1.0 + 1e-9);
    let values = (lo..=hi).filter(|e| e % stride == 0).flat_map(|e| mantissas.iter().map(move |m| (*m, e)));
    let ticks: Vec<Tick> = values
        .map(|(m, e)| Tick { value: m * libm::exp10(f64::from(e)), label: log_label(m, e) })
        .filter(|t| inside(t.value))
        .collect();
    // Less than a factor of about two: logarithms hardly show, and even steps read better.
    if ticks.len() < 2 && decades < 1.0 { linear_ticks(min, max, count.min(4)) } else { ticks }
}

/// 0, 1, 10, 100, …, and twice and five times those where there is room; even steps on a short axis.
fn log1p_ticks(min: f64, max: f64, count: usize) -> Vec<Tick> {
    let decades = (libm::log1p(max) - libm::log1p(min)) / std::f64::consts::LN_10;
    if decades < 1.0 {
        return linear_ticks(min, max, count.min(4));
    }
    let mut ticks = log_ticks(min.max(1.0), max, count.saturating_sub(1).max(1), &[1.0]);
    if min <= 0.0 {
        ticks.insert(0, Tick { value: 0.0, label: "0".into() });
    }
    ticks
}

fn log_label(mantissa: f64, exponent: i32) -> String {
    match exponent {
        -4..=5 => number::fixed(mantissa * libm::exp10(f64::from(exponent)), (-exponent).max(0) as usize),
        _ if mantissa == 1.0 => number::power_of_ten(exponent),
        _ => format!("{}×{}", number::fixed(mantissa, 0), number::power_of_ten(exponent)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(ticks: &[Tick]) -> Vec<&str> {
        ticks.iter().map(|t| t.label.as_str()).collect()
    }

    #[test]
    fn ticks_are_round() {
        assert_eq!(labels(&ticks(AxisScale::Linear, 0.0, 0.1, 4)), ["0", "0.025", "0.050", "0.075", "0.100"]);
        assert_eq!(labels(&ticks(AxisScale::Linear, 0.0, 2000.0, 4)), ["0", "500", "1,000", "1,500", "2,000"]);
        assert_eq!(labels(&ticks(AxisScale::Linear, -1.0, 1.0, 4)), ["−1.0", "−0.5", "0", "0.5", "1.0"]);
        assert_eq!(labels(&ticks(AxisScale::Linear, 0.0, 4e7, 4)), ["0", "1×10⁷", "2×10⁷", "3×10⁷", "4×10⁷"]);
        assert_eq!(labels(&ticks(AxisScale::Log1p, 0.0, 2000.0, 5)), ["0", "1", "10", "100", "1,000"]);
        assert_eq!(labels(&ticks(AxisScale::Log1p, 0.0, 60.0, 8)), ["0", "1", "2", "5", "10", "20", "50"]);
        assert_eq!(labels(&ticks(AxisScale::Log1p, 0.0, 4.0, 4)), ["0", "1", "2", "3", "4"]);
        assert_eq!(labels(&ticks(AxisScale::SymmetricLog(-1), -2.0, 20.0, 8)), ["−1", "−0.1", "0", "0.1", "1", "10"]);
        assert_eq!(labels(&ticks(AxisScale::SymmetricLog(-3), -2.0, 2.0, 5)), ["−1", "−0.01", "0", "0.01", "1"]);
        let spec = AxisSpec::log("").labels(AxisLabels::Count(231));
        let counts = labelled(&spec, 1.0 / 231.0, 0.25, 8);
        assert_eq!(labels(&counts), ["5", "10", "20", "50", "100", "231"]);
        assert!(
            counts.iter().all(|tick| tick.label.parse::<f64>().is_ok_and(|n| (n * tick.value - 1.0).abs() < 1e-12))
        );
        let spec = AxisSpec::linear("").labels(AxisLabels::Percent);
        assert_eq!(labels(&labelled(&spec, 0.0, 1.0, 4)), ["0 %", "25 %", "50 %", "75 %", "100 %"]);
        assert_eq!(labels(&ticks(AxisScale::Log, 50.0, 2000.0, 6)), ["50", "100", "200", "500", "1,000", "2,000"]);
        assert_eq!(labels(&ticks(AxisScale::Log, 1e-3, 1.0, 4)), ["0.001", "0.01", "0.1", "1"]);
        assert_eq!(labels(&ticks(AxisScale::Log, 1e-12, 1.0, 4)), ["10⁻¹²", "10⁻⁹", "10⁻⁶", "0.001", "1"]);
    }
}
