//! Comparing texts, cutting them, and their case.

use std::cmp::Ordering;

use icu::casemap::CaseMapper;
use icu::collator::options::{AlternateHandling, CaseLevel, CollatorOptions, Strength};
use icu::collator::{Collator, CollatorPreferences};
use icu::segmenter::options::{SentenceBreakInvariantOptions, WordBreakInvariantOptions};
use icu::segmenter::{GraphemeClusterSegmenter, SentenceSegmenter, WordSegmenter};
use rquickjs::{Ctx, Error, Function};

use super::options::{lacking, locale};

/// A function that compares two texts: -1, 0 or 1.
pub(super) fn collator<'js>(
    ctx: Ctx<'js>,
    tag: String,
    sensitivity: String,
    skips_punctuation: Option<bool>,
) -> Result<Function<'js>, Error> {
    let locale = locale(&ctx, &tag)?;
    let mut options = CollatorOptions::default();
    options.strength = Some(match &*sensitivity {
        "base" | "case" => Strength::Primary,
        "accent" => Strength::Secondary,
        _ => Strength::Tertiary,
    });
    if sensitivity == "case" {
        options.case_level = Some(CaseLevel::On);
    }
    options.alternate_handling = skips_punctuation.map(|skips| match skips {
        true => AlternateHandling::Shifted,
        false => AlternateHandling::NonIgnorable,
    });
    let collator = Collator::try_new(CollatorPreferences::from(&locale), options)
        .map_err(lacking(&ctx, "collation"))?;
    let compare = move |left: String, right: String| match collator.compare(&left, &right) {
        Ordering::Less => -1,
        Ordering::Equal => 0,
        Ordering::Greater => 1,
    };
    Function::new(ctx, compare)
}

/// Where the segments of a text end, in UTF-16 code units; those that are words are told as negative numbers.
pub(super) fn segments(granularity: String, text: String) -> Vec<i32> {
    let mut ends = Vec::new();
    let (mut bytes, mut units) = (0, 0i32);
    let mut end = |at: usize, is_word: bool| {
        if let Some(segment) = text.get(bytes..at).filter(|segment| !segment.is_empty()) {
            units += i32::try_from(segment.encode_utf16().count()).unwrap_or(i32::MAX);
            ends.push(if is_word { -units } else { units });
            bytes = at;
        }
    };
    match &*granularity {
        "word" => {
            let segmenter = WordSegmenter::new_auto(WordBreakInvariantOptions::default());
            let words = segmenter.segment_str(&text).iter_with_word_type();
            words.for_each(|(at, kind)| end(at, kind.is_word_like()));
        }
        "sentence" => SentenceSegmenter::new(SentenceBreakInvariantOptions::default())
            .segment_str(&text)
            .for_each(|at| end(at, false)),
        _ => GraphemeClusterSegmenter::new()
            .segment_str(&text)
            .for_each(|at| end(at, false)),
    }
    ends
}

/// A text in upper or lower case, as a language has it.
pub(super) fn cased(
    ctx: Ctx<'_>,
    tag: String,
    text: String,
    is_upper: bool,
) -> Result<String, Error> {
    let locale = locale(&ctx, &tag)?;
    let mapper = CaseMapper::new();
    Ok(match is_upper {
        true => mapper.uppercase_to_string(&text, &locale.id),
        false => mapper.lowercase_to_string(&text, &locale.id),
    }
    .into_owned())
}
