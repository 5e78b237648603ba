//! Time zones: what they are called, and how far they are from UTC.

use icu::time::zone::{IanaParser, TimeZone, UtcOffset};
use jiff::Timestamp;
use jiff::tz;

const UTC: &str = "UTC";

/// The first and the last second that the database of zones knows of.
const SECONDS: (i64, i64) = (-377_705_023_201, 253_402_207_200);

pub(super) enum Zone {
    Named(TimeZone, tz::TimeZone),
    /// An offset, in seconds.
    Fixed(i32),
}

impl Zone {
    /// A zone by a name that `canonical` gives.
    pub(super) fn new(name: &str) -> Option<Self> {
        if let Some(offset) = offset(name) {
            return Some(Self::Fixed(offset));
        }
        let zone = tz::TimeZone::get(name).ok()?;
        Some(Self::Named(IanaParser::new().parse(name), zone))
    }

    pub(super) fn id(&self) -> TimeZone {
        match self {
            Self::Named(id, _) => *id,
            Self::Fixed(_) => TimeZone::UNKNOWN,
        }
    }

    /// How far it is ahead of UTC at a time, in milliseconds since 1970.
    pub(super) fn offset(&self, time: i64) -> UtcOffset {
        let seconds = match self {
            Self::Fixed(seconds) => *seconds,
            Self::Named(_, zone) => {
                let second = time.div_euclid(1000).clamp(SECONDS.0, SECONDS.1);
                Timestamp::from_second(second).map_or(0, |time| zone.to_offset(time).seconds())
            }
        };
        UtcOffset::try_from_seconds(seconds).unwrap_or_default()
    }
}

/// The seconds of `+05:30`.
fn offset(name: &str) -> Option<i32> {
    let sign = match name.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = name[1..].split_once(':')?;
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    Some(sign * (hours * 60 + minutes) * 60)
}

/// The name of a zone as the database spells it; of those that mean UTC, `UTC`.
pub(super) fn canonical(name: String) -> Option<String> {
    const ALIASES: [&str; 10] = [
        "Etc/GMT",
        "Etc/UCT",
        "Etc/UTC",
        "Etc/Zulu",
        "GMT",
        "UCT",
        "UTC",
        "Zulu",
        "Etc/Universal",
        "Universal",
    ];
    if ALIASES
        .iter()
        .any(|alias| alias.eq_ignore_ascii_case(&name))
    {
        return Some(UTC.to_owned());
    }
    let zone = tz::TimeZone::get(&name).ok()?;
    zone.iana_name().map(str::to_owned)
}

/// The names of all zones that are not other names of one.
pub(super) fn all() -> Vec<String> {
    let mut names: Vec<String> = tz::db()
        .available()
        .map(|name| name.to_string())
        .filter(|name| name.contains('/') && !name.starts_with("Etc/"))
        .filter(|name| tz::TimeZone::get(name).is_ok_and(|zone| zone.is_primary()))
        .collect();
    names.push(UTC.to_owned());
    names.sort();
    names.dedup();
    names
}

/// The zone that the engine's own dates are in: that of the environment, or of the machine.
pub(super) fn default() -> String {
    let machine = || {
        let link = std::fs::read_link("/etc/localtime").ok()?;
        let (_, name) = link.to_str()?.split_once("zoneinfo/")?;
        canonical(name.to_owned())
    };
    let zone = match std::env::var("TZ") {
        Ok(name) => canonical(name.trim_start_matches(':').to_owned()),
        Err(_) => machine(),
    };
    zone.unwrap_or_else(|| UTC.to_owned())
}
