//! `completions` and `man`, both made from the command line's own description.

use std::io::{self, Write};
use std::path::Path;

use clap::CommandFactory;

use super::arguments::Cli;
use crate::app::{Error, Result, Status};

/// Prints a shell's completions.
pub(super) fn completions(shell: clap_complete::Shell) -> Result<Status> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "hookfs", &mut text);
    print(&text)
}

/// Prints the manual page: the program's, and below it one section for each command.
pub(super) fn man() -> Result<Status> {
    let mut text = Vec::new();
    let failed = |cause| Error::io("write", Path::new("the manual page"))(cause);
    let command = Cli::command();
    clap_mangen::Man::new(command.clone())
        .render(&mut text)
        .map_err(failed)?;
    for sub in command.get_subcommands() {
        if sub.is_hide_set() {
            continue;
        }
        let name = format!("hookfs {}", sub.get_name());
        let page = clap_mangen::Man::new(sub.clone().bin_name(name.clone()));
        writeln!(text, ".SH \"{}\"", name.to_uppercase()).map_err(failed)?;
        page.render_synopsis_section(&mut text).map_err(failed)?;
        page.render_description_section(&mut text).map_err(failed)?;
        page.render_options_section(&mut text).map_err(failed)?;
    }
    print(&text)
}

/// Prints to standard output; a reader that has gone (`| head`) is no error.
pub(super) fn print(text: &[u8]) -> Result<Status> {
    let mut output = io::stdout().lock();
    match output.write_all(text).and_then(|()| output.flush()) {
        Err(cause) if cause.kind() != io::ErrorKind::BrokenPipe => {
            Err(Error::io("write", Path::new("standard output"))(cause))
        }
        _ => Ok(Status::Done),
    }
}
