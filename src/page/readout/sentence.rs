//! One sentence about the moment at the cursor, with the numbers of every run: on how many parameters v₁ lives, and how far
//! the leading subspace has turned.

use crate::claims::windows::Windows;
use crate::displacement::Pairing;
use crate::page::pictures::displacement::value;
use crate::page::pictures::{Scene, ShownRun};
use crate::page::results::Phase;
use crate::view::number::{significant, thousands};

/// A piece of a sentence.
#[derive(Debug, Clone, PartialEq)]
pub struct Phrase {
    /// The words.
    pub text: String,
    /// The run whose colour they have.
    pub run: Option<usize>,
    /// Whether they are what the sentence is about.
    pub strong: bool,
}

/// Checkpoints over which the range beside the newest number is taken.
const LATELY: usize = 5;

/// A sentence under way.
#[derive(Default)]
struct Sentence(Vec<Phrase>);

impl Sentence {
    fn add(&mut self, text: &str) {
        self.0.push(Phrase { text: text.into(), run: None, strong: false });
    }

    fn of(&mut self, run: &ShownRun, text: &str) {
        self.0.push(Phrase { text: text.into(), run: Some(run.index), strong: false });
    }

    fn strong(&mut self, run: Option<&ShownRun>, text: &str) {
        self.0.push(Phrase { text: text.into(), run: run.map(|run| run.index), strong: true });
    }
}

/// The sentence; empty before there is a checkpoint.
pub fn at_cursor(scene: &Scene) -> Vec<Phrase> {
    let (Some(step), Some(count)) = (scene.cursor_step(), count(scene)) else { return Vec::new() };
    let mut sentence = Sentence::default();
    sentence.add("At step ");
    sentence.strong(None, &thousands(step));
    let mut named = false;
    for (order, run) in scene.runs.iter().enumerate() {
        sentence.add(if order == 0 { " " } else { ", " });
        sentence.of(run, &run.name);
        let Some(checkpoint) = run.at(scene.cursor) else {
            sentence.add(absent(scene, run));
            continue;
        };
        match checkpoint.leading_ipr.first().and_then(|ipr| ipr.value()) {
            None => sentence.add("’s v₁ is not determined"),
            Some(ipr) => {
                sentence.add(if named { "’s on " } else { "’s v₁ lives on about " });
                sentence.strong(Some(run), &carriers(ipr));
                if !named {
                    sentence.add(&format!(" of {} parameters", thousands(count)));
                }
                named = true;
            }
        }
    }
    let there: Vec<&ShownRun> = scene.runs.iter().filter(|run| run.at(scene.cursor).is_some()).collect();
    let Some(from) = waiting(scene) else {
        sentence.add("; nothing has moved yet.");
        return sentence.0;
    };
    if let (Some(since), false) = (scene.times().get(from), there.is_empty()) {
        sentence.add(&format!("; since step {} ", thousands(*since)));
        turned(&mut sentence, scene, &there, from);
    }
    sentence.add(".");
    sentence.0
}

/// How far the leading subspaces have turned since a checkpoint.
fn turned(sentence: &mut Sentence, scene: &Scene, runs: &[&ShownRun], from: usize) {
    let lag = scene.cursor - from;
    let mut named = false;
    for (order, run) in runs.iter().enumerate() {
        sentence.add(if order == 0 { "" } else { ", " });
        sentence.of(run, &run.name);
        let share = |cursor: usize| {
            let row = &run.at(cursor)?.two_time;
            Some(value(Pairing::Subspace, row, cursor.checked_sub(lag)?)).filter(|x| !x.is_nan())
        };
        let Some(now) = share(scene.cursor) else {
            sentence.add("’s leading subspace is not determined");
            continue;
        };
        sentence.add(if named { "’s " } else { "’s leading subspace has turned " });
        sentence.strong(Some(run), &percent(now));
        // One pair of checkpoints is little: a subspace that jumps between them would look still at the wrong moment.
        let lately: Vec<f64> = (0..LATELY).filter_map(|back| share(scene.cursor.checked_sub(back)?)).collect();
        if lately.len() >= 3 {
            let (low, high) = lately.iter().fold((f64::MAX, f64::MIN), |(l, h), x| (l.min(*x), h.max(*x)));
            let word = if named { "" } else { "lately " };
            sentence.add(&format!(" ({word}{} to {})", percent(low), percent(high)));
        }
        named = true;
    }
}

/// The checkpoint that the one at the cursor is compared with: the lag of the claims before it, or the first.
pub fn waiting(scene: &Scene) -> Option<usize> {
    let lag = Windows::lag(scene.times().len()).max(1);
    (scene.cursor > 0).then(|| scene.cursor.saturating_sub(lag))
}

/// P, once known.
pub fn count(scene: &Scene) -> Option<usize> {
    scene.runs.iter().find_map(|run| run.results.parameter_count())
}

/// Why a run has no checkpoint at the cursor.
fn absent(scene: &Scene, run: &ShownRun) -> &'static str {
    match scene.model.progress.get(&run.index).map(|progress| &progress.phase) {
        Some(Phase::Failed { diverged: true, .. }) => " has diverged",
        Some(Phase::Failed { .. }) => " has stopped",
        Some(Phase::Finished) => " has ended",
        _ => " is not there yet",
    }
}

/// About how many parameters carry a direction, 1/IPR.
pub fn carriers(ipr: f64) -> String {
    thousands((1.0 / ipr).round() as usize)
}

/// A share as a short percentage.
pub fn percent(share: f64) -> String {
    let value = 100.0 * share;
    match value.abs() {
        // A difference of rounded numbers is no movement.
        x if x < 1e-9 => "0 %".into(),
        x if x < 0.1 => "below 0.1 %".into(),
        x if x < 9.95 => format!("{} %", significant(value, if x < 0.995 { 1 } else { 2 })),
        // What is nearly all is not all.
        x if (99.95..100.0 - 1e-9).contains(&x) => "above 99.9 %".into(),
        x if (99.0..99.95).contains(&x) => format!("{value:.1} %"),
        _ => format!("{value:.0} %"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_and_counts_are_short() {
        for (share, text) in [
            (0.0, "0 %"),
            (1e-13, "0 %"),
            (0.0004, "below 0.1 %"),
            (0.0042, "0.4 %"),
            (0.0313, "3.1 %"),
            (0.0997, "10 %"),
            (0.985, "98 %"),
            (0.9981, "99.8 %"),
            (0.99996, "above 99.9 %"),
            (1.0, "100 %"),
        ] {
            assert_eq!(percent(share), text);
        }
        assert_eq!((carriers(0.186), carriers(1.0), carriers(0.0004)), ("5".into(), "1".into(), "2,500".into()));
    }
}
