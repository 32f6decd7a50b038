//! A picture as a list of marks in pixels, and its painting through a plotters backend.
//!
//! Charts fill the list without knowing the backend; only [`Drawing::paint`] is compiled for each.

use super::stroke::{clipped, dashed, dashes};
use super::{Palette, Rect, Rgb, Style, text};
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// Failure of the backend.
pub type DrawError<DB> = DrawingAreaErrorKind<<DB as DrawingBackend>::ErrorType>;

/// A matrix of coloured cells and where it belongs.
#[derive(Debug, Clone, PartialEq)]
pub struct Cells {
    /// Where the matrix is stretched to, in pixels of the drawing area.
    pub rect: Rect,
    /// Columns.
    pub columns: usize,
    /// Rows.
    pub rows: usize,
    /// Red, green, blue, alpha of each cell, rows from the top, in the order of `ImageData`.
    pub rgba: Vec<u8>,
}

impl Cells {
    /// The matrix as rectangles: in each row, neighbours of one colour together; transparent ones left out.
    pub fn runs(&self) -> Vec<(Rect, [u8; 4])> {
        let Cells { rect, columns, rows, rgba } = self;
        let x = |c: usize| rect.x0 + rect.width() * c as f64 / *columns as f64;
        let y = |r: usize| rect.y0 + rect.height() * r as f64 / *rows as f64;
        let mut runs = Vec::new();
        for (r, row) in rgba.chunks_exact(4 * columns.max(&1)).enumerate() {
            let colors: Vec<[u8; 4]> = row.chunks_exact(4).map(|c| [c[0], c[1], c[2], c[3]]).collect();
            let mut begin = 0;
            for run in colors.chunk_by(|a, b| a == b) {
                let end = begin + run.len();
                if run[0][3] > 0 {
                    runs.push((Rect { x0: x(begin), x1: x(end), y0: y(r), y1: y(r + 1) }, run[0]));
                }
                begin = end;
            }
        }
        runs
    }
}

/// How the page puts cells on its canvas (`putImageData` and `drawImage` without smoothing).
pub type Blit<'a> = &'a mut dyn FnMut(&Cells);

/// Side of its anchor on which a text lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// To the right of the anchor.
    Start,
    /// Around the anchor.
    Middle,
    /// To the left of the anchor.
    End,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Mark {
    Box { rect: Rect, fill: Rgb, alpha: f64 },
    Line { points: Vec<(f64, f64)>, stroke: Rgb, alpha: f64, width: f64 },
    Area { points: Vec<(f64, f64)>, fill: Rgb, alpha: f64 },
    Dot { x: f64, y: f64, radius: f64, fill: Rgb, alpha: f64 },
    Text { x: f64, y: f64, align: Align, size: f64, fill: Rgb, bold: bool, text: String },
    Cells(Cells),
}

/// Marks in drawing order.
pub struct Drawing {
    /// Pixels.
    pub width: f64,
    /// Pixels.
    pub height: f64,
    /// Pixels per CSS pixel.
    pub scale: f64,
    /// Colours of the style.
    pub palette: &'static Palette,
    pub(super) style: Style,
    pub(super) marks: Vec<Mark>,
}

impl Drawing {
    /// An empty picture of `size` (width, height) pixels.
    pub fn new(size: (u32, u32), style: &Style) -> Self {
        let (width, height) = (f64::from(size.0), f64::from(size.1));
        let palette = style.palette();
        Drawing { width, height, scale: style.scale, palette, style: style.clone(), marks: Vec::new() }
    }

    /// `css` CSS pixels as whole device pixels, at least one: what keeps thin lines crisp.
    pub fn crisp(&self, css: f64) -> f64 {
        (css * self.scale).round().max(1.0)
    }

    /// A filled rectangle with edges on whole pixels.
    pub fn fill(&mut self, rect: Rect, fill: Rgb, alpha: f64) {
        let rect = Rect { x0: rect.x0.round(), y0: rect.y0.round(), x1: rect.x1.round(), y1: rect.y1.round() };
        self.marks.push(Mark::Box { rect, fill, alpha });
    }

    /// A crisp horizontal line, `css` CSS pixels thick. Thin rectangles stay sharp where strokes would straddle pixels.
    pub fn horizontal(&mut self, x0: f64, x1: f64, y: f64, css: f64, color: Rgb, dash: &[f64]) {
        let thick = self.crisp(css);
        let y0 = (y - 0.5 * thick).round();
        for (a, b) in dashes(x1 - x0, dash, self.scale) {
            self.fill(Rect { x0: x0 + a, x1: x0 + b, y0, y1: y0 + thick }, color, 1.0);
        }
    }

    /// A crisp vertical line, `css` CSS pixels thick.
    pub fn vertical(&mut self, x: f64, y0: f64, y1: f64, css: f64, color: Rgb, dash: &[f64]) {
        let thick = self.crisp(css);
        let x0 = (x - 0.5 * thick).round();
        for (a, b) in dashes(y1 - y0, dash, self.scale) {
            self.fill(Rect { x0, x1: x0 + thick, y0: y0 + a, y1: y0 + b }, color, 1.0);
        }
    }

    /// A polyline, `css` CSS pixels wide, cut at the edges of `clip`; `dash` in CSS pixels, empty for solid.
    pub fn line(&mut self, points: &[(f64, f64)], clip: Rect, css: f64, (stroke, alpha): (Rgb, f64), dash: &[f64]) {
        let width = css * self.scale;
        for piece in clipped(points, clip) {
            for points in dashed(piece, dash, self.scale) {
                self.marks.push(Mark::Line { points, stroke, alpha, width });
            }
        }
    }

    /// A filled polygon; the caller keeps it within the drawing.
    pub fn area(&mut self, points: Vec<(f64, f64)>, fill: Rgb, alpha: f64) {
        self.marks.push(Mark::Area { points, fill, alpha });
    }

    /// A filled circle of `css` CSS pixels radius.
    pub fn dot(&mut self, x: f64, y: f64, css: f64, fill: Rgb, alpha: f64) {
        self.marks.push(Mark::Dot { x, y, radius: css * self.scale, fill, alpha });
    }

    /// A line of text, vertically centred on `y`, `css` CSS pixels high, in `color` made readable.
    pub fn text(&mut self, place: (f64, f64), align: Align, css: f64, color: Rgb, text: &str) {
        self.write(place, align, css, color, false, text);
    }

    /// A bold line of text, vertically centred on `y`.
    pub fn bold(&mut self, place: (f64, f64), align: Align, css: f64, color: Rgb, text: &str) {
        self.write(place, align, css, color, true, text);
    }

    fn write(&mut self, (x, y): (f64, f64), align: Align, css: f64, color: Rgb, bold: bool, text: &str) {
        let (size, fill) = (css * self.scale, self.palette.text(color));
        if !text.is_empty() {
            self.marks.push(Mark::Text { x, y, align, size, fill, bold, text: text.into() });
        }
    }

    /// A text on a plate of the surface's colour, so that it reads on top of curves; kept within `bounds`. Returns the
    /// plate.
    pub fn note(&mut self, (x, y): (f64, f64), align: Align, color: Rgb, text: &str, bounds: Rect) -> Rect {
        let plate = self.plate((x, y), align, text, bounds);
        self.fill(plate, self.palette.surface, 0.8);
        let pad = 2.0 * self.scale;
        // Anchored at the end that must not leave the bounds whatever the font.
        match align {
            Align::End => self.text((plate.x1 - pad, y), Align::End, super::SMALL, color, text),
            _ => self.text((plate.x0 + pad, y), Align::Start, super::SMALL, color, text),
        }
        plate
    }

    /// The plate that [`Drawing::note`] would draw.
    pub fn plate(&self, (x, y): (f64, f64), align: Align, text: &str, bounds: Rect) -> Rect {
        let (pad, half) = (2.0 * self.scale, 0.6 * super::SMALL * self.scale);
        let width = self.text_width(text, super::SMALL) + 2.0 * pad;
        let left = match align {
            Align::Start => x,
            Align::Middle => x - 0.5 * width,
            Align::End => x - width,
        };
        let x0 = left.min(bounds.x1 - width).max(bounds.x0);
        Rect { x0, x1: x0 + width, y0: y - half, y1: y + half }
    }

    /// All marks of another drawing, moved by (dx, dy) pixels.
    pub fn append(&mut self, other: Drawing, dx: f64, dy: f64) {
        let moved = |r: Rect| Rect { x0: r.x0 + dx, x1: r.x1 + dx, y0: r.y0 + dy, y1: r.y1 + dy };
        for mut mark in other.marks {
            match &mut mark {
                Mark::Box { rect, .. } => *rect = moved(*rect),
                Mark::Cells(cells) => cells.rect = moved(cells.rect),
                Mark::Line { points, .. } | Mark::Area { points, .. } => {
                    points.iter_mut().for_each(|p| *p = (p.0 + dx, p.1 + dy));
                }
                Mark::Dot { x, y, .. } | Mark::Text { x, y, .. } => (*x, *y) = (*x + dx, *y + dy),
            }
            self.marks.push(mark);
        }
    }

    /// Cells that the page blits, or that are painted as rectangles.
    pub fn cells(&mut self, cells: Cells) {
        self.marks.push(Mark::Cells(cells));
    }

    /// Width of a text in pixels, as wide as the widest common fonts draw it.
    pub fn text_width(&self, text: &str, css: f64) -> f64 {
        text::width(text) * css * self.scale
    }

    /// As much of a text as fits into `width` pixels.
    pub fn shortened(&self, text: &str, css: f64, width: f64) -> String {
        text::shortened(text, width / (css * self.scale))
    }

    /// A text in lines of at most `width` pixels.
    pub fn wrapped(&self, text: &str, css: f64, width: f64) -> Vec<String> {
        text::wrapped(text, width / (css * self.scale))
    }

    /// A panel's name at its top left corner, `width` pixels wide at most: whole, else its first word, else its first
    /// letter, so that a panel always has a name.
    pub fn panel_name(&mut self, (x, y): (f64, f64), width: f64, color: Rgb, name: &str) {
        let fits = |part: &&str| text::BOLD * self.text_width(part, super::TEXT) <= width;
        let word = name.split(' ').next().unwrap_or_default();
        let letter = &name[..name.chars().next().map_or(0, char::len_utf8)];
        let part = [name, word].into_iter().find(fits).unwrap_or(letter);
        self.bold((x, y), Align::Start, super::TEXT, color, part);
    }

    /// A panel's name at the top, from x0 on, and where there is room beside it a few words, up to x1.
    pub fn name_and_words(&mut self, (x0, x1): (f64, f64), color: Rgb, name: &str, words: &str) {
        let (s, y) = (self.scale, (0.5 * super::TEXT + 0.5 * super::UNIT) * self.scale);
        let room = x1 - x0 - self.text_width(words, super::SMALL) - 2.0 * super::UNIT * s;
        let beside = room >= self.text_width("AA", super::TEXT);
        self.panel_name((x0, y), if beside { room } else { x1 - x0 }, color, name);
        if beside {
            self.text((x1, y), Align::End, super::SMALL, self.palette.ink, words);
        }
    }

    /// What stands in place of something: words in the middle, in as many lines as they need, from the top of a room on.
    pub fn message(&mut self, room: Rect, words: &str) {
        let (s, size) = (self.scale, super::SMALL);
        for (i, line) in self.wrapped(words, size, room.width()).iter().enumerate() {
            let place = (0.5 * (room.x0 + room.x1), room.y0 + (i as f64 + 0.75) * 1.4 * size * s);
            self.text(place, Align::Middle, size, self.palette.muted, line);
        }
    }

    /// Paints the marks in order. Cells go to `blit`, or, without one, are painted as runs of equal colour.
    ///
    /// # Errors
    /// Whatever the backend reports.
    pub fn paint<DB: DrawingBackend>(
        &self,
        area: &DrawingArea<DB, Shift>,
        mut blit: Option<Blit>,
    ) -> Result<(), DrawError<DB>> {
        let font = self.style.font.as_str();
        for mark in &self.marks {
            match mark {
                Mark::Box { rect, fill, alpha } => area.draw(&block(rect, *fill, *alpha))?,
                Mark::Line { points, stroke, alpha, width } => {
                    let style = color(*stroke, *alpha).stroke_width(width.round().max(1.0) as u32);
                    let points: Vec<_> = points.iter().map(|&p| pixel(p)).collect();
                    area.draw(&PathElement::new(points, style))?;
                }
                Mark::Area { points, fill, alpha } => {
                    let points: Vec<_> = points.iter().map(|&p| pixel(p)).collect();
                    area.draw(&Polygon::new(points, color(*fill, *alpha).filled()))?;
                }
                Mark::Dot { x, y, radius, fill, alpha } => {
                    let radius = radius.round().max(1.0) as i32;
                    area.draw(&Circle::new(pixel((*x, *y)), radius, color(*fill, *alpha).filled()))?;
                }
                Mark::Text { x, y, align, size, fill, bold, text } => {
                    let h = match align {
                        Align::Start => HPos::Left,
                        Align::Middle => HPos::Center,
                        Align::End => HPos::Right,
                    };
                    let weight = if *bold { FontStyle::Bold } else { FontStyle::Normal };
                    let font = FontDesc::new(FontFamily::Name(font), size / self.style.font_factor, weight);
                    let ink = color(*fill, 1.0);
                    let style = TextStyle::from(font).color(&ink).pos(Pos::new(h, VPos::Center));
                    area.draw_text(text, &style, pixel((*x, *y)))?;
                }
                Mark::Cells(cells) => match &mut blit {
                    Some(blit) => blit(cells),
                    None => paint_cells(area, cells)?,
                },
            }
        }
        Ok(())
    }
}

fn color(c: Rgb, alpha: f64) -> RGBAColor {
    RGBAColor(c.0, c.1, c.2, alpha)
}

fn pixel((x, y): (f64, f64)) -> (i32, i32) {
    (x.round() as i32, y.round() as i32)
}

fn block(rect: &Rect, fill: Rgb, alpha: f64) -> Rectangle<(i32, i32)> {
    Rectangle::new([pixel((rect.x0, rect.y0)), pixel((rect.x1, rect.y1))], color(fill, alpha).filled())
}

fn paint_cells<DB: DrawingBackend>(area: &DrawingArea<DB, Shift>, cells: &Cells) -> Result<(), DrawError<DB>> {
    for (run, [red, green, blue, alpha]) in cells.runs() {
        area.draw(&block(&run, Rgb(red, green, blue), f64::from(alpha) / 255.0))?;
    }
    Ok(())
}
