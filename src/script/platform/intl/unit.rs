//! The patterns of units: those of area, duration, length, mass and volume, which are all that the library has.

use icu::experimental::dimension::provider::units::categorized_display_names::*;
use icu::experimental::dimension::provider::units::display_names::UnitsDisplayNames;
use icu::experimental::provider::Baked;
use icu::locale::Locale;
use icu_provider::marker::ErasedMarker;
use icu_provider::prelude::*;

use super::options::silent;

pub(super) type Unit = DataPayload<ErasedMarker<UnitsDisplayNames<'static>>>;

/// The patterns of a unit in a width: `long`, `short` or `narrow`. `None`: there are none.
pub(super) fn load(locale: &Locale, name: &str, width: &str) -> Option<Unit> {
    let attributes = format!("{width}-{name}");
    let attributes = DataMarkerAttributes::try_from_str(&attributes).ok()?;
    let mut fallback = None;
    macro_rules! any {
        ($($marker:ident),* $(,)?) => {
            $(match named::<$marker>(locale, attributes) {
                Some((unit, true)) => return Some(unit),
                Some((unit, false)) => fallback = Some(unit),
                None => {}
            })*
        };
    }
    any!(
        UnitsNamesAreaCoreV1,
        UnitsNamesAreaExtendedV1,
        UnitsNamesDurationCoreV1,
        UnitsNamesDurationExtendedV1,
        UnitsNamesDurationOutlierV1,
        UnitsNamesLengthCoreV1,
        UnitsNamesLengthExtendedV1,
        UnitsNamesLengthOutlierV1,
        UnitsNamesMassCoreV1,
        UnitsNamesMassExtendedV1,
        UnitsNamesMassOutlierV1,
        UnitsNamesVolumeCoreV1,
        UnitsNamesVolumeExtendedV1,
        UnitsNamesVolumeOutlierV1,
    );
    fallback
}

/// The patterns of one kind of unit, and whether they are of the language itself, not of none.
fn named<M>(locale: &Locale, attributes: &DataMarkerAttributes) -> Option<(Unit, bool)>
where
    M: DataMarker<DataStruct = UnitsDisplayNames<'static>>,
    Baked: DataProvider<M>,
{
    let tag = M::make_locale(locale.into());
    let request = DataRequest {
        id: DataIdentifierBorrowed::for_marker_attributes_and_locale(attributes, &tag),
        metadata: silent(),
    };
    let response = DataProvider::<M>::load(&Baked, request).ok()?;
    let is_own = response
        .metadata
        .locale
        .is_none_or(|locale| !locale.is_unknown());
    Some((response.payload.cast(), is_own))
}
