//! Sliders: whole positions 0, 1, … ↔ the useful part of a field's numbers, rounded to few digits.

use super::field::Kind;

/// The largest position of the slider of a number; `None` for fields that are not numbers.
pub fn positions(kind: &Kind) -> Option<u32> {
    match *kind {
        Kind::Number { low, high, logarithmic: false, whole: true, .. } if high - low <= 400.0 => {
            Some((high - low) as u32)
        }
        // Of a range around 0 both 0 and twentieths have a position.
        Kind::Number { low, high, .. } if low == -high => Some(40),
        Kind::Number { .. } => Some(200),
        _ => None,
    }
}

/// The position nearest to a value.
pub fn position(kind: &Kind, x: f64) -> u32 {
    let (Kind::Number { low, high, logarithmic, .. }, Some(count)) = (kind, positions(kind)) else { return 0 };
    let share = if *logarithmic { (x / low).ln() / (high / low).ln() } else { (x - low) / (high - low) };
    // NaN, from 0 on a logarithmic slider or an empty range, becomes 0.
    (share.clamp(0.0, 1.0) * f64::from(count)).round() as u32
}

/// The value at a position: whole where it must be, with two significant digits, the ends exact.
pub fn value(kind: &Kind, position: u32) -> f64 {
    let (Kind::Number { low, high, logarithmic, whole, .. }, Some(count)) = (kind, positions(kind)) else { return 0.0 };
    if position == 0 || count == 0 {
        return *low;
    }
    if position >= count {
        return *high;
    }
    let share = f64::from(position) / f64::from(count);
    let x = if *logarithmic { low * (high / low).powf(share) } else { low + share * (high - low) };
    let unit = if *logarithmic { 10_f64.powf(x.log10().floor() - 1.0) } else { (high - low) / f64::from(count) };
    let step = if *whole { unit.max(1.0) } else { unit };
    let rounded = (x / step).round() * step;
    // Decimal fractions such as 0.1 are not multiples of a binary step: take the digits, then read them.
    let digits = (3.0 - step.log10().floor()).clamp(0.0, 300.0) as usize;
    format!("{rounded:.digits$}").parse::<f64>().unwrap_or(rounded).clamp(*low, *high)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(low: f64, high: f64, logarithmic: bool, whole: bool) -> Kind {
        Kind::Number { min: low, max: high, low, high, logarithmic, whole, all: None }
    }

    #[test]
    fn positions_and_values_belong_to_each_other() {
        let around_0 = kind(-1.0, 1.0, false, false);
        assert_eq!((value(&around_0, 20), value(&around_0, 28)), (0.0, 0.4));
        let one_sided = [kind(1e-4, 10.0, true, false), kind(0.0, 0.99, false, false), kind(1.0, 20.0, false, true)];
        for kind in one_sided.into_iter().chain([around_0]) {
            let count = positions(&kind).unwrap();
            for at in 0..=count {
                let there = position(&kind, value(&kind, at));
                assert!(there.abs_diff(at) <= 1, "{kind:?}: {at} → {} → {there}", value(&kind, at));
            }
        }
    }

    #[test]
    fn values_have_few_digits() {
        let kind = kind(1e-4, 10.0, true, false);
        for at in 0..=200 {
            let text = super::super::field::number(value(&kind, at));
            assert!(text.trim_start_matches(['0', '.']).len() <= 6, "{text}");
        }
    }

    #[test]
    fn values_beyond_the_slider_stand_at_its_ends() {
        let kind = kind(1e-4, 10.0, true, false);
        assert_eq!(position(&kind, 1e6), 200);
        assert_eq!(position(&kind, 0.0), 0);
        assert_eq!(position(&kind, f64::NAN), 0);
    }
}
