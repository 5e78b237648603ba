//! The elements of an SVG, as JSX.

use std::fmt::Write;
use std::ops::Range;

use quick_xml::events::BytesStart;

use super::entities::Entities;
use super::{Fault, names, of_attribute, quoted, style};

/// What is written so far.
#[derive(Default)]
pub(super) struct Writer {
    pub(super) jsx: String,
    /// The names of elements that JSX would not take for such, in the order of their numbers.
    pub(super) tags: Vec<String>,
    pub(super) open: Vec<Open>,
    pub(super) entities: Entities,
    /// Text that is not written yet, and whether it is more than the space between elements.
    text: String,
    is_text: bool,
}

/// An element that is open.
pub(super) struct Open {
    pub(super) name: String,
    pub(super) range: Range<usize>,
    in_jsx: String,
}

impl Writer {
    pub(super) fn begin(
        &mut self,
        tag: &BytesStart<'_>,
        is_empty: bool,
        range: Range<usize>,
    ) -> Result<(), Fault> {
        self.end_text();
        let is_outermost = self.open.is_empty();
        if is_outermost && !self.jsx.is_empty() {
            return Err(Fault::new(
                "there is more than one outermost element",
                range,
            ));
        }
        let name = tag.name().into_inner().to_owned();
        let in_jsx = self.tag(&name);
        let _ = write!(self.jsx, "<{in_jsx}");
        for attribute in tag.attributes() {
            let attribute = attribute.map_err(|error| of_attribute(&error, range.start + 1))?;
            let key = attribute.key.into_inner();
            // As SVGR has it.
            if !(name == "svg" && key == "version") {
                self.attribute(key, &attribute.value, &range)?;
            }
        }
        if is_outermost {
            self.jsx.push_str(" {...props}");
        }
        match is_empty {
            true => self.jsx.push_str(" />"),
            false => {
                self.jsx.push('>');
                self.open.push(Open {
                    name,
                    range,
                    in_jsx,
                });
            }
        }
        Ok(())
    }

    pub(super) fn end(&mut self) {
        self.end_text();
        // The reader has held its name against that of the beginning.
        if let Some(open) = self.open.pop() {
            let _ = write!(self.jsx, "</{}>", open.in_jsx);
        }
    }

    pub(super) fn text(&mut self, text: &str, range: Range<usize>) -> Result<(), Fault> {
        let is_text = !text.chars().all(names::is_space);
        if is_text && self.open.is_empty() {
            let start = range.start + text.len() - text.trim_start().len();
            return Err(Fault::new(
                "text stands outside of the element",
                start..range.end,
            ));
        }
        self.text.push_str(text);
        self.is_text |= is_text;
        Ok(())
    }

    /// `&name;`
    pub(super) fn reference(&mut self, name: &str, range: Range<usize>) -> Result<(), Fault> {
        let text = self
            .entities
            .text(name)
            .map_err(|message| Fault::new(message, range.clone()))?;
        self.text(&text, range)?;
        self.is_text = true;
        Ok(())
    }

    pub(super) fn end_text(&mut self) {
        if self.is_text && !self.open.is_empty() {
            let _ = write!(self.jsx, "{{{}}}", quoted(&self.text));
        }
        self.text.clear();
        self.is_text = false;
    }

    /// The name of an element in JSX: what begins with a small letter is an element there, else a variable.
    fn tag(&mut self, name: &str) -> String {
        let name = names::element(name);
        if names::is_tag(name) {
            return name.to_owned();
        }
        let known = self.tags.iter().position(|tag| tag == name);
        let number = known.unwrap_or_else(|| {
            self.tags.push(name.to_owned());
            self.tags.len() - 1
        });
        format!("Tag{number}")
    }

    fn attribute(&mut self, key: &str, value: &str, range: &Range<usize>) -> Result<(), Fault> {
        let line = match key {
            "style" => value.into(),
            _ => names::on_one_line(value),
        };
        let expanded = self.entities.expanded(&line);
        let expanded = expanded.map_err(|message| Fault::new(message, range.clone()))?;
        let value = match key {
            "style" => style::object(&expanded),
            _ => names::value(key, &expanded),
        };
        let name = names::attribute(key);
        let _ = match names::is_attribute(&name) {
            true => write!(self.jsx, " {name}={{{value}}}"),
            false => write!(self.jsx, " {{...{{{}: {value}}}}}", quoted(&name)),
        };
        Ok(())
    }
}
