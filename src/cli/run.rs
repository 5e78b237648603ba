//! `hookfs run`.

use std::io::{self, Write};

use super::arguments::RunArguments;
use super::report;
use crate::app::run::{Ended, Program, Runner, entry};
use crate::app::{Access, DEFAULT_CACHE_SIZE, Result};

/// Runs a module; gives its exit status.
pub(super) fn run(arguments: &RunArguments) -> Result<u8> {
    let place = arguments.state.place(&arguments.source)?;
    let options = super::places::given(&arguments.options)?;
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
    let access = Access::open(&place, options.as_ref(), DEFAULT_CACHE_SIZE)?;
    let runner = Runner::new(access.service());
    // Whoever reads it may leave (`| head`); the program goes on.
    let mut write = |is_error: bool, text: &str| {
        let _ = match is_error {
            true => io::stderr().write_all(text.as_bytes()),
            false => {
                let mut output = io::stdout().lock();
                output
                    .write_all(text.as_bytes())
                    .and_then(|()| output.flush())
            }
        };
    };
    loop {
        let ended = runner.run(&program, arguments.watch, &mut write);
        if !arguments.watch {
            return ended.map(|ended| match ended {
                Ended::Status(status) => u8::try_from(status & 255).unwrap_or(1),
                Ended::Changed => 0,
            });
        }
        match ended {
            Ok(Ended::Changed) => continue,
            Ok(Ended::Status(_)) => {}
            Err(error) => report::error(&error),
        }
        runner.wait_for_change();
    }
}
