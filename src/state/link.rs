//! Links: everything needed to repeat a run, in the part of the address after `#`, short and readable.
//!
//! ```text
//! #v=1&data=moons&hidden=8,8&A=sgd,lr:0.1&B=adam,lr:0.01,beta2:0.99&against=loss&view=displacement
//! #v=1&A=sgd,lr:0.1,at:621,lr:0.5,at:900,schedule:cosine,steps:2000
//! ```
//!
//! After `at:` and a number of steps follows what changes after so many steps: the learning rate or the schedule.
//!
//! Only what differs from the defaults is written. Unknown keys and values that are not allowed are left out and named
//! in notes; nothing in a link can make reading fail.

mod run;

use super::choice::Choice;
use super::field::shown;
use super::table::{OWN_NETWORK, OWN_TABLE};
use super::{PARTS, Picture, RUN_NAMES, Scope, State};
use crate::sorting::sort_by_number;
use std::fmt::Write;

/// The version that links carry; older versions will be understood, newer ones are read as far as they go.
pub const VERSION: u32 = 1;
/// The longest link that is read, in bytes.
pub const LONGEST: usize = 8192;
/// The longest name of a lesson.
const LONGEST_NAME: usize = 40;
/// How many notes are kept; the rest are counted.
const NOTES: usize = 5;

/// The state that a link describes (with or without the `#`), and a note for each thing that was not understood. A link
/// cannot carry a visitor's own files; those of `present` are there.
pub fn read(hash: &str, present: Option<&State>) -> (State, Vec<String>) {
    let (mut state, mut notes) = (State::default(), Vec::new());
    if let Some(present) = present {
        state.own_table = present.own_table.clone();
        state.own_network = present.own_network.clone();
    }
    let hash = hash.strip_prefix('#').unwrap_or(hash);
    if hash.len() > LONGEST {
        notes.push(format!("This link has {} characters; at most {LONGEST} are read. It was ignored.", hash.len()));
        return (state, notes);
    }
    let mut pairs: Vec<(String, String)> = Vec::new();
    for part in hash.split('&').filter(|part| !part.is_empty()) {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        match (decode(key), decode(value)) {
            (Some(key), Some(value)) => pairs.push((key, value)),
            _ => notes.push(format!("“{}” holds a broken % escape and was left out.", shown(part))),
        }
    }
    // The data set, the start, the optimizer and the number of layers and vectors decide which other values are allowed, or which
    // they have by default.
    sort_by_number(&mut pairs, |(key, _)| match key.as_str() {
        "data" => 0.0,
        "start" => 0.5,
        "hidden" | "k" | "preparation" => 1.0,
        _ => 2.0,
    });
    if pairs.iter().any(|(key, _)| RUN_NAMES.contains(&key.as_str())) {
        state.runs.clear();
    }
    for (index, name) in RUN_NAMES.into_iter().enumerate() {
        // Of several under one name the first in the alphabet counts, so that their order does not matter.
        if let Some((_, text)) = pairs.iter().filter(|(key, _)| key == name).min() {
            run::read(&mut state, index, text, &mut notes);
        }
    }
    for (key, value) in pairs.iter().filter(|(key, _)| !RUN_NAMES.contains(&key.as_str())) {
        if let Err(note) = read_pair(&mut state, key, value) {
            notes.push(note);
        }
    }
    if state.runs.is_empty() {
        state.runs = State::default().runs;
    }
    if notes.len() > NOTES {
        let more = notes.len() - NOTES;
        notes.truncate(NOTES);
        notes.push(format!("and {more} more."));
    }
    (state, notes)
}

/// Whether a link asks for a visitor's own table.
pub fn wants_own_table(hash: &str) -> bool {
    hash.len() <= LONGEST
        && hash.trim_start_matches('#').split('&').any(|part| part.split_once('=') == Some(("data", OWN_TABLE)))
}

fn read_pair(state: &mut State, key: &str, value: &str) -> Result<(), String> {
    match key {
        "data" if value == OWN_TABLE && state.own_table.is_none() => {
            let sentence = "This link was made with an own table, which links cannot carry and which is not in this browser: \
                            add the table again.";
            return Err(sentence.into());
        }
        "start" if value == OWN_NETWORK && state.own_network.is_none() => {
            let sentence = "This link begins with a network from a file, which links cannot carry: add the file again.";
            return Err(sentence.into());
        }
        "v" => match value.parse::<u32>() {
            Ok(VERSION) => {}
            Ok(v) if v > VERSION => {
                return Err(format!("This link has version {v}; this page reads it as version {VERSION}."));
            }
            _ => return Err(format!("The link's version “{}” is unknown.", shown(value))),
        },
        "embed" => state.embed = value != "0",
        "present" => state.present = value != "0",
        // Which lessons there are is not known here: their texts are loaded later.
        "lesson" if value.len() <= LONGEST_NAME && value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') => {
            state.lesson = Some(value.into());
        }
        "lesson" => return Err(format!("“{}” is not the name of a lesson.", shown(value))),
        "view" => match Picture::named(value) {
            Some(picture) => state.open = Some(picture),
            None => {
                let names: Vec<&str> = Picture::ALL.iter().map(|picture| picture.name()).collect();
                return Err(format!("view “{}” is not one of {}", shown(value), names.join(", ")));
            }
        },
        "hide" => {
            for part in value.split(',').filter(|part| !part.is_empty()) {
                if !can_hide(state, part) {
                    return Err(format!("“{}” cannot be hidden: there is no such part.", shown(part)));
                }
                state.hide.insert(part.into());
            }
        }
        _ => {
            let view = state.fields(Scope::View).iter().any(|field| field.key == key);
            set(state, if view { Scope::View } else { Scope::Setting }, key, value)?;
        }
    }
    Ok(())
}

/// Sets a field. What is refused is named as the link names it too, where people read another name for it.
fn set(state: &mut State, scope: Scope, key: &str, value: &str) -> Result<(), String> {
    let name = shown(key);
    let named = |sentence: String| if sentence.contains(&name) { sentence } else { format!("{name}: {sentence}") };
    state.set(scope, key, value).map_err(named)
}

fn can_hide(state: &State, part: &str) -> bool {
    let fields = [Scope::Setting, Scope::View, Scope::Run(0)].map(|scope| state.fields(scope)).concat();
    let named = fields.iter().any(|field| field.key == part || field.group.name() == part);
    named || PARTS.contains(&part) || Picture::named(part).is_some()
}

/// The link that describes the state, beginning with `#`.
pub fn write(state: &State) -> String {
    let mut link = format!("#v={VERSION}");
    append_fields(&mut link, state, Scope::Setting);
    if state.runs != State::default().runs || !state.changes.is_empty() {
        for &index in state.runs.keys() {
            _ = write!(link, "&{}={}", RUN_NAMES[index], encode(&run::write(state, index)));
        }
    }
    append_fields(&mut link, state, Scope::View);
    if let Some(picture) = state.open {
        _ = write!(link, "&view={}", picture.name());
    }
    if !state.hide.is_empty() {
        let parts: Vec<&str> = state.hide.iter().map(String::as_str).collect();
        _ = write!(link, "&hide={}", encode(&parts.join(",")));
    }
    if let Some(lesson) = &state.lesson {
        _ = write!(link, "&lesson={lesson}");
    }
    for (flag, on) in [("&embed", state.embed), ("&present", state.present)] {
        if on {
            link += flag;
        }
    }
    link
}

fn append_fields(link: &mut String, state: &State, scope: Scope) {
    for field in state.fields(scope) {
        if let Some(value) = state.values(scope).and_then(|values| values.get(field.key))
            && *value != field.default
        {
            _ = write!(link, "&{}={}", field.key, encode(&field.write(value)));
        }
    }
}

/// The text with everything escaped that has a meaning in links.
fn encode(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b',' | b':' => out.push(byte as char),
            _ => _ = write!(out, "%{byte:02X}"),
        }
    }
    out
}

/// The text behind % escapes; `None` where they are broken or not UTF-8.
fn decode(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b'%' {
            let digits = text.get(at + 1..at + 3)?;
            if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
                return None;
            }
            out.push(u8::from_str_radix(digits, 16).ok()?);
            at += 3;
        } else {
            out.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::super::Value;
    use super::*;

    #[test]
    fn the_default_state_has_the_shortest_link() {
        assert_eq!(write(&State::default()), "#v=1");
        assert_eq!(read("", None), (State::default(), vec![]));
        assert_eq!(read("#v=1", None), (State::default(), vec![]));
    }

    #[test]
    fn links_read_back_as_they_were_written() {
        let link = "#v=1&data=blobs&noise=2&features=3&hidden=8,4&batch=full&seed=7&A=sgd,lr:0.05,rotated:on\
                    &B=adam,lr:0.001,beta2:0.99,schedule:cosine,steps:500&C=muon,lr:0.02&pair=tracked&vector=2\
                    &view=overlap&hide=data,presets&lesson=by-rank-or-tracked&embed&present";
        let (state, notes) = read(link, None);
        assert_eq!(notes, Vec::<String>::new());
        assert_eq!(state.runs.len(), 3);
        assert_eq!(state.number(Scope::Run(1), "beta2"), Some(0.99));
        assert_eq!(state.number(Scope::Run(1), "steps"), Some(500.0));
        assert_eq!(write(&state), link);
        assert_eq!(read(&write(&state), None).0, state);
    }

    #[test]
    fn order_does_not_matter() {
        let (a, _) = read("#noise=2&data=blobs&vector=9&k=9", None);
        let (b, _) = read("#k=9&data=blobs&vector=9&noise=2", None);
        assert_eq!(a, b);
        assert_eq!(a.number(Scope::Setting, "noise"), Some(2.0));
        assert_eq!(a.number(Scope::View, "vector"), Some(9.0));
    }

    #[test]
    fn hostile_links_fall_back_with_notes() {
        let default = State::default();
        for link in [
            "#noise=NaN",
            "#samples=1e308",
            "#hidden=-3,4",
            "#data=%zz",
            "#data=%ff%fe",
            "#%",
            "#noise=%é",
            "#x=y",
            "#seed=-1",
            "#view=nothing",
            "#hide=nothing",
            "#lesson=%3Cb%3E",
            "#v=999",
            "#batch=0",
            "#k=0",
            "#steps=1e308",
            "#hidden=99999",
        ] {
            let (state, notes) = read(link, None);
            assert_eq!(state, default, "{link}");
            assert_eq!(notes.len(), 1, "{link}: {notes:?}");
        }
        let (state, notes) = read("#A=sgd,lr:NaN&A=adam&D=,,,:::&C=none,lr", None);
        assert_eq!(state.runs.len(), 3);
        assert!(state.runs.values().all(|run| !run.contains_key("lr")));
        assert!(!notes.is_empty() && notes.len() <= NOTES + 1);
    }

    #[test]
    fn what_is_refused_has_the_name_that_the_link_gives_it() {
        for (link, start) in [
            ("#values=all", "values: entries “all” is not allowed: one of "),
            ("#A=sgd,lr:-1", "Run A: lr: learning rate η “-1” is not allowed: "),
            ("#samples=1", "samples “1” is not allowed: "),
        ] {
            let (_, notes) = read(link, None);
            assert!(notes[0].starts_with(start), "{link}: {notes:?}");
        }
    }

    #[test]
    fn very_long_links_are_refused_in_a_sentence() {
        for link in [format!("#{}", "a".repeat(100_000)), format!("#{}", "&".repeat(100_000))] {
            let (state, notes) = read(&link, None);
            assert_eq!(state, State::default());
            assert_eq!(notes.len(), 1);
        }
        let (_, notes) = read(&"&x=1".repeat(2000), None);
        assert_eq!(notes.len(), NOTES + 1);
    }

    #[test]
    fn extreme_but_allowed_values_are_kept() {
        let (state, notes) = read("#A=sgd,lr:1e308", None);
        assert!(notes.is_empty());
        assert_eq!(state.runs[&0].get("lr"), Some(&Value::Number(1e308)));
    }
}
