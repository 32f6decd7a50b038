//! Whether claims hold over seeds: a line of chips, and below it, when opened, a table with intervals and verdicts.

use crate::claims::{ByPairing, Claim, ClaimResult, Unit};
use crate::displacement::Pairing;
use crate::page::Model;
use crate::page::evidence::{CHIPS, Evidence, Phase, curves};
use crate::page::readout::evidence as words;
use crate::page::stored::{Stored, StoredClaim};
use crate::state::choice::name;
use crate::state::{Choice, Picture};
use crate::view::forest::{symbol, word};
use crate::web::dom::{append, by_id, clear, make, make_text, set, set_text, show};
use litemap::LiteMap;
use web_sys::{Element, HtmlElement};

/// What the tables of claims show, beside the state: many pieces of seeds are done before it changes.
#[derive(PartialEq)]
pub struct Claims {
    runs: (usize, usize),
    results: ByPairing<Vec<ClaimResult>>,
    are_final: bool,
}

impl Claims {
    /// Those of the seeds that are done.
    pub fn of(evidence: &Evidence) -> Self {
        Claims { runs: evidence.runs, results: evidence.claims.clone(), are_final: evidence.is_final() }
    }
}

/// Brings up to date how far the seeds are.
pub fn render(model: &Model) {
    let Some(place) = by_id::<HtmlElement>("evidence") else { return };
    let evidence = model.evidence.as_ref();
    set(&place, "data-phase", evidence.map_or("none", |evidence| evidence.phase.name()));
    let diverged = evidence.map_or(String::new(), |evidence| words::diverged(model, evidence));
    let texts = [
        ("seeds-status", words::status(model)),
        ("seeds-setting", words::setting(model)),
        ("seeds-diverged", diverged),
    ];
    for (id, text) in texts {
        if let Some(place) = by_id::<Element>(id) {
            set_text(&place, &text);
        }
    }
    if let Some(button) = by_id::<HtmlElement>("seeds-button") {
        let label = words::button(model);
        show(&button, label.is_some());
        set_text(&button, label.unwrap_or_default());
    }
    if let Some(bar) = by_id::<HtmlElement>("seeds-progress") {
        show(&bar, evidence.is_some_and(|evidence| evidence.phase != Phase::Finished));
        set(&bar, "value", &evidence.map_or(0.0, Evidence::share_done).to_string());
    }
}

/// Brings chips and tables of claims up to date.
pub fn render_claims(model: &Model) {
    if let Some(place) = by_id::<Element>("chips") {
        chips(&place, model);
    }
    if let Some(place) = by_id::<Element>("claims") {
        clear(&place);
        if let Some(evidence) = model.evidence.as_ref() {
            append(&place, &[&table(model, evidence)]);
        }
    }
    matrix(model);
}

fn chips(place: &Element, model: &Model) {
    clear(place);
    let pairing = model.state.view().pairing;
    for (claim, text) in CHIPS {
        let result = model.evidence.as_ref().and_then(|evidence| result(evidence.claims(pairing), claim));
        let known = result.filter(|result| result.low.is_some());
        let done = model.evidence.as_ref().is_some_and(Evidence::is_final);
        let class = match known {
            Some(result) if done => format!("chip {}", word(result.verdict)),
            Some(_) => "chip so-far".to_owned(),
            None => "chip unknown".to_owned(),
        };
        let sign = known.map_or('·', |result| symbol(result.verdict)).to_string();
        let label = words::named(model, text);
        let title = words::chip(known, done);
        let chip = make("span", &[("class", &class), ("title", &title)]);
        append(&chip, &[&make_text("b", &[("aria-hidden", "true")], &sign), &make_text("span", &[], &label)]);
        append(&chip, &[&make_text("span", &[("class", "unseen")], &format!(": {title}."))]);
        append(place, &[&chip]);
    }
}

fn result(claims: &[ClaimResult], claim: Claim) -> Option<&ClaimResult> {
    claims.iter().find(|result| result.name == claim)
}

/// Claims × tasks, as they were computed natively, beside what is found here.
fn matrix(model: &Model) {
    if let Some(place) = by_id::<Element>("matrix-words") {
        set_text(&place, &words::stored(&model.stored, model.state.view().pairing));
    }
    let (Some(place), Some(title)) = (by_id::<HtmlElement>("matrix"), by_id::<HtmlElement>("matrix-title")) else {
        return;
    };
    let table = matrix_table(model);
    show(&place, table.is_some());
    show(&title, table.is_some());
    clear(&place);
    if let Some(table) = table {
        append(&place, &[&table]);
    }
}

/// The matrix, once the results are there.
pub fn matrix_table(model: &Model) -> Option<HtmlElement> {
    let Stored::Known(tasks) = &*model.stored else { return None };
    let pairing = model.state.view().pairing;
    let table = make("table", &[]);
    let head = make("tr", &[]);
    append(&head, &[&make("td", &[]), &make_text("th", &[("scope", "col")], "here")]);
    for task in tasks {
        let cell = make("th", &[("scope", "col")]);
        match &task.link {
            Some(link) => append(&cell, &[&make_text("a", &[("href", &format!("#{link}"))], &task.title)]),
            None => set_text(&cell, &task.title),
        }
        append(&head, &[&cell]);
    }
    append(&table, &[&head]);
    for claim in Claim::ALL {
        let row = make("tr", &[("data-claim", &name(&claim))]);
        append(&row, &[&make_text("th", &[("scope", "row")], &claim.title("SGD", "Adam"))]);
        let here = model.evidence.as_ref().and_then(|evidence| result(evidence.claims(pairing), claim));
        let so_far = !model.evidence.as_ref().is_some_and(Evidence::is_final);
        append(&row, &[&entry(here.map(StoredClaim::from), so_far)]);
        for task in tasks {
            append(&row, &[&entry(task.claim(pairing, claim).copied(), false)]);
        }
        append(&table, &[&row]);
    }
    Some(table)
}

/// An entry of the matrix: sign and estimate, and the whole interval as its title.
fn entry(found: Option<StoredClaim>, so_far: bool) -> HtmlElement {
    let Some(found) = found.filter(|found| found.low.is_some()) else { return make_text("td", &[], "–") };
    let title = words::estimate(found);
    let class = if so_far { "so-far" } else { word(found.verdict) };
    let text = format!("{} {}", symbol(found.verdict), words::short(found));
    make_text("td", &[("class", class), ("title", &title)], &text)
}

/// One row per claim, and per pairing where that decides.
fn table(model: &Model, evidence: &Evidence) -> HtmlElement {
    let table = make("table", &[]);
    let scale = Scale::new(evidence);
    for claim in Claim::ALL {
        let (title, detail) = words::claim(model, claim);
        let pairings: &[Pairing] = if claim.depends_on_pairing() { &Pairing::ALL } else { &[Pairing::Tracked] };
        for (index, &pairing) in pairings.iter().enumerate() {
            let Some(result) = result(evidence.claims(pairing), claim) else { continue };
            let row = make("tr", &[("data-claim", &name(&claim))]);
            if index == 0 {
                let head = make("th", &[("scope", "rowgroup"), ("rowspan", &pairings.len().to_string())]);
                let button =
                    make_text("button", &[("type", "button"), ("title", "Show its curves over seeds")], &title);
                set(&button, "data-show-claim", &name(&claim));
                append(&head, &[&button, &make_text("small", &[], &detail)]);
                append(&row, &[&head]);
            }
            let of = if claim.depends_on_pairing() { pairing.label() } else { "" };
            set(&row, "data-pairing", pairing.name());
            append(&row, &[&make_text("td", &[("class", "pairing")], of)]);
            let cell = make("td", &[]);
            append(&cell, &[&scale.interval(result)]);
            let numbers = make_text("td", &[("class", "numbers")], &words::estimate(result.into()));
            if let Some(reason) = words::left_out(result, evidence) {
                append(&numbers, &[&make_text("small", &[], &reason)]);
            }
            append(&row, &[&cell, &numbers, &verdict_cell(evidence, result)]);
            append(&table, &[&row]);
        }
    }
    table
}

fn verdict_cell(evidence: &Evidence, result: &ClaimResult) -> HtmlElement {
    let cell = make("td", &[]);
    let (class, text) = match (result.low, evidence.is_final()) {
        (None, _) => ("chip unknown".to_owned(), "–".to_owned()),
        (_, false) => ("chip so-far".to_owned(), format!("{} so far", symbol(result.verdict))),
        (_, true) => {
            let word = word(result.verdict);
            (format!("chip {word}"), format!("{} {word}", symbol(result.verdict)))
        }
    };
    append(&cell, &[&make_text("span", &[("class", &class)], &text)]);
    cell
}

/// By kind of estimate: the largest distance from no effect of any interval.
struct Scale(LiteMap<Kind, f64>);

/// Estimates that share an axis.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// Differences of displacements.
    Displacement,
    /// Ratios of IPR.
    Localization,
    /// Shares over chance.
    Share,
}

/// The kind of a claim's estimate, and the least width of its axis.
fn kind(claim: Claim) -> (Kind, f64) {
    match curves(claim).0 {
        Picture::Displacement => (Kind::Displacement, 0.05),
        Picture::Shares => (Kind::Share, 0.5),
        _ => (Kind::Localization, 0.5),
    }
}

impl Scale {
    fn new(evidence: &Evidence) -> Self {
        let mut widest = LiteMap::new();
        for result in Pairing::ALL.into_iter().flat_map(|pairing| evidence.claims(pairing)) {
            let (kind, least) = kind(result.name);
            let most: &mut f64 = widest.entry(kind).or_insert(least);
            let ends = [result.estimate, result.low, result.high].into_iter().flatten();
            for end in ends.map(|end| place(result.unit, end).abs()).filter(|end| end.is_finite()) {
                *most = most.max(end);
            }
        }
        Scale(widest)
    }

    /// A bar from low to high and a dot at the mean; the right half speaks for the claim.
    fn interval(&self, result: &ClaimResult) -> HtmlElement {
        let most = self.0.get(&kind(result.name).0).copied().unwrap_or(1.0);
        let percent = |value: f64| 50.0 + 48.0 * (place(result.unit, value) / most).clamp(-1.0, 1.0);
        let class = if result.low.is_some() { word(result.verdict) } else { "unknown" };
        let plot = make("div", &[("class", &format!("interval {class}")), ("aria-hidden", "true")]);
        let part = |tag: &str, left: f64, width: f64| {
            let element = make(tag, &[]);
            let _ = element.style().set_property("left", &format!("{left:.2}%"));
            let _ = element.style().set_property("width", &format!("{width:.2}%"));
            append(&plot, &[&element]);
        };
        if let (Some(low), Some(high)) = (result.low, result.high) {
            part("i", percent(low), percent(high) - percent(low));
        }
        if let Some(estimate) = result.estimate {
            part("b", percent(estimate), 0.0);
        }
        plot
    }
}

/// Where an estimate lies on its axis, no effect being 0.
fn place(unit: Unit, value: f64) -> f64 {
    match unit {
        Unit::Difference => value,
        Unit::Factor => libm::log2(value),
    }
}
