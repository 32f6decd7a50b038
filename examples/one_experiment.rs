//! One experiment to its report, by two optimizers from the same start on the same batches: do the leading eigenvectors
//! of the Hessian come to rest, and on how many parameters are they localized?
//!
//! `cargo run --release --example one_experiment`

use eigendrift::{Experiment, Measured, OptimizerSettings, Report, Result, Rule, run};

fn main() -> Result<()> {
    println!("{:>8} {:>8} {:>12} {:>12} {:>8} {:>10}", "", "loss", "D, early", "D, late", "IPR", "random IPR");
    for rule in [Rule::Sgd, Rule::Adam] {
        let experiment = Experiment {
            hidden: vec![8, 8],
            optimizer: OptimizerSettings::new(rule),
            steps: 1000,
            checkpoint_every: 25,
            layer_spectra: false,
            ..Experiment::default()
        };
        print(rule, &run(experiment, |_| {})?);
    }
    Ok(())
}

fn print(rule: Rule, report: &Report) {
    let (Some(last), Some(random)) = (report.checkpoints.last(), &report.null_model) else { return };
    let half = report.checkpoints.len() / 2;
    println!(
        "{:>8} {:>8.4} {:>12.4} {:>12.4} {:>8.4} {:>10.4}",
        rule.name(),
        last.loss,
        mean_displacement(report, 0..half),
        mean_displacement(report, half..report.checkpoints.len() - 1),
        Measured::mean(last.leading_ipr.iter().copied()).value().unwrap_or(f64::NAN),
        random.mean_ipr.map_or(f64::NAN, |band| band.mean),
    );
}

/// D(t, t + τ) of tracked directions at the lag τ of one checkpoint, averaged over `starts` t.
fn mean_displacement(report: &Report, starts: std::ops::Range<usize>) -> f64 {
    Measured::mean(starts.map(|t| report.two_time.displacement_tracked[t][t + 1])).value().unwrap_or(f64::NAN)
}
