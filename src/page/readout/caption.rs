//! What each picture shows now, in a sentence below its title.

use super::is_over_seeds;
use super::sentence::{carriers, count, percent, waiting};
use crate::curvature::Route;
use crate::displacement::Pairing;
use crate::experiment::Checkpoint;
use crate::hessian::Part;
use crate::page::direction;
use crate::page::pictures::displacement::value;
use crate::page::pictures::spectrum::{Others, negative, others};
use crate::page::pictures::{Scene, curvature, descriptor};
use crate::page::units::MANY_PARAMETERS;
use crate::state::view::{Against, Curvature, Entries};
use crate::state::{Picture, RUN_NAMES};
use crate::view::network::{STRONGEST, is_wide, part_drawn};
use crate::view::number::{significant, thousands};

/// The sentence; before there are numbers, what the picture is about to show.
pub fn caption(scene: &Scene, picture: Picture) -> String {
    let general = descriptor(picture).help;
    if is_over_seeds(scene, picture) {
        return format!("{} Means over seeds; pale: 95 % intervals.", against(scene));
    }
    let now = match picture {
        Picture::Function => function(scene),
        Picture::Network => network(scene),
        Picture::Localization => localization(scene),
        Picture::Displacement | Picture::Overlap => two_time(scene, picture),
        Picture::Eigenvector => eigenvector(scene),
        Picture::Eigenvalues => eigenvalues(scene),
        Picture::Loss => loss(scene),
        Picture::Spectrum => spectrum(scene),
        Picture::Shares => shares(scene),
    };
    now.map_or(general.to_owned(), |now| format!("{now} {general}").trim().to_owned())
}

/// A text for each run that has the cursor's checkpoint: `A 20, B 8`. None where no run has it.
fn per_run(scene: &Scene, text: impl Fn(usize, &Checkpoint) -> Option<String>) -> Option<String> {
    let of = |(order, run): (usize, &crate::page::pictures::ShownRun)| {
        let words = text(order, run.at(scene.cursor)?).unwrap_or("not determined".into());
        Some(format!("{} {words}", RUN_NAMES[run.index]))
    };
    let words: Vec<String> = scene.runs.iter().enumerate().filter_map(of).collect();
    (!words.is_empty()).then(|| words.join(", "))
}

fn against(scene: &Scene) -> &'static str {
    match scene.view.against {
        Against::Step => "",
        Against::Loss => "At equal training loss.",
        Against::Distance => "At equal distance travelled.",
    }
}

fn function(scene: &Scene) -> Option<String> {
    let found =
        per_run(scene, |_, c| c.leading_eigenvalues.get(direction::rank(c, &scene.view)?).map(|l| significant(*l, 3)))?;
    let plane = scene.model.exploration.plane.is_some();
    let shades = if plane { " Shade: class; dotted: borders at s = 0; ring: wrong." } else { "" };
    Some(format!("λ along {}: {found}.{shades}", direction::name(&scene.view)))
}

fn network(scene: &Scene) -> Option<String> {
    let found = per_run(scene, |_, c| c.leading_ipr.get(direction::rank(c, &scene.view)?)?.value().map(carriers))?;
    let (all, name) = (count(scene)?, direction::name(&scene.view));
    let mut words = format!("{name} on about {found} of {} parameters.", thousands(all));
    if is_wide(all) {
        let drawn = per_run(scene, |_, c| {
            let shares: Vec<f64> = direction::vector(c, &scene.view)?.iter().map(|x| x * x).collect();
            part_drawn(&shares).map(|(_, _, share)| percent(share))
        })?;
        words += &format!(" Drawn: the {STRONGEST} strongest, {drawn} of it.");
    }
    Some(words)
}

fn localization(scene: &Scene) -> Option<String> {
    let metric = scene.view.localization;
    let is_ipr = metric.column == "ipr";
    let found = per_run(scene, |_, c| {
        let mean = metric.mean(c)?;
        Some(if is_ipr { carriers(mean) } else { significant(mean, 3) })
    })?;
    Some(match is_ipr {
        true => format!("Now: {found} of {} parameters.", thousands(count(scene)?)),
        false => format!("Now: {found}."),
    })
}

fn two_time(scene: &Scene, picture: Picture) -> Option<String> {
    let from = waiting(scene)?;
    let (step, since) = (scene.cursor_step()?, *scene.times().get(from)?);
    let pairing = if picture == Picture::Overlap { Pairing::Subspace } else { scene.view.pairing };
    let found = per_run(scene, |_, c| {
        let moved = Some(value(pairing, &c.two_time, from)).filter(|x| !x.is_nan())?;
        Some(match (picture, pairing) {
            (Picture::Overlap, _) => percent(1.0 - moved),
            (_, Pairing::Subspace) => percent(moved),
            _ => significant(moved, 2),
        })
    })?;
    Some(format!("Step {} against {}: {found}.", thousands(step), thousands(since)))
}

fn eigenvector(scene: &Scene) -> Option<String> {
    let groups = &scene.runs.iter().find_map(|run| run.results.started.as_ref())?.groups;
    let found = per_run(scene, |_, c| {
        let mass = c.group_mass.get(direction::rank(c, &scene.view)?)?.as_ref()?;
        let (index, most) = mass.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1))?;
        Some(format!("{} on {}", percent(*most), groups.get(index)?.name))
    })?;
    let entries = match (count(scene)? > MANY_PARAMETERS, scene.view.entries) {
        (false, Entries::Signed) => "v, a row per parameter",
        (false, Entries::Squared) => "v², a row per parameter",
        (true, Entries::Signed) => "The largest v of each unit’s weights and bias, a row per unit",
        (true, Entries::Squared) => "v² summed over each unit’s weights and bias, a row per unit",
    };
    Some(format!("{entries}. Now: {found}."))
}

fn eigenvalues(scene: &Scene) -> Option<String> {
    let as_share = scene.view.curvature == Curvature::Stability;
    let found = per_run(scene, |order, c| {
        let run = &scene.runs[order];
        let limit = c.stability_threshold;
        if as_share {
            return Some(percent(c.sharpness / limit?));
        }
        let first = significant(*c.leading_eigenvalues.first()?, 3);
        Some(match limit {
            Some(limit) if !curvature::is_preconditioned(run) => format!("{first} of {}", significant(limit, 3)),
            _ => first,
        })
    })?;
    Some(if as_share { format!("Now: {found} of the threshold.") } else { format!("λ₁ now: {found}.") })
}

fn loss(scene: &Scene) -> Option<String> {
    let found = per_run(scene, |_, c| Some(format!("{} ({} right)", significant(c.loss, 2), percent(c.accuracy))))?;
    Some(format!("Now: {found}."))
}

fn spectrum(scene: &Scene) -> Option<String> {
    let leads = scene.runs.iter().filter_map(|run| run.at(scene.cursor)).any(|c| c.spectrum == Route::Leading);
    if scene.view.layer.is_some() {
        return leads.then(|| "Blocks of layers are not computed with leading pairs.".to_owned());
    }
    if leads {
        return estimated_spectrum(scene);
    }
    let found = per_run(scene, |_, c| {
        let negative = c.eigenvalues_descending.iter().filter(|value| **value < -c.determination.floor).count();
        Some(thousands(negative))
    })?;
    Some(format!("Negative: {found} of {}.", thousands(count(scene)?)))
}

/// What is estimated of eigenvalues beside the leading ones.
fn estimated_spectrum(scene: &Scene) -> Option<String> {
    let part = scene.view.part.unwrap_or(Part::Full);
    let (mut found, mut probes) = (Vec::new(), 0);
    for run in &scene.runs {
        if let (Some(checkpoint), Others::Known(density)) = (run.at(scene.cursor), others(scene, run, part)) {
            found.push(format!("{} {}", RUN_NAMES[run.index], negative(density, checkpoint)));
            probes = density.probes;
        }
    }
    if found.is_empty() {
        return Some("The leading eigenvalues; how the others lie is estimated where the cursor rests.".to_owned());
    }
    let (found, all) = (found.join(", "), thousands(count(scene)?));
    Some(format!("Estimated from {probes} random vectors: of {all}, {found}."))
}

fn shares(scene: &Scene) -> Option<String> {
    let gradient = per_run(scene, |_, c| c.gradient_share.map(percent))?;
    Some(format!("Gradient now: {gradient}."))
}
