//! The page as a value, opened and set.

use eigendrift::page::{Action, Effect, Model, begin};
use eigendrift::state::{Scope, link};

/// A page at a link, after it has begun.
pub fn open(hash: &str) -> (Model, Vec<Effect>) {
    let (state, notes) = link::read(hash, None);
    assert!(notes.is_empty(), "{notes:?}");
    let mut model = Model::new(state, notes, false);
    let effects = begin(&mut model);
    (model, effects)
}

/// The visitor sets a field.
pub fn set(scope: Scope, key: &str, text: &str) -> Action {
    Action::Set { scope, key: key.into(), text: text.into() }
}
