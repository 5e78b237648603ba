//! The daemon's log: standard error, or the file that it was led to.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FormatEvent, FormatFields};

use super::style;
use crate::app::{Error, Result};

/// Starts it.
///
/// # Errors
/// [`Error::Usage`] for a filter that is none.
pub(super) fn start(filter: &str) -> Result<()> {
    // A bare level is about hookfs; the libraries' own chatter (a lexer's, say) is not for its users.
    let directives = match filter.parse::<tracing::Level>() {
        Ok(level) => format!("hookfs={level}"),
        Err(_) => filter.to_owned(),
    };
    let filter = EnvFilter::try_new(directives).map_err(|cause| Error::Usage {
        message: format!("cannot log by `{filter}`: {cause}"),
        hint: Some("`error`, `warn`, `info`, `debug` or `trace`".into()),
    })?;
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .event_format(Plain {
            colour: style::colours_errors(),
        })
        .finish();
    // Fails only where one is set already: then that one logs.
    let _ = tracing::subscriber::set_global_default(subscriber);
    Ok(())
}

/// `warn: text`. What is a diagnostic already stays as it is.
struct Plain {
    colour: bool,
}

impl<S, N> FormatEvent<S, N> for Plain
where
    S: tracing::Subscriber + for<'a> tracing_subscriber::registry::LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &tracing_subscriber::fmt::FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &tracing::Event<'_>,
    ) -> std::fmt::Result {
        let mut text = String::new();
        context
            .field_format()
            .format_fields(Writer::new(&mut text), event)?;
        if text.starts_with("error[") {
            return writeln!(writer, "{text}");
        }
        let (name, parameters) = match *event.metadata().level() {
            tracing::Level::ERROR => ("error:", "1;31"),
            tracing::Level::WARN => ("warning:", "1;33"),
            tracing::Level::INFO => ("info:", "1;32"),
            tracing::Level::DEBUG => ("debug:", "2"),
            tracing::Level::TRACE => ("trace:", "2"),
        };
        writeln!(
            writer,
            "{} {text}",
            style::paint(self.colour, parameters, name)
        )
    }
}
