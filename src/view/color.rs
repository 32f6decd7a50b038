//! One palette for all pictures: neutrals, four run colours, a sequential and a diverging colour map, light and dark.

/// A colour in sRGB, 8 bits per channel: red, green, blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rgb(pub u8, pub u8, pub u8);

impl Rgb {
    /// The colour a fraction `t` ∈ [0, 1] of the way from `self` to `other`, channel by channel.
    pub fn mix(self, other: Rgb, t: f64) -> Rgb {
        let t = if t.is_nan() { 0.0 } else { t.clamp(0.0, 1.0) };
        let channel = |a: u8, b: u8| (f64::from(a) + t * (f64::from(b) - f64::from(a))).round() as u8;
        Rgb(channel(self.0, other.0), channel(self.1, other.1), channel(self.2, other.2))
    }

    /// `#rrggbb`, as CSS writes it.
    pub fn css(self) -> String {
        format!("#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }

    /// Relative luminance ∈ [0, 1], from linear light (IEC 61966-2-1).
    pub fn luminance(self) -> f64 {
        let linear = |c: u8| {
            let c = f64::from(c) / 255.0;
            if c <= 0.04045 { c / 12.92 } else { libm::pow((c + 0.055) / 1.055, 2.4) }
        };
        0.2126 * linear(self.0) + 0.7152 * linear(self.1) + 0.0722 * linear(self.2)
    }

    /// Contrast ratio of two colours, 1 to 21 (WCAG 2).
    pub fn contrast(self, other: Rgb) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }
}

const fn hex(code: u32) -> Rgb {
    Rgb((code >> 16) as u8, (code >> 8) as u8, code as u8)
}

/// Dash patterns of runs A to D (dash, gap, … in CSS pixels; empty is solid), for readers and printers without colour.
pub const DASHES: [&[f64]; 4] = [&[], &[9.0, 3.0], &[3.0, 2.0], &[9.0, 3.0, 2.0, 3.0]];

/// All colours of a theme.
#[derive(Debug, Clone, PartialEq)]
pub struct Palette {
    /// What pictures lie on.
    pub surface: Rgb,
    /// Strong text, the cursor.
    pub ink: Rgb,
    /// Ticks, notes, reference lines.
    pub muted: Rgb,
    /// The axis line.
    pub axis: Rgb,
    /// Grid lines.
    pub grid: Rgb,
    /// Runs A, B, C, D: each ≥ 3:1 against the surface, apart under the three kinds of dichromacy.
    pub runs: [Rgb; 4],
    /// Classes, which are no runs: apart from each other under the three kinds of dichromacy.
    pub classes: [Rgb; 4],
    /// Nine stops with even steps of lightness, from next to the surface to far from it.
    pub sequential: [Rgb; 9],
    /// Nine stops, negative to positive, the fifth next to the surface; lightness symmetric about it.
    pub diverging: [Rgb; 9],
}

/// Colours on white.
pub const LIGHT: Palette = Palette {
    surface: hex(0xffffff),
    ink: hex(0x1c2330),
    muted: hex(0x5d6675),
    axis: hex(0xb9c0ca),
    grid: hex(0xeceef1),
    runs: [hex(0x1f63ab), hex(0xc4502a), hex(0x35a295), hex(0x541174)],
    classes: [hex(0x157a66), hex(0x8a55b5), hex(0xb68d1b), hex(0x7a1f4e)],
    sequential: [
        hex(0xf0f6f5),
        hex(0xc0dfde),
        hex(0x8bc7ce),
        hex(0x59aec2),
        hex(0x2f91b3),
        hex(0x1a749f),
        hex(0x1f5782),
        hex(0x223c5e),
        hex(0x1d2537),
    ],
    diverging: [
        hex(0x004a99),
        hex(0x3d76ba),
        hex(0x75a1d5),
        hex(0xb0ccec),
        hex(0xf5f7f9),
        hex(0xecbea9),
        hex(0xd3886a),
        hex(0xb5522c),
        hex(0x872801),
    ],
};

/// Colours on a dark surface.
pub const DARK: Palette = Palette {
    surface: hex(0x161b24),
    ink: hex(0xe8ebf0),
    muted: hex(0x9aa5b5),
    axis: hex(0x4a5464),
    grid: hex(0x252c38),
    runs: [hex(0x5b9be6), hex(0xee8459), hex(0x95e4ab), hex(0xd7bffe)],
    classes: [hex(0x2f9a80), hex(0x9a78dc), hex(0xd8b048), hex(0xf9cfe2)],
    sequential: [
        hex(0x171e30),
        hex(0x1c3657),
        hex(0x1c5179),
        hex(0x1e6e96),
        hex(0x338cac),
        hex(0x59a9bd),
        hex(0x88c5cc),
        hex(0xbbdddd),
        hex(0xeff5f4),
    ],
    diverging: [
        hex(0xa4cafe),
        hex(0x629ce4),
        hex(0x4771a2),
        hex(0x304862),
        hex(0x1b202a),
        hex(0x613c2a),
        hex(0x9f593c),
        hex(0xe17953),
        hex(0xfeb29b),
    ],
};

impl Palette {
    /// The colour of run `index`; the four colours repeat after D.
    pub fn run(&self, index: usize) -> Rgb {
        self.runs[index % self.runs.len()]
    }

    /// `color` at `strength` ∈ [0, 1]: 1 is the colour itself, smaller is paler. Never paler than a third, so that a
    /// line stays visible.
    pub fn shade(&self, color: Rgb, strength: f64) -> Rgb {
        let strength = if strength.is_nan() { 1.0 } else { strength.clamp(0.0, 1.0) };
        self.surface.mix(color, (1.0 + 2.0 * strength) / 3.0)
    }

    /// `color` for text: mixed with ink until it stands out from the surface by 5 to 1. Small text needs 4.5 to 1 (WCAG
    /// 2 AA); the rest is for surfaces a little darker than the palette's own.
    pub fn text(&self, color: Rgb) -> Rgb {
        let mixed = (0..=20).map(|i| color.mix(self.ink, f64::from(i) / 20.0));
        mixed.into_iter().find(|c| c.contrast(self.surface) >= 5.0).unwrap_or(self.ink)
    }

    /// The colour of a class: four colours, then paler ones.
    pub fn class(&self, class: usize) -> Rgb {
        self.surface.mix(self.classes[class % self.classes.len()], [1.0, 0.62, 0.38][class / 4 % 3])
    }

    /// Sequential colour at `t` ∈ [0, 1].
    pub fn sequential(&self, t: f64) -> Rgb {
        between(&self.sequential, t)
    }

    /// Diverging colour at `t` ∈ [−1, 1].
    pub fn diverging(&self, t: f64) -> Rgb {
        between(&self.diverging, 0.5 + 0.5 * t)
    }
}

/// The runs' colours as CSS custom properties: for run i `--run-i` for lines and marks, and `--name-i` for text, each
/// as `light-dark(…, …)`, so that they follow the page's `color-scheme`.
pub fn css_variables() -> Vec<(String, String)> {
    let both = |color: &dyn Fn(&Palette) -> Rgb| format!("light-dark({}, {})", color(&LIGHT).css(), color(&DARK).css());
    let run = |i: usize| {
        let line = both(&|p| p.run(i));
        let name = both(&|p| p.text(p.run(i)));
        [(format!("--run-{i}"), line), (format!("--name-{i}"), name)]
    };
    (0..LIGHT.runs.len()).flat_map(run).collect()
}

fn between(stops: &[Rgb; 9], t: f64) -> Rgb {
    let t = if t.is_nan() { 0.0 } else { t.clamp(0.0, 1.0) } * 8.0;
    let i = (t as usize).min(7);
    stops[i].mix(stops[i + 1], t - i as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Linear light of one sRGB channel (IEC 61966-2-1).
    fn linear(c: u8) -> f64 {
        let c = f64::from(c) / 255.0;
        if c <= 0.04045 { c / 12.92 } else { libm::pow((c + 0.055) / 1.055, 2.4) }
    }

    fn luminance(c: Rgb) -> f64 {
        0.2126 * linear(c.0) + 0.7152 * linear(c.1) + 0.0722 * linear(c.2)
    }

    /// WCAG 2 contrast ratio.
    fn contrast(a: Rgb, b: Rgb) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// CIE 1976 lightness L* from luminance.
    fn lightness(c: Rgb) -> f64 {
        let y = luminance(c);
        if y > 0.008856 { 116.0 * libm::cbrt(y) - 16.0 } else { 903.3 * y }
    }

    /// Björn Ottosson's OKLab from linear light.
    fn oklab([r, g, b]: [f64; 3]) -> [f64; 3] {
        let l = libm::cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
        let m = libm::cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
        let s = libm::cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
        [
            0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
            1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
            0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s,
        ]
    }

    #[test]
    fn text_and_runs_stand_out_from_the_surface() {
        for p in [&LIGHT, &DARK] {
            assert!(contrast(p.ink, p.surface) >= 7.0);
            assert!(contrast(p.muted, p.surface) >= 4.5, "small text needs 4.5:1 (WCAG 2 AA)");
            for color in p.runs.into_iter().chain(p.classes) {
                assert!(contrast(color, p.surface) >= 3.0, "{} on {}", color.css(), p.surface.css());
            }
        }
    }

    /// The colours of one theme in the CSS values, read back.
    fn parsed(value: &str, dark: bool) -> Rgb {
        let inner = value.strip_prefix("light-dark(").and_then(|v| v.strip_suffix(')')).expect("light-dark");
        let (light, dark_color) = inner.split_once(", ").expect("two colours");
        let code = if dark { dark_color } else { light };
        hex(u32::from_str_radix(code.strip_prefix('#').expect("#"), 16).expect("hexadecimal"))
    }

    #[test]
    fn css_variables_are_the_pictures_colours_and_names_are_readable() {
        let variables = css_variables();
        assert_eq!(variables.len(), 8);
        for (dark, palette, ground) in [(false, &LIGHT, hex(0xf5f6f8)), (true, &DARK, hex(0x0f131a))] {
            for i in 0..4 {
                let value =
                    |name: String| parsed(&variables.iter().find(|(n, _)| *n == name).expect("defined").1, dark);
                assert_eq!(value(format!("--run-{i}")), palette.runs[i]);
                let name = value(format!("--name-{i}"));
                assert!(contrast(name, palette.surface) >= 4.5, "{}", name.css());
                assert!(contrast(name, ground) >= 4.5, "{} on the page's ground", name.css());
            }
        }
    }

    #[test]
    fn text_in_any_colour_is_readable() {
        for palette in [&LIGHT, &DARK] {
            for color in palette.runs.map(|c| palette.shade(c, 0.0)).into_iter().chain(palette.sequential) {
                assert!(contrast(palette.text(color), palette.surface) >= 4.5);
            }
            assert_eq!(palette.text(palette.ink), palette.ink);
            assert_eq!(palette.text(palette.muted), palette.muted);
        }
    }

    #[test]
    fn runs_differ_for_dichromats_and_so_do_classes() {
        // Machado, Oliveira & Fernandes (2009), severity 1: trichromacy, protanopia, deuteranopia, tritanopia.
        let vision = [
            [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
            [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
            [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
            [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
        ];
        for p in [&LIGHT, &DARK] {
            for (m, colors) in vision.iter().flat_map(|m| [(m, p.runs), (m, p.classes)]) {
                let seen = colors.map(|c| {
                    let c = [linear(c.0), linear(c.1), linear(c.2)];
                    oklab(m.map(|row| row.iter().zip(c).map(|(m, c)| m * c).sum::<f64>().max(0.0)))
                });
                for i in 0..4 {
                    for j in 0..i {
                        let d: f64 = (0..3).map(|k| (seen[i][k] - seen[j][k]).powi(2)).sum::<f64>().sqrt();
                        // 0.02 is a just noticeable difference in OKLab; five of them are distinct at a glance.
                        assert!(d >= 0.10, "{i} and {j} are only {d:.3} apart");
                    }
                }
            }
        }
    }

    #[test]
    fn sequential_maps_step_evenly_in_lightness() {
        for p in [&LIGHT, &DARK] {
            let l = p.sequential.map(lightness);
            let step = (l[8] - l[0]) / 8.0;
            for i in 0..8 {
                assert!((l[i + 1] - l[i]) / step > 0.6 && (l[i + 1] - l[i]) / step < 1.5, "{i}: {l:?}");
            }
            assert!((l[0] - lightness(p.surface)).abs() < 5.0, "zero lies next to the surface");
        }
    }

    #[test]
    fn diverging_maps_are_balanced() {
        for p in [&LIGHT, &DARK] {
            for i in 0..4 {
                let (negative, positive) = (lightness(p.diverging[i]), lightness(p.diverging[8 - i]));
                assert!((negative - positive).abs() < 6.0, "{i}: {negative} against {positive}");
            }
            assert_eq!(p.diverging(0.0), p.diverging[4]);
            assert_eq!(p.diverging(-1.0), p.diverging[0]);
            assert_eq!(p.diverging(1.0), p.diverging[8]);
        }
    }
}
