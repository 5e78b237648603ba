//! What stands before and after the digits: a sign, a percent sign, a currency, a unit.

use fixed_decimal::{Decimal, Sign};
use icu::decimal::{DecimalFormatter, options::GroupingStrategy};
use icu::experimental::dimension::currency::CurrencyType;
use icu::experimental::dimension::currency::formatter::CurrencyFormatter;
use icu::experimental::dimension::currency::options::CurrencyUsage;
use icu::experimental::dimension::percent::formatter::PercentFormatter;
use icu::experimental::dimension::percent::options::{Display, PercentFormatterOptions};
use icu::experimental::dimension::provider::currency::{
    extended::CurrencyExtendedDataV1, patterns::CurrencyPatternsDataV1, symbols::CurrencySymbolsV1,
};
use icu::experimental::provider::Baked;
use icu::locale::Locale;
use icu::plurals::PluralRules;
use icu_provider::prelude::*;
use rquickjs::{Ctx, Error, Object};
use writeable::Writeable;

use super::number::cardinal;
use super::options::{lacking, range, silent, text};
use super::parts::{LITERAL, Piece};
use super::unit::{self, Unit};

/// What stands for a number in a pattern.
pub(super) const HOLE: char = '\u{fffc}';

/// The signs of a locale: minus and plus.
pub(super) type Signs<'a> = (&'a str, &'a str);

pub(super) enum Affix {
    None,
    /// The same for every number; by its sign: none, minus, plus.
    Fixed(&'static str, [(String, String); 3]),
    CurrencyName(
        DataPayload<CurrencyPatternsDataV1>,
        Option<DataPayload<CurrencyExtendedDataV1>>,
        String,
        PluralRules,
    ),
    Unit(Unit, PluralRules),
}

/// The pieces before and after the digits.
#[derive(Default)]
pub(super) struct Frame {
    before: Vec<Piece>,
    after: Vec<Piece>,
    /// There are words for this number: no digits stand among them.
    hides_digits: bool,
}

impl Frame {
    pub(super) fn around(self, digits: Vec<Piece>) -> Vec<Piece> {
        let mut pieces = self.before;
        if !self.hides_digits {
            pieces.extend(digits);
        }
        pieces.extend(self.after);
        pieces
    }
}

impl Affix {
    pub(super) fn new(ctx: &Ctx<'_>, locale: &Locale, options: &Object<'_>) -> Result<Self, Error> {
        match &*text(options, "style")? {
            "percent" => percent(ctx, locale),
            "currency" => currency(ctx, locale, options),
            "unit" => {
                let name = text(options, "unit")?;
                let width = text(options, "unitDisplay")?;
                let unit = unit::load(locale, &name, &width)
                    .ok_or_else(|| range(ctx, &format!("the unit `{name}` is not supported")))?;
                Ok(Self::Unit(unit, cardinal(ctx, locale)?))
            }
            _ => Ok(Self::None),
        }
    }

    /// What stands around these digits, which have no sign themselves.
    pub(super) fn frame(&self, sign: Sign, digits: &Decimal, signs: Signs<'_>) -> Frame {
        let sign_piece = match sign {
            Sign::None => None,
            Sign::Negative => Some(("minusSign", signs.0.to_owned())),
            Sign::Positive => Some(("plusSign", signs.1.to_owned())),
        };
        let mut frame = Frame::default();
        let pattern = match self {
            Self::None => HOLE.to_string(),
            Self::Fixed(kind, affixes) => {
                let (before, after) = &affixes[match sign {
                    Sign::None => 0,
                    Sign::Negative => 1,
                    Sign::Positive => 2,
                }];
                split(before, kind, signs, &mut frame.before);
                split(after, kind, signs, &mut frame.after);
                return frame;
            }
            Self::CurrencyName(patterns, names, code, rules) => {
                let name = match names {
                    Some(names) => names.get().get(digits.into(), rules),
                    None => code,
                };
                let pattern = patterns.get().get(digits.into(), rules);
                let pattern = pattern.interpolate((HOLE, name));
                pattern.write_to_string().into_owned()
            }
            Self::Unit(unit, rules) => {
                let pattern = unit.get().get(digits.into(), rules);
                pattern.interpolate((HOLE,)).write_to_string().into_owned()
            }
        };
        let kind = match self {
            Self::CurrencyName(..) => "currency",
            _ => "unit",
        };
        frame.hides_digits = !pattern.contains(HOLE);
        let (before, after) = pattern.split_once(HOLE).unwrap_or(("", &pattern));
        split(before, kind, signs, &mut frame.before);
        if let Some((sign, text)) = sign_piece {
            split(&text, sign, ("", ""), &mut frame.before);
        }
        split(after, kind, signs, &mut frame.after);
        frame
    }
}

/// The pieces of what stands beside digits: signs, space and brackets, and what is of this kind.
pub(super) fn split(affix: &str, kind: &'static str, signs: Signs<'_>, pieces: &mut Vec<Piece>) {
    let sign = |(kind, sign)| {
        let sign: &str = sign;
        let at = (!sign.is_empty()).then(|| affix.find(sign)).flatten()?;
        Some((kind, at, sign.len()))
    };
    let found = sign(("minusSign", signs.0)).or_else(|| sign(("plusSign", signs.1)));
    if let Some((sign, at, length)) = found {
        let (before, rest) = affix.split_at(at);
        let (sign_text, after) = rest.split_at(length);
        split(before, kind, ("", ""), pieces);
        split(sign_text, sign, ("", ""), pieces);
        split(after, kind, ("", ""), pieces);
        return;
    }
    let is_beside =
        |letter: char| letter.is_whitespace() || "()\u{200e}\u{200f}\u{61c}".contains(letter);
    let start = affix.len() - affix.trim_start_matches(is_beside).len();
    let end = affix.trim_end_matches(is_beside).len().max(start);
    let texts = [
        (LITERAL, &affix[..start]),
        (kind, &affix[start..end]),
        (LITERAL, &affix[end..]),
    ];
    for (kind, text) in texts {
        match pieces.last_mut() {
            _ if text.is_empty() => {}
            Some((LITERAL, last)) if kind == LITERAL => last.push_str(text),
            _ => pieces.push((kind, text.to_owned())),
        }
    }
}

/// A formatter for samples.
fn decimals(ctx: &Ctx<'_>, locale: &Locale) -> Result<DecimalFormatter, Error> {
    DecimalFormatter::try_new(locale.into(), GroupingStrategy::Never.into())
        .map_err(lacking(ctx, "numbers"))
}

fn percent(ctx: &Ctx<'_>, locale: &Locale) -> Result<Affix, Error> {
    let decimals = decimals(ctx, locale)?;
    let sample = |display: Display, number: i32| -> Result<(String, String), Error> {
        let options = PercentFormatterOptions::from(display);
        let formatter = PercentFormatter::try_new(locale.into(), options)
            .map_err(lacking(ctx, "percentages"))?;
        let written = formatter.format(&number.into()).to_string();
        Ok(around(&written, &decimals))
    };
    Ok(Affix::Fixed(
        "percentSign",
        [
            sample(Display::Standard, 1)?,
            sample(Display::Standard, -1)?,
            sample(Display::ExplicitSign, 1)?,
        ],
    ))
}

fn currency(ctx: &Ctx<'_>, locale: &Locale, options: &Object<'_>) -> Result<Affix, Error> {
    let code = text(options, "currency")?;
    let unknown = || range(ctx, &format!("`{code}` is no currency"));
    let currency: CurrencyType = code.parse().map_err(|_| unknown())?;
    let display = text(options, "currencyDisplay")?;
    if display == "name" {
        return currency_name(ctx, locale, &code);
    }
    let is_narrow = display == "narrowSymbol";
    let display = match has_symbol(locale, &code, is_narrow) {
        true => display,
        false => "code".to_owned(),
    };
    let decimals = decimals(ctx, locale)?;
    let sample = |usage: CurrencyUsage, number: i32| -> Result<(String, String), Error> {
        let (locale, options) = (locale.into(), usage.into());
        let formatter = match &*display {
            "code" => CurrencyFormatter::try_new_code(locale, currency, options),
            "narrowSymbol" => CurrencyFormatter::try_new_symbol_narrow(locale, currency, options),
            _ => CurrencyFormatter::try_new_symbol(locale, currency, options),
        };
        let formatter = formatter.map_err(lacking(ctx, "currencies"))?;
        let written = formatter.format_fixed_decimal(&number.into()).to_string();
        Ok(around(&written, &decimals))
    };
    let usage = match &*text(options, "currencySign")? {
        "accounting" => CurrencyUsage::Accounting,
        _ => CurrencyUsage::Standard,
    };
    let sign = |number: i32| {
        let mut signs = Vec::new();
        let written = super::parts::pieces(&decimals.format(&number.into()), "decimal");
        signs.extend(written.into_iter().filter(|(kind, _)| *kind == "minusSign"));
        signs.into_iter().map(|(_, text)| text).collect::<String>()
    };
    let minus = sign(-1);
    let one = Decimal::new(Sign::Positive, 1u32.into());
    let plus: String = super::parts::pieces(&decimals.format(&one), "decimal")
        .into_iter()
        .filter(|(kind, _)| *kind == "plusSign")
        .map(|(_, text)| text)
        .collect();
    // A plus stands where the minus does.
    let (before, after) = sample(CurrencyUsage::Standard, -1)?;
    let positive = (before.replace(&minus, &plus), after.replace(&minus, &plus));
    Ok(Affix::Fixed(
        "currency",
        [sample(usage, 1)?, sample(usage, -1)?, positive],
    ))
}

/// Whether a currency has a symbol; its code stands for it otherwise.
pub(super) fn has_symbol(locale: &Locale, code: &str, is_narrow: bool) -> bool {
    let attributes = match is_narrow {
        true => format!("{code}n"),
        false => code.to_owned(),
    };
    let Ok(attributes) = DataMarkerAttributes::try_from_str(&attributes) else {
        return false;
    };
    let tag = CurrencySymbolsV1::make_locale(locale.into());
    let request = DataRequest {
        id: DataIdentifierBorrowed::for_marker_attributes_and_locale(attributes, &tag),
        metadata: silent(),
    };
    DataProvider::<CurrencySymbolsV1>::load(&Baked, request).is_ok()
}

fn currency_name(ctx: &Ctx<'_>, locale: &Locale, code: &str) -> Result<Affix, Error> {
    let data = || lacking(ctx, "currencies");
    let preferences = locale.into();
    let tag = CurrencyPatternsDataV1::make_locale(preferences);
    let request = DataRequest {
        id: DataIdentifierBorrowed::for_locale(&tag),
        ..Default::default()
    };
    let patterns = DataProvider::<CurrencyPatternsDataV1>::load(&Baked, request).map_err(data())?;
    let attributes = DataMarkerAttributes::try_from_str(code)
        .map_err(|_| range(ctx, &format!("`{code}` is no currency")))?;
    let tag = CurrencyExtendedDataV1::make_locale(preferences);
    let request = DataRequest {
        id: DataIdentifierBorrowed::for_marker_attributes_and_locale(attributes, &tag),
        metadata: silent(),
    };
    let names = DataProvider::<CurrencyExtendedDataV1>::load(&Baked, request)
        .allow_identifier_not_found()
        .map_err(data())?;
    Ok(Affix::CurrencyName(
        patterns.payload,
        names.map(|names| names.payload),
        code.to_owned(),
        cardinal(ctx, locale)?,
    ))
}

/// What stands before and after a one, with as many zeros after the point as there are.
fn around(written: &str, decimals: &DecimalFormatter) -> (String, String) {
    for zeros in (0..=4).rev() {
        let mut one = Decimal::from(1u32);
        one.pad_end(-zeros);
        let one = decimals.format(&one).to_string();
        if let Some((before, after)) = written.split_once(&one) {
            return (before.to_owned(), after.to_owned());
        }
    }
    (String::new(), String::new())
}
