//! Messages on a stream: four bytes of length, little-endian, then so many bytes.

use std::io::{self, Read, Write};

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Sends raw bytes.
pub(super) fn send_bytes(stream: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    let length = u32::try_from(bytes.len()).map_err(|_| invalid("message too long"))?;
    stream.write_all(&length.to_le_bytes())?;
    stream.write_all(bytes)
}

/// Sends a value as JSON.
pub(super) fn send(stream: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    send_bytes(stream, &serde_json::to_vec(value)?)?;
    stream.flush()
}

/// Receives raw bytes, at most `longest`; `None` where the other side has ended the conversation between two messages.
pub(super) fn receive_bytes(stream: &mut impl Read, longest: usize) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 4];
    let mut have = 0;
    while have < length.len() {
        match stream.read(&mut length[have..]) {
            Ok(0) if have == 0 => return Ok(None),
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => have += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    let length = u32::from_le_bytes(length) as usize;
    if length > longest {
        return Err(invalid("message too long"));
    }
    // Memory grows with what really comes, not with what the length claims.
    let mut bytes = Vec::new();
    stream.take(length as u64).read_to_end(&mut bytes)?;
    match bytes.len() == length {
        true => Ok(Some(bytes)),
        false => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

/// Receives a value.
pub(super) fn receive<T: DeserializeOwned>(
    stream: &mut impl Read,
    longest: usize,
) -> io::Result<Option<T>> {
    match receive_bytes(stream, longest)? {
        Some(bytes) => Ok(Some(serde_json::from_slice(&bytes)?)),
        None => Ok(None),
    }
}

fn invalid(text: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, text)
}
