//! The native program `headless`: cases and experiments from files, results as one JSON object on standard output.
//!
//! Each subcommand is a record of its arguments with a function `execute`, whose error is one sentence for standard
//! error; the exit code is then 2.

mod input;
mod network;
mod output;
mod interrupt;
mod jobs;
mod stored;
mod record;
mod typescript;
mod analyze;
mod run;
mod finished_seeds;
mod script;
mod ensemble;
mod merge;
mod reproduction;
mod reproduce;
mod results;
mod defaults;
mod schema;
mod types;
mod completions;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, Subcommand};

use output::{Output, warn};

use crate::error::shortened;

/// Exact Hessians of small networks, without a browser.
///
/// A file named - is standard input. Results are one JSON object on standard output. Bad input ends with exit code 2 and
/// one sentence on standard error that names the field.
#[derive(Parser)]
#[command(name = "headless", version, max_term_width = 100)]
struct Program {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Analyze(analyze::Analyze),
    Run(run::Run),
    Script(script::Script),
    Ensemble(ensemble::EnsembleCommand),
    Merge(merge::Merge),
    Reproduce(reproduce::Reproduce),
    Results(results::ResultsCommand),
    Defaults(defaults::Defaults),
    Schema(schema::Schema),
    Types(types::Types),
    Completions(completions::Completions),
}

/// Runs the program with its arguments, the first of which is the program's own name.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let outcome = match Program::try_parse_from(arguments) {
        Ok(program) => match program.command {
            Command::Analyze(analyze) => analyze.execute(),
            Command::Run(run) => return concluded(run.execute()),
            Command::Script(script) => script.execute(),
            Command::Ensemble(ensemble) => return concluded(ensemble.execute()),
            Command::Merge(merge) => merge.execute(),
            Command::Reproduce(reproduce) => return concluded(reproduce.execute()),
            Command::Results(results) => results.execute(),
            Command::Defaults(defaults) => defaults.execute(),
            Command::Schema(schema) => schema.execute(),
            Command::Types(types) => types.execute(),
            Command::Completions(completions) => completions.execute(&mut Program::command()),
        },
        Err(error) => match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
                Output::standard().write(|out| write!(out, "{}", error.render()))
            }
            _ => Err(sentence(&error)),
        },
    };
    concluded(outcome.map(|()| ExitCode::SUCCESS))
}

fn concluded(outcome: Result<ExitCode, String>) -> ExitCode {
    match outcome {
        Ok(code) => code,
        Err(sentence) => {
            warn(&sentence);
            ExitCode::from(2)
        }
    }
}

/// The first paragraph of what clap writes, on one line.
fn sentence(error: &clap::Error) -> String {
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return "a command is missing; usage: headless <COMMAND>, see headless --help".to_owned();
    }
    let text = error.render().to_string();
    let paragraph = text.split("\n\n").next().unwrap_or_default();
    let words: Vec<&str> = paragraph.split_whitespace().collect();
    // It repeats the argument.
    let short = shortened(words.join(" ").trim_start_matches("error: "), 200);
    format!("{short}; usage: see headless --help")
}
