//! Where a server listens.

use std::fs;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, ToSocketAddrs};
use std::path::{Path, PathBuf};

use super::error::{Error, Result};
use super::state;

/// How many ports after the first one are tried.
const TRIED: u16 = 100;

/// What is asked for.
pub(super) struct Wanted<'a> {
    /// A name or an address of this machine, instead of the loopback device.
    pub(super) host: Option<&'a str>,
    /// A certain port.
    pub(super) port: Option<u16>,
    /// The first one to try where that is not given.
    pub(super) first: u16,
    /// The state folder, and its file that has the last port, so that open pages find the next server.
    pub(super) state: &'a Path,
    pub(super) kept: &'static str,
}

/// Sockets that listen.
pub(super) struct Sockets {
    pub(super) listeners: Vec<TcpListener>,
    pub(super) port: u16,
    /// The name of this machine to use with it.
    pub(super) name: String,
    /// The file that has the port of the last server.
    kept: PathBuf,
    /// Other machines can come.
    pub(super) is_public: bool,
    /// It listens on all interfaces.
    pub(super) is_everywhere: bool,
}

impl Sockets {
    /// Notes the port for the next server; of two at a time, that of the one that holds the state. Where that fails, it
    /// may be another one then.
    pub(super) fn keep_port(&self, holds_state: bool) {
        if holds_state || last(&self.kept).is_none() {
            let written = state::replace(&self.kept, self.port.to_string().as_bytes());
            if let Err(cause) = written {
                tracing::debug!("{cause}");
            }
        }
    }
}

/// Listens at the port that is asked for; else at the one of the last time, else at the next that is free.
///
/// # Errors
/// [`Error::Usage`] for a host that is none; [`Error::Io`] where no port is to be had.
pub(super) fn listen(wanted: &Wanted<'_>) -> Result<Sockets> {
    let addresses = match wanted.host {
        None => vec![
            IpAddr::V4(Ipv4Addr::LOCALHOST),
            IpAddr::V6(Ipv6Addr::LOCALHOST),
        ],
        Some(host) => resolve(host)?,
    };
    let kept = state::create(wanted.state)?.join(wanted.kept);
    let (listeners, port) = match wanted.port {
        Some(port) => bind(&addresses, port).map_err(|cause| cannot_listen(port, cause))?,
        None => first_free(&addresses, last(&kept), wanted.first)?,
    };
    let is_public = addresses.iter().any(|address| !address.is_loopback());
    let is_everywhere = addresses.iter().any(IpAddr::is_unspecified);
    let name = match wanted.host {
        Some(host) if !is_everywhere && host.parse::<Ipv6Addr>().is_ok() => format!("[{host}]"),
        Some(host) if !is_everywhere => host.to_owned(),
        _ => "localhost".to_owned(),
    };
    Ok(Sockets {
        listeners,
        port,
        name,
        kept,
        is_public,
        is_everywhere,
    })
}

fn resolve(host: &str) -> Result<Vec<IpAddr>> {
    let found = (host, 0).to_socket_addrs().map_err(|cause| Error::Usage {
        message: format!("cannot listen at `{host}`: {cause}"),
        hint: Some("give a name or an address of this machine".to_owned()),
    })?;
    let mut addresses: Vec<IpAddr> = found.map(|address| address.ip()).collect();
    addresses.sort();
    addresses.dedup();
    Ok(addresses)
}

fn cannot_listen(port: u16, cause: io::Error) -> Error {
    Error::io("listen at", Path::new(&format!("port {port}")))(cause)
}

fn first_free(
    addresses: &[IpAddr],
    last: Option<u16>,
    first: u16,
) -> Result<(Vec<TcpListener>, u16)> {
    let mut refused = None;
    for port in last.into_iter().chain(first..first + TRIED) {
        match bind(addresses, port) {
            Ok(found) => return Ok(found),
            Err(cause) if cause.kind() == io::ErrorKind::AddrInUse => refused = Some(cause),
            Err(cause) => return Err(cannot_listen(port, cause)),
        }
    }
    let cause = refused.unwrap_or_else(|| io::ErrorKind::AddrInUse.into());
    Err(cannot_listen(first, cause))
}

/// Listens at all addresses, at one port: where another program has it at one of them, `localhost` would lead to that one
/// as well as here.
fn bind(addresses: &[IpAddr], port: u16) -> io::Result<(Vec<TcpListener>, u16)> {
    let mut listeners = Vec::new();
    let mut port = port;
    let mut missing = None;
    for address in addresses {
        match TcpListener::bind(SocketAddr::new(*address, port)) {
            Ok(listener) => {
                port = listener.local_addr()?.port();
                listeners.push(listener);
            }
            // There is no IPv6 here, say.
            Err(cause) if is_absent(&cause) => missing = Some(cause),
            Err(cause) => return Err(cause),
        }
    }
    match (listeners.is_empty(), missing) {
        (true, Some(cause)) => Err(cause),
        (true, None) => Err(io::ErrorKind::AddrNotAvailable.into()),
        (false, _) => Ok((listeners, port)),
    }
}

fn is_absent(cause: &io::Error) -> bool {
    cause.kind() == io::ErrorKind::AddrNotAvailable
        || cause.raw_os_error() == Some(libc::EAFNOSUPPORT)
}

fn last(file: &Path) -> Option<u16> {
    fs::read_to_string(file).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_port_lasts_and_is_its_owner_s() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state");
        let wanted = Wanted {
            host: None,
            port: Some(0),
            first: 1,
            state: &state,
            kept: "port",
        };
        let sockets = listen(&wanted).unwrap();
        sockets.keep_port(true);
        let kept = fs::metadata(state.join("port")).unwrap().permissions();
        assert_eq!(kept.mode() & 0o777, 0o600);
        let port = sockets.port;
        drop(sockets);
        assert_eq!(last(&state.join("port")), Some(port));
        // One that is in use stays what is kept.
        listen(&wanted).unwrap().keep_port(false);
        assert_eq!(last(&state.join("port")), Some(port));
    }
}
