//! What `Intl` needs of a library: the locale data and algorithms of ICU4X, whose data are part of the program. The classes
//! and the options of ECMA-402 are `src/client/platform/intl`, which gives the natives canonical locales and resolved options.
//!
//! Formatters are functions; what they give are pieces of text with what each is ([`parts`]).

use rquickjs::function::Func;
use rquickjs::{Ctx, Error, Object};

mod affix;
mod date;
mod digits;
mod locale;
mod number;
mod options;
mod parts;
mod text;
mod unit;
mod words;
mod zone;

/// The natives that `src/client/platform/host.ts` describes as `HostIntl`.
pub(super) fn natives(ctx: Ctx<'_>) -> Result<Object<'_>, Error> {
    let natives = Object::new(ctx)?;
    natives.set("canonicalLocale", Func::from(locale::canonical))?;
    natives.set("localeParts", Func::from(locale::parts))?;
    natives.set("likelyLocale", Func::from(locale::likely))?;
    natives.set("number", Func::from(number::formatter))?;
    natives.set("plural", Func::from(number::plural_rules))?;
    natives.set("date", Func::from(date::formatter))?;
    natives.set("narrowNames", Func::from(date::narrow))?;
    natives.set("zone", Func::from(zone::canonical))?;
    natives.set("zones", Func::from(zone::all))?;
    natives.set("defaultZone", Func::from(zone::default))?;
    natives.set("defaultLocale", Func::from(locale::default))?;
    natives.set("list", Func::from(words::list))?;
    natives.set("relativeTime", Func::from(words::relative_time))?;
    natives.set("displayName", Func::from(words::display_name))?;
    natives.set("collator", Func::from(text::collator))?;
    natives.set("segments", Func::from(text::segments))?;
    natives.set("cased", Func::from(text::cased))?;
    Ok(natives)
}
