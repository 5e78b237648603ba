//! `hookfs serve`.

use std::io::{self, Write};
use std::time::Instant;

use super::arguments::ServeArguments;
use super::logging;
use super::signals::Signals;
use crate::app::project;
use crate::app::serve::{ServeConfig, Serving};
use crate::app::{Result, Status};

/// Serves until it is told to end.
pub(super) fn serve(arguments: &ServeArguments) -> Result<Status> {
    let started = Instant::now();
    logging::start(&arguments.log.log)?;
    let place = arguments.state.place(&arguments.source)?;
    let source = place.source.clone();
    let config = ServeConfig {
        place: place.clone(),
        options: arguments.options.options()?,
        entry: arguments.entry.clone(),
        port: arguments.port,
        host: arguments.host.clone(),
        allowed: arguments.allowed.clone(),
        cache_size: arguments.size.cache_size,
        is_hot: !arguments.is_cold,
        origins: arguments.origins.clone(),
    };
    let signals = Signals::catch()?;
    let serving = Serving::start(config)?;
    if serving.is_public() {
        tracing::warn!("whoever reaches this machine over the network can read what is served");
    }
    // Nobody need read it for the source to be served.
    let mut output = io::stdout().lock();
    let _ = writeln!(
        output,
        "hookfs: {} is served at {} (ready in {} ms)",
        source.display(),
        serving.address(),
        started.elapsed().as_millis()
    )
    .and_then(|()| output.flush());
    drop(output);
    if let Some(reason) = project::without_page(&place) {
        tracing::warn!("{reason}");
    }
    if let Some(unread) = project::unread(&place) {
        tracing::info!("{unread}");
    }
    signals.lead_to(serving.stopper());
    serving.run()?;
    Ok(Status::Done)
}
