//! The structure that the code promises: a module uses only modules that lib.rs lists above it.

use std::fs;
use std::path::{Path, PathBuf};

fn modules() -> Vec<String> {
    let text = fs::read_to_string("src/lib.rs").unwrap();
    text.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).map(str::to_owned).collect()
}

fn sources(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The modules that `text` names behind `crate::`, also in a braced list of imports; comments do not count.
fn used(text: &str, modules: &[String]) -> Vec<String> {
    let code: String = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let mut names = Vec::new();
    for rest in code.split("crate::").skip(1) {
        let list = if let Some(braced) = rest.strip_prefix('{') { braced.split('}').next().unwrap() } else { rest };
        let first =
            |item: &str| item.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
        let items: Vec<String> =
            if rest.starts_with('{') { list.split(',').map(first).collect() } else { vec![first(list)] };
        names.extend(items.into_iter().filter(|name| modules.contains(name)));
    }
    names
}

#[test]
fn data_flows_one_way() {
    let modules = modules();
    assert!(modules.len() > 15, "{modules:?}");
    let mut files = Vec::new();
    sources(Path::new("src"), &mut files);
    let mut checked = 0;
    for path in files {
        let relative = path.strip_prefix("src").unwrap();
        let module = relative.components().next().unwrap().as_os_str().to_str().unwrap().trim_end_matches(".rs");
        let Some(place) = modules.iter().position(|name| name == module) else { continue };
        let text = fs::read_to_string(&path).unwrap();
        // Unit tests may look anywhere.
        let code = text.split("#[cfg(test)]").next().unwrap();
        for name in used(code, &modules) {
            let target = modules.iter().position(|other| *other == name).unwrap();
            assert!(target <= place, "{} uses {name}, which lib.rs lists below {module}", path.display());
            checked += usize::from(target < place);
        }
    }
    assert!(checked > 40, "only {checked} uses were seen");
}

/// The core is free of the browser: its crates are dependencies of wasm32 alone.
#[test]
fn browser_crates_are_for_wasm_only() {
    let manifest = fs::read_to_string("Cargo.toml").unwrap();
    let mut section = "";
    let mut seen = 0;
    for line in manifest.lines() {
        if line.starts_with('[') {
            section = line;
        }
        let name = line.split(['=', ' ']).next().unwrap();
        if ["web-sys", "js-sys", "wasm-bindgen", "plotters-canvas", "serde-wasm-bindgen", "getrandom"].contains(&name) {
            assert!(section.contains("target_arch = \"wasm32\"") && !section.contains("not("), "{name} in {section}");
            seen += 1;
        }
    }
    assert_eq!(seen, 6);
}
