//! Beginning with a network of the visitor's own.

use super::restart;
use crate::network_file::NetworkFile;
use crate::page::effect::Effect;
use crate::page::model::Model;
use crate::state::field::widths;
use crate::state::table::OWN_NETWORK;
use crate::state::{OwnNetwork, Scope, choice, link};
use std::rc::Rc;

/// Makes a network the start of all runs, which are paused there: it is looked at first as it is.
pub fn begin(model: &mut Model, name: String, network: NetworkFile, out: &mut Vec<Effect>) {
    let state = &mut *model.state;
    let hidden = widths(&network.layers[1..network.layers.len() - 1]);
    let mut fields = vec![("hidden", hidden), ("start", OWN_NETWORK.to_owned())];
    let named = |key, name: Option<String>| name.map(|name| (key, name));
    fields.extend(named("activation", network.activation.map(|activation| choice::name(&activation))));
    fields.extend(named("loss", network.loss_function.map(|function| choice::name(&function))));
    fields.extend(named("smoothing", network.label_smoothing.map(|smoothing| smoothing.to_string())));
    state.own_network = Some(Rc::new(OwnNetwork { name, network }));
    // The inputs are as in training, unless the visitor says so again.
    state.setting.remove("preparation");
    for (key, text) in fields {
        model.problems.fields.remove(&(Scope::Setting, key.to_owned()));
        if let Err(sentence) = state.set(Scope::Setting, key, &text) {
            model.problems.fields.insert((Scope::Setting, key.to_owned()), sentence);
        }
    }
    model.paused.assign(true);
    out.push(Effect::WriteLink(link::write(&model.state)));
    let all: Vec<usize> = model.state.runs.keys().copied().collect();
    restart::soon(model, all, out);
}
