//! The setting: its controls, what it costs, and whether it can be run.

use super::controls::{self, layers};
use super::dom::{self, all, by_id, listen as on, set, set_text};
use super::page::{self, Page};
use crate::dataset::Shape;
use crate::error::Error;
use crate::experiment::{Experiment, MAX_CHECKPOINTS};
use crate::state::cost::{self, Cost, MOST_PARAMETERS, WARN_PARAMETERS};
use crate::state::{Field, Group, Scope, State, Value};
use web_sys::{Element, Event, HtmlElement};

/// What is known of the data before a worker has them.
#[derive(Debug, Clone)]
pub struct Known {
    /// The training samples' shape.
    pub train: Shape,
    /// How many samples are set aside.
    pub test: usize,
}

impl Known {
    /// The layer sizes that a state asks for.
    pub fn layers(&self, state: &State) -> Vec<usize> {
        [&[self.train.features], state.hidden().as_slice(), &[self.train.classes]].concat()
    }

    /// What one run of the state costs.
    pub fn cost(&self, state: &State, calibration: f64) -> Cost {
        let wanted =
            state.number(Scope::Setting, "hessian").map_or(crate::experiment::DEFAULT_HESSIAN_SAMPLES, |n| n as usize);
        let number = |key: &str| state.number(Scope::Setting, key).unwrap_or(1.0).max(1.0);
        let checkpoints = (number("steps") / number("every")).min(MAX_CHECKPOINTS as f64) as usize + 1;
        cost::estimate(&self.layers(state), wanted.min(self.train.samples), checkpoints, state.k(), calibration)
    }
}

/// What is known of the data of a state, if they can be loaded. The page leaves the loading to the workers, and so needs
/// not carry the sets.
pub fn know(state: &State) -> Option<Known> {
    let (train, test) = state.experiment(0).ok()?.data_shape().ok()?;
    Some(Known { train, test })
}

/// The experiment of a run, if it can be computed here.
///
/// # Errors
/// A sentence: which field is wrong, or why the network is too large.
pub fn check(state: &State, known: Option<&Known>, run: usize) -> Result<Experiment, String> {
    let experiment = state.experiment(run).map_err(|error| sentence(&error))?;
    let Some(known) = known else {
        return match experiment.data_shape() {
            Ok(_) => Ok(experiment),
            Err(error) => Err(sentence(&error)),
        };
    };
    let cost = known.cost(state, 1.0);
    if cost.parameters > MOST_PARAMETERS {
        return Err(refusal(&cost));
    }
    experiment.architecture(known.train).map_err(|error| sentence(&error))?;
    Ok(experiment)
}

/// An error as a sentence with a capital and a full stop.
pub fn sentence(error: &Error) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    let first: String = letters.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
    format!("{first}{}.", letters.as_str().trim_end_matches('.'))
}

fn refusal(cost: &Cost) -> String {
    format!(
        "This network has {} parameters; beyond {MOST_PARAMETERS} the Hessian of P × P numbers and its spectrum would take \
         {} and about {} per checkpoint, more than a browser tab should. Take fewer or narrower layers.",
        super::transport::thousands(cost.parameters),
        cost::bytes(cost.bytes),
        cost::seconds(cost.seconds)
    )
}

/// Hears all controls that belong to a field, wherever they stand.
pub fn listen() {
    let document = dom::document();
    on(&document, "input", |event| {
        if dom::target(&event, "input[type=range][data-key]").is_some() {
            heard(&event);
        }
    });
    on(&document, "change", |event| heard(&event));
    on(&document, "click", |event| {
        if let Some(button) = dom::target(&event, "[data-layer]")
            && let Some(text) = layers::said(Some(&button))
        {
            page::with(|page| set_field(page, Scope::Setting, "hidden", &text, None));
        }
    });
    // Return in a text input ends writing; it must not send the form.
    on(&document, "submit", |event| event.prevent_default());
    if let (Some(fold), Some(_)) = (by_id::<HtmlElement>("fold"), by_id::<HtmlElement>("controls")) {
        let button = fold.clone();
        on(&fold, "click", move |_| {
            let open = button.get_attribute("aria-expanded").as_deref() == Some("true");
            set(&button, "aria-expanded", if open { "false" } else { "true" });
        });
    }
}

fn heard(event: &Event) {
    if dom::target(event, ".layers input").is_some() {
        let input = dom::target(event, "input");
        if let Some(text) = layers::said(None) {
            page::with(|page| {
                set_field(page, Scope::Setting, "hidden", &text, input.as_deref().map(|i| -> &Element { i }))
            });
        }
        return;
    }
    let Some(control) = dom::target(event, "[data-key]") else { return };
    let scope = control.get_attribute("data-scope").and_then(|name| controls::scope_named(&name));
    let (Some(scope), Some(key)) = (scope, control.get_attribute("data-key")) else { return };
    page::with(|page| {
        let field = page.state.fields(scope).into_iter().find(|field| field.key == key);
        if let Some(text) = field.and_then(|field| controls::said(&control, &field)) {
            set_field(page, scope, &key, &text, Some(&control));
        }
    });
}

/// Sets a field from its text; what is not allowed is told at its control.
pub fn set_field(page: &mut Page, scope: Scope, key: &str, text: &str, control: Option<&Element>) {
    let before = page.state.value(scope, key);
    match page.state.set(scope, key, text) {
        Ok(()) => {
            if let Some(control) = control {
                controls::complain(control, None);
            }
            if page.state.value(scope, key) != before {
                page.changed(scope, key);
            } else {
                page.sync();
            }
        }
        Err(sentence) => {
            if let Some(control) = control {
                controls::complain(control, Some(&sentence));
            }
        }
    }
}

/// Brings the controls of setting and view, the cost and the problems up to date.
pub fn sync(page: &Page) {
    let state = &page.state;
    let fields = state.fields(Scope::Setting);
    for group in [Group::Data, Group::Network, Group::Training, Group::Hessian] {
        let own: Vec<Field> = fields.iter().filter(|field| field.group == group).cloned().collect();
        if let Some(place) = all(&dom::root(), &format!("fieldset [data-group={}]", group.name())).first() {
            controls::fill(place, Scope::Setting, &own, &state.setting);
        }
    }
    let fields = state.fields(Scope::View);
    for place in all(&dom::root(), "[data-view]") {
        let key = place.get_attribute("data-view");
        let own: Vec<Field> = fields.iter().filter(|field| Some(field.key) == key.as_deref()).cloned().collect();
        controls::fill(&place, Scope::View, &own, &state.view);
    }
    sync_cost(page);
    sync_problems(page);
    super::address::hide_parts(state);
}

fn sync_cost(page: &Page) {
    let Some(place) = by_id::<HtmlElement>("cost") else { return };
    let Some(known) = &page.known else { return set_text(&place, "") };
    layers::ends(known.train.features, known.train.classes);
    let cost = known.cost(&page.state, page.calibration);
    let mut words = format!(
        "P = {} parameters · about {} per run · {} per checkpoint",
        super::transport::thousands(cost.parameters),
        cost::bytes(cost.bytes),
        cost::seconds(cost.seconds)
    );
    let class = if cost.parameters > MOST_PARAMETERS {
        words += &format!(". Too large: at most {MOST_PARAMETERS}.");
        "cost refused"
    } else if cost.parameters > WARN_PARAMETERS {
        words += &format!(". Above {WARN_PARAMETERS} parameters checkpoints come slowly.");
        "cost warn"
    } else {
        "cost"
    };
    set(&place, "class", class);
    set_text(&place, &words);
}

fn sync_problems(page: &Page) {
    let Some(place) = by_id::<HtmlElement>("problem") else { return };
    let mut sentences: Vec<String> = Vec::new();
    for (source, sentence) in &page.problems {
        // A fault of the shared setting is the same for every run: said once.
        if !sentences.iter().any(|other| other.ends_with(sentence.as_str())) {
            let shared = page.problems.iter().filter(|(_, other)| other == sentence).count() > 1;
            let name = source.strip_prefix("run ").map_or(source.clone(), |run| format!("Run {run}"));
            sentences.push(if shared { sentence.clone() } else { format!("{name}: {sentence}") });
        }
    }
    dom::show(&place, !sentences.is_empty());
    if place.text_content().as_deref() != Some(&sentences.concat()) {
        dom::clear(&place);
        let column = dom::make("div", &[]);
        for sentence in &sentences {
            dom::append(&column, &[&dom::make_text("p", &[], sentence)]);
        }
        dom::append(&place, &[&column]);
    }
}

/// Whether the visitor's own table is the data.
pub fn is_own_table(state: &State) -> bool {
    state.value(Scope::Setting, "data") == Some(Value::Text(crate::state::table::OWN_TABLE.into()))
}
