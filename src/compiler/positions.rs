//! Lines and columns of many places in one text, also where all of it is one line, as bundles are.

/// What a column counts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    /// UTF-16 code units (ECMA-426).
    Utf16,
    /// Characters, as diagnostics do.
    Character,
}

impl Unit {
    fn count(self, text: &str) -> usize {
        match self {
            // Nearly all of nearly every text; some ten times as fast.
            _ if text.is_ascii() => text.len(),
            Self::Utf16 => text.encode_utf16().count(),
            Self::Character => text.chars().count(),
        }
    }
}

/// Bytes between two places whose units are known.
const STEP: usize = 256;

/// An index over a text: a place in it takes logarithmic time.
pub(super) struct Positions<'a> {
    text: &'a str,
    unit: Unit,
    /// Where each line starts.
    starts: Vec<usize>,
    /// Every [`STEP`] bytes, at the next character: the offset, and the units before it. None where all is ASCII.
    known: Vec<(usize, usize)>,
}

impl<'a> Positions<'a> {
    pub(super) fn new(text: &'a str, unit: Unit) -> Self {
        let ends = memchr::memchr_iter(b'\n', text.as_bytes());
        let starts = std::iter::once(0).chain(ends.map(|at| at + 1));
        let mut positions = Self {
            text,
            unit,
            starts: starts.collect(),
            known: Vec::new(),
        };
        if !text.is_ascii() {
            let (mut at, mut units) = (0, 0);
            while at < text.len() {
                positions.known.push((at, units));
                let mut next = (at + STEP).min(text.len());
                while !text.is_char_boundary(next) {
                    next += 1;
                }
                units += unit.count(&text[at..next]);
                at = next;
            }
        }
        positions
    }

    /// Units before `offset`, which is at a character.
    fn units(&self, offset: usize) -> usize {
        let after = self.known.partition_point(|&(at, _)| at <= offset);
        match after.checked_sub(1).map(|index| self.known[index]) {
            None => offset,
            Some((at, units)) => units + self.unit.count(&self.text[at..offset]),
        }
    }

    /// As [`Positions::of`], where the last place that was asked for lay in the line `near`: mostly it is the same one.
    pub(super) fn of_near(&self, offset: usize, near: usize) -> Option<(usize, usize)> {
        let starts = &self.starts;
        let is_here = starts.get(near).is_some_and(|&start| start <= offset)
            && starts.get(near + 1).is_none_or(|&next| offset < next);
        if !is_here || !self.known.is_empty() {
            return self.of(offset);
        }
        (offset <= self.text.len()).then(|| (near, offset - starts[near]))
    }

    /// The line and column of `offset`, from 0; `None` where it is outside of the text or inside a character.
    pub(super) fn of(&self, offset: usize) -> Option<(usize, usize)> {
        if !self.text.is_char_boundary(offset) {
            return None;
        }
        let line = self.starts.partition_point(|&start| start <= offset) - 1;
        Some((line, self.units(offset) - self.units(self.starts[line])))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_those_that_counting_gives() {
        let long = "ä😀x".repeat(400);
        for text in ["", "a\nb\n", &long, &format!("{long}\n\n{long}x\r\n")] {
            for unit in [Unit::Utf16, Unit::Character] {
                let positions = Positions::new(text, unit);
                for offset in 0..=text.len() + 1 {
                    let counted = text.get(..offset).map(|before| {
                        let start = before.rfind('\n').map_or(0, |at| at + 1);
                        let line = before.bytes().filter(|&byte| byte == b'\n').count();
                        (line, unit.count(&before[start..]))
                    });
                    assert_eq!(positions.of(offset), counted, "{offset}");
                    for near in 0..positions.starts.len() + 1 {
                        assert_eq!(positions.of_near(offset, near), counted, "{offset}");
                    }
                }
            }
        }
    }
}
