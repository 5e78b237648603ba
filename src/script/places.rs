//! Places in what was compiled, to places in the sources: in texts of stacks, by source maps (ECMA-426).

use std::collections::HashMap;

use super::{Place, client};

/// The most lines of a stack that are told: a program may set an error's to what it likes.
const MOST_LINES: usize = 500;

/// A stack as the engine tells it, with the places in the sources. The runtime's own frames are left out.
pub(super) fn placed(
    stack: &str,
    places: &mut dyn FnMut(&[Place]) -> Vec<Option<Place>>,
) -> String {
    let mut lines: Vec<&str> = Vec::new();
    for line in stack.lines().take(MOST_LINES) {
        if !line.contains(client::NAME) {
            lines.push(line);
            continue;
        }
        // What of the engine's own it has called to come here is no more of interest.
        while lines.last().is_some_and(|last| last.ends_with("(native)")) {
            lines.pop();
        }
    }
    let found: Vec<Option<(std::ops::Range<usize>, Place)>> =
        lines.iter().map(|line| find(line)).collect();
    let wanted: Vec<Place> = found
        .iter()
        .flatten()
        .map(|(_, place)| place.clone())
        .collect();
    let mut answers = match wanted.is_empty() {
        true => Vec::new(),
        false => places(&wanted),
    }
    .into_iter();
    let mut text = String::with_capacity(stack.len());
    for (line, found) in lines.iter().zip(found) {
        match found.and_then(|(range, _)| Some((range, answers.next()??))) {
            Some((range, place)) => {
                text.push_str(&line[..range.start]);
                text.push_str(&format!("{}:{}:{}", place.file, place.line, place.column));
                text.push_str(&line[range.end..]);
            }
            None => text.push_str(line),
        }
        text.push('\n');
    }
    text
}

/// The places that a stack names, the innermost first.
pub fn in_stack(stack: &str) -> Vec<Place> {
    stack
        .lines()
        .filter_map(find)
        .map(|(_, place)| place)
        .collect()
}

/// The place in a line, `    at name (/a.ts.js:1:2)`, and where it stands.
fn find(line: &str) -> Option<(std::ops::Range<usize>, Place)> {
    let trimmed = line.trim_start().strip_prefix("at ")?;
    let offset = line.len() - trimmed.len();
    let (start, end) = match (trimmed.rfind('('), trimmed.rfind(')')) {
        (Some(start), Some(end)) if start < end => (start + 1, end),
        _ => (0, trimmed.trim_end().len()),
    };
    let text = &trimmed[start..end];
    let (rest, column) = text.rsplit_once(':')?;
    let (file, line) = rest.rsplit_once(':')?;
    if !file.starts_with('/') {
        return None;
    }
    let place = Place {
        file: file.to_owned(),
        line: line.parse().ok()?,
        column: column.parse().ok()?,
    };
    Some((offset + start..offset + end, place))
}

/// A source map, read.
#[derive(Clone, Debug, Default)]
pub struct SourceMap {
    sources: Vec<String>,
    /// For each line, what begins at which column: (column, source, line, column), all from 0.
    lines: Vec<Vec<(u32, u32, u32, u32)>>,
}

impl SourceMap {
    /// Reads a map; `None`: it is none.
    pub fn parse(text: &str) -> Option<Self> {
        #[derive(serde::Deserialize)]
        struct Raw {
            sources: Vec<Option<String>>,
            mappings: String,
        }
        let raw: Raw = serde_json::from_str(text).ok()?;
        let mut map = Self {
            sources: raw
                .sources
                .into_iter()
                .map(Option::unwrap_or_default)
                .collect(),
            lines: Vec::new(),
        };
        let mut state = [0_i64; 5];
        for line in raw.mappings.split(';') {
            state[0] = 0;
            let mut segments = Vec::new();
            for segment in line.split(',').filter(|segment| !segment.is_empty()) {
                let fields = decode(segment)?;
                for (field, value) in state.iter_mut().zip(&fields) {
                    *field += value;
                }
                if fields.len() >= 4 {
                    let [column, source, line, source_column] =
                        [state[0], state[1], state[2], state[3]].map(u32::try_from);
                    segments.push((column.ok()?, source.ok()?, line.ok()?, source_column.ok()?));
                }
            }
            map.lines.push(segments);
        }
        Some(map)
    }

    /// The source, line and column (from 1) of a line and column (from 1).
    pub fn find(&self, line: u32, column: u32) -> Option<(&str, u32, u32)> {
        let segments = self.lines.get(line.checked_sub(1)? as usize)?;
        let column = column.saturating_sub(1);
        let after = segments.partition_point(|segment| segment.0 <= column);
        let segment = segments.get(after.saturating_sub(1))?;
        let source = self.sources.get(segment.1 as usize)?;
        Some((source, segment.2 + 1, segment.3 + 1))
    }
}

/// The numbers of a segment, in base 64 VLQ.
fn decode(segment: &str) -> Option<Vec<i64>> {
    let mut numbers = Vec::with_capacity(5);
    let (mut value, mut shift) = (0_u64, 0);
    for byte in segment.bytes() {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        if shift > 40 {
            return None;
        }
        value |= u64::from(digit & 31) << shift;
        shift += 5;
        if digit & 32 == 0 {
            let number = i64::try_from(value >> 1).ok()?;
            numbers.push(if value & 1 == 1 { -number } else { number });
            (value, shift) = (0, 0);
        }
    }
    Some(numbers)
}

/// Maps that were read, by the module's id.
#[derive(Debug, Default)]
pub struct Maps(HashMap<String, Option<SourceMap>>);

impl Maps {
    /// The place in the source of a place in a module, whose map `read` gives.
    pub fn place(
        &mut self,
        place: &Place,
        read: impl FnOnce(&str) -> Option<String>,
    ) -> Option<Place> {
        let map = self
            .0
            .entry(place.file.clone())
            .or_insert_with(|| SourceMap::parse(&read(&place.file)?));
        let (source, line, column) = map.as_ref()?.find(place.line, place.column)?;
        // A query may have slashes.
        let name = place.file.split(['?', '#']).next().unwrap_or_default();
        let folder = name.rfind('/').map_or(0, |slash| slash + 1);
        Some(Place {
            file: format!("{}{source}", &place.file[..folder]),
            line,
            column,
        })
    }
}
