//! Byte ranges (RFC 9110, 14).

/// What of a file is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// All.
    Whole,
    /// So many bytes from here on; not none.
    Part {
        /// The first.
        start: u64,
        /// How many.
        len: u64,
    },
    /// None that it has.
    Unsatisfiable,
}

/// Reads a `Range` header for a file of `size` bytes. What is no range is as if it were not there, and several are
/// answered by the whole, as a server may (RFC 9110, 14.2).
pub(super) fn read(header: &str, size: u64) -> Asked {
    let Some((unit, set)) = header.split_once('=') else {
        return Asked::Whole;
    };
    if !unit.trim().eq_ignore_ascii_case("bytes") || set.contains(',') {
        return Asked::Whole;
    }
    let Some((first, last)) = set.trim().split_once('-') else {
        return Asked::Whole;
    };
    match (
        number(first),
        number(last),
        first.is_empty(),
        last.is_empty(),
    ) {
        // The last so many bytes.
        (None, Some(0), true, false) => Asked::Unsatisfiable,
        (None, Some(_), true, false) if size == 0 => Asked::Unsatisfiable,
        (None, Some(count), true, false) => {
            let len = count.min(size);
            Asked::Part {
                start: size - len,
                len,
            }
        }
        (Some(start), None, false, true) => from(start, u64::MAX, size),
        (Some(start), Some(last), false, false) if start <= last => from(start, last, size),
        _ => Asked::Whole,
    }
}

fn from(start: u64, last: u64, size: u64) -> Asked {
    match start < size {
        true => Asked::Part {
            start,
            len: last.min(size - 1) - start + 1,
        },
        false => Asked::Unsatisfiable,
    }
}

/// Digits alone: no sign. A number that is too large is as large as numbers get.
fn number(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_the_specification_says() {
        let part = |start, len| Asked::Part { start, len };
        for (header, want) in [
            ("bytes=0-0", part(0, 1)),
            ("bytes=0-", part(0, 10)),
            ("bytes=3-5", part(3, 3)),
            ("Bytes= 3-5 ", part(3, 3)),
            ("bytes=3-99", part(3, 7)),
            ("bytes=9-99999999999999999999999", part(9, 1)),
            ("bytes=-3", part(7, 3)),
            ("bytes=-99", part(0, 10)),
            ("bytes=10-", Asked::Unsatisfiable),
            ("bytes=99999999999999999999999-", Asked::Unsatisfiable),
            ("bytes=-0", Asked::Unsatisfiable),
            ("bytes=5-3", Asked::Whole),
            ("bytes=0-1,3-4", Asked::Whole),
            ("bytes=-", Asked::Whole),
            ("bytes=+1-2", Asked::Whole),
            ("bytes=a-b", Asked::Whole),
            ("lines=0-1", Asked::Whole),
            ("0-1", Asked::Whole),
        ] {
            assert_eq!(read(header, 10), want, "{header}");
        }
        assert_eq!(read("bytes=0-", 0), Asked::Unsatisfiable);
        assert_eq!(read("bytes=-1", 0), Asked::Unsatisfiable);
    }
}
