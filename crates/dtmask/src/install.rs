//! What is installed beside the program: completions for shells, and man pages.

use std::fs;
use std::io;
use std::path::Path;

use anyhow::{Context, Result, bail};
use clap::builder::StyledStr;
use clap::{Command, CommandFactory as _};
use clap_complete::Shell;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};

use crate::flags::Flags;
use crate::{DONE, stdio};

/// Prints the completions for `shell` and returns the exit code.
///
/// # Errors
///
/// If standard output fails, a reader that went away excepted.
pub(crate) fn completions(shell: Shell) -> Result<u8> {
    let mut script = Vec::new();
    let mut command = Flags::command();
    let name = command.get_name().to_owned();
    clap_complete::generate(shell, &mut command, name, &mut script);
    print(&script)
}

/// Prints the man page of dtmask, or of its command `name`, and returns the exit code.
///
/// # Errors
///
/// If there is no such command, and as [`completions`].
pub(crate) fn man_page(name: Option<&str>) -> Result<u8> {
    let mut command = documented();
    if let Some(name) = name {
        let Some(found) = command.find_subcommand(name) else {
            let names: Vec<&str> = command.get_subcommands().map(Command::get_name).collect();
            bail!(
                "there is no command '{name}'; there are: {}",
                names.join(", ")
            );
        };
        command = found.clone();
    }
    print(&page(command).context("cannot make the page")?)
}

/// Writes the man pages of dtmask and of all its commands into `folder`, which is made
/// if there is none, and returns the exit code.
///
/// # Errors
///
/// If a file cannot be written.
pub(crate) fn man_pages(folder: &Path) -> Result<u8> {
    let command = documented();
    let all = command.get_subcommands().chain([&command]);
    fs::create_dir_all(folder)
        .and_then(|()| {
            for command in all {
                let name = Man::new(command.clone()).get_filename();
                fs::write(folder.join(name), page(command.clone())?)?;
            }
            Ok(())
        })
        .with_context(|| format!("cannot write man pages to '{}'", folder.display()))?;
    Ok(DONE)
}

/// The command as it is documented: `help` explains itself.
fn documented() -> Command {
    let mut command = Flags::command().disable_help_subcommand(true);
    command.build();
    command
}

/// The man page of `command`.
fn page(command: Command) -> io::Result<Vec<u8>> {
    let help = command.get_after_long_help().or(command.get_after_help());
    let sections = sections(&help.map(StyledStr::to_string).unwrap_or_default());
    let has_commands = command.has_subcommands();
    let man = Man::new(command);
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if has_commands {
        man.render_subcommands_section(&mut page)?;
    }
    sections.to_writer(&mut page)?;
    Ok(page)
}

/// What follows the flags in `--help`: paragraphs under a title, whose lines stay as they
/// are.
fn sections(help: &str) -> Roff {
    let mut sections = Roff::new();
    for paragraph in help.split("\n\n") {
        let (title, lines) = paragraph.split_once('\n').unwrap_or((paragraph, ""));
        // The last line of the short help leads to the long one.
        if let Some(title) = title.strip_suffix(':') {
            sections
                .control("SH", [title.to_uppercase().as_str()])
                .control("nf", [])
                .text(
                    lines
                        .lines()
                        .map(|line| roman(format!("{line}\n")))
                        .collect::<Vec<_>>(),
                )
                .control("fi", []);
        }
    }
    sections
}

fn print(text: &[u8]) -> Result<u8> {
    stdio::print(text).map(|_| DONE)
}
