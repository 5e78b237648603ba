//! Locales: their canonical form, their parts, and what is likely of them.

use icu::locale::{Locale, LocaleCanonicalizer, LocaleExpander};
use rquickjs::{Ctx, Error, Object};

/// The canonical form of a language tag; `None` where it is not well formed.
pub(super) fn canonical(tag: String) -> Option<String> {
    if tag.contains('_') {
        return None;
    }
    let mut locale = Locale::try_from_str(&tag).ok()?;
    LocaleCanonicalizer::new_extended().canonicalize(&mut locale);
    Some(locale.to_string())
}

/// The language that the environment asks for ([`LOCAL`](crate::worker::LOCAL)), as POSIX orders its variables: `de_AT.UTF-8`.
pub(super) fn default() -> Option<String> {
    let value = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))?;
    let name = value.split(['.', '@']).next()?;
    match name {
        "C" | "POSIX" => None,
        name => canonical(name.replace('_', "-")),
    }
}

/// The parts of a canonical locale: `language`, `script`, `region`, `variants`, and `baseName`, which is all of them.
pub(super) fn parts(ctx: Ctx<'_>, tag: String) -> Result<Object<'_>, Error> {
    let parts = Object::new(ctx.clone())?;
    let locale = super::options::locale(&ctx, &tag)?;
    parts.set("baseName", locale.id.to_string())?;
    parts.set("language", locale.id.language.as_str())?;
    parts.set("script", locale.id.script.map(|script| script.to_string()))?;
    parts.set("region", locale.id.region.map(|region| region.to_string()))?;
    let variants: Vec<_> = locale.id.variants.iter().map(ToString::to_string).collect();
    parts.set("variants", variants.join("-"))?;
    Ok(parts)
}

/// A canonical locale with all the subtags that are likely, or without them.
pub(super) fn likely(ctx: Ctx<'_>, tag: String, is_full: bool) -> Result<String, Error> {
    let mut locale = super::options::locale(&ctx, &tag)?;
    let expander = LocaleExpander::new_extended();
    match is_full {
        true => expander.maximize(&mut locale.id),
        false => expander.minimize(&mut locale.id),
    };
    Ok(locale.to_string())
}
