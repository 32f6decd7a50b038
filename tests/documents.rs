//! ARCHITECTURE.md and CONTRIBUTING.md name what is there: modules in the order of the code, and files that exist.
#![cfg(not(target_arch = "wasm32"))]

use std::fs;
use std::path::Path;

const DOCUMENTS: [&str; 3] = ["ARCHITECTURE.md", "CONTRIBUTING.md", "README.md"];

fn read(file: &str) -> String {
    fs::read_to_string(file).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// The modules that a file declares, in its order.
fn declared(file: &str) -> Vec<String> {
    let text = read(file);
    let names = text.lines().filter_map(|line| {
        let line = line.strip_prefix("pub ").unwrap_or(line);
        line.strip_prefix("mod ")?.strip_suffix(';').map(str::to_owned)
    });
    names.collect()
}

/// The code map: what stands between the line `src/` and the end of its block.
fn code_map() -> String {
    let text = read("ARCHITECTURE.md");
    let (_, map) = text.split_once("```\nsrc/\n").expect("a code map");
    map.split_once("```").expect("its end").0.to_owned()
}

/// The names of files below `folder` in the code map, in its order; `folder` is empty or ends with a slash.
fn mapped(folder: &str) -> Vec<String> {
    let map = code_map();
    let words = map.split_whitespace().filter_map(|word| word.strip_prefix(folder)?.strip_suffix(".rs"));
    words.filter(|name| !name.contains(['/', '*'])).map(str::to_owned).collect()
}

/// The modules of both crates, in their order.
fn modules() -> Vec<String> {
    [declared("src/numbers.rs"), declared("src/lib.rs")].concat()
}

#[test]
fn the_code_map_has_every_module_in_the_order_of_the_code() {
    assert!(declared("src/numbers.rs").len() > 10);
    assert_eq!(mapped(""), modules());
    assert_eq!(mapped("page/"), declared("src/page.rs"));
    assert_eq!(mapped("web/"), declared("src/web.rs"));
}

#[test]
fn the_dependency_drawing_has_every_module() {
    let text = read("ARCHITECTURE.md");
    let (_, drawing) = text.split_once("Who uses whom").expect("a drawing of dependencies");
    let drawing = drawing.split("```").nth(1).expect("its block");
    let words: Vec<&str> = drawing.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).collect();
    for module in modules() {
        assert!(words.contains(&module.as_str()), "{module}");
    }
}

#[test]
fn the_table_of_tests_has_every_file() {
    let text = read("ARCHITECTURE.md");
    let (_, table) = text.split_once("## Tests").expect("a section on tests");
    for entry in fs::read_dir("tests").unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.file_stem().unwrap().to_str().unwrap();
            assert!(table.contains(&format!("`{name}`")), "{name}");
        }
    }
}

/// Whether a path from the root of the project exists, with the heading after a `#`; the last part may hold one star.
fn exists(path: &str) -> bool {
    if let Some((path, anchor)) = path.split_once('#') {
        return exists(path) && read(path).lines().any(|line| line.starts_with('#') && slug(line) == anchor);
    }
    let Some((before, after)) = path.split_once('*') else { return Path::new(path).exists() };
    let (folder, start) = before.rsplit_once('/').expect("a folder");
    let fits = |name: &str| name.starts_with(start) && name.ends_with(after);
    let Ok(entries) = fs::read_dir(folder) else { return false };
    entries.filter_map(Result::ok).any(|entry| fits(&entry.file_name().to_string_lossy()))
}

/// The anchor that Markdown gives to a heading.
fn slug(heading: &str) -> String {
    let words = heading.trim_start_matches('#').trim().to_lowercase();
    words.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c)).collect::<String>().replace(' ', "-")
}

#[test]
fn files_that_are_named_exist() {
    let mut seen = 0;
    for document in DOCUMENTS {
        let text = read(document);
        let in_links = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        let quoted = text.split('`').skip(1).step_by(2).flat_map(str::split_whitespace);
        for word in in_links.chain(quoted) {
            let path = word.trim_start_matches("./").trim_end_matches(['/', ',']);
            let ours = ["src/", "tests/", "scripts/", "docs/", "examples/", "benches/", "www/", "bindings/npm"];
            let is_ours = ours.iter().any(|folder| path.starts_with(folder)) || path.ends_with(".md");
            // A name in capitals stands for any.
            if is_ours && !path.contains("NAME") {
                assert!(exists(path), "{document} names {path}");
                seen += 1;
            }
        }
    }
    assert!(seen > 60, "{seen} paths were seen");
}
