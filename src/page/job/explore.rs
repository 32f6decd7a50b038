//! Answers about single θ. A check goes on in slices, between which other requests are answered.

use std::collections::VecDeque;

use super::{Host, Next, PROGRESS, SLICE};
use crate::error::Result;
use crate::experiment::Experiment;
use crate::landscape::{Check, Landscape, along};
use crate::measured::Measured;
use crate::page::exploration::{Answer, Base, Finding, Request, Wanted, values};
use crate::page::message::{Command, Event};

/// A landscape that waits for requests.
pub struct ExploreJob {
    landscape: Landscape,
    waiting: VecDeque<Request>,
    /// The request of a check, and how far it is.
    checks: VecDeque<(u32, Check)>,
    reported: f64,
}

impl ExploreJob {
    pub(super) fn start(experiment: &Experiment, host: &Host) -> Result<Self> {
        let landscape = Landscape::new(experiment)?;
        emit(host, Answer::Begun(landscape.plane().cloned()));
        Ok(ExploreJob { landscape, waiting: VecDeque::new(), checks: VecDeque::new(), reported: (host.clock)() })
    }

    /// Takes in a request.
    pub(super) fn command(&mut self, command: Command) -> Next {
        if let Command::Explore(request) = command {
            self.waiting.push_back(request.into());
        }
        self.next()
    }

    fn next(&self) -> Next {
        if self.waiting.is_empty() && self.checks.is_empty() { Next::Idle } else { Next::Now }
    }

    /// Answers one request, or goes on with a check.
    pub(super) fn slice(&mut self, host: &Host) -> Next {
        // A density takes seconds; who drags a slider does not wait for it.
        let looks = self.waiting.iter().position(|request| !matches!(request.wanted, Wanted::Density(_)));
        if let Some(Request { id, parameters, wanted }) = self.waiting.remove(looks.unwrap_or(0)) {
            match self.find(id, &parameters, wanted) {
                Ok(None) => {}
                Ok(Some(finding)) => emit(host, Answer::To { id, finding }),
                Err(error) => emit(host, Answer::To { id, finding: Finding::Failed(error.to_string()) }),
            }
        } else if let Some((id, mut check)) = self.checks.pop_front() {
            match self.go_on(&mut check, host) {
                Ok(None) => self.checks.push_front((id, check)),
                Ok(Some(finding)) => emit(host, Answer::To { id, finding }),
                Err(error) => emit(host, Answer::To { id, finding: Finding::Failed(error.to_string()) }),
            }
        }
        self.next()
    }

    fn find(&mut self, id: u32, parameters: &[f64], wanted: Wanted) -> Result<Option<Finding>> {
        let finding = match wanted {
            Wanted::Look { direction, s, curve, grid } => {
                let base = if curve { Some(self.base(parameters, &direction, grid)?) } else { None };
                let moved = match &base {
                    Some(base) if s == 0.0 || direction.is_empty() => base.prediction.clone(),
                    _ if direction.is_empty() => self.landscape.predict(parameters, grid)?,
                    _ => self.landscape.predict(&along(parameters, &direction, s), grid)?,
                };
                Finding::Look { moved, base }
            }
            Wanted::Parts => Finding::Parts(self.landscape.parts(parameters)?),
            Wanted::Density(part) => Finding::Density(self.landscape.density(parameters, part)?),
            Wanted::Check { directions } => {
                let check = self.landscape.begin_check(parameters, &directions)?;
                self.checks.push_back((id, check));
                return Ok(None);
            }
        };
        Ok(Some(finding))
    }

    fn base(&mut self, parameters: &[f64], direction: &[f64], grid: bool) -> Result<Base> {
        let prediction = self.landscape.predict(parameters, grid)?;
        if direction.is_empty() {
            return Ok(Base { prediction, losses: Vec::new(), slope: Measured::UNDETERMINED });
        }
        let losses = self.landscape.losses(parameters, direction, &values())?;
        Ok(Base { prediction, losses, slope: self.landscape.slope(parameters, direction)? })
    }

    fn go_on(&mut self, check: &mut Check, host: &Host) -> Result<Option<Finding>> {
        let begin = (host.clock)();
        let mut now = begin;
        while now - begin < SLICE {
            if let Some(checked) = check.checked() {
                return Ok(Some(Finding::Check(checked)));
            }
            self.landscape.advance(check)?;
            now = (host.clock)();
        }
        if now - self.reported >= PROGRESS {
            self.reported = now;
            (host.emit)(Event::Progress { step: 0 });
        }
        Ok(None)
    }
}

fn emit(host: &Host, answer: Answer) {
    (host.emit)(Event::Explored(answer.into()));
}
