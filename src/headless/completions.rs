//! `headless completions`.

use clap::{Args, Command};
use clap_complete::{Shell, generate};

use super::output::Output;

/// Print the completion script of a shell.
///
/// For example: headless completions bash > ~/.local/share/bash-completion/completions/headless
#[derive(Args)]
pub struct Completions {
    /// The shell.
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

impl Completions {
    /// Prints the completions of `program`.
    pub fn execute(&self, program: &mut Command) -> Result<(), String> {
        // The generator panics when its writer fails, so that it writes to memory.
        let mut script = Vec::new();
        let name = program.get_name().to_owned();
        generate(self.shell, program, name, &mut script);
        Output::standard().write(|out| out.write_all(&script))
    }
}
