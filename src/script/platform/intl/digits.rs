//! The digits of a number: rounding, as ECMA-402 orders it (FormatNumericToString).

use fixed_decimal::{
    Decimal, RoundingIncrement, SignDisplay, SignedRoundingMode, UnsignedRoundingMode,
};
use rquickjs::{Ctx, Error, Object};

use super::options::{option, range, text};

/// What is left of a number.
pub(super) struct Digits {
    integer: i16,
    fraction: Option<(i16, i16)>,
    significant: Option<(i16, i16)>,
    /// Where both are said: the one with more digits after the point, or with fewer.
    takes_more: bool,
    /// An increment, and the places by which the last digit stands before it.
    increment: (RoundingIncrement, i16),
    mode: SignedRoundingMode,
    strips_integers: bool,
}

impl Digits {
    pub(super) fn new(ctx: &Ctx<'_>, options: &Object<'_>) -> Result<Self, Error> {
        let pair = |least: &str, most: &str| -> Result<Option<(i16, i16)>, Error> {
            let (least, most) = (option(options, least)?, option(options, most)?);
            Ok(least.zip(most))
        };
        let increment = option(options, "roundingIncrement")?.unwrap_or(1u32);
        Ok(Self {
            integer: option(options, "minimumIntegerDigits")?.unwrap_or(1),
            fraction: pair("minimumFractionDigits", "maximumFractionDigits")?,
            significant: pair("minimumSignificantDigits", "maximumSignificantDigits")?,
            takes_more: text(options, "roundingPriority")? != "lessPrecision",
            increment: self::increment(increment)
                .ok_or_else(|| range(ctx, "no such rounding increment"))?,
            mode: mode(&text(options, "roundingMode")?),
            strips_integers: text(options, "trailingZeroDisplay")? == "stripIfInteger",
        })
    }

    /// The number, rounded and filled with zeros.
    pub(super) fn of(&self, number: &Decimal) -> Decimal {
        let mut digits = match (self.fraction, self.significant) {
            (Some(fraction), Some(significant)) => {
                let place = significant_place(number, significant.1);
                let is_finer = place <= -fraction.1;
                match is_finer == self.takes_more {
                    true => self.significant(number, significant),
                    false => self.fraction(number, fraction),
                }
            }
            (None, Some(significant)) => self.significant(number, significant),
            (fraction, None) => self.fraction(number, fraction.unwrap_or((0, 3))),
        };
        if self.strips_integers {
            digits.trim_end_if_integer();
        }
        digits.pad_start(self.integer);
        digits
    }

    fn fraction(&self, number: &Decimal, (least, most): (i16, i16)) -> Decimal {
        let (increment, shift) = self.increment;
        let mut digits = number.clone();
        digits.round_with_mode_and_increment(shift - most, self.mode, increment);
        digits.trim_end();
        digits.trim_start();
        digits.pad_end(-least);
        digits
    }

    fn significant(&self, number: &Decimal, (least, most): (i16, i16)) -> Decimal {
        let mut digits = number.clone();
        digits.round_with_mode(significant_place(number, most), self.mode);
        digits.trim_end();
        digits.trim_start();
        let place = significant_place(&digits, least);
        digits.pad_end(place.min(0));
        digits
    }
}

/// The place of the last of so many digits.
fn significant_place(number: &Decimal, count: i16) -> i16 {
    number.absolute.nonzero_magnitude_start() - count + 1
}

/// Of 20: multiples of 2, one place before the last.
fn increment(increment: u32) -> Option<(RoundingIncrement, i16)> {
    let (mut rest, mut shift) = (increment, 0);
    while rest >= 10 && rest % 10 == 0 {
        rest /= 10;
        shift += 1;
    }
    let increment = match rest {
        1 => RoundingIncrement::MultiplesOf1,
        2 => RoundingIncrement::MultiplesOf2,
        5 => RoundingIncrement::MultiplesOf5,
        25 => RoundingIncrement::MultiplesOf25,
        _ => return None,
    };
    Some((increment, shift))
}

fn mode(name: &str) -> SignedRoundingMode {
    match name {
        "ceil" => SignedRoundingMode::Ceil,
        "floor" => SignedRoundingMode::Floor,
        "expand" => SignedRoundingMode::Unsigned(UnsignedRoundingMode::Expand),
        "trunc" => SignedRoundingMode::Unsigned(UnsignedRoundingMode::Trunc),
        "halfCeil" => SignedRoundingMode::HalfCeil,
        "halfFloor" => SignedRoundingMode::HalfFloor,
        "halfTrunc" => SignedRoundingMode::Unsigned(UnsignedRoundingMode::HalfTrunc),
        "halfEven" => SignedRoundingMode::Unsigned(UnsignedRoundingMode::HalfEven),
        _ => SignedRoundingMode::Unsigned(UnsignedRoundingMode::HalfExpand),
    }
}

pub(super) fn sign_display(name: &str) -> SignDisplay {
    match name {
        "never" => SignDisplay::Never,
        "always" => SignDisplay::Always,
        "exceptZero" => SignDisplay::ExceptZero,
        "negative" => SignDisplay::Negative,
        _ => SignDisplay::Auto,
    }
}

/// A number as ECMAScript writes it, in decimal digits.
pub(super) fn decimal(ctx: &Ctx<'_>, text: &str) -> Result<Decimal, Error> {
    Decimal::try_from_str(text).map_err(|_| range(ctx, "the number has too many digits"))
}
