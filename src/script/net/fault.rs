//! Why an exchange has failed, as programs are told it.

use std::error::Error;
use std::io;

use rustls::CertificateError;

/// A word, as Node has them in the `code` of an error's cause, and a text.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) code: &'static str,
    pub(super) text: String,
}

impl Fault {
    /// A request that cannot be sent as it is.
    pub(super) fn wrong(text: impl Into<String>) -> Self {
        Self {
            code: "ERR_INVALID_ARG_VALUE",
            text: text.into(),
        }
    }
}

/// What the client says, in the words of what is behind it.
pub(super) fn of(error: &reqwest::Error) -> Fault {
    let mut text = error.to_string();
    let mut code = match (error.is_timeout(), error.is_connect()) {
        (true, true) => "UND_ERR_CONNECT_TIMEOUT",
        (true, false) => "UND_ERR_BODY_TIMEOUT",
        (false, _) => "UND_ERR_SOCKET",
    };
    let mut cause = error.source();
    while let Some(inner) = cause {
        // The innermost one that says something says it best.
        text = inner.to_string();
        if let Some(of_certificate) = certificate(inner) {
            return of_certificate;
        }
        if text.contains("failed to lookup address") {
            code = "ENOTFOUND";
        } else if text.starts_with("tunnel error") {
            text = format!("the proxy does not lead to the server ({text})");
        } else if let Some(known) = inner.downcast_ref::<io::Error>().and_then(of_system) {
            code = known;
        }
        cause = inner.source();
    }
    Fault { code, text }
}

/// What is wrong with a server's certificate, and what helps.
fn certificate(error: &(dyn Error + 'static)) -> Option<Fault> {
    let mut error = error;
    // Errors of the system wrap others, also of their own kind.
    while let Some(inner) = error
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref)
    {
        error = inner;
    }
    let error = error.downcast_ref::<rustls::Error>();
    let Some(rustls::Error::InvalidCertificate(problem)) = error else {
        return None;
    };
    let trust = "SSL_CERT_FILE can name a file with the certificates of the authorities to trust";
    let (code, text) = match problem {
        CertificateError::UnknownIssuer => (
            "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
            format!("nobody who is trusted has signed the server's certificate; {trust}"),
        ),
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            ("CERT_HAS_EXPIRED", format!("{problem}"))
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            ("CERT_NOT_YET_VALID", format!("{problem}"))
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            ("ERR_TLS_CERT_ALTNAME_INVALID", format!("{problem}"))
        }
        // Most of those that were made by hand: they are authorities, and sign nobody but themselves.
        CertificateError::Other(other) if other.to_string().contains("CaUsedAsEndEntity") => (
            "DEPTH_ZERO_SELF_SIGNED_CERT",
            format!(
                "the server's certificate is an authority's own, which is none for a server; have it sign one: {trust}"
            ),
        ),
        other => ("ERR_SSL", other.to_string()),
    };
    Some(Fault {
        code,
        text: format!("the server's certificate is refused: {text}"),
    })
}

fn of_system(error: &io::Error) -> Option<&'static str> {
    Some(match error.raw_os_error()? {
        libc::ECONNREFUSED => "ECONNREFUSED",
        libc::ECONNRESET => "ECONNRESET",
        libc::EHOSTUNREACH => "EHOSTUNREACH",
        libc::ENETUNREACH => "ENETUNREACH",
        libc::ETIMEDOUT => "ETIMEDOUT",
        libc::EPIPE => "EPIPE",
        _ => return None,
    })
}
