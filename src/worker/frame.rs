//! What goes over the socket: a byte that says what it is, four of its length (little endian), and the bytes.

use std::io;

/// The most bytes of one frame. Nothing is read before its length is known to be allowed.
const MOST: u32 = 256 << 20;

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    /// To the worker: do this.
    Request = 1,
    /// To the worker: what it asked.
    Answer = 2,
    /// From the worker: a question. It waits for the answer.
    Ask = 3,
    /// From the worker: the result.
    Done = 4,
    /// Either way: news. Nobody waits for an answer.
    Message = 5,
    /// From the worker: it has come to an end of what it was doing, and goes on. Its processor time is counted anew.
    Beat = 6,
}

/// The bytes of a head.
pub(super) const HEAD: usize = 5;

/// A whole frame.
///
/// # Errors
/// [`io::ErrorKind::InvalidInput`] where it is too long.
pub(super) fn encode(tag: Tag, body: &[u8]) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(HEAD + body.len());
    append(&mut bytes, tag, body)?;
    Ok(bytes)
}

/// Adds a frame to others.
///
/// # Errors
/// [`io::ErrorKind::InvalidInput`] where it is too long.
pub(super) fn append(bytes: &mut Vec<u8>, tag: Tag, body: &[u8]) -> io::Result<()> {
    let length = u32::try_from(body.len())
        .ok()
        .filter(|length| *length <= MOST)
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "a message is too long"))?;
    bytes.reserve(HEAD + body.len());
    bytes.push(tag as u8);
    bytes.extend(length.to_le_bytes());
    bytes.extend(body);
    Ok(())
}

/// What a head announces: the tag and the length of the body.
///
/// # Errors
/// [`io::ErrorKind::InvalidData`] where it is no head, or announces too much.
pub(super) fn decode(head: [u8; HEAD]) -> io::Result<(Tag, usize)> {
    let [tag, length @ ..] = head;
    let tag = match tag {
        1 => Tag::Request,
        2 => Tag::Answer,
        3 => Tag::Ask,
        4 => Tag::Done,
        5 => Tag::Message,
        6 => Tag::Beat,
        _ => return Err(io::Error::new(io::ErrorKind::InvalidData, "not a message")),
    };
    let length = u32::from_le_bytes(length);
    match length <= MOST {
        true => Ok((tag, length as usize)),
        false => Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "a message is too long",
        )),
    }
}
