//! SVGs as modules of a component, written in JSX as SVGR writes it by default (`@svgr/plugin-jsx`: nothing is optimized, the
//! size stays, and the element takes the component's properties after its own).
//!
//! What SVGR does otherwise: text in CDATA sections is text here (style sheets often are), entities that the document
//! declares mean what it says, and an `svg` within another does not take the properties once more.

mod entities;
mod names;
mod style;
mod write;

use std::fmt::Write;
use std::ops::Range;

use quick_xml::errors::{Error, IllFormedError, SyntaxError};
use quick_xml::events::Event;
use quick_xml::events::attributes::AttrError;
use quick_xml::reader::Reader;

use super::faults;
use crate::base::Diagnostic;
use entities::Entities;
use write::Writer;

/// The module of a component that shows an SVG: its default export, also called `ReactComponent`. `shown` is the file as
/// its user knows it; `header` stands before all else.
///
/// # Errors
/// `encoding`, and `svg` for what is no XML, with place and frame.
pub fn svg_module(source: &[u8], shown: &str, header: &str) -> Result<String, Vec<Diagnostic>> {
    let text = match std::str::from_utf8(source) {
        Ok(text) => text.strip_prefix('\u{feff}').unwrap_or(text),
        Err(error) => return Err(vec![faults::encoding(source, error.valid_up_to(), shown)]),
    };
    let writer = read(text).map_err(|Fault { message, range }| {
        let diagnostic = Diagnostic::new("svg", message).hint(HINT);
        vec![faults::at(diagnostic, shown, text, range)]
    })?;
    let name = names::component(shown);
    let mut module = header.to_owned();
    for (number, tag) in writer.tags.iter().enumerate() {
        let _ = writeln!(module, "const Tag{number} = {};", quoted(tag));
    }
    let _ = writeln!(module, "const {name} = (props) => {};", writer.jsx);
    let _ = writeln!(module, "export default {name};");
    let _ = writeln!(module, "export {{ {name} as ReactComponent }};");
    Ok(module)
}

const HINT: &str = "an SVG is XML: every element is closed, every attribute has a value in quotes; `?url` and `?raw` take the file as it is";

/// What is wrong with a text, and where.
struct Fault {
    message: String,
    range: Range<usize>,
}

impl Fault {
    fn new(message: impl Into<String>, range: Range<usize>) -> Self {
        let message = message.into();
        Self { message, range }
    }
}

fn read(text: &str) -> Result<Writer, Fault> {
    let place =
        |position: u64| usize::try_from(position).map_or(text.len(), |at| at.min(text.len()));
    let mut reader = Reader::from_str(text);
    // A lone `&` is text, as for SVGR.
    reader.config_mut().allow_dangling_amp = true;
    let mut writer = Writer::default();
    loop {
        let start = place(reader.buffer_position());
        let event = reader.read_event().map_err(|error| {
            let at = place(reader.error_position());
            Fault::new(told(&error), at..end_of_line(text, at))
        })?;
        let range = start..place(reader.buffer_position());
        match event {
            Event::Start(tag) => writer.begin(&tag, false, range)?,
            Event::Empty(tag) => writer.begin(&tag, true, range)?,
            Event::End(_) => writer.end(),
            Event::Text(text) => writer.text(&text.into_inner(), range)?,
            Event::CData(text) => writer.text(&text.into_inner(), range)?,
            Event::GeneralRef(name) => writer.reference(&name.into_inner(), range)?,
            Event::DocType(text) => writer.entities = Entities::declared(&text.into_inner()),
            Event::Comment(_) | Event::PI(_) => writer.end_text(),
            Event::Decl(_) => {}
            Event::Eof => break,
        }
    }
    if let Some(open) = writer.open.pop() {
        let message = format!("`<{}>` is not closed", open.name);
        return Err(Fault::new(message, open.range));
    }
    match writer.jsx.is_empty() {
        true => Err(Fault::new("there is no element", text.len()..text.len())),
        false => Ok(writer),
    }
}

fn end_of_line(text: &str, from: usize) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    from + rest.find('\n').unwrap_or(rest.len())
}

/// What the reader says.
fn told(error: &Error) -> String {
    match error {
        Error::Syntax(SyntaxError::UnclosedTag) => "a tag is not closed".to_owned(),
        Error::IllFormed(IllFormedError::MismatchedEndTag { expected, found }) => {
            format!("`</{found}>` stands where `<{expected}>` is open")
        }
        Error::IllFormed(IllFormedError::UnmatchedEndTag(name)) => {
            format!("`</{name}>` closes nothing")
        }
        Error::Syntax(other) => faults::polished(&other.to_string()),
        other => faults::polished(&other.to_string()),
    }
}

/// What is wrong with an attribute. `start` is where its tag's name begins.
fn of_attribute(error: &AttrError, start: usize) -> Fault {
    let (message, at) = match *error {
        AttrError::ExpectedEq(at) | AttrError::ExpectedValue(at) => {
            ("an attribute has no value", at)
        }
        AttrError::UnquotedValue(at) => ("the value of an attribute is not in quotes", at),
        AttrError::ExpectedQuote(at, _) => ("the value of an attribute does not end", at),
        AttrError::Duplicated(at, _) => ("an attribute stands there twice", at),
    };
    Fault::new(message, start + at..start + at)
}

/// A string literal of JavaScript.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests;
