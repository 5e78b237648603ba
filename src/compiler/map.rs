//! Source maps (ECMA-426).

use swc_core::common::{BytePos, LineCol};

use super::parse::File;
use super::positions::{Positions, Unit};

/// The map of a printed file, as JSON.
pub(super) fn build(
    file: &File,
    source_name: Option<&str>,
    mappings: &[(BytePos, LineCol)],
) -> String {
    let name = source_name.unwrap_or(file.shown.trim_start_matches('/'));
    let mut json = Vec::with_capacity(file.text().len() * 5 / 4 + mappings.len() * 8 + 128);
    json.extend_from_slice(b"{\"version\":3,\"sources\":[");
    quote(&mut json, name);
    json.extend_from_slice(b"],\"sourcesContent\":[");
    quote(&mut json, file.text());
    json.extend_from_slice(b"],\"names\":[],\"mappings\":\"");
    encode(&mut json, file, mappings);
    json.extend_from_slice(b"\"}");
    String::from_utf8(json)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// Appends a text as a JSON string.
fn quote(json: &mut Vec<u8>, text: &str) {
    if let Err(error) = serde_json::to_writer(json, text) {
        panic!("quoting failed: {error}");
    }
}

/// Appends the `mappings` field. `mappings` come in the order of the output.
fn encode(json: &mut Vec<u8>, file: &File, mappings: &[(BytePos, LineCol)]) {
    let base = file.source.start_pos.0;
    let positions = Positions::new(file.text(), Unit::Utf16);
    let mut line = 0;
    let mut first = true;
    let mut previous = (0_i64, 0_i64, 0_i64);
    for (position, at) in mappings {
        // Positions of other files (pragmas) and of nothing.
        let offset = position.0.checked_sub(base);
        let Some((source_line, source_column)) =
            offset.and_then(|offset| positions.of_near(offset as usize, previous.1 as usize))
        else {
            continue;
        };
        while line < at.line {
            json.push(b';');
            line += 1;
            previous.0 = 0;
            first = true;
        }
        if !first {
            json.push(b',');
        }
        first = false;
        let now = (i64::from(at.col), source_line as i64, source_column as i64);
        number(json, now.0 - previous.0);
        json.push(b'A');
        number(json, now.1 - previous.1);
        number(json, now.2 - previous.2);
        previous = now;
    }
}

/// One number in base 64 VLQ: the sign in the lowest bit, five bits a digit, the lowest first.
fn number(json: &mut Vec<u8>, value: i64) {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut rest = (value.unsigned_abs() << 1) | u64::from(value < 0);
    loop {
        let digit = (rest & 31) as usize;
        rest >>= 5;
        json.push(DIGITS[if rest == 0 { digit } else { digit | 32 }]);
        if rest == 0 {
            break;
        }
    }
}
