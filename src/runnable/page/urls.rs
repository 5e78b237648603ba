//! Where a page names files: its elements and attributes that hold URLs.

use super::markup::Tag;

/// Attributes that hold the URL of something to be loaded with the page, as Vite lists them
/// (<https://vite.dev/guide/features#html>); `link` and `script` have rules of their own.
pub(super) const URLS: [(&str, &[&str]); 12] = [
    ("audio", &["src"]),
    ("embed", &["src"]),
    ("image", &["href", "xlink:href"]),
    ("img", &["src"]),
    ("input", &["src"]),
    ("object", &["data"]),
    ("source", &["src"]),
    ("track", &["src"]),
    ("use", &["href", "xlink:href"]),
    ("video", &["src", "poster"]),
    ("feimage", &["href", "xlink:href"]),
    ("body", &["background"]),
];

/// Attributes that hold several URLs with descriptors.
pub(super) const SETS: [(&str, &str); 3] = [
    ("img", "srcset"),
    ("source", "srcset"),
    ("link", "imagesrcset"),
];

/// What `rel` says of a file that is loaded with the page: what is part of it, and what is [`super::plan::Form::Beside`] it.
pub(super) const OF_PAGE: [&str; 2] = ["stylesheet", "modulepreload"];
pub(super) const BESIDE: [&str; 6] = [
    "icon",
    "apple-touch-icon",
    "apple-touch-icon-precomposed",
    "apple-touch-startup-image",
    "mask-icon",
    "manifest",
];

/// Names and properties of `<meta>` whose content is the URL of what stands for the page elsewhere (as Vite lists them).
pub(super) const METAS: [(&str, &[&str]); 2] = [
    (
        "name",
        &[
            "msapplication-tileimage",
            "msapplication-square70x70logo",
            "msapplication-square150x150logo",
            "msapplication-wide310x150logo",
            "msapplication-square310x310logo",
            "msapplication-config",
            "twitter:image",
        ],
    ),
    (
        "property",
        &[
            "og:image",
            "og:image:url",
            "og:image:secure_url",
            "og:audio",
            "og:audio:secure_url",
            "og:video",
            "og:video:secure_url",
        ],
    ),
];

/// Whether the content of a `<meta>` is such a URL.
pub(super) fn is_url(meta: &Tag) -> bool {
    METAS.iter().any(|(attribute, known)| {
        let value = meta.value(attribute).unwrap_or_default();
        known.contains(&&*value.trim().to_ascii_lowercase())
    })
}

/// Whether `rel` says so of a file.
pub(super) fn is_loaded(relation: &str) -> bool {
    OF_PAGE.contains(&relation) || BESIDE.contains(&relation)
}

/// What of `<link rel=preload as=…>` is asked for under the same URL by markup and style sheets.
pub(super) const PRELOADED: [&str; 6] = ["style", "font", "image", "audio", "video", "track"];
