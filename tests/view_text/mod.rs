//! Texts of an SVG document and the rectangles that they cover, by the advance widths of DejaVu Sans, one of the widest
//! fonts that browsers fall back to: what neither overlaps nor leaves the document here does so nowhere.

/// Advance widths of ASCII from the space on, thousandths of the font size, from the font's `hmtx` table.
const REGULAR: [u16; 95] = [
    318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337, 636, 636, 636, 636, 636, 636, 636,
    636, 636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632, 575, 775, 752, 295, 295, 656, 557, 863,
    748, 787, 603, 787, 695, 635, 611, 732, 684, 989, 685, 611, 685, 390, 337, 390, 838, 500, 500, 613, 635, 550, 635,
    615, 352, 635, 634, 278, 278, 579, 278, 974, 634, 612, 635, 635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636,
    337, 636, 838,
];
const BOLD: [u16; 95] = [
    348, 456, 521, 838, 696, 1002, 872, 306, 457, 457, 523, 838, 380, 415, 380, 365, 696, 696, 696, 696, 696, 696, 696,
    696, 696, 696, 400, 400, 838, 838, 838, 580, 1000, 774, 762, 734, 830, 683, 683, 821, 837, 372, 372, 775, 637, 995,
    837, 850, 733, 850, 770, 720, 682, 812, 774, 1103, 771, 724, 725, 457, 365, 457, 838, 500, 500, 675, 716, 593, 716,
    678, 435, 716, 712, 343, 343, 665, 343, 1042, 712, 687, 716, 716, 493, 595, 478, 712, 652, 924, 645, 652, 582, 712,
    365, 712, 838,
];
const OTHERS: &[(char, u16, u16)] = &[
    ('–', 500, 500),
    ('—', 1000, 1000),
    ('−', 838, 838),
    ('…', 1000, 1000),
    ('·', 318, 380),
    ('×', 838, 838),
    ('÷', 838, 838),
    ('●', 873, 873),
    ('○', 873, 873),
    ('✕', 838, 838),
    ('↑', 838, 838),
    ('↓', 838, 838),
    ('η', 634, 712),
    ('λ', 592, 633),
    ('τ', 602, 638),
    ('θ', 612, 687),
    ('₀', 401, 438),
    ('₁', 401, 438),
    ('₂', 401, 438),
    ('₃', 401, 438),
    ('₄', 401, 438),
    ('₅', 401, 438),
    ('₆', 401, 438),
    ('₇', 401, 438),
    ('₈', 401, 438),
    ('₉', 401, 438),
    ('⁰', 401, 438),
    ('¹', 401, 438),
    ('²', 401, 438),
    ('³', 401, 438),
    ('⁴', 401, 438),
    ('⁵', 401, 438),
    ('⁶', 401, 438),
    ('⁷', 401, 438),
    ('⁸', 401, 438),
    ('⁹', 401, 438),
    ('⁻', 528, 528),
    ('≈', 838, 838),
];

/// A text and the rectangle that it covers, in the document's units.
#[derive(Debug, Clone, PartialEq)]
pub struct Text {
    pub text: String,
    pub x0: f64,
    pub x1: f64,
    pub y0: f64,
    pub y1: f64,
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    tag.split_once(&format!(" {name}=\""))?.1.split('"').next()
}

fn width(text: &str, bold: bool) -> f64 {
    let one = |c: char| {
        let ascii = if bold { &BOLD } else { &REGULAR };
        let found = OTHERS.iter().find(|o| o.0 == c).map(|o| if bold { o.2 } else { o.1 });
        let ascii = (' '..='~').contains(&c).then(|| ascii[c as usize - ' ' as usize]);
        f64::from(found.or(ascii).unwrap_or_else(|| panic!("the width of {c} is not listed"))) / 1000.0
    };
    text.chars().map(one).sum()
}

/// All texts of a document written by `view::svg`.
pub fn texts(svg: &str) -> Vec<Text> {
    let number = |tag: &str, name: &str| attribute(tag, name).expect("attribute").parse::<f64>().expect("number");
    let read = |line: &str| {
        let (tag, rest) = line.split_once('>').expect("a tag");
        let text = rest.strip_suffix("</text>").expect("a text");
        let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
        let size = number(tag, "font-size");
        let width = size * width(&text, tag.contains("font-weight=\"bold\""));
        let x = number(tag, "x");
        let x0 = match attribute(tag, "text-anchor").expect("anchor") {
            "start" => x,
            "middle" => x - 0.5 * width,
            _ => x - width,
        };
        // From the baseline up to the ascenders, and down to the descenders.
        let y = number(tag, "y");
        Text { text, x0, x1: x0 + width, y0: y - 0.76 * size, y1: y + 0.24 * size }
    };
    svg.lines().filter(|line| line.starts_with("<text")).map(read).collect()
}

/// Width and height of a document, in its units.
pub fn extent(svg: &str) -> (f64, f64) {
    let numbers: Vec<f64> =
        attribute(svg, "viewBox").expect("viewBox").split(' ').map(|n| n.parse().expect("number")).collect();
    (numbers[2], numbers[3])
}

/// Asserts that every text lies within the document and that no two overlap.
#[allow(dead_code)]
pub fn assert_apart(svg: &str, name: &str) {
    let (texts, (width, height)) = (texts(svg), extent(svg));
    for (i, a) in texts.iter().enumerate() {
        let inside = a.x0 >= -0.5 && a.y0 >= -0.5 && a.x1 <= width + 0.5 && a.y1 <= height + 0.5;
        assert!(inside, "{name}: {a:?} leaves {width} × {height}");
        for b in &texts[..i] {
            let apart = a.x1 <= b.x0 + 0.5 || b.x1 <= a.x0 + 0.5 || a.y1 <= b.y0 + 0.5 || b.y1 <= a.y0 + 0.5;
            assert!(apart, "{name}: {a:?} overlaps {b:?}");
        }
    }
}
