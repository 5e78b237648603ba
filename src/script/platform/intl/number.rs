//! Numbers, with what stands before and after them.

use fixed_decimal::{Decimal, Sign};
use icu::decimal::options::{DecimalFormatterOptions, GroupingStrategy};
use icu::decimal::{CompactDecimalFormatter, DecimalFormatter};
use icu::locale::Locale;
use icu::plurals::PluralRules;
use rquickjs::function::{Func, Opt};
use rquickjs::{Array, Ctx, Error, Function, Object};

use super::affix::{Affix, Frame};
use super::digits::{Digits, decimal, sign_display};
use super::options::{lacking, locale, option, text};
use super::parts::{LITERAL, Piece, array, pieces};

struct Number {
    decimals: DecimalFormatter,
    digits: Digits,
    sign: fixed_decimal::SignDisplay,
    style: Style,
    is_percent: bool,
    minus: String,
    plus: String,
}

enum Style {
    Plain(Affix),
    Compact(Box<CompactDecimalFormatter>, Affix),
    /// Mantissa and exponent; the exponent is a multiple of this.
    Scientific(i16, Affix),
}

/// A formatter, as a function of a number's text that gives its parts.
pub(super) fn formatter<'js>(
    ctx: Ctx<'js>,
    tag: String,
    options: Object<'js>,
) -> Result<Function<'js>, Error> {
    let number = Number::new(&ctx, &locale(&ctx, &tag)?, &options)?;
    let format = move |ctx: Ctx<'js>, text: String| -> Result<Array<'js>, Error> {
        array(&ctx, &number.format(&ctx, &text)?)
    };
    Function::new(ctx, format)
}

/// The plural category of a number's text, after rounding; with a second number, of the range of both.
pub(super) fn plural_rules<'js>(
    ctx: Ctx<'js>,
    tag: String,
    options: Object<'js>,
) -> Result<Object<'js>, Error> {
    let locale = locale(&ctx, &tag)?;
    let data = lacking(&ctx, &tag);
    let rules = match &*text(&options, "type")? {
        "ordinal" => icu::plurals::PluralRulesWithRanges::try_new_ordinal((&locale).into()),
        _ => icu::plurals::PluralRulesWithRanges::try_new_cardinal((&locale).into()),
    }
    .map_err(data)?;
    let digits = Digits::new(&ctx, &options)?;
    let given = Object::new(ctx.clone())?;
    let categories: Vec<_> = rules.rules().categories().map(category).collect();
    given.set("categories", categories)?;
    let select = move |ctx: Ctx<'js>, from: String, to: Opt<String>| -> Result<&str, Error> {
        let from = digits.of(&decimal(&ctx, &from)?);
        Ok(category(match to.0 {
            None => rules.rules().category_for(&from),
            Some(to) => rules.category_for_range(&from, &digits.of(&decimal(&ctx, &to)?)),
        }))
    };
    given.set("select", Func::from(select))?;
    Ok(given)
}

pub(super) fn category(category: icu::plurals::PluralCategory) -> &'static str {
    use icu::plurals::PluralCategory as Category;
    match category {
        Category::Zero => "zero",
        Category::One => "one",
        Category::Two => "two",
        Category::Few => "few",
        Category::Many => "many",
        Category::Other => "other",
    }
}

impl Number {
    fn new(ctx: &Ctx<'_>, locale: &Locale, options: &Object<'_>) -> Result<Self, Error> {
        let data = || lacking(ctx, "numbers");
        let grouping = match &*text(options, "useGrouping")? {
            "" => GroupingStrategy::Never,
            "always" => GroupingStrategy::Always,
            "min2" => GroupingStrategy::Min2,
            _ => GroupingStrategy::Auto,
        };
        let decimals =
            DecimalFormatter::try_new(locale.into(), DecimalFormatterOptions::from(grouping))
                .map_err(data())?;
        let affix = Affix::new(ctx, locale, options)?;
        let style = match &*text(options, "notation")? {
            "compact" => {
                let compact = match &*text(options, "compactDisplay")? {
                    "long" => CompactDecimalFormatter::try_new_long(locale.into(), grouping.into()),
                    _ => CompactDecimalFormatter::try_new_short(locale.into(), grouping.into()),
                };
                Style::Compact(Box::new(compact.map_err(data())?), affix)
            }
            "scientific" => Style::Scientific(1, affix),
            "engineering" => Style::Scientific(3, affix),
            _ => Style::Plain(affix),
        };
        let sign = |sign| {
            let one = Decimal::new(sign, 1u32.into());
            let pieces = pieces(&decimals.format(&one), "decimal");
            let is_sign = |(kind, _): &&Piece| *kind == "minusSign" || *kind == "plusSign";
            let signs: String = pieces
                .iter()
                .filter(is_sign)
                .map(|(_, text)| text.as_str())
                .collect();
            signs
        };
        let (minus, plus) = (sign(Sign::Negative), sign(Sign::Positive));
        Ok(Self {
            digits: Digits::new(ctx, options)?,
            sign: sign_display(&text(options, "signDisplay")?),
            is_percent: option::<String>(options, "style")?.as_deref() == Some("percent"),
            style,
            decimals,
            minus,
            plus,
        })
    }

    fn format(&self, ctx: &Ctx<'_>, text: &str) -> Result<Vec<Piece>, Error> {
        let (kind, magnitude) = match text.trim_start_matches('-') {
            "NaN" => ("nan", None),
            "Infinity" => ("infinity", None),
            _ => ("", Some(decimal(ctx, text)?)),
        };
        let Some(mut number) = magnitude else {
            // A number that has a sign and is not zero.
            let sign = match (text.starts_with('-'), kind) {
                (true, _) => Sign::Negative,
                (false, _) => Sign::None,
            };
            let one = Decimal::new(sign, if kind == "nan" { 0u32 } else { 1 }.into());
            let sign = one.with_sign_display(self.sign).sign();
            let shown = if kind == "nan" { "NaN" } else { "∞" };
            let affix = match &self.style {
                Style::Plain(affix) | Style::Compact(_, affix) | Style::Scientific(_, affix) => {
                    affix
                }
            };
            let frame = affix.frame(sign, &1u32.into(), self.signs());
            return Ok(frame.around(vec![(kind, shown.to_owned())]));
        };
        if self.is_percent {
            number.multiply_pow10(2);
        }
        Ok(match &self.style {
            Style::Plain(affix) => {
                let digits = self.digits.of(&number);
                self.framed(affix, &digits, |digits| self.plain(digits))
            }
            Style::Compact(compact, affix) => {
                let (digits, exponent) = self.scaled(&number, |magnitude| {
                    i16::from(compact.compact_exponent_for_magnitude(magnitude))
                });
                let exponent = u8::try_from(exponent).unwrap_or_default();
                self.framed(affix, &digits, |digits| {
                    match compact.format_with_exponent(digits, exponent) {
                        Ok(written) => self.compact(&pieces(&written, "decimal")),
                        Err(_) => self.plain(digits),
                    }
                })
            }
            Style::Scientific(step, affix) => {
                let (digits, exponent) =
                    self.scaled(&number, |magnitude| magnitude.div_euclid(*step) * step);
                self.framed(affix, &digits, |digits| {
                    let mut pieces = self.plain(digits);
                    pieces.push(("exponentSeparator", "E".to_owned()));
                    if exponent < 0 {
                        pieces.push(("exponentMinusSign", self.minus.clone()));
                    }
                    let exponent = Decimal::from(exponent.unsigned_abs());
                    let exponent = self.decimals.format(&exponent).to_string();
                    pieces.push(("exponentInteger", exponent));
                    pieces
                })
            }
        })
    }

    fn signs(&self) -> (&str, &str) {
        (&self.minus, &self.plus)
    }

    /// The digits with the exponent that belongs to them, which may be a higher one after rounding.
    fn scaled(&self, number: &Decimal, exponent: impl Fn(i16) -> i16) -> (Decimal, i16) {
        let magnitude = |number: &Decimal| match number.absolute.is_zero() {
            true => 0,
            false => number.absolute.nonzero_magnitude_start(),
        };
        let round = |exponent: i16| {
            let mut scaled = number.clone();
            scaled.multiply_pow10(-exponent);
            self.digits.of(&scaled)
        };
        let first = exponent(magnitude(number));
        let digits = round(first);
        let second = exponent(magnitude(&digits) + first);
        match second == first {
            true => (digits, first),
            false => (round(second), second),
        }
    }

    fn framed(
        &self,
        affix: &Affix,
        digits: &Decimal,
        write: impl Fn(&Decimal) -> Vec<Piece>,
    ) -> Vec<Piece> {
        let signed = digits.clone().with_sign_display(self.sign);
        let bare = Decimal::new(Sign::None, signed.absolute.clone());
        let frame: Frame = affix.frame(signed.sign(), &bare, self.signs());
        frame.around(write(&bare))
    }

    fn plain(&self, digits: &Decimal) -> Vec<Piece> {
        pieces(&self.decimals.format(digits), "decimal")
    }

    /// What stands beside the digits is the name of their power of ten; what separates it is space.
    fn compact(&self, pieces: &[Piece]) -> Vec<Piece> {
        let mut compact = Vec::new();
        for (kind, text) in pieces {
            match *kind {
                LITERAL => super::affix::split(text, "compact", self.signs(), &mut compact),
                kind => compact.push((kind, text.clone())),
            }
        }
        compact
    }
}

/// The rules of a locale.
pub(super) fn cardinal(ctx: &Ctx<'_>, locale: &Locale) -> Result<PluralRules, Error> {
    PluralRules::try_new_cardinal(locale.into()).map_err(lacking(ctx, "plurals"))
}
