//! The article, the terms and the explanations of pictures: well-formed and complete, every reference leads somewhere.
#![cfg(not(target_arch = "wasm32"))]

mod texts;

use std::collections::{BTreeMap, BTreeSet};

use eigendrift::null_model::NullKind;
use serde::Serialize;
use texts::{Results, attributes, opened, pictures, reading, terms};

/// An element: its name, its attributes as written, and what it holds.
struct Element<'a> {
    name: &'a str,
    attributes: &'a str,
    inner: &'a str,
}

/// The elements in the order in which they end, after checking that every one is closed where it should be.
fn elements(html: &str) -> Vec<Element<'_>> {
    let (mut open, mut found, mut at) = (Vec::new(), Vec::new(), 0);
    while let Some(start) = html[at..].find('<').map(|i| at + i) {
        let end = start + html[start..].find('>').expect("a tag ends");
        let tag = &html[start + 1..end];
        assert!(!html[at..start].contains('>'), "a stray > before {tag}");
        if let Some(name) = tag.strip_prefix('/') {
            let (opened, attributes, from): (&str, &str, usize) = open.pop().unwrap_or_else(|| panic!("</{name}>"));
            assert_eq!(opened, name, "closed in {}", &html[from..start]);
            found.push(Element { name: opened, attributes, inner: &html[from..start] });
        } else if !tag.ends_with('/') {
            let (name, attributes) = tag.split_at(tag.find(' ').unwrap_or(tag.len()));
            assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()), "<{tag}>");
            open.push((name, attributes, end + 1));
        }
        at = end + 1;
    }
    assert!(open.is_empty(), "{} is not closed", open[0].0);
    for entity in html.split('&').skip(1) {
        assert!(["amp;", "lt;", "gt;", "nbsp;"].iter().any(|known| entity.starts_with(known)), "&{entity:.10}");
    }
    found
}

fn id(element: &Element) -> Option<String> {
    attributes(element.attributes, "id").pop()
}

/// The text without elements.
fn words(html: &str) -> String {
    html.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text)).collect()
}

#[test]
fn it_is_a_well_formed_fragment_with_nothing_of_its_own() {
    let html = reading();
    assert!(html.len() <= 70_000, "{} bytes", html.len());
    let found = elements(&html);
    let names: BTreeSet<&str> = found.iter().map(|element| element.name).collect();
    for foreign in ["html", "head", "body", "script", "style", "img", "iframe", "link", "object"] {
        assert!(!names.contains(foreign), "{foreign}");
    }
    for name in ["style", "src", "onclick", "class"] {
        let allowed = ["terms", "term", "ref", "about", "examples", "references"];
        assert!(attributes(&html, name).iter().all(|value| name == "class" && allowed.contains(&&**value)), "{name}");
    }
    let ids = attributes(&html, "id");
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "an id stands twice");
    for svg in found.iter().filter(|element| element.name == "svg") {
        assert!(svg.inner.starts_with("<title>") && svg.attributes.contains("role=\"img\""), "{}", svg.inner);
        for attribute in ["fill", "stroke"] {
            let known = ["none", "currentColor", "var(--run-0)", "var(--run-1)"];
            let used = attributes(svg.inner, attribute);
            assert!(used.iter().all(|color| known.contains(&&**color)), "{used:?}");
        }
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let (html, results) = (reading(), Results::read());
    let ids: BTreeSet<String> = attributes(&html, "id").into_iter().collect();
    let (mut links, mut anchors) = (BTreeSet::new(), 0);
    for href in attributes(&html, "href") {
        match href.strip_prefix('#') {
            Some(state) if state.starts_with("v=1") => _ = links.insert(href),
            Some(anchor) => {
                assert!(ids.contains(anchor), "{href}");
                anchors += 1;
            }
            None => {
                let sources =
                    ["https://arxiv.org/abs/", "https://doi.org/10.", "https://kellerjordan.github.io/posts/muon/"];
                assert!(sources.iter().any(|source| href.starts_with(source)), "{href}");
            }
        }
    }
    assert!(links.len() >= 6 && anchors >= 10, "{} {anchors}", links.len());
    links.iter().for_each(|link| _ = opened(link));
    let opened_terms = attributes(&html, "popovertarget");
    assert!(opened_terms.len() > 25 && opened_terms.iter().all(|target| ids.contains(target)), "{opened_terms:?}");
    let shown = attributes(&html, "data-result");
    let wrong: Vec<&String> = shown.iter().filter(|name| !results.resolves(name)).collect();
    assert!(shown.len() > 15 && wrong.is_empty(), "{wrong:?}");
}

/// Each term has a title and two sentences.
#[test]
fn terms_are_explained_in_two_sentences() {
    let html = reading();
    let found = elements(&html);
    let of_terms = found.iter().filter(|element| id(element).is_some_and(|id| id.starts_with("term-")));
    let mut formulas = 0;
    for term in of_terms.clone() {
        assert!(term.attributes.starts_with(" popover class=\"term\""), "{}", term.attributes);
        let (_, rest) = term.inner.split_once("</h3><p>").expect("title and text");
        let text = words(rest.split_once("</p>").expect("the end of the text").0);
        // A point ends a sentence where a capital or a Greek letter follows, or nothing.
        let ends = text.match_indices(". ").filter(|(at, _)| text[at + 2..].starts_with(|c: char| c.is_uppercase()));
        assert!(text.ends_with(['.', '?']) && ends.count() == 1, "{text}");
        formulas += usize::from(term.inner.contains("<math display=\"block\""));
    }
    assert!(of_terms.count() >= 44 && formulas >= 42, "{formulas}");
    let terms = terms();
    for kind in NullKind::ALL.map(|kind| hyphenated(&kind)) {
        assert!(terms.contains(&kind), "{kind}");
    }
}

/// A name as it stands in ids.
fn hyphenated(value: &impl Serialize) -> String {
    serde_json::to_value(value).unwrap().as_str().unwrap().replace('_', "-")
}

#[test]
fn every_picture_is_explained() {
    let html = reading();
    let found = elements(&html);
    let sections: BTreeMap<String, &Element> = found
        .iter()
        .filter(|element| element.name == "section")
        .map(|element| (id(element).unwrap(), element))
        .collect();
    let expected: BTreeSet<String> = pictures().iter().map(|name| format!("about-{name}")).collect();
    assert_eq!(sections.keys().cloned().collect::<BTreeSet<_>>(), expected);
    for (name, section) in sections {
        assert!(section.attributes.contains("class=\"about\"") && section.attributes.ends_with(" hidden"), "{name}");
        let headings: Vec<String> =
            elements(section.inner).iter().filter(|e| e.name == "h3").map(|e| e.inner.to_owned()).collect();
        assert_eq!(headings, ["How to read it", "Two tiny examples", "What it does not say", "Options"], "{name}");
        assert!(section.inner.contains("<math display=\"block\""), "{name}");
        assert_eq!(section.inner.matches("<svg").count(), 2, "{name}");
        let said = words(section.inner);
        assert!(["determined", "diverged", "floor"].iter().any(|word| said.contains(word)), "{name}: what is missing?");
    }
}

#[test]
fn the_article_has_its_parts() {
    let html = reading();
    let found = elements(&html);
    let article = found.iter().find(|element| element.name == "article").unwrap();
    assert_eq!(article.attributes, " id=\"article\" aria-labelledby=\"article-title\"");
    let headings: Vec<&str> =
        elements(article.inner).iter().map(|e| e.name).filter(|name| name.starts_with('h')).collect();
    assert!(
        headings[0] == "h2" && headings.len() >= 10 && headings[1..].iter().all(|name| *name == "h3"),
        "{headings:?}"
    );
    assert_eq!(attributes(article.inner, "data-live"), ["bowl", "displacement", "localization"]);
    for figure in elements(article.inner).iter().filter(|element| element.name == "figure") {
        assert!(figure.inner.starts_with("<figcaption>The slider "), "{}", figure.inner);
    }
    assert_eq!(article.inner.matches("<div data-matrix></div>").count(), 1);
    assert!(article.inner.contains("reconstruction from the abstract"));
    let (text, _) = article.inner.split_once("<h3 id=\"article-references\">").unwrap();
    let count = words(text).split_whitespace().count();
    assert!((1500..=2500).contains(&count), "{count} words");
}

/// Who is cited in the text is among the references, and the other way round.
#[test]
fn citations_and_references_agree() {
    let html = reading();
    let (text, references) = html.split_once("<h3 id=\"article-references\">").unwrap();
    let (said, listed) = (words(text), words(references));
    let mut years = 0;
    for reference in listed.lines().filter(|line| line.contains(" (")) {
        let (authors, rest) = reference.split_once(" (").unwrap();
        let year = &rest[..4];
        let first = authors.split([',', '&']).next().unwrap().replace(" et al.", "");
        let family = first.split(" and ").next().unwrap().rsplit(' ').next().unwrap();
        let cited = said.match_indices(family).any(|(at, _)| {
            let near: String = said[at..].chars().take(60).collect();
            near.contains(year)
        });
        assert!(cited, "{family} {year} is not cited");
        years += 1;
    }
    assert_eq!(years, references.matches("<li>").count());
}

/// The tiny examples say what their formulas give.
#[test]
fn examples_are_computed() {
    let html = reading();
    let ipr = |shares: &[f64]| shares.iter().map(|share| share * share).sum::<f64>();
    assert!((ipr(&[1.0 / 12.0; 12]) - 1.0 / 12.0).abs() < 1e-15 && html.contains("IPR = 12 · (1/12)² = 1/12"));
    assert!((ipr(&[1.0 / 6.0; 6]) - 1.0 / 6.0).abs() < 1e-15 && html.contains("IPR = 6 · (1/6)² = 1/6"));
    let turned = 2.0 - 2.0 * 45_f64.to_radians().cos();
    assert!(html.contains(&format!("d² = 2 − 2 cos 45° = {turned:.2}")));
    assert!((60_f64.to_radians().cos().powi(2) - 0.25).abs() < 1e-15 && html.contains("share cos² 60° = ¼"));
}
