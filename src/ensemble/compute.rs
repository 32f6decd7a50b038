//! The runs of all seeds, on the threads that the caller has.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use rayon::iter::{ParallelBridge, ParallelIterator};

use super::piece::SummarizedRun;
use super::report::SeedResult;
use super::{Ensemble, Member, Piece};
use crate::claims::RunSummary;
use crate::error::Error;

/// The results of all seeds of `ensemble`, of which those in `finished` are not computed again, or, once `stop` has given
/// true, of those that were finished before. It is asked before each stretch of training, checkpoint and sample of a null
/// model. `done` is called with the number of runs that have ended so far, in ascending order; `keep` is given each seed's result as soon as
/// it is there.
///
/// # Errors
/// A sentence that names the seed, when its data cannot be loaded or a checkpoint fails other than by divergence; the
/// sentence of `keep`.
pub fn compute_seeds(
    ensemble: &Ensemble,
    finished: Vec<SeedResult>,
    done: impl Fn(usize) + Sync,
    keep: impl Fn(&SeedResult) -> Result<(), String> + Sync,
    stop: impl Fn() -> bool + Sync,
) -> Result<Vec<SeedResult>, String> {
    let left: Vec<Piece> =
        ensemble.pieces().filter(|piece| finished.iter().all(|seed| seed.seed != piece.seed)).collect();
    let members = ensemble.members().len();
    let ended = Mutex::new(0);
    let partial: Mutex<BTreeMap<u64, BTreeMap<Member, RunSummary>>> = Mutex::default();
    let complete = Mutex::new(finished);
    // Seed by seed, so that an interruption finds as many seeds finished as can be.
    left.into_iter().par_bridge().try_for_each(|piece| -> Result<(), String> {
        let Some(summary) = summarize(ensemble, piece, &stop)? else { return Ok(()) };
        {
            let mut ended = ended.lock().map_err(failed)?;
            *ended += 1;
            done(*ended);
        }
        let mut runs = {
            let mut partial = partial.lock().map_err(failed)?;
            let runs = partial.entry(piece.seed).or_default();
            runs.insert(piece.member, summary);
            if runs.len() < members {
                return Ok(());
            }
            partial.remove(&piece.seed).unwrap_or_default()
        };
        let result = SeedResult::new(piece.seed, ensemble, |member| runs.remove(&member));
        keep(&result)?;
        complete.lock().map_err(failed)?.push(result);
        Ok(())
    })?;
    complete.into_inner().map_err(failed)
}

/// Of a lock whose holder panicked.
fn failed<T>(_: PoisonError<T>) -> String {
    "another run failed".to_owned()
}

/// `None` when stopped.
fn summarize(ensemble: &Ensemble, piece: Piece, stop: &impl Fn() -> bool) -> Result<Option<RunSummary>, String> {
    let named = |error: Error| format!("seed {}: {error}", piece.seed);
    if stop() {
        return Ok(None);
    }
    let mut run = SummarizedRun::new(ensemble.experiment(piece)).map_err(named)?;
    while run.advance(usize::MAX).map_err(named)? {
        if stop() {
            return Ok(None);
        }
    }
    Ok(Some(run.summary()))
}
