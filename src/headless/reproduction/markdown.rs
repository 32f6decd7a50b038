//! `claims.md`: the results as tables.

use std::fmt::Write;

use super::learning_rates::{SEEDS, TriedRate, best};
use super::record::{ComparisonResult, Results};
use crate::claims::Claim;
use crate::displacement::Pairing;
use crate::view::forest::{Estimate, interval_text, shown, symbol};
use crate::view::number::significant;

/// The document.
pub fn document(results: &Results) -> String {
    let mut text = introduction(results);
    // Writing to a string cannot fail.
    let mut section = |title: &str, words: &str, table: String| _ = write!(text, "\n## {title}\n\n{words}\n\n{table}");
    let tasks: Vec<(&str, &ComparisonResult)> = results.tasks.iter().map(|task| (task.name.as_str(), task)).collect();
    let of_optimizers = || results.optimizers.iter().map(|one| (one.names().1, one));
    let optimizers: Vec<(&str, &ComparisonResult)> =
        results.tasks.first().map(|task| (task.names().1, task)).into_iter().chain(of_optimizers()).collect();
    for (pairing, title, words) in [
        (
            Pairing::Subspace,
            "Displacement of the leading subspace",
            "D(t, u) = 1 − Q_k, from 0 (the same subspace) to 1. This is what the figures show.",
        ),
        (
            Pairing::Tracked,
            "Displacement of tracked directions",
            "D(t, u) is the mean over directions of min ‖v(u) ∓ v(t)‖², directions paired from checkpoint to checkpoint by the assignment \
             that maximizes Σ q².",
        ),
        (Pairing::Rank, "Displacement of directions by rank", "The same, the i-th direction paired with the i-th."),
    ] {
        section(title, words, table(&tasks, pairing, true));
    }
    let words = "Factors, from geometric means over seeds. Those about gradient and update are shares of the squared norm in the leading \
                 subspace, over the share k/P of a random direction.";
    section("Localization, gradient and update", words, table(&tasks, Pairing::Subspace, false));
    let words = "On the spirals, SGD as A and each of these as B. Displacement is that of the leading subspace.";
    let both = table(&optimizers, Pairing::Subspace, true) + &rows(&optimizers, Pairing::Subspace, false);
    section("Other optimizers", words, both);
    if !results.sizes.is_empty() {
        let sizes: Vec<(&str, &ComparisonResult)> =
            results.sizes.iter().map(|size| (size.title.as_str(), size)).collect();
        let both = table(&sizes, Pairing::Subspace, true) + &rows(&sizes, Pairing::Subspace, false);
        section("Do small networks speak for larger ones?", &size_words(results), both);
    }
    let words = format!(
        "Chosen for each task and optimizer separately: of a grid of 1 and 3 times powers of ten, the rate with the lowest mean training \
         loss after the last step, over seeds {} to {}, which are used for nothing else. A best rate at the edge widens the grid by one, \
         as often as needed. The chosen one is bold; ∞ where a run diverged.",
        SEEDS.start(),
        SEEDS.end()
    );
    section("Learning rates", &words, rates(results));
    text
}

fn introduction(results: &Results) -> String {
    let seeds = results.tasks.first().map(|task| task.seeds);
    let (first, last) = seeds.map_or((0, 0), |seeds| (seeds.first, seeds.first + seeds.count as u64 - 1));
    format!(
        "# Do the claims hold?\n\n\
         Written by `scripts/reproduce` with version {} of the program; [results.json](results.json) has the estimates of every \
         seed.\n\n\
         A is SGD, B is Adam. Seeds {first} to {last} decide data, start and batches; the runs of one seed share all three. Every network \
         has tanh, cross-entropy loss and a Xavier start, and is trained for 2000 steps with batches of 32, with a checkpoint every 10 steps \
         and k = 5: spirals 2-12-12-3, moons 2-12-12-2, blobs 10-12-4, digits of 4 × 4 pixels and digits as 16 principal components \
         16-12-10 (the Hessian of 512 samples), iris 4-12-3, wine 13-12-3, breast cancer 30-8-2. L is a tenth of training, the end its last \
         fifth. The null model is `random_weights` with 20 samples.\n\n\
         Each entry is the mean over seeds with the 95 % interval of that mean (Student's t; factors on a logarithmic scale). Every \
         estimate is oriented so that more than 0, or a factor above 1, speaks for the claim: ● supported, the whole interval lies \
         there; ✕ contradicted, it lies on the other side; ○ undecided. Intervals are for one claim each: of a hundred of them about five \
         miss the truth. They hold for these tasks, networks and settings. The settings of arXiv 2606.30226 are not known.\n",
        results.program
    )
}

/// What the comparisons in networks of two sizes have in common.
fn size_words(results: &Results) -> String {
    let seeds = results.sizes.first().map_or(0, |size| size.seeds.count);
    format!(
        "Digits of 8 × 8 pixels (1797 samples, the Hessian of 512) in networks of 1210 and of 38,410 parameters: {seeds} seeds, 1000 \
         steps with batches of 32, a checkpoint every 50 steps, so that L is 2 checkpoints. Displacement is that of the leading \
         subspace. Of the smaller network all eigenvalues are computed, of the larger one the five leading pairs, by the same \
         definitions. Adam in a rotated basis is left out: its basis would be a matrix of P × P numbers."
    )
}

fn table(columns: &[(&str, &ComparisonResult)], pairing: Pairing, about_displacement: bool) -> String {
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    format!(
        "| | {} |\n| --- |{}\n{}",
        names.join(" | "),
        " --- |".repeat(names.len()),
        rows(columns, pairing, about_displacement)
    )
}

/// The claims about displacement, or the others.
fn rows(columns: &[(&str, &ComparisonResult)], pairing: Pairing, about_displacement: bool) -> String {
    let alike = columns.windows(2).all(|pair| pair[0].1.names() == pair[1].1.names());
    let (a, b) = columns.first().map_or(("A", "B"), |(_, result)| if alike { result.names() } else { ("SGD", "B") });
    let of_kind = |claim: &Claim| claim.depends_on_pairing() == about_displacement;
    // A claim that no comparison has an estimate for has no row.
    let known = |claim: &Claim| {
        columns.iter().any(|(_, result)| result.claim(*claim, pairing).is_some_and(|result| result.estimate.is_some()))
    };
    let row = |claim: Claim| {
        let cells: Vec<String> = columns.iter().map(|(_, result)| cell(result, claim, pairing)).collect();
        format!("| {}<br>{} | {} |\n", claim.title(a, b), claim.detail(a, b), cells.join(" | "))
    };
    Claim::ALL.into_iter().filter(of_kind).filter(known).map(row).collect()
}

fn cell(result: &ComparisonResult, claim: Claim, pairing: Pairing) -> String {
    let Some(found) = result.claim(claim, pairing) else { return "–".to_owned() };
    let Some(value) = found.estimate else { return "–".to_owned() };
    let (unit, verdict) = (found.unit, found.verdict);
    let estimate = Estimate { value: Some(value), interval: found.low.zip(found.high), verdict };
    let mut text = format!("{} {}<br>{}", symbol(verdict), shown(unit, value), interval_text(unit, estimate));
    if !found.left_out.is_empty() {
        _ = write!(text, "<br>{} seeds", found.seeds);
    }
    text
}

fn rates(results: &Results) -> String {
    let mut text =
        "| | optimizer | mean loss by learning rate | diverged seeds |\n| --- | --- | --- | --- |\n".to_owned();
    for result in results.all() {
        let (a, b) = result.names();
        let diverged = &result.diverged;
        let with_rotated = format!(
            "{}{}",
            listed(&diverged.b),
            if diverged.rotated.is_empty() {
                String::new()
            } else {
                format!("; rotated {}", listed(&diverged.rotated))
            }
        );
        for (name, grid, diverged) in
            [(a, &result.learning_rates.a, listed(&diverged.a)), (b, &result.learning_rates.b, with_rotated)]
        {
            _ = writeln!(text, "| {} | {name} | {} | {diverged} |", result.name, losses(grid));
        }
    }
    text
}

fn losses(grid: &[TriedRate]) -> String {
    let chosen = best(grid);
    let entry = |tried: &TriedRate| {
        let loss = tried.mean_loss.map_or("∞".to_owned(), |loss| significant(loss, 3));
        match chosen == Some(tried.learning_rate) {
            true => format!("**{}: {loss}**", tried.learning_rate),
            false => format!("{}: {loss}", tried.learning_rate),
        }
    };
    grid.iter().map(entry).collect::<Vec<_>>().join(", ")
}

fn listed(seeds: &[u64]) -> String {
    match seeds {
        [] => "none".to_owned(),
        seeds => seeds.iter().map(u64::to_string).collect::<Vec<_>>().join(", "),
    }
}
