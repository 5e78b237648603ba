//! `hookfs cat`: one output.

use std::io::{self, Write};
use std::path::Path;

use super::arguments::CatArguments;
use super::places::{asked, output_path};
use crate::app::{Access, DEFAULT_CACHE_SIZE, Error, Result, Status};

/// Prints one output.
pub(super) fn cat(arguments: &CatArguments) -> Result<Status> {
    let place = arguments.state.place(&arguments.source)?;
    let asked = asked(&arguments.options)?;
    let path = output_path(&arguments.path)?;
    let access = Access::open(&place, &asked, DEFAULT_CACHE_SIZE, false)?;
    let mut sink = Pipe {
        output: io::stdout().lock(),
        closed: false,
    };
    access.service().read(&path, &mut sink)?;
    sink.flush()
        .map_err(Error::io("write", Path::new("standard output")))?;
    Ok(Status::Done)
}

/// Standard output; once its reader has gone (`| head`), the rest goes nowhere.
struct Pipe<'a> {
    output: io::StdoutLock<'a>,
    closed: bool,
}

impl Pipe<'_> {
    fn unless_closed(&mut self, result: io::Result<()>) -> io::Result<()> {
        match result {
            Err(cause) if cause.kind() == io::ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(())
            }
            result => result,
        }
    }
}

impl Write for Pipe<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.closed {
            let result = self.output.write_all(bytes);
            self.unless_closed(result)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let result = self.output.flush();
        self.unless_closed(result)
    }
}
