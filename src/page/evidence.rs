//! Many seeds on the page: which are wanted, which are computed, and what they give so far.

use std::collections::VecDeque;

use litemap::LiteMap;

use crate::claims::{ByPairing, Claim, ClaimResult, FEWEST_SEEDS, RunSummary};
use crate::displacement::Pairing;
use crate::ensemble::{Ensemble, Member, Piece, SeedResult, claims};
use crate::mlp::MAX_PARAMETERS;
use crate::null_model::{NullKind, NullModel};
use crate::state::view::Against;
use crate::state::{Picture, State};

/// The seeds that the page compares two of its runs over.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// What is computed.
    pub ensemble: Ensemble,
    /// The runs that are A and B.
    pub runs: (usize, usize),
    /// How far that is.
    pub phase: Phase,
    /// The seeds all of whose runs are done, ascending.
    pub seeds: Vec<SeedResult>,
    /// The claims over these seeds.
    pub claims: ByPairing<Vec<ClaimResult>>,
    /// Runs of seeds of which others are yet to come.
    partial: LiteMap<Piece, RunSummary>,
    waiting: VecDeque<Piece>,
    under_way: LiteMap<usize, UnderWay>,
    /// Pieces that lost a worker once.
    lost: Vec<Piece>,
    /// The file that gave some of the seeds, and which.
    given: Option<(String, Vec<u64>)>,
    /// Pieces that are done, and milliseconds that they took in all.
    timed: (usize, f64),
}

/// How far the seeds are.
#[derive(Debug, Clone, PartialEq)]
pub enum Phase {
    /// The page's own runs come first.
    Waiting,
    /// They take longer than begins by itself: they begin on request.
    OnRequest,
    /// They are computed.
    Running,
    /// The visitor has stopped them.
    Stopped,
    /// All are done.
    Finished,
    /// They would need more memory than is allowed, in a sentence.
    TooLarge(String),
    /// They could not be computed, with the sentence why.
    Failed(String),
}

impl Phase {
    /// The name in markup and reports.
    pub fn name(&self) -> &'static str {
        match self {
            Phase::Waiting => "waiting",
            Phase::OnRequest => "on-request",
            Phase::Running => "running",
            Phase::Stopped => "stopped",
            Phase::Finished => "finished",
            Phase::TooLarge(_) => "too-large",
            Phase::Failed(_) => "failed",
        }
    }
}

/// A piece at a worker.
#[derive(Debug, Clone, PartialEq)]
struct UnderWay {
    generation: u32,
    piece: Piece,
}

/// What came of a piece whose worker was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// It is done again.
    Again,
    /// It was lost for the second time.
    Twice,
}

impl Evidence {
    /// Nothing computed yet.
    pub fn new(ensemble: Ensemble, runs: (usize, usize)) -> Self {
        let mut evidence = Evidence {
            waiting: ensemble.pieces().collect(),
            ensemble,
            runs,
            phase: Phase::Waiting,
            seeds: Vec::new(),
            claims: ByPairing::default(),
            partial: LiteMap::new(),
            under_way: LiteMap::new(),
            lost: Vec::new(),
            given: None,
            timed: (0, 0.0),
        };
        evidence.weigh();
        evidence
    }

    /// How many seeds there are to be.
    pub fn wanted(&self) -> usize {
        self.ensemble.seed_count
    }

    /// Whether another number of seeds is all in which `other` of these `runs` differs.
    pub fn differs_in_seeds_only(&self, other: &Ensemble, runs: (usize, usize)) -> bool {
        self.runs == runs && Ensemble { seed_count: self.ensemble.seed_count, ..other.clone() } == self.ensemble
    }

    /// The claims in a pairing.
    pub fn claims(&self, pairing: Pairing) -> &[ClaimResult] {
        self.claims.of(pairing)
    }

    /// Whether verdicts may be given: all seeds are done, and they suffice for intervals.
    pub fn is_final(&self) -> bool {
        self.phase == Phase::Finished && self.seeds.len() >= FEWEST_SEEDS
    }

    /// The results of a run over seeds.
    pub fn of_member(&self, member: Member) -> Vec<&RunSummary> {
        self.seeds.iter().filter_map(|seed| seed.run(member)).collect()
    }

    /// The share of all pieces that is done.
    pub fn share_done(&self) -> f64 {
        let members = self.ensemble.members().len();
        let done = self.seeds.len() * members + self.partial.len();
        done as f64 / (self.wanted() * members) as f64
    }

    /// Seconds that are left, once some pieces were timed.
    pub fn seconds_left(&self, lanes: usize) -> Option<f64> {
        let (count, milliseconds) = self.timed;
        let left = (self.waiting.len() + self.under_way.len()) as f64;
        (count > 0).then(|| left * milliseconds / count as f64 / lanes.max(1) as f64 / 1e3)
    }

    /// Takes the next piece to be done at a free lane.
    pub fn next(&mut self, lane: usize, generation: u32) -> Option<Piece> {
        if self.under_way.contains_key(&lane) {
            return None;
        }
        let piece = self.waiting.pop_front()?;
        self.under_way.insert(lane, UnderWay { generation, piece });
        Some(piece)
    }

    /// Whether a task is that of a lane.
    pub fn is_under_way(&self, lane: usize, generation: u32) -> bool {
        self.under_way.get(&lane).is_some_and(|under_way| under_way.generation == generation)
    }

    /// Lanes at which a piece is under way.
    pub fn busy_lanes(&self) -> Vec<usize> {
        self.under_way.keys().copied().collect()
    }

    /// Whether a piece can begin at a lane.
    pub fn can_begin(&self, lane: usize) -> bool {
        !self.waiting.is_empty() && !self.under_way.contains_key(&lane)
    }

    /// Takes in the summary from a lane.
    pub fn take(&mut self, lane: usize, summary: RunSummary, milliseconds: f64) {
        let Some(UnderWay { piece, .. }) = self.under_way.remove(&lane) else { return };
        self.timed = (self.timed.0 + 1, self.timed.1 + milliseconds);
        self.partial.insert(piece, summary);
        if self.complete(piece.seed) {
            self.weigh();
        }
        if self.seeds.len() == self.wanted() {
            self.phase = Phase::Finished;
        }
    }

    /// Takes in what seeds gave by a file; the runs that they lack are left to be computed on request.
    pub fn restore(&mut self, file: &str, seeds: &[SeedResult]) {
        self.given = Some((file.to_owned(), seeds.iter().map(|seed| seed.seed).collect()));
        for seed in seeds {
            for &member in self.ensemble.members() {
                if let Some(summary) = seed.run(member) {
                    self.partial.insert(Piece { seed: seed.seed, member }, summary.clone());
                }
            }
            self.complete(seed.seed);
        }
        self.phase = Phase::Stopped;
        self.wait_for_others();
    }

    /// The file that gave some of the seeds that are done, and how many.
    pub fn given(&self) -> Option<(&str, usize)> {
        let (file, given) = self.given.as_ref()?;
        let count = self.seeds.iter().filter(|seed| given.contains(&seed.seed)).count();
        (count > 0).then_some((file, count))
    }

    /// Moves a seed all of whose runs are done to those that are done.
    fn complete(&mut self, seed: u64) -> bool {
        let of = |member| Piece { seed, member };
        if self.ensemble.members().iter().any(|&member| !self.partial.contains_key(&of(member))) {
            return false;
        }
        let result = SeedResult::new(seed, &self.ensemble, |member| self.partial.remove(&of(member)));
        let place = self.seeds.partition_point(|other| other.seed < seed);
        self.seeds.insert(place, result);
        true
    }

    /// Gives the piece of a lane back whose worker was lost.
    pub fn lose(&mut self, lane: usize) -> Loss {
        let Some(UnderWay { piece, .. }) = self.under_way.remove(&lane) else { return Loss::Again };
        self.waiting.push_front(piece);
        if self.lost.contains(&piece) {
            return Loss::Twice;
        }
        self.lost.push(piece);
        Loss::Again
    }

    /// Gives back what is under way, which is dropped.
    pub fn drop_under_way(&mut self) {
        let mut pieces: Vec<Piece> = self.under_way.values().map(|under_way| under_way.piece).collect();
        pieces.sort_unstable();
        pieces.into_iter().rev().for_each(|piece| self.waiting.push_front(piece));
        self.under_way = LiteMap::new();
        self.lost.clear();
    }

    /// Wants another number of seeds; those that are done stay where they are among them.
    pub fn set_seeds(&mut self, ensemble: Ensemble) {
        let last = ensemble.first_seed + ensemble.seed_count as u64;
        self.ensemble = ensemble;
        self.drop_under_way();
        self.seeds.retain(|seed| seed.seed < last);
        self.partial.retain(|piece, _| piece.seed < last);
        self.phase = Phase::Waiting;
        self.wait_for_others();
    }

    /// Finds the pieces that are left once what is done has changed.
    fn wait_for_others(&mut self) {
        let done =
            |piece: &Piece| self.partial.contains_key(piece) || self.seeds.iter().any(|seed| seed.seed == piece.seed);
        self.waiting = self.ensemble.pieces().filter(|piece| !done(piece)).collect();
        if self.waiting.is_empty() {
            self.phase = Phase::Finished;
        }
        self.weigh();
    }

    fn weigh(&mut self) {
        self.claims = ByPairing::new(|pairing| claims(&self.seeds, pairing));
    }
}

/// The ensemble that a state asks for, and which runs are its A and B.
///
/// # Errors
/// A sentence: there are not two runs, or an experiment is not allowed.
pub fn wanted(state: &State) -> Result<(Ensemble, (usize, usize)), String> {
    let (a, b) = compared(state).ok_or("Claims compare two runs; add another one.")?;
    let sentence = |error: crate::Error| super::plan::sentence(&error);
    let (of_a, of_b) = (state.experiment(a).map_err(sentence)?, state.experiment(b).map_err(sentence)?);
    let kind: NullKind = state.view().null.of_claims();
    let ensemble = Ensemble {
        first_seed: of_a.seed,
        seed_count: state.view().seeds,
        rotated: !of_b.optimizer.rotated_basis && !of_a.parameter_count().is_ok_and(|count| count > MAX_PARAMETERS),
        a: of_a.optimizer.clone(),
        b: of_b.optimizer,
        a_changes: of_a.changes.clone(),
        b_changes: of_b.changes,
        // The page shows every pairing.
        pairing: Pairing::Tracked,
        experiment: crate::Experiment {
            changes: Vec::new(),
            layer_spectra: false,
            null_model: Some(NullModel { kind, ..NullModel::default() }),
            ..of_a
        },
    };
    ensemble.validate().map_err(sentence)?;
    Ok((ensemble, (a, b)))
}

/// The runs that are compared: those that are chosen, or else the first two.
pub fn compared(state: &State) -> Option<(usize, usize)> {
    let named = |name: char| state.runs.keys().copied().find(|&run| crate::state::RUN_NAMES[run].starts_with(name));
    let chosen = state.view().compared.and_then(|(a, b)| named(a).zip(named(b)));
    let mut runs = state.runs.keys().copied();
    chosen.or_else(|| runs.next().zip(runs.next()))
}

/// The picture whose curves belong to a claim, and what they are drawn against.
pub fn curves(claim: Claim) -> (Picture, Against) {
    match claim {
        Claim::AStabilizes | Claim::BStabilizes | Claim::BReorganizes => (Picture::Displacement, Against::Step),
        Claim::BReorganizesMatchedLoss => (Picture::Displacement, Against::Loss),
        Claim::BReorganizesMatchedDistance => (Picture::Displacement, Against::Distance),
        Claim::BLocalizesMatchedLoss => (Picture::Localization, Against::Loss),
        Claim::BLocalizes | Claim::ABeyondNull | Claim::BBeyondNull | Claim::BAxes => {
            (Picture::Localization, Against::Step)
        }
        Claim::GradientInSubspaceA
        | Claim::GradientInSubspaceB
        | Claim::UpdateInSubspaceA
        | Claim::UpdateInSubspaceB => (Picture::Shares, Against::Step),
    }
}

/// The claims that are shown as chips, in a few words each; the others stand in the panel.
pub const CHIPS: [(Claim, &str); 7] = [
    (Claim::AStabilizes, "{A} stabilizes"),
    (Claim::BReorganizes, "{B} reorganizes more"),
    (Claim::BReorganizesMatchedLoss, "… at matched loss"),
    (Claim::BLocalizes, "{B} localizes"),
    (Claim::BLocalizesMatchedLoss, "… at matched loss"),
    (Claim::BBeyondNull, "… beyond null"),
    (Claim::BAxes, "… by its axes"),
];
