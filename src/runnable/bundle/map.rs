//! The source map of a bundle: an index of those of its pieces (ECMA-426, "Index source map").

use serde::{Deserialize, Serialize};

use super::file::{HEAD, PIECES, runtime};
use super::shelf::{self, output};
use super::{Entry, Members, Step};
use crate::base::{ContentHash, Key, Part, SourcePath};
use crate::compute::{Context, Failure, Output, Recipe};
use crate::runnable::all::Runnable;
use crate::runnable::assets::quoted;
use crate::runnable::common::{decode, encode};
use crate::runnable::layout::{self, Layout};

/// What the map needs to know of a piece: the lines that it takes, and its own map.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Row {
    /// The member, by its index.
    at: u32,
    /// Lines before the piece's own text, its own, and those after it.
    lines: [u32; 3],
    map: Option<(ContentHash, u64)>,
}

/// Runs `bundle-lines`.
pub(super) fn lines(
    runnable: &Runnable,
    context: &dyn Context,
    entry: &Entry,
    number: u32,
) -> Result<Output, Failure> {
    let members = Members::fetch(runnable, context, entry)?;
    let mut rows = Vec::new();
    for (at, piece) in members.shelf(number) {
        rows.push(match context.fetch(piece, Part::MAIN) {
            Ok(code) => Row {
                at,
                lines: [1, line_ends(&String::from_utf8_lossy(&code)), 1],
                map: measured(context, piece)?,
            },
            Err(failure) if failure.is_of_file() => {
                let text = shelf::fault(runnable, entry, &members, (at, piece), &failure);
                Row {
                    at,
                    lines: [0, line_ends(&text), 0],
                    map: None,
                }
            }
            Err(other) => return Err(other),
        });
    }
    Ok(Output {
        parts: vec![(Part::MAIN, encode(&rows)?)],
        links: Vec::new(),
    })
}

/// Runs `bundle-map`.
pub(super) fn run(
    runnable: &Runnable,
    context: &dyn Context,
    entry: &Entry,
) -> Result<Output, Failure> {
    let members = Members::fetch(runnable, context, entry)?;
    let place = runnable.layout.output_of(&Step::File.key(entry));
    let mut line = line_ends(runtime(entry.variant)?)
        + HEAD.map(line_ends).iter().sum::<u32>()
        + line_ends(PIECES);
    // The imports of its volumes.
    line += u32::from(members.volumes() > 0);
    sections(
        runnable,
        context,
        entry,
        &members,
        (&place, &members.inside),
        line,
    )
}

/// The map of the file with these shelves, which stands at this place; `line`: that on which its pieces begin.
pub(super) fn sections(
    runnable: &Runnable,
    context: &dyn Context,
    entry: &Entry,
    members: &Members,
    (place, shelves): (&SourcePath, &[u32]),
    mut line: u32,
) -> Result<Output, Failure> {
    let here = place.parent().unwrap_or_else(SourcePath::root);
    let file = String::from_utf8_lossy(place.name());
    let mut recipe = Recipe::default();
    recipe.text(&format!(
        "{{\"version\":3,\"file\":{},\"sections\":[",
        quoted(&file)
    ));
    let mut separator = "";
    for number in shelves {
        let key = Step::Lines(*number).key(entry);
        let rows: Vec<Row> = decode(&context.fetch(&key, Part::MAIN)?)?;
        for Row { at, lines, map } in rows {
            let Some(member) = members.pieces.get(at as usize) else {
                continue;
            };
            line += lines[0];
            recipe.text(&format!(
                "{separator}{{\"offset\":{{\"line\":{line},\"column\":0}},\"map\":"
            ));
            separator = ",";
            own(&mut recipe, &runnable.layout, &here, &member.key, map);
            recipe.text("}");
            line += lines[1] + lines[2];
        }
    }
    recipe.text("]}\n");
    output(&recipe)
}

/// The map that a piece has of its own; `None`: nothing in it comes from a source as it stands there.
pub(super) fn measured(
    context: &dyn Context,
    piece: &Key,
) -> Result<Option<(ContentHash, u64)>, Failure> {
    match context.measure(piece, Part::MAP) {
        Ok(measured) => Ok(Some(measured)),
        Err(Failure::Missing(_)) => Ok(None),
        Err(other) => Err(other),
    }
}

/// The map of a piece, for a file in the folder `here`.
pub(super) fn own(
    recipe: &mut Recipe,
    layout: &Layout,
    here: &SourcePath,
    piece: &Key,
    map: Option<(ContentHash, u64)>,
) {
    match map {
        Some(measured) => {
            let source = layout.place(&piece.path);
            let folder = layout::url(&source.relative_from(here));
            let folder = &folder[..folder.rfind('/').map_or(0, |slash| slash + 1)];
            recipe.text(&format!("{{\"sourceRoot\":{},", quoted(folder)));
            // The rest of the piece's own map, which begins with a brace as well.
            recipe.part(piece.clone(), Part::MAP, measured, 1);
        }
        // Nothing is where the piece before it left off.
        None => recipe.text("{\"version\":3,\"sources\":[],\"names\":[],\"mappings\":\"A\"}"),
    }
}

/// How many lines end in a text (ECMA-262, 12.3 "Line Terminators").
fn line_ends(text: &str) -> u32 {
    let mut count = 0;
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        count += u32::from(match letter {
            '\r' => letters.peek() != Some(&'\n'),
            '\n' | '\u{2028}' | '\u{2029}' => true,
            _ => false,
        });
    }
    count
}

#[cfg(test)]
mod tests {
    #[test]
    fn lines_end_as_in_javascript() {
        assert_eq!(super::line_ends("a\nb\r\nc\rd\u{2028}e\u{2029}"), 5);
    }
}
