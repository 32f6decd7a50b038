//! Lessons: links with a question to predict, what to look for, and what came out. Their texts are a file of their own,
//! `www/lessons.json`, which is loaded beside the first computation.
//!
//! In a text `[[overlap|Two-time overlap]]` stands for a link to a picture, `{{ipr|IPR}}` for a term that explains itself, and
//! `{spirals.b_localizes}` for an estimate of `docs/results`: task, claim, and if need be a pairing or the word `verdict`.

use serde::Deserialize;

use super::stored::{Stored, StoredTask};
use crate::displacement::Pairing;
use crate::state::{Choice, State, choice, link};
use crate::view::forest::{Estimate, interval_text, shown, word};

/// The lessons, as far as they are there.
#[derive(Debug, Clone, PartialEq)]
pub enum Lessons {
    /// On their way.
    Asked,
    /// There.
    Known(Vec<Lesson>),
    /// Not to be had, with the reason.
    Failed(String),
}

/// One lesson.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Lesson {
    /// Name in links.
    pub name: String,
    /// Title.
    pub title: String,
    /// What to predict, in one sentence.
    pub question: String,
    /// The answers to choose from.
    pub options: Vec<String>,
    /// Index of what came out.
    pub answer: usize,
    /// What to look for.
    pub watch: String,
    /// What came out, with its numbers.
    pub outcome: String,
    /// The setting, as a link that begins with `#`.
    pub link: String,
    /// Names of the pictures that show it.
    pub pictures: Vec<String>,
}

/// A piece of a lesson's text.
#[derive(Debug, Clone, PartialEq)]
pub enum Piece {
    /// Words.
    Text(String),
    /// A picture by name, and its words.
    Picture(String, String),
    /// A term by name, and its words.
    Term(String, String),
}

impl Lessons {
    /// Reads the text of the file, or says why there is none.
    pub fn read(text: Result<String, String>) -> Self {
        #[derive(Deserialize)]
        struct File {
            lessons: Vec<Lesson>,
        }
        let read = text.and_then(|text| serde_json::from_str::<File>(&text).map_err(|error| error.to_string()));
        match read {
            Ok(file) => Lessons::Known(file.lessons),
            Err(why) => Lessons::Failed(format!("The lessons could not be loaded: {why}.")),
        }
    }

    /// All lessons that are there.
    pub fn all(&self) -> &[Lesson] {
        if let Lessons::Known(lessons) = self { lessons } else { &[] }
    }

    /// The lesson that a state is about: the one that it names, or the first where its setting is set.
    pub fn of(&self, state: &State) -> Option<usize> {
        let all = self.all();
        match &state.lesson {
            Some(name) => all.iter().position(|lesson| lesson.name == *name),
            None => all.first().filter(|first| !first.differs(state)).map(|_| 0),
        }
    }
}

impl Lesson {
    /// The state that the lesson opens; parts that are hidden and the frame of the page stay as in `present`.
    pub fn state(&self, present: &State) -> State {
        let (mut state, _) = link::read(&self.link, Some(present));
        state.lesson = Some(self.name.clone());
        state.hide.clone_from(&present.hide);
        state.hide.remove("lesson");
        (state.embed, state.present) = (present.embed, present.present);
        state
    }

    /// Whether something else is computed than the lesson's setting.
    pub fn differs(&self, state: &State) -> bool {
        let (own, _) = link::read(&self.link, Some(state));
        own.setting != state.setting || own.runs != state.runs || own.changes != state.changes
    }
}

/// A text in its pieces, with the numbers of `stored`; numbers that are not there yet are dots.
pub fn pieces(text: &str, stored: &Stored) -> Vec<Piece> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(['[', '{']) {
        let (before, from) = rest.split_at(start);
        let part = [("[[", "]]"), ("{{", "}}"), ("{", "}")].into_iter().find_map(|(open, close)| {
            let inner = from.strip_prefix(open)?;
            let end = inner.find(close)?;
            Some((open, &inner[..end], &inner[end + close.len()..]))
        });
        let Some((open, inner, after)) = part else {
            // A bracket of the text itself.
            let (bracket, after) = from.split_at(1);
            add(&mut found, &format!("{before}{bracket}"));
            rest = after;
            continue;
        };
        add(&mut found, before);
        let (name, words) = inner.split_once('|').unwrap_or((inner, inner));
        match open {
            "[[" => found.push(Piece::Picture(name.into(), words.into())),
            "{{" => found.push(Piece::Term(name.into(), words.into())),
            _ => add(&mut found, &number(inner, stored)),
        }
        rest = after;
    }
    add(&mut found, rest);
    found
}

/// Adds words, to those before them where there are.
fn add(pieces: &mut Vec<Piece>, words: &str) {
    match pieces.last_mut() {
        Some(Piece::Text(text)) => text.push_str(words),
        _ if words.is_empty() => {}
        _ => pieces.push(Piece::Text(words.into())),
    }
}

/// The number that `task.claim`, `task.claim.pairing`, `task.claim.verdict` or `task.seeds` stands for.
pub fn number(name: &str, stored: &Stored) -> String {
    let Stored::Known(tasks) = stored else { return "…".into() };
    found(name, tasks).unwrap_or_else(|| format!("({name} is not among the results)"))
}

fn found(name: &str, tasks: &[StoredTask]) -> Option<String> {
    let mut parts = name.split('.');
    let task = parts.next()?;
    let task = tasks.iter().find(|stored| stored.name == task)?;
    let what = parts.next()?;
    if what == "seeds" {
        return Some(task.seeds.count.to_string());
    }
    let options: Vec<&str> = parts.collect();
    let pairing = options.iter().find_map(|option| Pairing::named(option)).unwrap_or(Pairing::Subspace);
    let claim = task.claim(pairing, choice::named(what)?)?;
    if options.contains(&"verdict") {
        return Some(word(claim.verdict).into());
    }
    let interval = claim.low.zip(claim.high);
    let estimate = Estimate { value: claim.estimate, interval, verdict: claim.verdict };
    Some(format!("{} {}", shown(claim.unit, claim.estimate?), interval_text(claim.unit, estimate)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_words_pictures_terms_and_numbers() {
        let text = "Watch [[overlap|the overlap]] and {{ipr|IPR}}: {x.seeds} [1, 2].";
        let pieces = pieces(text, &Stored::NotAsked);
        assert_eq!(
            pieces,
            [
                Piece::Text("Watch ".into()),
                Piece::Picture("overlap".into(), "the overlap".into()),
                Piece::Text(" and ".into()),
                Piece::Term("ipr".into(), "IPR".into()),
                Piece::Text(": … [1, 2].".into()),
            ]
        );
    }

    #[test]
    fn numbers_are_those_of_the_results() {
        let stored = Stored::read(Ok(include_str!("../../docs/results/results.json").into()));
        assert_eq!(number("spirals.seeds", &stored), "32");
        assert!(number("spirals.b_localizes", &stored).starts_with('×'));
        assert_eq!(number("spirals.b_localizes.verdict", &stored), "supported");
        assert_ne!(number("wine.a_stabilizes.rank", &stored), number("wine.a_stabilizes.tracked", &stored));
        assert!(number("mars.seeds", &stored).contains("not among"));
    }
}
