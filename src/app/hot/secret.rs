//! What lets pages in, kept with the state folder: pages that are open survive a restart.

use std::fs;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::app::config::Hot;
use crate::app::error::{Error, Result};
use crate::app::state;

/// The file of the state folder.
const FILE: &str = "hot";

/// The random bits of a token: 192.
const BYTES: usize = 24;

/// Whose pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::app) enum Whose {
    /// A mount's.
    Mount,
    /// A server's.
    Server,
}

/// The content of the file.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Secret {
    token: String,
    mount: Option<Told>,
    server: Option<Told>,
}

/// What pages were told last, and since when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Told {
    socket: String,
    since: u64,
}

/// What pages have to know whose socket is here: the token that there is, or a new one.
///
/// # Errors
/// [`Error::Io`] where it can't be kept: without that, open pages would be lost with each restart.
pub(in crate::app) fn settle(state: &Path, whose: Whose, socket: &str) -> Result<Hot> {
    let path = state::create(state)?.join(FILE);
    let mut secret = read(&path);
    let is_known = secret.token.len() == BYTES * 2;
    if !is_known {
        secret.token = token(&path)?;
    }
    let told = match whose {
        Whose::Mount => &mut secret.mount,
        Whose::Server => &mut secret.server,
    };
    let since = match told {
        Some(told) if told.socket == socket && is_known => told.since,
        // Pages have other texts from now on, and say so by their times, which have whole seconds.
        Some(told) => now().max(told.since + 1),
        None => now(),
    };
    let new = Told {
        socket: socket.to_owned(),
        since,
    };
    let is_same = is_known && told.as_ref() == Some(&new);
    *told = Some(new);
    if !is_same {
        write(&path, &secret)?;
    }
    Ok(Hot {
        socket: socket.to_owned(),
        token: secret.token,
        since,
    })
}

/// What is kept; one that cannot be read is as good as none.
fn read(path: &Path) -> Secret {
    let text = fs::read(path).unwrap_or_default();
    serde_json::from_slice(&text).unwrap_or_default()
}

fn write(path: &Path, secret: &Secret) -> Result<()> {
    let internal = |cause: serde_json::Error| Error::Internal(cause.to_string());
    let text = serde_json::to_vec(secret).map_err(internal)?;
    state::replace(path, &text)
}

fn token(path: &Path) -> Result<String> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes).map_err(|cause| {
        let cause = std::io::Error::other(cause.to_string());
        Error::io("find random bits for", path)(cause)
    })?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_token_lasts_and_is_its_owner_s() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state");
        let first = settle(&state, Whose::Mount, "ws://127.0.0.1:1/~hot").unwrap();
        assert_eq!(first.token.len(), 48);
        let mode = fs::metadata(state.join(FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(
            settle(&state, Whose::Mount, "ws://127.0.0.1:1/~hot").unwrap(),
            first
        );
        let served = settle(&state, Whose::Server, "/~hot").unwrap();
        assert_eq!(served.token, first.token);
        // Another port is another text of pages, and so another time of theirs.
        let moved = settle(&state, Whose::Mount, "ws://127.0.0.1:2/~hot").unwrap();
        assert!(moved.since > first.since && moved.token == first.token);
        let back = settle(&state, Whose::Mount, "ws://127.0.0.1:1/~hot").unwrap();
        assert!(back.since > moved.since);
        assert_eq!(settle(&state, Whose::Server, "/~hot").unwrap(), served);
        let names: Vec<_> = fs::read_dir(&state).unwrap().collect();
        assert_eq!(names.len(), 1, "{names:?}");
    }

    #[test]
    fn what_is_no_secret_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let first = settle(folder.path(), Whose::Mount, "a").unwrap();
        for text in [
            "",
            "{",
            "{\"token\":\"\"}",
            "{\"token\":\"x\",\"mount\":null}",
        ] {
            fs::write(folder.path().join(FILE), text).unwrap();
            let next = settle(folder.path(), Whose::Mount, "a").unwrap();
            assert!(
                next.token.len() == 48 && next.token != first.token,
                "{text}"
            );
        }
    }
}
