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

use super::changes::Changes;
use super::choice::Choice;
use super::field::shown;
use super::table::{self, OWN_TABLE};
use super::{OwnTable, PARTS, Picture, RUN_NAMES, Scope, State, Values};
use crate::experiment::{MAX_CHANGES, MAX_STEPS};
use crate::sorting::sort_by_number;
use std::fmt::Write;

/// The version that links carry; older versions will be understood, newer ones are read as far as they go.
pub const VERSION: u32 = 1;
/// The longest link that is read, in bytes.
pub const LONGEST: usize = 8192;
/// How many notes are kept; the rest are counted.
const NOTES: usize = 5;

/// The state that a link describes (with or without the `#`), and a note for each thing that was not understood. A link
/// cannot carry a visitor's own table; `own_table` is the one that is there.
pub fn read(hash: &str, own_table: Option<OwnTable>) -> (State, Vec<String>) {
    let (mut state, mut notes) = (State { own_table, ..State::default() }, Vec::new());
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
    // The data set, the optimizer and the number of layers and vectors decide which other values are allowed.
    sort_by_number(&mut pairs, |(key, _)| match key.as_str() {
        "data" => 0.0,
        "hidden" | "k" => 1.0,
        _ => 2.0,
    });
    if pairs.iter().any(|(key, _)| RUN_NAMES.contains(&key.as_str())) {
        state.runs.clear();
    }
    for (index, name) in RUN_NAMES.into_iter().enumerate() {
        // Of several under one name the first in the alphabet counts, so that their order does not matter.
        if let Some((_, text)) = pairs.iter().filter(|(key, _)| key == name).min() {
            read_run(&mut state, index, text, &mut notes);
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

fn read_pair(state: &mut State, key: &str, value: &str) -> Result<(), String> {
    match key {
        "data" if value == OWN_TABLE && state.own_table.is_none() => {
            return Err("This link was made with an own table, which links cannot carry: add the table again.".into());
        }
        "v" => match value.parse::<u32>() {
            Ok(VERSION) => {}
            Ok(v) if v > VERSION => {
                return Err(format!("This link has version {v}; this page reads it as version {VERSION}."));
            }
            _ => return Err(format!("The link's version “{}” is unknown.", shown(value))),
        },
        "embed" => state.embed = value != "0",
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
            state.set(if view { Scope::View } else { Scope::Setting }, key, value)?;
        }
    }
    Ok(())
}

fn can_hide(state: &State, part: &str) -> bool {
    let fields = [Scope::Setting, Scope::View, Scope::Run(0)].map(|scope| state.fields(scope)).concat();
    let named = fields.iter().any(|field| field.key == part || field.group.name() == part);
    named || PARTS.contains(&part) || Picture::named(part).is_some()
}

fn read_run(state: &mut State, index: usize, text: &str, notes: &mut Vec<String>) {
    state.runs.insert(index, Values::new());
    let mut parts = text.split(',');
    let rule = parts.next().unwrap_or("");
    // What holds from the start, then what holds after each change.
    let mut stages = vec![vec![("optimizer", rule)]];
    for pair in parts.map(|part| part.split_once(':').unwrap_or((part, ""))) {
        match stages.last_mut() {
            Some(stage) if pair.0 != "at" => stage.push(pair),
            _ => stages.push(vec![pair]),
        }
    }
    let mut note = |note: String| notes.push(format!("Run {}: {note}", RUN_NAMES[index]));
    for stage in stages {
        let read = match stage[0] {
            ("at", step) => read_change(state, index, step, &stage[1..], &mut note),
            _ => {
                set_all(state, index, &stage, &mut note);
                Ok(())
            }
        };
        if let Err(sentence) = read {
            note(sentence);
        }
    }
}

/// Sets fields of a run, in the order in which one decides what others there are.
fn set_all(state: &mut State, index: usize, pairs: &[(&str, &str)], note: &mut impl FnMut(String)) {
    let mut pairs = pairs.to_vec();
    sort_by_number(&mut pairs, |(key, _)| match *key {
        "optimizer" => 0.0,
        "schedule" => 1.0,
        _ => 2.0,
    });
    for (key, value) in pairs {
        if let Err(sentence) = state.set(Scope::Run(index), key, value) {
            note(sentence);
        }
    }
}

/// Reads what changes after `step` steps.
fn read_change(
    state: &mut State,
    index: usize,
    step: &str,
    pairs: &[(&str, &str)],
    note: &mut impl FnMut(String),
) -> Result<(), String> {
    let before = state.runs.get(&index).cloned().unwrap_or_default();
    let mut changes =
        state.changes.remove(&index).unwrap_or_else(|| Changes { start: before.clone(), later: Vec::new() });
    let least = changes.later.last().map_or(0, |(step, _)| step + 1);
    let at = step.parse().ok().filter(|at| (least..=MAX_STEPS).contains(at));
    let full = changes.later.len() == MAX_CHANGES;
    if let (Some(at), false) = (at, full) {
        let mut pairs = pairs.to_vec();
        let fields = table::run(&before);
        pairs.retain(|(key, _)| {
            let fixed = fields.iter().any(|field| field.key == *key && !field.is_steerable());
            if fixed {
                note(format!("“{key}” cannot change on the way."));
            }
            !fixed
        });
        set_all(state, index, &pairs, note);
        let after = state.runs.get(&index).cloned().unwrap_or_default();
        if after != before {
            changes.later.push((at, after));
        }
    }
    if !changes.later.is_empty() {
        state.changes.insert(index, changes);
    }
    match at {
        _ if full => Err(format!("at most {MAX_CHANGES} changes on the way are read.")),
        None => Err(format!("at “{}” is not allowed: a whole number from {least} to {MAX_STEPS}", shown(step))),
        Some(_) => Ok(()),
    }
}

/// The link that describes the state, beginning with `#`.
pub fn write(state: &State) -> String {
    let mut link = format!("#v={VERSION}");
    append_fields(&mut link, state, Scope::Setting);
    if state.runs != State::default().runs || !state.changes.is_empty() {
        for &index in state.runs.keys() {
            let mut text = String::new();
            let Some(values) = state.start_values(index) else { continue };
            for field in table::run(values) {
                let value = values.get(field.key).unwrap_or(&field.default);
                match field.key {
                    "optimizer" => text += &field.write(value),
                    "lr" => _ = write!(text, ",lr:{}", field.write(value)),
                    key if *value != field.default => _ = write!(text, ",{key}:{}", field.write(value)),
                    _ => {}
                }
            }
            if let Some(changes) = state.changes.get(&index) {
                append_changes(&mut text, changes);
            }
            _ = write!(link, "&{}={}", RUN_NAMES[index], encode(&text));
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
    if state.embed {
        link += "&embed";
    }
    link
}

/// What differs after each change from before it.
fn append_changes(text: &mut String, changes: &Changes) {
    let mut before = &changes.start;
    for (step, after) in &changes.later {
        _ = write!(text, ",at:{step}");
        let same_schedule = table::run_schedule(before) == table::run_schedule(after);
        for field in table::run(after).iter().filter(|field| field.is_steerable()) {
            let value = after.get(field.key).unwrap_or(&field.default);
            // The numbers of another schedule begin with their defaults.
            let known =
                if same_schedule || matches!(field.key, "lr" | "schedule") { before.get(field.key) } else { None };
            if value != known.unwrap_or(&field.default) {
                _ = write!(text, ",{}:{}", field.key, field.write(value));
            }
        }
        before = after;
    }
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
                    &view=overlap&hide=data,presets&embed";
        let (state, notes) = read(link, None);
        assert_eq!(notes, Vec::<String>::new());
        assert_eq!(state.runs.len(), 3);
        assert_eq!(state.number(Scope::Run(1), "beta2"), Some(0.99));
        assert_eq!(state.number(Scope::Run(1), "steps"), Some(500.0));
        assert_eq!(write(&state), link);
        assert_eq!(read(&write(&state), None).0, state);
    }

    #[test]
    fn changes_on_the_way_read_back_as_they_were_written() {
        let link = "#v=1&A=sgd,lr:0.1,at:621,lr:0.5,at:900,schedule:cosine,steps:500,at:950,steps:2000,\
                    at:1000,lr:0.25,schedule:constant&B=adam,lr:0.001,beta2:0.99";
        let (state, notes) = read(link, None);
        assert_eq!(notes, Vec::<String>::new());
        assert_eq!(write(&state), link);
        assert_eq!(read(&write(&state), None).0, state);
        let experiment = state.experiment(0).unwrap();
        assert_eq!(experiment.optimizer.learning_rate, 0.1);
        let changes = serde_json::to_value(&experiment.changes).unwrap();
        let cosine = |steps: u32| serde_json::json!({ "name": "cosine", "steps": steps, "final_factor": 0.0 });
        let expected = serde_json::json!([
            { "step": 621, "learning_rate": 0.5 },
            { "step": 900, "schedule": cosine(500) },
            { "step": 950, "schedule": cosine(2000) },
            { "step": 1000, "learning_rate": 0.25, "schedule": { "name": "constant" } },
        ]);
        assert_eq!(changes, expected);
        assert!(state.experiment(1).unwrap().changes.is_empty());
        // What the controls show is what holds in the end.
        assert_eq!(state.number(Scope::Run(0), "lr"), Some(0.25));
    }

    #[test]
    fn changes_that_are_not_allowed_are_left_out_with_a_note() {
        for text in
            ["at:x,lr:0.5", "at:-1,lr:0.5", "at:1e9,lr:0.5", "at:5,lr:no", "at:5,rotated:on", "at:5,optimizer:adam"]
        {
            let (state, notes) = read(&format!("#A=sgd,lr:0.1,{text}"), None);
            assert!(state.changes.is_empty(), "{text}");
            assert_eq!((notes.len(), state.number(Scope::Run(0), "lr")), (1, Some(0.1)), "{text}: {notes:?}");
        }
        let (state, notes) = read("#A=sgd,at:20,lr:0.5,at:10,lr:0.2", None);
        assert_eq!((state.changes[&0].later.len(), notes.len()), (1, 1));
        assert!(notes[0].contains("a whole number from 21"), "{notes:?}");
        let many: String = (0..300).map(|step| format!(",at:{step},lr:{}", 1 + step % 2)).collect();
        let (state, _) = read(&format!("#A=sgd{many}"), None);
        assert!(state.changes[&0].later.len() == MAX_CHANGES && state.experiment(0).is_ok());
        assert!(write(&state).len() < LONGEST);
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
