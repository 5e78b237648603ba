//! Lists, relative times, and the names of things.

use icu::experimental::dimension::currency::CurrencyType;
use icu::experimental::dimension::currency::formatter::CurrencyFormatter;
use icu::experimental::dimension::provider::currency::displayname::CurrencyDisplaynameV1;
use icu::experimental::displaynames::multi::{
    LanguageDisplayNames, LocaleDisplayNamesFormatter, RegionDisplayNames, ScriptDisplayNames,
};
use icu::experimental::displaynames::{
    DisplayNamesOptions, DisplayNamesPreferences, LanguageDisplay, Style,
};
use icu::experimental::provider::Baked;
use icu::experimental::relativetime::options::Numeric;
use icu::experimental::relativetime::{RelativeTimeFormatter, RelativeTimeFormatterOptions};
use icu::list::ListFormatter;
use icu::list::options::{ListFormatterOptions, ListLength};
use icu::locale::Locale;
use icu_provider::prelude::*;
use rquickjs::{Array, Ctx, Error, Function, Object};

use super::affix::has_symbol;
use super::digits::decimal;
use super::options::{lacking, locale, range, silent, text};
use super::parts::{array, pieces};

/// The parts of a list: elements and what stands between them.
pub(super) fn list<'js>(
    ctx: Ctx<'js>,
    tag: String,
    kind: String,
    style: String,
    items: Vec<String>,
) -> Result<Array<'js>, Error> {
    let locale = locale(&ctx, &tag)?;
    let length = match &*style {
        "short" => ListLength::Short,
        "narrow" => ListLength::Narrow,
        _ => ListLength::Wide,
    };
    let options = ListFormatterOptions::default().with_length(length);
    let formatter = match &*kind {
        "disjunction" => ListFormatter::try_new_or(locale.into(), options),
        "unit" => ListFormatter::try_new_unit(locale.into(), options),
        _ => ListFormatter::try_new_and(locale.into(), options),
    }
    .map_err(lacking(&ctx, "lists"))?;
    array(&ctx, &pieces(&formatter.format(items.iter()), "list"))
}

/// A formatter, as a function of a number's text that gives its parts.
pub(super) fn relative_time<'js>(
    ctx: Ctx<'js>,
    tag: String,
    unit: String,
    style: String,
    is_numeric: bool,
) -> Result<Function<'js>, Error> {
    let locale = locale(&ctx, &tag)?;
    let numeric = match is_numeric {
        true => Numeric::Always,
        false => Numeric::Auto,
    };
    let options = RelativeTimeFormatterOptions::default().with_numeric(numeric);
    macro_rules! by_unit {
        ($($unit:literal: $long:ident $short:ident $narrow:ident),* $(,)?) => {
            match (&*unit, &*style) {
                $(($unit, "short") => RelativeTimeFormatter::$short(locale.into(), options),
                ($unit, "narrow") => RelativeTimeFormatter::$narrow(locale.into(), options),
                ($unit, _) => RelativeTimeFormatter::$long(locale.into(), options),)*
                _ => return Err(range(&ctx, &format!("there is no unit `{unit}`"))),
            }
        };
    }
    let formatter = by_unit!(
        "second": try_new_long_second try_new_short_second try_new_narrow_second,
        "minute": try_new_long_minute try_new_short_minute try_new_narrow_minute,
        "hour": try_new_long_hour try_new_short_hour try_new_narrow_hour,
        "day": try_new_long_day try_new_short_day try_new_narrow_day,
        "week": try_new_long_week try_new_short_week try_new_narrow_week,
        "month": try_new_long_month try_new_short_month try_new_narrow_month,
        "quarter": try_new_long_quarter try_new_short_quarter try_new_narrow_quarter,
        "year": try_new_long_year try_new_short_year try_new_narrow_year,
    )
    .map_err(lacking(&ctx, "relative times"))?;
    let format = move |ctx: Ctx<'js>, number: String| -> Result<Array<'js>, Error> {
        let number = decimal(&ctx, &number)?;
        array(&ctx, &pieces(&formatter.format(number), "decimal"))
    };
    Function::new(ctx, format)
}

/// The name of a language, region, script or currency; `None` where there is none.
pub(super) fn display_name(
    ctx: Ctx<'_>,
    tag: String,
    options: Object<'_>,
    code: String,
) -> Result<Option<String>, Error> {
    let locale = locale(&ctx, &tag)?;
    let style = text(&options, "style")?;
    let mut naming = DisplayNamesOptions::default();
    naming.style = match &*style {
        "short" => Some(Style::Short),
        "narrow" => Some(Style::Narrow),
        _ => None,
    };
    naming.language_display = match &*text(&options, "languageDisplay")? {
        "standard" => LanguageDisplay::Standard,
        _ => LanguageDisplay::Dialect,
    };
    let preferences = DisplayNamesPreferences::from(&locale);
    let data = || lacking(&ctx, "names");
    Ok(match &*text(&options, "type")? {
        "region" => {
            let names = RegionDisplayNames::try_new(preferences, naming).map_err(data())?;
            let region = code.parse().ok();
            region.and_then(|region| names.of(region).map(str::to_owned))
        }
        "script" => {
            let names = ScriptDisplayNames::try_new(preferences, naming).map_err(data())?;
            let script = code.parse().ok();
            script.and_then(|script| names.of(script).map(str::to_owned))
        }
        "language" => {
            let Ok(named) = Locale::try_from_str(&code) else {
                return Ok(None);
            };
            let languages = LanguageDisplayNames::try_new(preferences, naming).map_err(data())?;
            if languages.of(named.id.language).is_none() {
                return Ok(None);
            }
            let names = LocaleDisplayNamesFormatter::try_new(preferences, naming).map_err(data())?;
            Some(names.of(&named).into_owned())
        }
        "currency" => currency(&locale, &code, &style),
        _ => None,
    })
}

fn currency(locale: &Locale, code: &str, style: &str) -> Option<String> {
    let attributes = DataMarkerAttributes::try_from_str(code).ok()?;
    let tag = CurrencyDisplaynameV1::make_locale(locale.into());
    let request = DataRequest {
        id: DataIdentifierBorrowed::for_marker_attributes_and_locale(attributes, &tag),
        metadata: silent(),
    };
    let name = DataProvider::<CurrencyDisplaynameV1>::load(&Baked, request).ok()?;
    if style == "long" {
        return Some(name.payload.get().to_string());
    }
    if !has_symbol(locale, code, style == "narrow") {
        return Some(code.to_owned());
    }
    let currency: CurrencyType = code.parse().ok()?;
    let formatter = match style {
        "narrow" => {
            CurrencyFormatter::try_new_symbol_narrow(locale.into(), currency, Default::default())
        }
        _ => CurrencyFormatter::try_new_symbol(locale.into(), currency, Default::default()),
    };
    let written = formatter
        .ok()?
        .format_fixed_decimal(&0u32.into())
        .to_string();
    let is_beside = |letter: char| {
        letter.is_whitespace() || letter.is_numeric() || ",.\u{200e}\u{200f}".contains(letter)
    };
    Some(written.trim_matches(is_beside).to_owned())
}
