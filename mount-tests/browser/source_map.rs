//! Reading a source map, by the letter of ECMA-426 and with nothing of hookfs.

use serde_json::Value;

/// A place in a source; lines and columns count from 0.
#[derive(Debug, PartialEq, Eq)]
pub struct Place {
    pub source: String,
    pub line: i64,
    pub column: i64,
}

/// Where a place of the output comes from: the last mapping of its line that begins there or before.
pub fn original(map: &str, line: usize, column: usize) -> Option<Place> {
    let map: Value = serde_json::from_str(map).ok()?;
    let target = i64::try_from(column).ok()?;
    // Source, line and column run on over the whole map; the output's column starts anew on each line.
    let (mut source, mut source_line, mut source_column) = (0, 0, 0);
    for (at, text) in map["mappings"].as_str()?.split(';').enumerate() {
        let mut generated = 0;
        let mut found = None;
        for segment in text.split(',').filter(|segment| !segment.is_empty()) {
            let fields = numbers(segment)?;
            generated += fields.first()?;
            let mapped = if let [_, to_source, to_line, to_column, ..] = fields[..] {
                source += to_source;
                source_line += to_line;
                source_column += to_column;
                Some((source, source_line, source_column))
            } else {
                None
            };
            if at == line && generated <= target {
                found = mapped;
            }
        }
        if at == line {
            let (source, line, column) = found?;
            let name = map["sources"][usize::try_from(source).ok()?].as_str()?;
            return Some(Place {
                source: name.to_owned(),
                line,
                column,
            });
        }
    }
    None
}

/// The numbers of a segment: base64 digits of five bits, the lowest first, a sixth bit to go on; the lowest bit of the
/// number is its sign.
fn numbers(segment: &str) -> Option<Vec<i64>> {
    let mut numbers = Vec::new();
    let (mut value, mut shift) = (0_i64, 0);
    for letter in segment.bytes() {
        let digit = i64::from(digit(letter)?);
        value |= (digit & 31).checked_shl(shift)?;
        shift += 5;
        if digit & 32 == 0 {
            let sign = if value & 1 == 1 { -1 } else { 1 };
            numbers.push(sign * (value >> 1));
            (value, shift) = (0, 0);
        }
    }
    Some(numbers)
}

/// The value of a base64 digit.
pub fn digit(letter: u8) -> Option<u8> {
    match letter {
        b'A'..=b'Z' => Some(letter - b'A'),
        b'a'..=b'z' => Some(letter - b'a' + 26),
        b'0'..=b'9' => Some(letter - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}
