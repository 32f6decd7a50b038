//! How wide texts are, and how they are shortened and wrapped.
//!
//! Layout must not depend on the fonts of one machine, and a canvas measures text only in a window. So widths are those
//! of DejaVu Sans, which is among the widest of the common sans-serif fonts: what fits there fits elsewhere.

/// Advance widths of the printable ASCII characters, hundredths of the font size.
const ASCII: [u8; 95] = [
    32, 40, 46, 84, 64, 95, 78, 28, 39, 39, 50, 84, 32, 36, 32, 34, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 34, 34, 84,
    84, 84, 54, 100, 69, 69, 70, 77, 64, 58, 78, 76, 30, 30, 66, 56, 87, 75, 79, 61, 79, 70, 64, 62, 74, 69, 99, 69,
    62, 69, 40, 34, 40, 84, 50, 50, 62, 64, 55, 64, 62, 36, 64, 64, 28, 28, 58, 28, 98, 64, 62, 64, 64, 42, 53, 40, 64,
    60, 82, 60, 60, 53, 64, 34, 64, 84,
];
/// How much wider bold text is.
pub const BOLD: f64 = 1.16;

/// Width of a line of text in units of its font size.
pub fn width(text: &str) -> f64 {
    text.chars().map(character).sum()
}

fn character(c: char) -> f64 {
    match c {
        ' '..='~' => f64::from(ASCII[c as usize - ' ' as usize]) / 100.0,
        '·' | '′' => 0.32,
        '⁻' => 0.53,
        '⁰'..='₟' | '¹' | '²' | '³' => 0.41,
        '–' | '°' | '∥' => 0.5,
        '—' | '…' | '½' => 1.0,
        '−' | '×' | '÷' | '±' | '≈' | '≤' | '≥' | '←'..='⇿' | '∞' | '✓' => 0.84,
        c if c.is_uppercase() => 0.8,
        c if c <= '\u{24f}' || ('\u{370}'..='\u{4ff}').contains(&c) => 0.66,
        // Ideographs and symbols are up to an em wide.
        _ => 1.0,
    }
}

/// The text, or as much of its beginning as fits into `most` font sizes together with an ellipsis.
pub fn shortened(text: &str, most: f64) -> String {
    if width(text) <= most {
        return text.into();
    }
    let mut room = most - character('…');
    let kept: String = text
        .chars()
        .take_while(|&c| {
            room -= character(c);
            room >= 0.0
        })
        .collect();
    format!("{}…", kept.trim_end())
}

/// The text in lines of at most `most` font sizes, broken at spaces; words longer than a line, such as links, are
/// broken where the line ends.
pub fn wrapped(text: &str, most: f64) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let joined = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
        if width(&joined) <= most {
            line = joined;
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        for c in word.chars() {
            if !line.is_empty() && width(&line) + character(c) > most {
                lines.push(std::mem::take(&mut line));
            }
            line.push(c);
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_keep_to_their_width_and_lose_nothing() {
        let text = "moons, 300 samples; https://example.org/#a=1&b=2&c=3&d=4 and more";
        for most in [6.0, 10.0, 100.0] {
            let lines = wrapped(text, most);
            assert!(lines.iter().all(|line| width(line) <= most), "{lines:?}");
            let letters = |t: &str| t.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            assert_eq!(letters(&lines.concat()), letters(text));
        }
        assert_eq!(wrapped(text, 100.0), [text]);
        assert!(wrapped("  ", 5.0).is_empty());
    }

    #[test]
    fn shortened_texts_fit_and_keep_their_beginning() {
        assert_eq!(shortened("threshold", 100.0), "threshold");
        let text = shortened("stability threshold", 5.0);
        assert!(text.starts_with("stab") && text.ends_with('…') && width(&text) <= 5.0, "{text}");
    }
}
