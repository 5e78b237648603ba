//! What the runtime's classes give the natives: locales that are canonical, and options that are resolved.

use icu::locale::Locale;
use icu_provider::DataRequestMetadata;
use rquickjs::{Ctx, Error, Exception, FromJs, Object};

/// A locale of the runtime's.
pub(super) fn locale(ctx: &Ctx<'_>, tag: &str) -> Result<Locale, Error> {
    Locale::try_from_str(tag).map_err(|_| range(ctx, &format!("`{tag}` is no locale")))
}

pub(super) fn range(ctx: &Ctx<'_>, message: &str) -> Error {
    Exception::throw_range(ctx, message)
}

/// What the library has no data for.
pub(super) fn lacking(ctx: &Ctx<'_>, what: &str) -> impl Fn(icu_provider::DataError) -> Error {
    move |error| range(ctx, &format!("no data for {what}: {error}"))
}

/// An option; `None` where it is undefined.
pub(super) fn option<'js, T: FromJs<'js>>(
    options: &Object<'js>,
    name: &str,
) -> Result<Option<T>, Error> {
    options.get(name)
}

/// An option of text; empty where it is undefined.
pub(super) fn text(options: &Object<'_>, name: &str) -> Result<String, Error> {
    Ok(option(options, name)?.unwrap_or_default())
}

/// For data that need not be there: nothing is printed of those that are not.
pub(super) fn silent() -> DataRequestMetadata {
    let mut metadata = DataRequestMetadata::default();
    metadata.silent = true;
    metadata
}
