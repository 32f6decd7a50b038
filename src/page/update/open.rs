//! Files of networks and of results: having one read, and taking over what is in it.

use super::{import, network, table};
use crate::page::effect::Effect;
use crate::page::imported::Opened;
use crate::page::model::Model;
use crate::state::OwnFile;

/// Has a file read.
pub fn choose(model: &mut Model, file: OwnFile, out: &mut Vec<Effect>) {
    model.tasks.opening = Some(file.name.clone());
    table::show(model);
    out.push(Effect::OpenFile(file));
}

/// Takes over what was found in the file that was chosen last.
pub fn take(model: &mut Model, name: String, found: Result<Opened, String>, out: &mut Vec<Effect>) {
    if model.tasks.opening.take_if(|awaited| *awaited == name).is_none() {
        return;
    }
    table::show(model);
    match found {
        Ok(Opened::Network(network)) => network::begin(model, name, *network, out),
        Ok(Opened::Results(results)) => import::show(model, &name, *results, out),
        Err(sentence) => model.table.refusal = Some(sentence),
    }
}
