//! Names of runs that show in what they differ: `A SGD`, `B Adam`; `A SGD 0.1`, `B SGD 0.5`; `B Adam, rotated`.
//!
//! A name is the run's letter and its optimizer; of runs with the same optimizer, also each field whose values differ. A
//! rotated basis is always named.

use crate::optimizer::Rule;
use crate::state::by_key::by_key;
use crate::state::table;
use crate::state::{RUN_NAMES, Value, Values};
use litemap::LiteMap;

/// The name of each run, given the choices of all of them.
pub fn run_names<'a>(runs: impl Iterator<Item = (usize, &'a Values)>) -> LiteMap<usize, String> {
    let runs: Vec<(usize, &Values)> = runs.collect();
    let named = |&(index, values): &(usize, &Values)| {
        let rule = table::run_rule(values);
        let mut name = format!("{} {}", RUN_NAMES[index % RUN_NAMES.len()], short(rule));
        let alike: Vec<&Values> = runs
            .iter()
            .filter(|(other, others)| *other != index && table::run_rule(others) == rule)
            .map(|(_, others)| *others)
            .collect();
        for field in table::run(values).iter().filter(|field| field.key != "optimizer") {
            let value = values.get(field.key).unwrap_or(&field.default);
            let differs = alike.iter().any(|others| others.get(field.key).unwrap_or(&field.default) != value);
            match value {
                Value::Flag(true) if differs || field.key == "rotated" => {
                    name += &format!(", {}", field.label.trim_end_matches(" basis"));
                }
                Value::Number(_) if differs && field.key == "lr" => name += &format!(" {}", field.write(value)),
                Value::Flag(_) => {}
                _ if differs => name += &format!(", {} {}", field.label, field.write(value)),
                _ => {}
            }
        }
        (index, name)
    };
    by_key(runs.iter().map(named))
}

/// A rule's name where there is little room.
pub fn short(rule: Rule) -> &'static str {
    if rule == Rule::Momentum { "Momentum" } else { rule.label() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::link;

    fn names(link: &str) -> Vec<String> {
        let (state, notes) = link::read(link, None);
        assert!(notes.is_empty(), "{notes:?}");
        run_names(state.runs.iter().map(|(index, values)| (*index, values))).values().cloned().collect()
    }

    #[test]
    fn names_tell_what_differs() {
        assert_eq!(names("#v=1"), ["A SGD", "B Adam"]);
        assert_eq!(names("#A=sgd,lr:0.1&B=sgd,lr:0.5"), ["A SGD 0.1", "B SGD 0.5"]);
        assert_eq!(names("#A=adam&B=adam,rotated:on"), ["A Adam", "B Adam, rotated"]);
        assert_eq!(names("#A=sgd&C=adam,rotated:on"), ["A SGD", "C Adam, rotated"]);
        assert_eq!(names("#A=adam,beta2:0.9&B=adam&C=sgd"), ["A Adam, β₂ 0.9", "B Adam, β₂ 0.999", "C SGD"]);
        assert_eq!(names("#A=adam&B=adam"), ["A Adam", "B Adam"]);
    }
}
