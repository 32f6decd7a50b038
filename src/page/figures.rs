//! The small figures of the article: each is one picture, made from the position of its slider alone.

use crate::localization::inverse_participation_ratio;
use crate::view::color::{self, DASHES};
use crate::view::curves::{Curves, Level, Series};
use crate::view::number::{fixed, significant};
use crate::view::{AxisSpec, Chart, Palette, Rgb};

/// Which figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Live {
    /// Gradient descent in a bowl.
    Bowl,
    /// A direction, from spread out to one parameter.
    Localization,
    /// Two directions and the angle between them.
    Displacement,
}

/// All figures.
pub const LIVE: [Live; 3] = [Live::Bowl, Live::Localization, Live::Displacement];

impl Live {
    /// Its name in the article's markup.
    pub fn name(self) -> &'static str {
        match self {
            Live::Bowl => "bowl",
            Live::Localization => "localization",
            Live::Displacement => "displacement",
        }
    }

    /// What its slider changes.
    pub fn label(self) -> &'static str {
        match self {
            Live::Bowl => "learning rate η",
            Live::Localization => "from spread to one weight",
            Live::Displacement => "angle φ",
        }
    }

    /// Where its slider stands at first, in per cent.
    pub fn start(self) -> u32 {
        match self {
            Live::Bowl => 70,
            Live::Localization => 50,
            Live::Displacement => 33,
        }
    }
}

/// The figure with its slider at `at` ∈ [0, 1], and its numbers in words.
pub fn figure(live: Live, at: f64, dark: bool) -> (Chart, String) {
    let palette = if dark { &color::DARK } else { &color::LIGHT };
    let (chart, words) = match live {
        Live::Bowl => bowl(at, palette),
        Live::Localization => localization(at, palette),
        Live::Displacement => displacement(at, palette),
    };
    (Chart::Curves(chart), words)
}

/// λ₁ and λ₂ of the bowl.
const BOWL: [f64; 2] = [4.0, 0.5];
/// Where gradient descent starts.
const START: [f64; 2] = [0.8, 1.8];
/// Steps that are drawn.
const STEPS: usize = 25;

/// Gradient descent x ← (1 − η λ) x, along each axis of the bowl, for η from 0 to 2.4/λ₁.
pub fn descent(learning_rate: f64) -> Vec<[f64; 2]> {
    let step = |at: &[f64; 2]| Some([0, 1].map(|i| at[i] * (1.0 - learning_rate * BOWL[i])));
    std::iter::successors(Some(START), step).take(STEPS + 1).collect()
}

fn bowl(at: f64, palette: &Palette) -> (Curves, String) {
    let learning_rate = at * 2.4 / BOWL[0];
    let mut chart = Curves {
        title: "Gradient descent in a bowl".into(),
        x: AxisSpec::linear("along v₁").range(-2.4, 2.4),
        y: AxisSpec::linear("along v₂").range(-2.4, 2.4),
        ..Curves::default()
    };
    for level in [0.1, 0.4, 1.0, 2.0, 4.0] {
        let [a, b] = BOWL.map(|curvature| (2.0_f64 * level / curvature).sqrt());
        let turn = |i: usize| std::f64::consts::TAU * i as f64 / 72.0;
        let points = (0..=72).map(|i| (a * libm::cos(turn(i)), b * libm::sin(turn(i)))).collect();
        chart.series.push(Series { width: 1.0, alpha: 0.6, ..Series::new("", palette.muted, points) });
    }
    let path: Vec<(f64, f64)> = descent(learning_rate).into_iter().map(|[x, y]| (x, y)).collect();
    chart.series.push(Series { width: 1.8, ..Series::new("path", palette.run(0), path) });
    let product = learning_rate * BOWL[0];
    let what = if product > 2.0 {
        "beyond the edge: it diverges along v₁"
    } else if product > 1.0 {
        "it swings across the valley of v₁, and converges"
    } else {
        "it converges"
    };
    let words = format!("η = {}, 2/λ₁ = {}: {what}", fixed(learning_rate, 2), fixed(2.0 / BOWL[0], 2));
    (chart, words)
}

/// How many weights the direction has.
const WEIGHTS: usize = 12;

/// A unit vector between (1, …, 1)/√n and (1, 0, …, 0): entries fall as a power of their place, the faster the further.
pub fn direction(at: f64) -> Vec<f64> {
    if at >= 1.0 {
        return (0..WEIGHTS).map(|a| if a == 0 { 1.0 } else { 0.0 }).collect();
    }
    let rate = at / (1.0 - at);
    let raw: Vec<f64> = (0..WEIGHTS).map(|a| libm::exp(-rate * a as f64)).collect();
    let norm = raw.iter().map(|x| x * x).sum::<f64>().sqrt();
    raw.iter().map(|x| x / norm).collect()
}

fn localization(at: f64, palette: &Palette) -> (Curves, String) {
    let v = direction(at);
    let ipr = inverse_participation_ratio(&v);
    let mut chart = Curves {
        title: "Shares of a direction".into(),
        x: AxisSpec::linear("weight a").range(0.5, WEIGHTS as f64 + 0.5),
        y: AxisSpec::linear("v_a²").range(0.0, 1.0),
        ..Curves::default()
    };
    for (a, share) in v.iter().map(|x| x * x).enumerate() {
        let (left, right) = (a as f64 + 0.65, a as f64 + 1.35);
        let outline = vec![(left, 0.0), (left, share), (right, share), (right, 0.0)];
        chart.series.push(Series { width: 1.8, ..Series::new("", palette.run(0), outline) });
    }
    let level = |value| Level { label: "all alike".into(), value, color: palette.muted, fit: false };
    chart.levels.push(level(1.0 / WEIGHTS as f64));
    let words = format!("IPR = {}, about {} of {WEIGHTS} weights", significant(ipr, 2), significant(1.0 / ipr, 2));
    (chart, words)
}

fn displacement(at: f64, palette: &Palette) -> (Curves, String) {
    let angle = at * std::f64::consts::FRAC_PI_2;
    let (cos, sin) = (libm::cos(angle), libm::sin(angle));
    let arrow = |label: &str, color: Rgb, dash: &[f64], (x, y): (f64, f64)| Series {
        width: 2.2,
        dash: dash.to_vec(),
        end_label: Some(label.into()),
        ..Series::new(label, color, vec![(0.0, 0.0), (x, y)])
    };
    let arc = (0..=24).map(|i| 0.3 * at_angle(angle * f64::from(i) / 24.0).0).collect::<Vec<_>>();
    let arc_y = (0..=24).map(|i| 0.3 * at_angle(angle * f64::from(i) / 24.0).1);
    let chart = Curves {
        title: "Two directions".into(),
        x: AxisSpec::linear("").range(0.0, 1.25),
        y: AxisSpec::linear("").range(0.0, 1.1),
        series: vec![
            arrow("v(t_w)", palette.muted, DASHES[2], (1.0, 0.0)),
            arrow("v(t_w + τ)", palette.run(0), &[], (cos, sin)),
            Series { width: 1.0, ..Series::new("φ", palette.muted, arc.into_iter().zip(arc_y).collect()) },
        ],
        ..Curves::default()
    };
    let degrees = angle.to_degrees();
    // D = |v − v′|² with the signs that make it smallest, and Q = (v · v′)².
    let (d, q) = (2.0 - 2.0 * cos.abs(), cos * cos);
    let words = format!("φ = {degrees:.0}°: D = {}, overlap Q = {}", fixed(d, 2), fixed(q, 2));
    (chart, words)
}

fn at_angle(angle: f64) -> (f64, f64) {
    (libm::cos(angle), libm::sin(angle))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Linear stability: |1 − η λ₁| < 1 exactly for 0 < η < 2/λ₁.
    #[test]
    fn the_bowl_has_its_edge_at_two_over_lambda() {
        let end = |product: f64| descent(product / BOWL[0]).last().unwrap()[0].abs();
        assert!(end(1.99) < START[0] && end(2.01) > START[0]);
        assert!((end(2.0) - START[0]).abs() < 1e-12);
        assert!(figure(Live::Bowl, 1.0, false).1.contains("diverges"));
    }

    #[test]
    fn a_direction_goes_from_all_weights_to_one() {
        let ipr = |at| inverse_participation_ratio(&direction(at));
        assert!((ipr(0.0) - 1.0 / 12.0).abs() < 1e-12 && (ipr(1.0) - 1.0).abs() < 1e-12);
        assert!(ipr(0.3) < ipr(0.6));
        for at in [0.0, 0.37, 1.0] {
            assert!((direction(at).iter().map(|x| x * x).sum::<f64>() - 1.0).abs() < 1e-12);
        }
    }

    /// At 60°: D = 2 − 2 · ½ = 1, Q = ¼.
    #[test]
    fn displacement_at_sixty_degrees() {
        assert_eq!(figure(Live::Displacement, 2.0 / 3.0, true).1, "φ = 60°: D = 1.00, overlap Q = 0.25");
    }
}
