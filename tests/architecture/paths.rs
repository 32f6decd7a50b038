//! The paths that a Rust source names: enough of a parser for `use` trees and for paths in code.

/// A path that begins with `crate`, `super` or `self`, or that a `use` declaration imports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Names of the modules inline in the file that it stands in, the outermost first.
    pub inline: Vec<String>,
    /// The segments; a glob's `*` and a final `self` are left out.
    pub segments: Vec<String>,
    /// The name under which a `use` declaration brings it in.
    pub import: Option<String>,
}

/// Identifiers and punctuation, `::` as one; without comments, texts, lifetimes and what is compiled for tests alone.
pub fn tokens(source: &str) -> Vec<String> {
    let chars: Vec<char> = source.chars().collect();
    let at = |i: usize| chars.get(i).copied().unwrap_or('\0');
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let mut tokens: Vec<String> = Vec::new();
    let mut i = 0;
    while i < chars.len() {
        let c = at(i);
        if c == '/' && at(i + 1) == '/' {
            while i < chars.len() && at(i) != '\n' {
                i += 1;
            }
        } else if c == '/' && at(i + 1) == '*' {
            let mut depth = 1;
            i += 2;
            while i < chars.len() && depth > 0 {
                match (at(i), at(i + 1)) {
                    ('/', '*') => (depth, i) = (depth + 1, i + 2),
                    ('*', '/') => (depth, i) = (depth - 1, i + 2),
                    _ => i += 1,
                }
            }
        } else if let Some(hashes) = raw_text(&chars[i..]) {
            i += chars[i..].iter().position(|&c| c == '"').unwrap_or(0) + 1;
            let end = |i: usize| at(i) == '"' && (1..=hashes).all(|h| at(i + h) == '#');
            while i < chars.len() && !end(i) {
                i += 1;
            }
            i += 1 + hashes;
        } else if c == '"' {
            i += 1;
            while i < chars.len() && at(i) != '"' {
                i += if at(i) == '\\' { 2 } else { 1 };
            }
            i += 1;
        } else if c == '\'' {
            // A character has its closing quote after one, possibly escaped, character; a lifetime has none.
            if at(i + 1) == '\\' {
                i += 3;
                while i < chars.len() && at(i) != '\'' {
                    i += 1;
                }
                i += 1;
            } else if at(i + 2) == '\'' {
                i += 3;
            } else {
                i += 1;
                while word(at(i)) {
                    i += 1;
                }
            }
        } else if word(c) {
            let start = i;
            while word(at(i)) {
                i += 1;
            }
            tokens.push(chars[start..i].iter().collect());
        } else if c == ':' && at(i + 1) == ':' {
            tokens.push("::".into());
            i += 2;
        } else {
            if !c.is_whitespace() {
                tokens.push(c.into());
            }
            i += 1;
        }
    }
    without_tests(tokens)
}

/// How many `#` a raw text that begins here has.
fn raw_text(rest: &[char]) -> Option<usize> {
    let start = match rest {
        ['r', '"' | '#', ..] => 1,
        ['b', 'r', '"' | '#', ..] => 2,
        _ => return None,
    };
    let hashes = rest[start..].iter().take_while(|&&c| c == '#').count();
    (rest.get(start + hashes) == Some(&'"')).then_some(hashes)
}

/// Drops every `#[cfg(test)]` with the item after it.
fn without_tests(tokens: Vec<String>) -> Vec<String> {
    let mark = ["#", "[", "cfg", "(", "test", ")", "]"];
    let mut kept = Vec::new();
    let mut i = 0;
    while i < tokens.len() {
        if !tokens[i..].iter().take(mark.len()).map(String::as_str).eq(mark) {
            kept.push(tokens[i].clone());
            i += 1;
            continue;
        }
        let mut depth = 0;
        while i < tokens.len() {
            match tokens[i].as_str() {
                "{" => depth += 1,
                "}" => depth -= 1,
                _ => {}
            }
            let ends = depth == 0 && matches!(tokens[i].as_str(), "}" | ";");
            i += 1;
            if ends {
                break;
            }
        }
    }
    kept
}

/// The modules that a source declares in files of their own, in its order.
pub fn declared(tokens: &[String]) -> Vec<String> {
    let files = tokens.windows(3).filter(|w| w[0] == "mod" && w[2] == ";");
    files.map(|w| w[1].clone()).collect()
}

/// All paths that a source names.
pub fn named(tokens: &[String]) -> Vec<Named> {
    let mut found = Vec::new();
    // Names of open inline modules, and the depth of braces at which each began.
    let mut inline: Vec<(String, usize)> = Vec::new();
    let mut depth = 0;
    let mut i = 0;
    while i < tokens.len() {
        let next = tokens.get(i + 1).map_or("", String::as_str);
        match tokens[i].as_str() {
            "{" => depth += 1,
            "}" => {
                depth -= 1;
                if inline.last().is_some_and(|(_, start)| *start == depth) {
                    inline.pop();
                }
            }
            "mod" if tokens.get(i + 2).is_some_and(|token| token == "{") => inline.push((next.into(), depth)),
            // `use<>` in a return type lists what is captured, and imports nothing.
            "use" if next != "<" => {
                let names: Vec<String> = inline.iter().map(|(name, _)| name.clone()).collect();
                i += 1;
                tree(tokens, &mut i, &[], &mut |segments, import| {
                    found.push(Named { inline: names.clone(), segments, import: Some(import) });
                });
                continue;
            }
            "crate" | "super" | "self" if next == "::" && (i == 0 || tokens[i - 1] != "::") => {
                let mut segments = vec![tokens[i].clone()];
                while tokens.get(i + 1).is_some_and(|token| token == "::")
                    && tokens.get(i + 2).is_some_and(|token| token.starts_with(|c: char| c.is_alphabetic() || c == '_'))
                {
                    segments.push(tokens[i + 2].clone());
                    i += 2;
                }
                let names = inline.iter().map(|(name, _)| name.clone()).collect();
                found.push(Named { inline: names, segments, import: None });
            }
            _ => {}
        }
        i += 1;
    }
    found
}

/// One branch of a `use` tree that begins at token `i`, after the segments `before`.
fn tree(tokens: &[String], i: &mut usize, before: &[String], found: &mut dyn FnMut(Vec<String>, String)) {
    let mut segments = before.to_vec();
    while *i < tokens.len() {
        let token = tokens[*i].as_str();
        *i += 1;
        match token {
            "::" => {}
            "{" => {
                while *i < tokens.len() && tokens[*i] != "}" {
                    tree(tokens, i, &segments, found);
                    if tokens.get(*i).is_some_and(|token| token == ",") {
                        *i += 1;
                    }
                }
                *i += 1;
                return;
            }
            "as" => {
                let import = tokens[*i].clone();
                *i += 1;
                return found(segments, import);
            }
            "*" => return found(segments, "*".into()),
            "," | "}" | ";" => {
                *i -= 1;
                break;
            }
            "self" if !segments.is_empty() => {}
            name => segments.push(name.into()),
        }
    }
    let import = segments.last().cloned().unwrap_or_default();
    found(segments, import);
}
