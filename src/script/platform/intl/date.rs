//! Dates and times.

use icu::calendar::{AnyCalendarKind, Iso};
use icu::datetime::fieldbag::DateTimeFieldBag;
use icu::datetime::fieldsets::builder::{DateFields, FieldSetBuilder, ZoneStyle};
use icu::datetime::fieldsets::enums::CompositeFieldSet;
use icu::datetime::options::{Length, TimePrecision, YearStyle};
use icu::datetime::pattern::DateTimeNames;
use icu::datetime::provider::Baked;
use icu::datetime::provider::names::{
    DatetimeNamesMonthGregorianV1, DatetimeNamesWeekdayV1, MonthNames,
};
use icu::datetime::{DateTimeFormatter, DateTimeFormatterPreferences};
use icu::time::zone::models::AtTime;
use icu::time::{DateTime, TimeZoneInfo, ZonedDateTime};
use icu_provider::prelude::*;
use rquickjs::function::Func;
use rquickjs::{Array, Ctx, Error, Object};

use super::options::{locale, range, silent, text};
use super::parts::{array, pieces};
use super::zone::Zone;

struct Date {
    formatter: DateTimeFormatter<CompositeFieldSet>,
    zone: Zone,
}

/// A formatter: functions of times in milliseconds since 1970 that give parts, and what it has decided.
pub(super) fn formatter<'js>(
    ctx: Ctx<'js>,
    tag: String,
    options: Object<'js>,
) -> Result<Object<'js>, Error> {
    let date = Date::new(&ctx, &tag, &options)?;
    let given = Object::new(ctx.clone())?;
    given.set("calendar", date.calendar())?;
    given.set(
        "pattern",
        date.formatter.format(&date.at(0.0)).pattern().to_string(),
    )?;
    let format = move |ctx: Ctx<'js>, time: f64| -> Result<Array<'js>, Error> {
        array(
            &ctx,
            &pieces(&date.formatter.format(&date.at(time)), "datetime"),
        )
    };
    given.set("format", Func::from(format))?;
    Ok(given)
}

impl Date {
    fn new(ctx: &Ctx<'_>, tag: &str, options: &Object<'_>) -> Result<Self, Error> {
        let preferences = DateTimeFormatterPreferences::from(locale(ctx, tag)?);
        let skeleton = text(options, "skeleton")?;
        let builder = match &*skeleton {
            "" => styles(&text(options, "dateStyle")?, &text(options, "timeStyle")?),
            skeleton => DateTimeFieldBag::try_from_skeleton(skeleton)
                .map_err(|error| range(ctx, &format!("no format for `{skeleton}`: {error}")))?
                .to_field_set_builder(),
        };
        let fault = |error: &dyn std::fmt::Display| range(ctx, &format!("no such format: {error}"));
        let fields = builder.build_composite().map_err(|error| fault(&error))?;
        let formatter =
            DateTimeFormatter::try_new(preferences, fields).map_err(|error| fault(&error))?;
        // The library forgets digits where it has the pattern of a Portuguese month and year.
        let mut names = DateTimeNames::from_formatter(preferences, formatter);
        let digits = names.as_mut().include_decimal_formatter();
        digits.map_err(|error| fault(&error))?;
        let formatter = names.try_into_formatter(fields);
        let formatter = formatter.map_err(|(error, _)| fault(&error))?;
        let zone = text(options, "timeZone")?;
        let zone = Zone::new(&zone).ok_or_else(|| range(ctx, &format!("no time zone `{zone}`")))?;
        Ok(Self { formatter, zone })
    }

    fn at(&self, time: f64) -> ZonedDateTime<Iso, TimeZoneInfo<AtTime>> {
        // A time of ECMAScript's is a whole number of milliseconds.
        let time = time as i64;
        let offset = self.zone.offset(time);
        let local = ZonedDateTime::from_epoch_milliseconds_and_utc_offset(time, offset);
        let (date, time) = (local.date, local.time);
        let zone = self.zone.id().with_offset(Some(offset));
        ZonedDateTime {
            date,
            time,
            zone: zone.at_date_time(DateTime { date, time }),
        }
    }

    /// By its name in Unicode locale extensions.
    fn calendar(&self) -> &'static str {
        match self.formatter.calendar().kind() {
            AnyCalendarKind::Buddhist => "buddhist",
            AnyCalendarKind::Chinese => "chinese",
            AnyCalendarKind::Coptic => "coptic",
            AnyCalendarKind::Dangi => "dangi",
            AnyCalendarKind::Ethiopian => "ethiopic",
            AnyCalendarKind::EthiopianAmeteAlem => "ethioaa",
            AnyCalendarKind::Hebrew => "hebrew",
            AnyCalendarKind::HijriTabularTypeIIFriday => "islamic-civil",
            AnyCalendarKind::HijriTabularTypeIIThursday => "islamic-tbla",
            AnyCalendarKind::HijriUmmAlQura => "islamic-umalqura",
            AnyCalendarKind::Indian => "indian",
            AnyCalendarKind::Iso => "iso8601",
            AnyCalendarKind::Japanese => "japanese",
            AnyCalendarKind::Persian => "persian",
            AnyCalendarKind::Roc => "roc",
            _ => "gregory",
        }
    }
}

/// The narrow names of the months, or of the days of the week from Sunday on, in the Gregorian calendar. The library's formats
/// have none. `None`: there are no data.
pub(super) fn narrow(ctx: Ctx<'_>, tag: String, of: String) -> Result<Option<Vec<String>>, Error> {
    let locale = locale(&ctx, &tag)?;
    Ok(["4s", "4"].iter().find_map(|length| {
        let attributes = DataMarkerAttributes::try_from_str(length).ok()?;
        let tag = DatetimeNamesMonthGregorianV1::make_locale((&locale).into());
        let request = DataRequest {
            id: DataIdentifierBorrowed::for_marker_attributes_and_locale(attributes, &tag),
            metadata: silent(),
        };
        let names: Vec<String> = match &*of {
            "month" => {
                let data = DataProvider::<DatetimeNamesMonthGregorianV1>::load(&Baked, request);
                match data.ok()?.payload.get() {
                    MonthNames::Linear(names) => names.iter().map(str::to_owned).collect(),
                    _ => return None,
                }
            }
            _ => {
                let data = DataProvider::<DatetimeNamesWeekdayV1>::load(&Baked, request);
                let names = data.ok()?.payload;
                names.get().names.iter().map(str::to_owned).collect()
            }
        };
        Some(names)
    }))
}

/// The fields of `dateStyle` and `timeStyle`, which are empty where they are not given.
fn styles(date: &str, time: &str) -> FieldSetBuilder {
    let mut builder = FieldSetBuilder::new();
    builder.date_fields = match date {
        "" => None,
        "full" => Some(DateFields::YMDE),
        _ => Some(DateFields::YMD),
    };
    builder.length = match date {
        "full" | "long" => Some(Length::Long),
        "medium" => Some(Length::Medium),
        "short" => Some(Length::Short),
        _ => Some(Length::Medium),
    };
    builder.time_precision = match time {
        "" => None,
        "short" => Some(TimePrecision::Minute),
        _ => Some(TimePrecision::Second),
    };
    builder.zone_style = match time {
        "full" => Some(ZoneStyle::SpecificLong),
        "long" => Some(ZoneStyle::SpecificShort),
        _ => None,
    };
    if date == "short" {
        builder.year_style = Some(YearStyle::Auto);
    }
    builder
}
