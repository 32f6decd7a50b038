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
    let exponent = exponent(value);
    if (-4..7).contains(&exponent) {
        let decimals = (digits as i32 - 1 - exponent).max(0) as usize;
        // Whole numbers, such as steps, are shown whole.
        if value == value.trunc() { fixed(value, 0) } else { fixed(value, decimals) }
    } else {
        scientific(value, exponent, digits.saturating_sub(1))
    }
}

/// A whole number with commas: 12,345.
pub fn thousands(n: usize) -> String {
    fixed(n as f64, 0)
}

/// A count with its noun: 1 checkpoint, 2 checkpoints.
pub fn plural(count: usize, noun: &str) -> String {
    format!("{} {noun}{}", thousands(count), if count == 1 { "" } else { "s" })
}

/// `value` as a multiple of 10^`exponent`, with `decimals` digits after the point: 2.5×10⁻⁷.
pub fn scientific(value: f64, exponent: i32, decimals: usize) -> String {
    // In two steps, because 10^±exponent alone may leave the range of f64.
    let half = exponent / 2;
    let mantissa = value / libm::exp10(f64::from(half)) / libm::exp10(f64::from(exponent - half));
    format!("{}×{}", fixed(mantissa, decimals), power_of_ten(exponent))
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
        assert_eq!(power_of_ten(-456), "10⁻⁴⁵⁶");
        assert_eq!(power_of_ten(123), "10¹²³");
    }
}
