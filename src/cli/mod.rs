//! The command line: what the words mean, and the one place where errors become text and exit statuses.

mod arguments;
mod build;
mod cache;
mod cat;
mod completions;
mod doctor;
mod graph;
mod logging;
mod mount;
mod places;
mod report;
mod run;
mod serve;
mod signals;
mod size;
mod status;
mod style;
mod unmount;

use std::process::ExitCode;

use clap::Parser;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::app::{Result, Status, WORKER_ARGUMENT, be_worker};
use arguments::{Cli, Command};

/// Runs the command that the process was started with.
pub fn main() -> ExitCode {
    if let Some(kind) = worker() {
        be_worker(&kind);
        return ExitCode::from(Status::Usage as u8);
    }
    // clap prints help and usage errors by itself, and ends with 0 or 2.
    let cli = Cli::parse();
    have_descriptors();
    match run(cli.command) {
        Ok(status) => ExitCode::from(status),
        Err(error) => {
            report::error(&error);
            ExitCode::from(error.status() as u8)
        }
    }
}

/// Makes the limit of open files the one that the user may have. The lower one that shells start with is for programs that
/// use select(2), whose sets end at 1,024.
fn have_descriptors() {
    let limit = getrlimit(Resource::Nofile);
    let most = Rlimit {
        current: limit.maximum,
        ..limit
    };
    // Fails where the kernel's own limit is lower by now; then it stays as it is.
    let _ = setrlimit(Resource::Nofile, most);
}

/// What kind of worker the process was started as: no word of a user's, so it stands in no help.
fn worker() -> Option<String> {
    let mut words = std::env::args_os().skip(1);
    let first = words.next()?;
    (first == WORKER_ARGUMENT).then(|| {
        words
            .next()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned()
    })
}

/// Gives the exit status.
fn run(command: Command) -> Result<u8> {
    let status = match command {
        Command::Run(arguments) => return run::run(&arguments),
        Command::Serve(arguments) => serve::serve(&arguments),
        Command::Mount(arguments) => mount::mount(&arguments),
        Command::Unmount { mount_point } => unmount::unmount(&mount_point),
        Command::Cat(arguments) => cat::cat(&arguments),
        Command::Build(arguments) => build::build(&arguments),
        Command::Status(arguments) => status::status(&arguments),
        Command::Graph(arguments) => graph::graph(&arguments),
        Command::Cache(arguments) => cache::cache(&arguments),
        Command::Doctor => Ok(doctor::doctor()),
        Command::Completions { shell } => completions::completions(shell),
        Command::Man => completions::man(),
    };
    status.map(|status| status as u8)
}

#[cfg(test)]
mod tests;
