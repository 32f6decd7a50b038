//! Reading settings from JSON or from JavaScript, so that whatever is wrong is reported with the name of its field.

use super::{OptimizerSettings, Rule, Schedule};
use crate::error::{Error, Result, shown};
use serde::de::{Deserialize, Deserializer, Error as _, IgnoredAny};
use std::collections::BTreeMap;

/// Anything that can stand as a value.
#[derive(serde::Deserialize)]
#[serde(untagged)]
enum Item {
    Null(()),
    Switch(bool),
    Number(f64),
    Text(String),
    List(Vec<Item>),
    Object(BTreeMap<String, Item>),
    Other(IgnoredAny),
}

impl Item {
    fn number(&self, field: &str) -> Result<f64> {
        if let Item::Number(number) = self { Ok(*number) } else { Err(Error::invalid(field, "must be a number")) }
    }

    fn switch(&self, field: &str) -> Result<bool> {
        if let Item::Switch(on) = self { Ok(*on) } else { Err(Error::invalid(field, "must be true or false")) }
    }

    /// The fields of an object, without those that are null.
    fn object(self, field: &str) -> Result<BTreeMap<String, Item>> {
        let Item::Object(mut fields) = self else {
            return Err(Error::invalid(field, "must be an object with a name"));
        };
        fields.retain(|_, item| !matches!(item, Item::Null(())));
        Ok(fields)
    }
}

/// Takes the name out of `fields` and finds it in `known`.
fn take_name(fields: &mut BTreeMap<String, Item>, field: &str, known: &[&str]) -> Result<usize> {
    let problem = match fields.remove("name") {
        Some(Item::Text(name)) => match known.iter().position(|known| *known == name) {
            Some(index) => return Ok(index),
            None => format!(", not \"{}\"", shown(&name)),
        },
        _ => String::new(),
    };
    Err(Error::invalid(format!("{field}.name"), format!("must be one of {}{problem}", known.join(", "))))
}

fn settings(item: Item) -> Result<OptimizerSettings> {
    let mut fields = item.object("optimizer")?;
    let rule = Rule::ALL[take_name(&mut fields, "optimizer", &Rule::ALL.map(Rule::name))?];
    // Our names of what was written otherwise, so that an error names what was written.
    let mut written: BTreeMap<&str, &str> = BTreeMap::new();
    for (torch, ours) in [("lr", "learning_rate"), ("eps", "epsilon")] {
        if let Some(item) = fields.remove(torch) {
            if fields.insert(ours.into(), item).is_some() {
                let problem = format!("is another name of {ours}: give one");
                return Err(Error::invalid(format!("optimizer.{torch}"), problem));
            }
            written.insert(ours, torch);
        }
    }
    if let Some(item) = fields.remove("betas") {
        let Item::List(pair) = &item else {
            return Err(Error::invalid("optimizer.betas", "must be two numbers"));
        };
        let [beta1, beta2] = pair.as_slice() else {
            return Err(Error::invalid("optimizer.betas", "must be two numbers"));
        };
        for (name, place, beta) in [("beta1", "betas[0]", beta1), ("beta2", "betas[1]", beta2)] {
            written.insert(name, place);
            if fields.insert(name.into(), Item::Number(beta.number("optimizer.betas")?)).is_some() {
                return Err(Error::invalid("optimizer.betas", format!("must not be given together with {name}")));
            }
        }
    }

    let mut settings = OptimizerSettings::new(with_momentum(rule, &mut fields)?);
    for (name, item) in fields {
        let field = format!("optimizer.{}", shown(written.get(name.as_str()).unwrap_or(&name.as_str())));
        match name.as_str() {
            "schedule" => settings.schedule = schedule(item)?,
            _ if settings.switch(&name, || item.switch(&field))? => {}
            _ => {
                let lacking = |error| named(error, &field);
                settings.check_name(&name).map_err(lacking)?;
                let value = item.number(&field)?;
                settings.set(&name, value)?;
                let row = settings.rule.fields().iter().find(|row| row.name == name);
                row.map_or(Ok(()), |row| row.check("optimizer", value)).map_err(lacking)?;
            }
        }
    }
    Ok(settings)
}

/// `error` about the field `name`.
fn named(error: Error, name: &str) -> Error {
    match error {
        Error::Invalid { problem, .. } => Error::invalid(name, problem),
        other => other,
    }
}

/// The rule that torch means by SGD with `momentum` and `nesterov`.
fn with_momentum(rule: Rule, fields: &mut BTreeMap<String, Item>) -> Result<Rule> {
    if !matches!(rule, Rule::Sgd | Rule::Momentum | Rule::Nesterov) {
        return Ok(rule);
    }
    let nesterov = fields.remove("nesterov").map(|item| item.switch("optimizer.nesterov")).transpose()?;
    let plain = rule == Rule::Sgd
        && match fields.get("momentum") {
            Some(item) => item.number("optimizer.momentum")? == 0.0,
            None => true,
        };
    if plain {
        fields.remove("momentum");
    }
    match nesterov {
        Some(true) if plain => Err(Error::invalid("optimizer.nesterov", "needs a momentum other than 0")),
        Some(true) => Ok(Rule::Nesterov),
        Some(false) if rule == Rule::Nesterov => Ok(Rule::Momentum),
        _ if rule == Rule::Sgd && !plain => Ok(Rule::Momentum),
        _ => Ok(rule),
    }
}

fn schedule(item: Item) -> Result<Schedule> {
    let mut fields = item.object("optimizer.schedule")?;
    let all = Schedule::all();
    let mut schedule = all[take_name(&mut fields, "optimizer.schedule", &all.map(|schedule| schedule.name()))?];
    for (name, item) in fields {
        let field = format!("optimizer.schedule.{}", shown(&name));
        // An unknown name is a worse mistake than a wrong type.
        schedule.check_name(&name).map_err(|error| named(error, &field))?;
        schedule.set(&name, item.number(&field)?)?;
    }
    Ok(schedule)
}

impl<'de> Deserialize<'de> for OptimizerSettings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        settings(Item::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Schedule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        // Of whatever the schedule is a part, its own path ends here.
        let of_schedule = |error: Error| D::Error::custom(error.to_string().trim_start_matches("optimizer."));
        schedule(Item::deserialize(deserializer)?).map_err(of_schedule)
    }
}
