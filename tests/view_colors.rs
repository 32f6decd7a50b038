//! The runs' colours have one source, the palette of the drawings; the style sheet only refers to it.

#![cfg(not(target_arch = "wasm32"))]

use eigendrift::view::color::{DARK, LIGHT, css_variables};

#[test]
fn the_style_sheet_has_no_run_colours_of_its_own() {
    let sheet =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/www/style.css")).expect("the style sheet");
    for (name, value) in css_variables() {
        assert!(!sheet.contains(&format!("{name}:")), "{name} is defined in the style sheet");
        let inner = value.trim_start_matches("light-dark(").trim_end_matches(')');
        for color in inner.split(", ") {
            assert!(!sheet.to_lowercase().contains(color), "{color} is repeated in the style sheet");
        }
    }
    for color in LIGHT.runs.iter().chain(&DARK.runs) {
        assert!(!sheet.to_lowercase().contains(&color.css()), "{} is repeated in the style sheet", color.css());
    }
    assert!(sheet.contains("var(--run-0)") && sheet.contains("var(--name-3)"), "the style sheet uses them");
}
