//! A picture as an SVG document, for export: the same marks, with coordinates to a hundredth of a pixel instead of the
//! whole pixels that plotters' backends take, sized in CSS pixels.

use super::Rgb;
use super::drawing::{Align, Drawing, Mark};
use std::fmt::Write;

/// The document; `description` becomes its text alternative. The surface is filled with the palette's colour.
pub fn write(drawing: &Drawing, description: &str) -> String {
    let Drawing { width, height, scale, palette, style, marks } = drawing;
    let (w, h) = (number(width / scale), number(height / scale));
    let font = escape(&style.font);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"{w}\" height=\"{h}\" viewBox=\"0 0 {} {}\" \
         font-family=\"{font}\" stroke-linejoin=\"round\">\n<desc>{}</desc>\n",
        number(*width),
        number(*height),
        escape(description)
    );
    block(&mut svg, (0.0, 0.0, *width, *height), palette.surface, 1.0);
    for mark in marks {
        match mark {
            Mark::Box { rect, fill, alpha } => {
                block(&mut svg, (rect.x0, rect.y0, rect.width(), rect.height()), *fill, *alpha);
            }
            Mark::Line { points, stroke, alpha, width } => {
                let (points, color, width) = (join(points), stroke.css(), number(width.max(1.0)));
                let opacity = opacity("stroke", *alpha);
                push(
                    &mut svg,
                    format_args!(
                        "<polyline points=\"{points}\" fill=\"none\" stroke=\"{color}\"{opacity} stroke-width=\"{width}\"/>\n"
                    ),
                );
            }
            Mark::Area { points, fill, alpha } => {
                let (points, color, opacity) = (join(points), fill.css(), opacity("fill", *alpha));
                push(&mut svg, format_args!("<polygon points=\"{points}\" fill=\"{color}\"{opacity}/>\n"));
            }
            Mark::Dot { x, y, radius, fill, alpha } => {
                let (x, y, r) = (number(*x), number(*y), number(*radius));
                let (color, opacity) = (fill.css(), opacity("fill", *alpha));
                push(&mut svg, format_args!("<circle cx=\"{x}\" cy=\"{y}\" r=\"{r}\" fill=\"{color}\"{opacity}/>\n"));
            }
            Mark::Text { x, y, align, size, fill, bold, text } => {
                let anchor = match align {
                    Align::Start => "start",
                    Align::Middle => "middle",
                    Align::End => "end",
                };
                let weight = if *bold { " font-weight=\"bold\"" } else { "" };
                // The middle of figures and capitals lies about 0.36 em above the baseline.
                let (x, y, size) = (number(*x), number(y + 0.36 * size), number(*size));
                let (color, text) = (fill.css(), escape(text));
                push(
                    &mut svg,
                    format_args!(
                        "<text x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\" font-size=\"{size}\"{weight} fill=\"{color}\">{text}</text>\n"
                    ),
                );
            }
            Mark::Cells(cells) => {
                // Without anti-aliasing, neighbouring cells leave no seams.
                svg.push_str("<g shape-rendering=\"crispEdges\">\n");
                for (run, [r, g, b, alpha]) in cells.runs() {
                    let place = (run.x0, run.y0, run.width(), run.height());
                    block(&mut svg, place, Rgb(r, g, b), f64::from(alpha) / 255.0);
                }
                svg.push_str("</g>\n");
            }
        }
    }
    svg.push_str("</svg>\n");
    svg
}

fn block(svg: &mut String, (x, y, w, h): (f64, f64, f64, f64), fill: Rgb, alpha: f64) {
    let (x, y, w, h, color) = (number(x), number(y), number(w.max(0.0)), number(h.max(0.0)), fill.css());
    let opacity = opacity("fill", alpha);
    push(svg, format_args!("<rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" fill=\"{color}\"{opacity}/>\n"));
}

fn push(svg: &mut String, text: std::fmt::Arguments) {
    // Writing to a String cannot fail.
    let _ = svg.write_fmt(text);
}

fn opacity(of: &str, alpha: f64) -> String {
    if alpha < 1.0 { format!(" {of}-opacity=\"{}\"", number(alpha)) } else { String::new() }
}

/// Two decimals at most.
fn number(x: f64) -> String {
    let rounded = (x * 100.0).round() / 100.0;
    (if rounded == 0.0 { 0.0 } else { rounded }).to_string()
}

fn join(points: &[(f64, f64)]) -> String {
    let pairs: Vec<String> = points.iter().map(|(x, y)| format!("{},{}", number(*x), number(*y))).collect();
    pairs.join(" ")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::super::{Cells, Rect, Style};
    use super::*;

    #[test]
    fn marks_keep_their_place_and_text_is_escaped() {
        let mut drawing = Drawing::new((200, 100), &Style::canvas(2.0, false));
        let clip = Rect { x0: 0.0, y0: 0.0, x1: 200.0, y1: 100.0 };
        drawing.line(&[(1.256, 2.0), (30.5, 40.0)], clip, 1.5, (Rgb(255, 0, 0), 0.5), &[]);
        drawing.text((10.0, 50.0), Align::End, 11.0, Rgb(0, 0, 0), "a < b & c");
        let rgba = vec![9, 9, 9, 255, 9, 9, 9, 255, 0, 0, 0, 0];
        drawing.cells(Cells { rect: Rect { x0: 0.0, y0: 0.0, x1: 30.0, y1: 8.0 }, columns: 3, rows: 1, rgba });
        let svg = write(&drawing, "a \"curve\"");
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
        for part in [
            "width=\"100\" height=\"50\" viewBox=\"0 0 200 100\"",
            "<desc>a &quot;curve&quot;</desc>",
            "<polyline points=\"1.26,2 30.5,40\" fill=\"none\" stroke=\"#ff0000\" stroke-opacity=\"0.5\" stroke-width=\"3\"/>",
            "text-anchor=\"end\" font-size=\"22\" fill=\"#000000\">a &lt; b &amp; c</text>",
            "<rect x=\"0\" y=\"0\" width=\"20\" height=\"8\" fill=\"#090909\"/>",
        ] {
            assert!(svg.contains(part), "{part} in {svg}");
        }
        assert_eq!(svg.matches("<rect").count(), 2, "the surface and one run of two cells");
    }
}
