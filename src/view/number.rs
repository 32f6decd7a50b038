//! Numbers as text: thousand separators, a true minus sign, powers of ten where zeros would not be read.

/// `value` with `decimals` digits after the point and a comma between thousands: −12,345.60.
pub fn fixed(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return if value.is_nan() {
            "–".into()
        } else if value > 0.0 {
            "∞".into()
        } else {
            "−∞".into()
        };
    }
    let digits = format!("{:.*}", decimals, value.abs());
    let (whole, fraction) = digits.split_once('.').unwrap_or((&digits, ""));
    let mut text = String::new();
    if value < 0.0 && digits.bytes().any(|b| b.is_ascii_digit() && b != b'0') {
        text.push('−');
    }
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    if !fraction.is_empty() {
        text.push('.');
        text.push_str(fraction);
    }
    text
}

/// `value` with `digits` significant digits: 0.0431, 2,000, 3.1×10⁻⁷.
pub fn significant(value: f64, digits: usize) -> String {
    if value == 0.0 || !value.is_finite() {
        return fixed(value, 0);
    }
    let mut exponent = exponent(value);
    // 9.996 with three digits is 10.0: rounding may carry into the next power of ten.
    let carried = mantissa(value, exponent).abs() + 0.5 * libm::exp10(1.0 - digits.max(1) as f64) >= 10.0;
    exponent += i32::from(carried && value != value.trunc());
    if (-4..7).contains(&exponent) {
        let decimals = (digits as i32 - 1 - exponent).max(0) as usize;
        // Whole numbers, such as steps, are shown whole.
        if value == value.trunc() { fixed(value, 0) } else { fixed(value, decimals) }
    } else {
        scientific(value, exponent, digits.saturating_sub(1))
    }
}

/// `value` as a multiple of 10^`exponent`, with `decimals` digits after the point: 2.5×10⁻⁷.
pub fn scientific(value: f64, exponent: i32, decimals: usize) -> String {
    format!("{}×{}", fixed(mantissa(value, exponent), decimals), power_of_ten(exponent))
}

/// value / 10^`exponent`, in two steps, because 10^±exponent alone may leave the range of f64.
fn mantissa(value: f64, exponent: i32) -> f64 {
    let half = exponent / 2;
    value / libm::exp10(f64::from(half)) / libm::exp10(f64::from(exponent - half))
}

/// `value` for a sentence: at most `digits` significant digits, no trailing zeros, 1.8 × 10³⁰⁸.
pub fn short(value: f64, digits: usize) -> String {
    let text = significant(value, digits);
    let (mantissa, power) = text.split_once('×').unwrap_or((&text, ""));
    let mantissa = if mantissa.contains('.') { mantissa.trim_end_matches('0').trim_end_matches('.') } else { mantissa };
    if power.is_empty() { mantissa.into() } else { format!("{mantissa} × {power}") }
}

/// A share of 1 in per cent with two digits, whole from 10 % on: 31 %, 4.1 %, 0 %.
pub fn share(value: f64) -> String {
    let percent = 100.0 * value;
    if percent >= 9.95 { format!("{percent:.0} %") } else { format!("{} %", significant(percent, 2)) }
}

/// `value` with two digits after the point and its sign, for what may lie on either side of 0: +0.40, 0, −0.05.
pub fn signed(value: f64) -> String {
    match value {
        0.0 => "0".into(),
        value if value > 0.0 => format!("+{}", fixed(value, 2)),
        value => fixed(value, 2),
    }
}

/// A whole number with a comma between thousands: 12,345.
pub fn thousands(n: usize) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count and its noun, whose plural ends in s: 1 checkpoint, 2,000 checkpoints.
pub fn plural(n: usize, noun: &str) -> String {
    let ending = if n == 1 { "" } else { "s" };
    format!("{} {noun}{ending}", thousands(n))
}

/// 10ⁿ with a superscript exponent.
pub fn power_of_ten(exponent: i32) -> String {
    let mut text = String::from("10");
    for c in exponent.to_string().chars() {
        text.push(match c {
            '-' => '⁻',
            '0' => '⁰',
            '1' => '¹',
            '2' => '²',
            '3' => '³',
            digit => char::from_u32(0x2070 + digit as u32 - '0' as u32).unwrap_or(digit),
        });
    }
    text
}

/// A number in subscript digits.
pub fn subscript(n: usize) -> String {
    n.to_string().chars().filter_map(|c| char::from_u32('₀' as u32 + c.to_digit(10)?)).collect()
}

/// ⌊log₁₀ |value|⌋, or 0 for zero and what is not finite.
pub fn exponent(value: f64) -> i32 {
    if value == 0.0 || !value.is_finite() { 0 } else { libm::log10(value.abs()).floor() as i32 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_people_write_them() {
        assert_eq!(fixed(1234567.0, 0), "1,234,567");
        assert_eq!(fixed(-1234.5, 2), "−1,234.50");
        assert_eq!(fixed(-0.001, 1), "0.0", "no minus before zero");
        assert_eq!(fixed(999.0, 0), "999");
        assert_eq!(significant(0.043123, 3), "0.0431");
        assert_eq!(significant(2000.0, 3), "2,000");
        assert_eq!(significant(12.345, 3), "12.3");
        assert_eq!(significant(3.14159e-7, 3), "3.14×10⁻⁷");
        assert_eq!(significant(-2e300, 3), "−2.00×10³⁰⁰");
        assert_eq!(significant(4e-320, 2), "4.0×10⁻³²⁰");
        assert_eq!(significant(f64::NAN, 3), "–");
        assert_eq!(significant(9.996, 3), "10.0");
        assert_eq!(significant(9.9996e-7, 3), "1.00×10⁻⁶");
        assert_eq!(significant(9_999_999.9, 3), "1.00×10⁷");
        assert_eq!(power_of_ten(-456), "10⁻⁴⁵⁶");
        assert_eq!(power_of_ten(123), "10¹²³");
    }

    #[test]
    fn sentences_get_short_numbers() {
        assert_eq!(short(f64::MAX, 2), "1.8 × 10³⁰⁸");
        assert_eq!(short(-1e-7, 3), "−1 × 10⁻⁷");
        assert_eq!(short(0.05, 3), "0.05");
        assert_eq!(short(2.0, 3), "2");
        assert_eq!(short(1200.0, 2), "1,200");
        assert_eq!(short(f64::INFINITY, 2), "∞");
    }

    #[test]
    fn counts_agree_with_their_nouns() {
        assert_eq!(plural(1, "checkpoint"), "1 checkpoint");
        assert_eq!(plural(0, "checkpoint"), "0 checkpoints");
        assert_eq!(plural(12345, "Hessian"), "12,345 Hessians");
        assert_eq!(thousands(999), "999");
        assert_eq!(thousands(1_000_000), "1,000,000");
    }
}
