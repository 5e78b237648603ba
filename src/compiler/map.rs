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
    let quote = |text: &str| serde_json::Value::from(text).to_string();
    let mut json = String::with_capacity(file.text().len() * 5 / 4 + mappings.len() * 8 + 128);
    json.push_str("{\"version\":3,\"sources\":[");
    json.push_str(&quote(name));
    json.push_str("],\"sourcesContent\":[");
    json.push_str(&quote(file.text()));
    json.push_str("],\"names\":[],\"mappings\":\"");
    encode(&mut json, file, mappings);
    json.push_str("\"}");
    json
}

/// Appends the `mappings` field. `mappings` come in the order of the output.
fn encode(json: &mut String, file: &File, mappings: &[(BytePos, LineCol)]) {
    let base = file.source.start_pos.0;
    let positions = Positions::new(file.text(), Unit::Utf16);
    let mut line = 0;
    let mut first = true;
    let mut previous = (0_i64, 0_i64, 0_i64);
    for (position, at) in mappings {
        // Positions of other files (pragmas) and of nothing.
        let offset = position.0.checked_sub(base);
        let Some((source_line, source_column)) =
            offset.and_then(|offset| positions.of(offset as usize))
        else {
            continue;
        };
        while line < at.line {
            json.push(';');
            line += 1;
            previous.0 = 0;
            first = true;
        }
        if !first {
            json.push(',');
        }
        first = false;
        let now = (i64::from(at.col), source_line as i64, source_column as i64);
        number(json, now.0 - previous.0);
        json.push('A');
        number(json, now.1 - previous.1);
        number(json, now.2 - previous.2);
        previous = now;
    }
}

/// One number in base 64 VLQ: the sign in the lowest bit, five bits a digit, the lowest first.
fn number(json: &mut String, value: i64) {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut rest = (value.unsigned_abs() << 1) | u64::from(value < 0);
    loop {
        let digit = (rest & 31) as usize;
        rest >>= 5;
        json.push(char::from(
            DIGITS[if rest == 0 { digit } else { digit | 32 }],
        ));
        if rest == 0 {
            break;
        }
    }
}
