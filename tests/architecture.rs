//! The structure of the code: a module uses only modules that are listed above it, in numbers.rs and lib.rs and in every
//! folder; no files depend on each other in a circle; only three files hold state of their own.

#[path = "architecture/paths.rs"]
mod paths;

use paths::{Named, declared, named, tokens};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Where state may live outside of values that functions pass on. That of `simd`, which instructions the processor has,
/// decides about no result.
const STATEFUL: [&str; 3] = ["simd", "web/page", "web/worker"];

/// A module by its path from the crate's root.
type Module = Vec<String>;

/// The modules of the library, found by their declarations from numbers.rs and lib.rs, which re-exports the former.
struct Library {
    /// For each module the paths that it names.
    named: BTreeMap<Module, Vec<Named>>,
    /// For each module its children in files of their own, in the order of its list.
    children: BTreeMap<Module, Vec<String>>,
    tokens: BTreeMap<Module, Vec<String>>,
}

fn shown(module: &[String]) -> String {
    module.join("/")
}

impl Library {
    fn read(root: &Path) -> Self {
        let mut library = Library { named: BTreeMap::new(), children: BTreeMap::new(), tokens: BTreeMap::new() };
        library.add(Vec::new(), &[root.join("numbers.rs"), root.join("lib.rs")], root);
        library
    }

    fn add(&mut self, module: Module, files: &[PathBuf], folder: &Path) {
        let read =
            |file: &PathBuf| fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let text: String = files.iter().map(read).collect();
        self.insert(module.clone(), &text);
        for child in self.children[&module].clone() {
            let path = [module.as_slice(), std::slice::from_ref(&child)].concat();
            self.add(path, &[folder.join(format!("{child}.rs"))], &folder.join(&child));
        }
    }

    fn insert(&mut self, module: Module, text: &str) {
        let tokens = tokens(text);
        self.named.insert(module.clone(), named(&tokens));
        self.children.insert(module.clone(), declared(&tokens));
        self.tokens.insert(module, tokens);
    }

    fn is_module(&self, module: &[String]) -> bool {
        self.named.contains_key(module)
    }

    /// The module whose file defines what `segments` names in `module`; `None` for other crates and locals. Imports and
    /// re-exports are followed to their source.
    fn resolve(&self, module: &[String], inline: &[String], segments: &[String]) -> Option<Module> {
        let mut within = [module, inline].concat();
        let mut rest = segments;
        match segments.first()?.as_str() {
            "crate" => within.clear(),
            "self" => {}
            "super" => _ = within.pop(),
            first => {
                // A path without such a beginning is of this library if it begins with a child.
                if !self.is_module(&[within.as_slice(), &[first.to_owned()]].concat()) {
                    return None;
                }
                within.push(first.to_owned());
            }
        }
        rest = &rest[1..];
        while let Some((first, more)) = rest.split_first() {
            let child = [within.as_slice(), std::slice::from_ref(first)].concat();
            if first == "super" {
                within.pop();
            } else if self.is_module(&child) {
                within = child;
            } else {
                let imports = self.named.get(&within)?;
                let import = imports.iter().find(|path| path.inline.is_empty() && path.import.as_ref() == Some(first));
                return match import {
                    // Of another crate: the file that imports it is what is used.
                    Some(path) if path.segments != segments => {
                        Some(self.resolve(&within, &[], &path.segments).unwrap_or(within))
                    }
                    _ => Some(within),
                };
            }
            rest = more;
        }
        // Within a module inline in a file, the file counts.
        while !self.is_module(&within) {
            within.pop();
        }
        Some(within)
    }

    /// All pairs (user, used) of different modules.
    fn uses(&self) -> BTreeSet<(Module, Module)> {
        let mut uses = BTreeSet::new();
        for (module, named) in &self.named {
            for path in named {
                if let Some(target) = self.resolve(module, &path.inline, &path.segments)
                    && target != *module
                {
                    uses.insert((module.clone(), target));
                }
            }
        }
        uses
    }

    /// Whether `user` may use `used`: it is above or below it in the tree, or the list of their common parent has `used`
    /// above `user`.
    fn is_in_order(&self, user: &[String], used: &[String]) -> bool {
        let common = user.iter().zip(used).take_while(|(a, b)| a == b).count();
        if common == user.len() || common == used.len() {
            return true;
        }
        let list = &self.children[&user[..common]];
        let place = |module: &[String]| list.iter().position(|name| *name == module[common]);
        place(used) < place(user)
    }

    /// Uses that go against the order of a list.
    fn out_of_order(&self) -> Vec<String> {
        let wrong = self.uses().into_iter().filter(|(user, used)| !self.is_in_order(user, used));
        wrong.map(|(user, used)| format!("{} uses {}", shown(&user), shown(&used))).collect()
    }

    /// Circles of files, one for each file that closes one. What a file lists below itself may use its items: that alone
    /// is no circle.
    fn circles(&self) -> Vec<String> {
        let mut below: BTreeMap<Module, Vec<Module>> = BTreeMap::new();
        for (user, used) in self.uses().into_iter().filter(|(user, used)| !user.starts_with(used)) {
            below.entry(user).or_default().push(used);
        }
        let mut circles = Vec::new();
        let mut done = BTreeSet::new();
        for start in self.named.keys() {
            let mut trail = Vec::new();
            visit(start, &below, &mut trail, &mut done, &mut circles);
        }
        circles
    }

    /// Modules that hold state: thread locals, statics, cells with run-time borrows.
    fn stateful(&self) -> Vec<String> {
        let state = |token: &String| ["thread_local", "RefCell", "static"].contains(&token.as_str());
        let found = self.tokens.iter().filter(|(_, tokens)| tokens.iter().any(state));
        found.map(|(module, _)| shown(module)).collect()
    }
}

fn visit(
    at: &Module,
    below: &BTreeMap<Module, Vec<Module>>,
    trail: &mut Vec<Module>,
    done: &mut BTreeSet<Module>,
    circles: &mut Vec<String>,
) {
    if let Some(start) = trail.iter().position(|module| module == at) {
        let names: Vec<String> = trail[start..].iter().chain([at]).map(|module| shown(module)).collect();
        circles.push(names.join(" → "));
        return;
    }
    if done.contains(at) {
        return;
    }
    trail.push(at.clone());
    for next in below.get(at).into_iter().flatten() {
        visit(next, below, trail, done, circles);
    }
    trail.pop();
    done.insert(at.clone());
}

fn assert_none(wrong: &[String]) {
    assert!(wrong.is_empty(), "against the rules: {wrong:#?}");
}

#[test]
fn data_flows_one_way_in_every_folder() {
    let library = Library::read(Path::new("src"));
    assert!(library.named.len() > 60 && library.uses().len() > 200, "{} uses were seen", library.uses().len());
    assert_none(&library.out_of_order());
}

#[test]
fn no_files_depend_on_each_other_in_a_circle() {
    assert_none(&Library::read(Path::new("src")).circles());
}

#[test]
fn state_lives_in_three_files() {
    assert_eq!(Library::read(Path::new("src")).stateful(), STATEFUL);
}

/// Every source of the library is reached from its two roots, so that none escapes the rules.
#[test]
fn no_source_is_left_out() {
    let library = Library::read(Path::new("src"));
    let mut files = Vec::new();
    sources(Path::new("src"), &mut files);
    for file in files {
        let path = file.strip_prefix("src").unwrap().with_extension("");
        let module: Module = path.iter().map(|name| name.to_str().unwrap().to_owned()).collect();
        // The programs, and the JS API, which is a module of one of them.
        let of_a_program = module[0] == "bin" || module == ["web", "api"] || module == ["lib"] || module == ["numbers"];
        assert!(of_a_program || library.is_module(&module), "{} is no module of numbers.rs or lib.rs", file.display());
    }
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

/// A library of these files, by module paths such as `a/b`; the root is the empty path.
fn library(files: &[(&str, &str)]) -> Library {
    let mut library = Library { named: BTreeMap::new(), children: BTreeMap::new(), tokens: BTreeMap::new() };
    for (path, text) in files {
        let module = path.split('/').filter(|name| !name.is_empty()).map(str::to_owned).collect();
        library.insert(module, text);
    }
    library
}

fn uses(library: &Library) -> Vec<String> {
    library.uses().iter().map(|(user, used)| format!("{} uses {}", shown(user), shown(used))).collect()
}

#[test]
fn paths_are_found_in_nested_use_trees_and_in_code() {
    let text = r#"
        use crate::{a::{self, x, b::{c as d, *}}, e};
        pub use super::super::f::{g, h::i};
        use std::{fs, path::Path};
        // use crate::comment;
        /* use crate::block; /* nested */ use crate::block; */
        fn code<'static_like>(x: &'static str) -> char {
            let text = "use crate::text; \" crate::text";
            let raw = r"crate::raw";
            let call = crate::j::k::<u8>(self.l, '"', '\'', super::m::N);
            self::o::p()
        }
        fn captured() -> impl Sized + use<'static_like> {}
        mod inline { use super::q; }
        #[cfg(test)]
        mod tests { use super::*; use crate::only_in_tests; }
    "#;
    let named = named(&tokens(text));
    let paths: Vec<String> = named.iter().map(|path| path.segments.join("::")).collect();
    let expected = "crate::a crate::a::x crate::a::b::c crate::a::b crate::e super::super::f::g super::super::f::h::i \
        std::fs std::path::Path crate::j::k super::m::N self::o::p super::q";
    assert_eq!(paths.join(" "), expected);
    let imports: Vec<&str> = named.iter().filter_map(|path| path.import.as_deref()).collect();
    assert_eq!(imports.join(" "), "a x d * e g i fs Path q");
    assert_eq!(named.last().unwrap().inline, ["inline"]);
}

#[test]
fn modules_are_those_of_files_and_not_those_of_tests() {
    let text = "mod a; pub(crate) mod b; mod c { mod d {} } #[cfg(test)] mod e; #[cfg(wasm)] pub mod f;";
    assert_eq!(declared(&tokens(text)), ["a", "b", "f"]);
}

#[test]
fn crate_super_and_self_are_resolved_and_reexports_followed() {
    let library = library(&[
        ("", "pub mod a; pub mod b; pub use a::Error;"),
        ("a", "mod x; mod y; pub use x::Item; pub struct Error; use std::fs; fn f() { self::x::g() }"),
        ("a/x", "use super::Error; mod inline { use super::super::y::h; }"),
        ("a/y", "use super::Item; use crate::a::fs;"),
        ("b", "use crate::{Error, a::{self, Item}}; fn f() { crate::a::y::h() }"),
    ]);
    let expected = [
        "a uses a/x",
        "a/x uses a",
        "a/x uses a/y",
        "a/y uses a",
        "a/y uses a/x",
        "b uses a",
        "b uses a/x",
        "b uses a/y",
    ];
    let with_root = [&[" uses a"], expected.as_slice()].concat();
    assert_eq!(uses(&library), with_root);
    assert_eq!(library.out_of_order(), ["a/x uses a/y"]);
    assert_eq!(library.circles(), ["a/x → a/y → a/x"]);
}

#[test]
fn a_use_of_what_is_listed_below_is_out_of_order() {
    let library = library(&[
        ("", "pub mod a; pub mod b;"),
        ("a", "mod x; use crate::b::thing;"),
        ("a/x", "use crate::b;"),
        ("b", ""),
    ]);
    assert_eq!(library.out_of_order(), ["a uses b", "a/x uses b"]);
    assert!(library.circles().is_empty());
}

#[test]
fn state_is_seen_where_it_is_and_not_in_words_for_it() {
    let library = library(&[
        ("", "mod a; mod b; mod c; mod d;"),
        ("a", "thread_local! { }"),
        ("b", "static COUNT: u32 = 0;"),
        ("c", "use std::cell::RefCell;"),
        ("d", "// static RefCell\n const NAME: &'static str = \"thread_local static\";"),
    ]);
    assert_eq!(library.stateful(), ["a", "b", "c"]);
}
