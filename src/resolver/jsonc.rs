//! JSON as configuration files have it: a byte order mark, comments and trailing commas are allowed.

use serde_json::Value;

use crate::base::{Diagnostic, Location, SourcePath, code_frame};
use crate::compute::Failure;

/// Strict JSON, after a byte order mark (npm allows one).
pub fn parse_json(bytes: &[u8], path: &SourcePath, code: &'static str) -> Result<Value, Failure> {
    let text = without_mark(bytes);
    serde_json::from_slice(text).map_err(|error| fault(text, path, code, &error))
}

/// JSON with comments and trailing commas, as TypeScript reads `tsconfig.json`. An empty file is an empty object.
pub fn parse_jsonc(bytes: &[u8], path: &SourcePath, code: &'static str) -> Result<Value, Failure> {
    let plain = blank(without_mark(bytes));
    if plain.iter().all(u8::is_ascii_whitespace) {
        return Ok(Value::Object(serde_json::Map::new()));
    }
    serde_json::from_slice(&plain).map_err(|error| fault(without_mark(bytes), path, code, &error))
}

fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

fn fault(text: &[u8], path: &SourcePath, code: &'static str, error: &serde_json::Error) -> Failure {
    let message = error.to_string();
    let cause = message
        .split(" at line ")
        .next()
        .unwrap_or(&message)
        .to_owned();
    let line = u32::try_from(error.line()).unwrap_or(0);
    let column = u32::try_from(error.column()).unwrap_or(1).max(1);
    let frame = code_frame(&String::from_utf8_lossy(text), line, column, 1);
    let diagnostic = Diagnostic::new(code, format!("not valid JSON: {cause}"))
        .at(Location {
            file: path.to_string(),
            line,
            column,
        })
        .frame(frame);
    Failure::Diagnostics([diagnostic].into())
}

/// Comments and trailing commas as spaces, so that places stay what they are.
fn blank(text: &[u8]) -> Vec<u8> {
    let mut plain = text.to_vec();
    let mut comma = None;
    let mut index = 0;
    while index < plain.len() {
        match plain[index] {
            b'"' => {
                comma = None;
                index = string_end(&plain, index);
                continue;
            }
            b'/' if matches!(plain.get(index + 1), Some(b'/' | b'*')) => {
                let end = comment_end(&plain, index);
                for byte in &mut plain[index..end] {
                    if *byte != b'\n' {
                        *byte = b' ';
                    }
                }
                index = end;
                continue;
            }
            b',' => comma = Some(index),
            b'}' | b']' => {
                if let Some(comma) = comma.take() {
                    plain[comma] = b' ';
                }
            }
            byte if byte.is_ascii_whitespace() => {}
            _ => comma = None,
        }
        index += 1;
    }
    plain
}

fn string_end(text: &[u8], start: usize) -> usize {
    let mut index = start + 1;
    while let Some(byte) = text.get(index) {
        match byte {
            b'\\' => index += 2,
            b'"' => return index + 1,
            _ => index += 1,
        }
    }
    text.len()
}

fn comment_end(text: &[u8], start: usize) -> usize {
    let rest = &text[start + 2..];
    if text[start + 1] == b'/' {
        return rest
            .iter()
            .position(|byte| *byte == b'\n')
            .map_or(text.len(), |length| start + 2 + length);
    }
    rest.windows(2)
        .position(|pair| pair == b"*/")
        .map_or(text.len(), |length| start + 4 + length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Value {
        parse_jsonc(
            text.as_bytes(),
            &SourcePath::parse("tsconfig.json").unwrap(),
            "invalid-tsconfig",
        )
        .unwrap()
    }

    #[test]
    fn comments_and_trailing_commas_go() {
        let value =
            read("\u{feff}{ // a\n \"a\": [1, 2, /* , */ ], \"b\": \"// no, /* no */ ,]\", }");
        assert_eq!(value["a"][1], 2);
        assert_eq!(value["b"], "// no, /* no */ ,]");
        assert_eq!(read(" // nothing\n"), serde_json::json!({}));
        assert_eq!(read("{}/* open"), serde_json::json!({}));
    }

    #[test]
    fn a_fault_has_its_place() {
        let path = SourcePath::parse("package.json").unwrap();
        let fault = parse_json(b"{\n  \"a\" 1\n}", &path, "invalid-package").unwrap_err();
        insta::assert_snapshot!(fault.to_string(), @r#"
        error[invalid-package]: not valid JSON: expected `:` in `/package.json:2:7`
          1 | {
          2 |   "a" 1
            |       ^
          3 | }
        "#);
    }
}
