//! Formatted text with what each piece of it is, as `formatToParts` wants it.

use std::fmt::{self, Write};

use rquickjs::{Array, Ctx, Error};
use writeable::{Part, PartsWrite, Writeable};

/// What a piece is, by the name that ECMA-402 has for it, and its text.
pub(super) type Piece = (&'static str, String);

/// What the pieces are of which nothing is known.
pub(super) const LITERAL: &str = "literal";

/// The pieces of what is written, by the parts of one category; parts of others are passed through.
pub(super) fn pieces(written: &impl Writeable, category: &'static str) -> Vec<Piece> {
    let mut pieces = Pieces {
        category,
        open: Vec::new(),
        begins: true,
        pieces: Vec::new(),
    };
    // Strings take whatever is written.
    let _ = written.write_to_parts(&mut pieces);
    pieces.pieces
}

struct Pieces {
    category: &'static str,
    open: Vec<&'static str>,
    /// The next text is not of the last piece.
    begins: bool,
    pieces: Vec<Piece>,
}

impl Write for Pieces {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if text.is_empty() {
            return Ok(());
        }
        let kind = self.open.last().copied().unwrap_or(LITERAL);
        match self.pieces.last_mut() {
            Some((last, piece)) if *last == kind && !self.begins => piece.push_str(text),
            _ => self.pieces.push((kind, text.to_owned())),
        }
        self.begins = false;
        Ok(())
    }
}

impl PartsWrite for Pieces {
    type SubPartsWrite = Self;

    fn with_part(
        &mut self,
        part: Part,
        mut write: impl FnMut(&mut Self) -> fmt::Result,
    ) -> fmt::Result {
        if part.category != self.category {
            return write(self);
        }
        self.open.push(part.value);
        self.begins = true;
        let result = write(self);
        self.open.pop();
        self.begins = true;
        result
    }
}

/// The pieces one after the other: what, text, what, text.
pub(super) fn array<'js>(ctx: &Ctx<'js>, pieces: &[Piece]) -> Result<Array<'js>, Error> {
    let array = Array::new(ctx.clone())?;
    for (index, (kind, text)) in pieces.iter().enumerate() {
        array.set(2 * index, *kind)?;
        array.set(2 * index + 1, text.as_str())?;
    }
    Ok(array)
}
