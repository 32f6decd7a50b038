//! Values as colours.

use super::super::{Palette, Rgb};

/// How a value becomes a colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ColorScale {
    /// 0 to the maximum, evenly: overlaps.
    #[default]
    Linear,
    /// 0 to the maximum by square root, which shows small shares v² beside large ones.
    SquareRoot,
    /// −maximum to maximum: signed entries.
    Signed,
}

/// Red, green, blue, alpha of each value; what is not finite is transparent.
pub fn pixels(values: &[f64], color_scale: ColorScale, max: f64, palette: &Palette) -> Vec<u8> {
    values.iter().flat_map(|&v| rgba(v, color_scale, max, palette)).collect()
}

fn rgba(value: f64, color_scale: ColorScale, max: f64, palette: &Palette) -> [u8; 4] {
    if !value.is_finite() {
        return [0; 4];
    }
    let Rgb(r, g, b) = match color_scale {
        ColorScale::Linear => palette.sequential(value / max),
        ColorScale::SquareRoot => palette.sequential((value / max).max(0.0).sqrt()),
        ColorScale::Signed => palette.diverging(value / max),
    };
    [r, g, b, 255]
}

/// A matrix with fewer rows and columns. Each cell of the result stands for a block of the matrix: by its entry of
/// largest magnitude, so that one strong row among many weak ones does not vanish, or, for [`ColorScale::Linear`], by the
/// mean. NaN only where the whole block is NaN.
pub fn reduce(values: &[f64], from: (usize, usize), to: (usize, usize), color_scale: ColorScale) -> Vec<f64> {
    if from == to {
        return values.to_vec();
    }
    let mut out = Vec::with_capacity(to.0 * to.1);
    for r in 0..to.0 {
        for c in 0..to.1 {
            let (rows, columns) =
                (r * from.0 / to.0..(r + 1) * from.0 / to.0, c * from.1 / to.1..(c + 1) * from.1 / to.1);
            let block =
                rows.flat_map(|r| columns.clone().map(move |c| values[r * from.1 + c])).filter(|v| v.is_finite());
            out.push(if color_scale == ColorScale::Linear {
                let (sum, n) = block.fold((0.0, 0.0), |(sum, n), v| (sum + v, n + 1.0));
                sum / n
            } else {
                block.fold(f64::NAN, |m, v| if v.abs() <= m.abs() { m } else { v })
            });
        }
    }
    out
}
