//! `hookfs run`.

use std::io::{self, Write};
use std::path::Path;

use super::arguments::RunArguments;
use super::report;
use crate::app::run::{Ended, Program, Runner, entry};
use crate::app::{Access, DEFAULT_CACHE_SIZE, Error, Result};

/// As of a process that SIGPIPE has ended.
const BROKEN_PIPE: u8 = 128 + 13;

/// Runs a module; gives its exit status.
pub(super) fn run(arguments: &RunArguments) -> Result<u8> {
    let place = arguments.state.place(&arguments.source)?;
    let asked = super::places::asked(&arguments.options)?;
    let (id, file) = entry(&place, &arguments.entry)?;
    let mut words = vec!["hookfs".to_owned(), file.to_string_lossy().into_owned()];
    words.extend(
        arguments
            .arguments
            .iter()
            .map(|word| word.to_string_lossy().into_owned()),
    );
    let lossy = |text: std::ffi::OsString| text.to_string_lossy().into_owned();
    let program = Program {
        entry: id,
        arguments: words,
        environment: std::env::vars_os()
            .map(|(name, value)| (lossy(name), lossy(value)))
            .collect(),
        directory: std::env::current_dir()
            .map_or_else(|_| "/".to_owned(), |path| lossy(path.into())),
    };
    let access = Access::open(&place, &asked, DEFAULT_CACHE_SIZE, true)?;
    let runner = Runner::new(access.service());
    let mut lost = None;
    let mut write = |is_error: bool, bytes: &[u8]| {
        let written = match is_error {
            // Where that is closed, nobody wants to hear of errors.
            true => io::stderr().write_all(bytes).or(Ok(())),
            false => {
                let mut output = io::stdout().lock();
                output.write_all(bytes).and_then(|()| output.flush())
            }
        };
        let Err(error) = written else { return true };
        lost.get_or_insert(error);
        false
    };
    loop {
        let ended = runner.run(&program, arguments.watch, &mut write);
        match ended {
            Ok(Ended::Unheard) => return unheard(lost),
            Ok(Ended::Status(status)) if !arguments.watch => {
                return Ok(u8::try_from(status & 255).unwrap_or(1));
            }
            Err(error) if !arguments.watch => return Err(error),
            Ok(Ended::Changed) => continue,
            Ok(Ended::Status(_)) => {}
            Err(error) => report::error(&error),
        }
        runner.wait_for_change();
    }
}

/// The status of a program that cannot print: whoever read it has left (`| head`), which ends it as a shell's own programs
/// are ended; or there is no room.
fn unheard(lost: Option<io::Error>) -> Result<u8> {
    match lost {
        Some(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Error::io("write", Path::new("standard output"))(error))
        }
        _ => Ok(BROKEN_PIPE),
    }
}
