//! `hookfs cache`: what is stored.

use super::arguments::{CacheAction, CacheArguments};
use super::completions::print;
use super::size::show_size;
use crate::app::{Access, Asked, DEFAULT_CACHE_SIZE, Result, Status};

/// Tells or bounds what is stored.
pub(super) fn cache(arguments: &CacheArguments) -> Result<Status> {
    let place = arguments.state.place(&arguments.source)?;
    let access = Access::open(&place, &Asked::Its, DEFAULT_CACHE_SIZE, false)?;
    let service = access.service();
    let text = match arguments.action {
        None | Some(CacheAction::Size) => {
            let size = service.cache()?;
            format!(
                "{} outputs, {}; {} records; {} on disk in {}\n",
                size.blobs,
                show_size(size.blob_bytes),
                size.records,
                show_size(size.disk_bytes),
                place.state.display()
            )
        }
        Some(CacheAction::Prune { to }) => format!("{} freed\n", show_size(service.prune(to)?)),
        Some(CacheAction::Clear) => format!("{} freed\n", show_size(service.clear()?)),
    };
    print(text.as_bytes())
}
