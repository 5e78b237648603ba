//! `style="fill:red"` as the object that React takes.

use super::{names, quoted};

/// The object of a list of declarations.
pub(super) fn object(style: &str) -> String {
    let mut properties = Vec::new();
    for declaration in declarations(style) {
        if let Some((name, value)) = declaration.split_once(':')
            && !name.trim().is_empty()
        {
            properties.push(format!(
                "{}: {}",
                quoted(&key(name.trim())),
                of(value.trim())
            ));
        }
    }
    format!("{{{}}}", properties.join(", "))
}

/// What stands between semicolons, but for those in brackets and quotes (`url(data:image/png;base64,…)`).
fn declarations(style: &str) -> Vec<&str> {
    let (mut found, mut start, mut depth, mut quote) = (Vec::new(), 0, 0_usize, None);
    for (at, character) in style.char_indices() {
        match (character, quote) {
            ('"' | '\'', None) => quote = Some(character),
            (_, Some(open)) if character == open => quote = None,
            (_, Some(_)) => {}
            ('(', None) => depth += 1,
            (')', None) => depth = depth.saturating_sub(1),
            (';', None) if depth == 0 => {
                found.push(&style[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    found.push(&style[start..]);
    found
}

/// `fill-opacity` is `fillOpacity`; variables keep their names.
fn key(name: &str) -> String {
    if name.starts_with("--") {
        return name.to_owned();
    }
    let name = name.to_lowercase();
    let name = if name.starts_with("-ms-") {
        &name[1..]
    } else {
        &name
    };
    let mut key = String::with_capacity(name.len());
    let mut letters = name.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '-' => key.extend(letters.next().into_iter().flat_map(char::to_uppercase)),
            other => key.push(other),
        }
    }
    key
}

/// Numbers are numbers, and so are whole pixels, the unit of React.
fn of(value: &str) -> String {
    let pixels = value.strip_suffix("px");
    let pixels = pixels.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    names::number(pixels.unwrap_or(value)).unwrap_or_else(|| quoted(value))
}
