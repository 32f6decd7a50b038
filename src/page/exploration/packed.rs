//! Requests and answers as they cross between page and worker: rows of numbers, which move without a copy. Records of their
//! own would take the page more code than all that is explored.

use super::{Answer, Base, Finding, Request, Wanted, place};
use crate::hessian::Part;
use crate::landscape::{Checked, PartSpectra, Plane, Prediction, Regions};
use crate::measured::Measured;
use crate::spectrum::SpectralDensity;
use serde::{Deserialize, Serialize};

/// A request or an answer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Packed {
    id: u32,
    kind: u32,
    rows: Vec<Vec<f64>>,
    sentence: String,
}

impl From<Request> for Packed {
    fn from(Request { id, parameters, wanted }: Request) -> Self {
        let mut rows = vec![parameters];
        let kind = match wanted {
            Wanted::Look { direction, s, curve, grid } => {
                rows.extend([vec![s, f64::from(curve), f64::from(grid)], direction]);
                0
            }
            Wanted::Parts => 1,
            Wanted::Density(part) => {
                rows.push(vec![place(part) as f64]);
                3
            }
            Wanted::Check { directions } => {
                rows.extend(directions);
                2
            }
        };
        Packed { id, kind, rows, ..Packed::default() }
    }
}

impl From<Packed> for Request {
    fn from(packed: Packed) -> Self {
        let mut rows = Rows(packed.rows.into_iter());
        let parameters = rows.next();
        let wanted = match packed.kind {
            0 => {
                let numbers = rows.next();
                let at = |i: usize| numbers.get(i).copied().unwrap_or(0.0);
                Wanted::Look { s: at(0), curve: at(1) != 0.0, grid: at(2) != 0.0, direction: rows.next() }
            }
            1 => Wanted::Parts,
            3 => Wanted::Density(match rows.next().first() {
                Some(1.0) => Part::GaussNewton,
                Some(2.0) => Part::Residual,
                _ => Part::Full,
            }),
            _ => Wanted::Check { directions: rows.0.collect() },
        };
        Request { id: packed.id, parameters, wanted }
    }
}

impl From<Answer> for Packed {
    fn from(answer: Answer) -> Self {
        let (mut packed, mut rows) = (Packed::default(), Vec::new());
        let finding = match answer {
            Answer::Begun(plane) => {
                if let Some(Plane { x, y, points, labels }) = plane {
                    rows.extend([vec![x.0, x.1, y.0, y.1], points, numbers(&labels)]);
                }
                return Packed { rows, ..packed };
            }
            Answer::To { id, finding } => {
                packed.id = id;
                finding
            }
        };
        packed.kind = match finding {
            Finding::Look { moved, base } => {
                push(&mut rows, moved);
                if let Some(Base { prediction, losses, slope }) = base {
                    push(&mut rows, prediction);
                    rows.extend([losses.into_iter().map(number).collect(), vec![number(slope)]]);
                }
                1
            }
            Finding::Parts(PartSpectra { gauss_newton, residual }) => {
                rows.extend([gauss_newton, residual]);
                2
            }
            Finding::Check(c) => {
                let counts = [c.parameters, c.columns, c.vectors];
                rows.extend([numbers(&counts), vec![number(c.differences), number(c.products)]]);
                3
            }
            Finding::Failed(sentence) => {
                packed.sentence = sentence;
                4
            }
            Finding::Density(density) => {
                push_density(&mut rows, density);
                5
            }
        };
        Packed { rows, ..packed }
    }
}

impl From<Packed> for Answer {
    fn from(packed: Packed) -> Self {
        let mut rows = Rows(packed.rows.into_iter());
        let finding = match packed.kind {
            0 => {
                let window = rows.next();
                let plane = |&[x0, x1, y0, y1]: &[f64; 4]| Plane {
                    x: (x0, x1),
                    y: (y0, y1),
                    points: rows.next(),
                    labels: rows.counts(),
                };
                return Answer::Begun(window.as_array().map(plane));
            }
            1 => {
                let moved = rows.prediction();
                let more = rows.0.len() > 0;
                let mut base = || Base {
                    prediction: rows.prediction(),
                    losses: rows.next().into_iter().map(measured).collect(),
                    slope: measured(rows.next().first().copied().unwrap_or(f64::NAN)),
                };
                Finding::Look { moved, base: more.then(&mut base) }
            }
            2 => Finding::Parts(PartSpectra { gauss_newton: rows.next(), residual: rows.next() }),
            3 => {
                let (counts, shares) = (rows.counts(), rows.next());
                let count = |i: usize| counts.get(i).copied().unwrap_or(0);
                let share = |i: usize| measured(shares.get(i).copied().unwrap_or(f64::NAN));
                let (differences, products) = (share(0), share(1));
                Finding::Check(Checked {
                    parameters: count(0),
                    columns: count(1),
                    vectors: count(2),
                    differences,
                    products,
                })
            }
            5 => Finding::Density(rows.density()),
            _ => Finding::Failed(packed.sentence),
        };
        Answer::To { id: packed.id, finding }
    }
}

/// What is yet to be read; a row that is not there is empty.
struct Rows(std::vec::IntoIter<Vec<f64>>);

impl Rows {
    fn next(&mut self) -> Vec<f64> {
        self.0.next().unwrap_or_default()
    }

    fn counts(&mut self) -> Vec<usize> {
        self.next().into_iter().map(|x| x as usize).collect()
    }

    fn density(&mut self) -> SpectralDensity {
        let counts = self.counts();
        let at = |i: usize| counts.get(i).copied().unwrap_or(0);
        let leading = self.next();
        let nodes = (0..at(3)).map(|_| self.next()).collect();
        let weights = (0..at(3)).map(|_| self.next()).collect();
        SpectralDensity { n: at(0), leading, nodes, weights, probes: at(1), steps: at(2) }
    }

    fn prediction(&mut self) -> Prediction {
        let numbers = self.next();
        let at = |i: usize| numbers.get(i).copied().unwrap_or(f64::NAN);
        let (classes, regions, confidence) = (self.counts(), self.counts(), self.next());
        let (rows, columns) = (at(2) as usize, at(3) as usize);
        let regions = (rows > 0).then_some(Regions { rows, columns, classes: regions, confidence });
        Prediction { loss: measured(at(0)), accuracy: measured(at(1)), classes, regions }
    }
}

fn push(rows: &mut Vec<Vec<f64>>, Prediction { loss, accuracy, classes, regions }: Prediction) {
    let none = Regions { rows: 0, columns: 0, classes: Vec::new(), confidence: Vec::new() };
    let regions = regions.unwrap_or(none);
    let numbers_of = vec![number(loss), number(accuracy), regions.rows as f64, regions.columns as f64];
    rows.extend([numbers_of, numbers(&classes), numbers(&regions.classes), regions.confidence]);
}

fn push_density(rows: &mut Vec<Vec<f64>>, density: SpectralDensity) {
    let SpectralDensity { n, leading, nodes, weights, probes, steps } = density;
    rows.extend([numbers(&[n, probes, steps, nodes.len()]), leading]);
    rows.extend(nodes.into_iter().chain(weights));
}

fn numbers(counts: &[usize]) -> Vec<f64> {
    counts.iter().map(|&n| n as f64).collect()
}

/// NaN stands for what is missing.
fn number(x: Measured) -> f64 {
    x.value().unwrap_or(f64::NAN)
}

fn measured(x: f64) -> Measured {
    Some(x).filter(|x| !x.is_nan()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_packed_is_unpacked() {
        let regions = Regions { rows: 1, columns: 2, classes: vec![2, 0], confidence: vec![0.5, 1.0] };
        let prediction =
            Prediction { loss: 0.25.into(), accuracy: 1.0.into(), classes: vec![1, 0, 2], regions: Some(regions) };
        let nothing = Prediction {
            loss: Measured::UNDETERMINED,
            accuracy: Measured::UNDETERMINED,
            classes: vec![],
            regions: None,
        };
        let losses = vec![1.0.into(), Measured::UNDETERMINED];
        let base = Base { prediction: prediction.clone(), losses, slope: (-0.5).into() };
        let undirected = Base { prediction: nothing.clone(), losses: vec![], slope: Measured::UNDETERMINED };
        let checked = Checked {
            parameters: 27,
            columns: 26,
            differences: 1e-9.into(),
            vectors: 5,
            products: Measured::UNDETERMINED,
        };
        let plane = Plane { x: (-1.0, 2.0), y: (-3.0, 4.0), points: vec![0.0, 1.0, 1.5, 2.0], labels: vec![0, 1] };
        let spectra = PartSpectra { gauss_newton: vec![2.0, 0.0], residual: vec![1.0, -1.0] };
        let density = SpectralDensity {
            n: 5,
            leading: vec![3.0],
            nodes: vec![vec![-1.0, 1.0], vec![0.5]],
            weights: vec![vec![0.25, 0.75], vec![1.0]],
            probes: 2,
            steps: 4,
        };
        let findings = [
            Finding::Density(density),
            Finding::Look { moved: prediction.clone(), base: None },
            Finding::Look { moved: nothing, base: Some(base) },
            Finding::Look { moved: prediction, base: Some(undirected) },
            Finding::Parts(spectra),
            Finding::Check(checked),
            Finding::Failed("why".into()),
        ];
        let answers = findings.map(|finding| Answer::To { id: 7, finding });
        for answer in answers.into_iter().chain([Answer::Begun(None), Answer::Begun(Some(plane))]) {
            assert_eq!(Answer::from(Packed::from(answer.clone())), answer);
        }
        let look = |curve, grid| Wanted::Look { direction: vec![0.6, 0.8], s: -0.4, curve, grid };
        let check = Wanted::Check { directions: vec![vec![1.0, 0.0], vec![0.0, 1.0]] };
        let densities = [Part::Full, Part::GaussNewton, Part::Residual].map(Wanted::Density);
        let others = [look(true, false), look(false, true), Wanted::Parts, check];
        for wanted in others.into_iter().chain(densities) {
            let request = Request { id: 3, parameters: vec![1.0, 2.0], wanted };
            assert_eq!(Request::from(Packed::from(request.clone())), request);
        }
    }
}
