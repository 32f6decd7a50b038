//! Lines cut to pieces: at the edges of a rectangle, and into dashes.

use super::Rect;

/// The inked stretches of a line of `length` pixels; `dash` in CSS pixels.
pub fn dashes(length: f64, dash: &[f64], scale: f64) -> Vec<(f64, f64)> {
    let period: f64 = dash.iter().sum::<f64>() * scale;
    if !(length > 0.0 && length.is_finite()) {
        return Vec::new();
    }
    if period < 2.0 {
        return vec![(0.0, length)];
    }
    let mut inked = Vec::new();
    let (mut at, mut i) = (0.0, 0);
    while at < length {
        let end = at + dash[i % dash.len()] * scale;
        if i % 2 == 0 {
            inked.push((at, end.min(length)));
        }
        at = end;
        i += 1;
    }
    inked
}

/// The parts of a polyline inside `clip`, by Liang and Barsky's parametric clipping of each segment.
pub fn clipped(points: &[(f64, f64)], clip: Rect) -> Vec<Vec<(f64, f64)>> {
    let mut pieces: Vec<Vec<(f64, f64)>> = Vec::new();
    if let [only] = points
        && clip.contains(only.0, only.1)
    {
        return vec![vec![*only, *only]];
    }
    let mut open = false;
    for pair in points.windows(2) {
        let ((ax, ay), (bx, by)) = (pair[0], pair[1]);
        let (dx, dy) = (bx - ax, by - ay);
        let (mut t0, mut t1) = (0.0f64, 1.0f64);
        for (p, q) in [(-dx, ax - clip.x0), (dx, clip.x1 - ax), (-dy, ay - clip.y0), (dy, clip.y1 - ay)] {
            if p == 0.0 {
                t1 = if q < 0.0 { -1.0 } else { t1 };
            } else if p < 0.0 {
                t0 = t0.max(q / p);
            } else {
                t1 = t1.min(q / p);
            }
        }
        if t0.is_nan() || t1.is_nan() || t0 > t1 {
            open = false;
            continue;
        }
        let at = |t: f64| ((ax + t * dx).clamp(clip.x0, clip.x1), (ay + t * dy).clamp(clip.y0, clip.y1));
        match pieces.last_mut() {
            Some(piece) if open && t0 == 0.0 => piece.push(at(t1)),
            _ => pieces.push(vec![at(t0), at(t1)]),
        }
        open = t1 == 1.0;
    }
    pieces
}

/// A polyline cut into dashes along its length.
pub fn dashed(points: Vec<(f64, f64)>, dash: &[f64], scale: f64) -> Vec<Vec<(f64, f64)>> {
    if dash.iter().sum::<f64>() * scale < 2.0 {
        return vec![points];
    }
    let mut pieces = Vec::new();
    let (mut i, mut left) = (0, dash[0] * scale);
    let mut piece = vec![points[0]];
    for pair in points.windows(2) {
        let ((mut ax, mut ay), (bx, by)) = (pair[0], pair[1]);
        loop {
            let length = ((bx - ax) * (bx - ax) + (by - ay) * (by - ay)).sqrt();
            // Also where the length is not a number: it must not be cut for ever.
            if length.is_nan() || length <= left {
                left -= length;
                piece.push((bx, by));
                break;
            }
            let t = left / length;
            (ax, ay) = (ax + t * (bx - ax), ay + t * (by - ay));
            piece.push((ax, ay));
            if i % 2 == 0 {
                pieces.push(std::mem::take(&mut piece));
            }
            piece = vec![(ax, ay)];
            i += 1;
            left = dash[i % dash.len()].max(0.5) * scale;
        }
    }
    if i % 2 == 0 && piece.len() > 1 {
        pieces.push(piece);
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    const SQUARE: Rect = Rect { x0: 0.0, y0: 0.0, x1: 10.0, y1: 10.0 };

    #[test]
    fn lines_are_cut_where_they_cross_the_edges() {
        // In at (0, 5), out at (10, 5); y = x through both corners; never inside.
        assert_eq!(clipped(&[(-5.0, 5.0), (15.0, 5.0)], SQUARE), [[(0.0, 5.0), (10.0, 5.0)]]);
        assert_eq!(clipped(&[(-1.0, -1.0), (11.0, 11.0)], SQUARE), [[(0.0, 0.0), (10.0, 10.0)]]);
        assert!(clipped(&[(-5.0, 5.0), (5.0, 16.0)], SQUARE).is_empty());
        // Out and in again makes two pieces, inside throughout one.
        assert_eq!(clipped(&[(5.0, 5.0), (5.0, 20.0), (7.0, 20.0), (7.0, 5.0)], SQUARE).len(), 2);
        assert_eq!(clipped(&[(1.0, 1.0), (2.0, 9.0), (3.0, 1.0)], SQUARE), [[(1.0, 1.0), (2.0, 9.0), (3.0, 1.0)]]);
        assert_eq!(clipped(&[(3.0, 4.0)], SQUARE), [[(3.0, 4.0), (3.0, 4.0)]]);
    }

    #[test]
    fn dashes_follow_the_line_around_corners() {
        // Length 8 + 8; dash 6, gap 4: ink on 0..6 and 10..16.
        let pieces = dashed(vec![(0.0, 0.0), (8.0, 0.0), (8.0, 8.0)], &[6.0, 4.0], 1.0);
        assert_eq!(pieces, [vec![(0.0, 0.0), (6.0, 0.0)], vec![(8.0, 2.0), (8.0, 8.0)]]);
        assert!(dashed(vec![(0.0, 0.0), (f64::NAN, 1.0)], &[6.0, 4.0], 1.0).len() < 3, "ends");
        assert_eq!(dashes(16.0, &[6.0, 4.0], 1.0), [(0.0, 6.0), (10.0, 16.0)]);
        assert_eq!(dashes(16.0, &[], 1.0), [(0.0, 16.0)]);
        assert!(dashes(f64::NAN, &[], 1.0).is_empty());
    }
}
