//! `url()` and `@import` in the `<style>` elements and `style` attributes of a page.

use std::ops::Range;

use super::markup::escaped;
use super::place::{self, Target};
use super::plan::{Form, Piece};
use super::read::Reader;
use crate::compute::Failure;
use crate::runnable::style::{Mention, mentions};

/// The content of a `<style>`.
pub(super) fn of(reader: &mut Reader<'_>, range: Range<usize>, form: Form) -> Result<(), Failure> {
    let text = reader.text;
    if let Some(pieces) = pieces(reader, &text[range.clone()], form)? {
        reader.skip(&range);
        reader.put(pieces);
    }
    Ok(())
}

/// CSS with its URLs in pieces; `None`: it has none that lead to a file.
pub(super) fn pieces(
    reader: &mut Reader<'_>,
    css: &str,
    form: Form,
) -> Result<Option<Vec<Piece>>, Failure> {
    let written = |text: &str| match form {
        Form::CssAttribute => escaped(text),
        _ => text.to_owned(),
    };
    let mut pieces = Vec::new();
    let mut done = 0;
    for Mention {
        url,
        range,
        function,
    } in mentions(css)
    {
        let Some((path, suffix)) = place::split(&url) else {
            continue;
        };
        let target = reader.base.find(reader.runnable, reader.context, path)?;
        let Some(target) = target else { continue };
        if let Target::File(file) = &target
            && !function
            && crate::runnable::Kind::of_path(file) != crate::runnable::Kind::Style
        {
            continue;
        }
        let (open, close) = match function {
            true => ("url(\"", "\")"),
            false => ("\"", "\""),
        };
        let before = format!("{}{open}", &css[done..range.start]);
        pieces.push(Piece::Text(written(&before)));
        let suffix = suffix.to_owned();
        pieces.push(Piece::Url(reader.refer(target, &suffix, form)?));
        pieces.push(Piece::Text(written(close)));
        done = range.end;
    }
    if done == 0 {
        return Ok(None);
    }
    pieces.push(Piece::Text(written(&css[done..])));
    Ok(Some(pieces))
}
