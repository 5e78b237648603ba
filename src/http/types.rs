//! Media types, by the last extension of a name.

/// The type that browsers need of a file with this name (WHATWG MIME Sniffing; IANA's registry for the rest).
///
/// A source's own output is a module, so it has a module's type under the source's name as well.
pub(super) fn of(name: &[u8]) -> &'static str {
    let extension = extension(name).unwrap_or_default();
    known(&extension).unwrap_or("application/octet-stream")
}

/// Whether a name has an extension that means a file, other than a page's: no route of an application ends so.
pub(super) fn is_file(name: &[u8]) -> bool {
    extension(name).is_some_and(|extension| known(&extension).is_some_and(|found| found != HTML))
}

const HTML: &str = "text/html; charset=utf-8";

/// In lower case; what no type has is cut.
fn extension(name: &[u8]) -> Option<String> {
    let dot = name.iter().rposition(|byte| *byte == b'.')?;
    let text = std::str::from_utf8(&name[dot + 1..]).ok()?;
    Some(text.to_ascii_lowercase())
}

fn known(extension: &str) -> Option<&'static str> {
    Some(match extension {
        "html" | "htm" => HTML,
        "js" | "mjs" | "cjs" | "jsx" | "ts" | "tsx" | "mts" | "cts" => {
            "text/javascript; charset=utf-8"
        }
        "css" | "scss" | "sass" | "less" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "jsonld" => "application/ld+json",
        "geojson" => "application/geo+json",
        "txt" | "text" | "log" => "text/plain; charset=utf-8",
        "md" | "markdown" => "text/markdown; charset=utf-8",
        "mdx" => "text/mdx; charset=utf-8",
        "csv" => "text/csv; charset=utf-8",
        "vtt" => "text/vtt; charset=utf-8",
        "xml" => "text/xml; charset=utf-8",
        "xhtml" => "application/xhtml+xml",
        "rss" => "application/rss+xml",
        "atom" => "application/atom+xml",
        "ics" => "text/calendar; charset=utf-8",
        "yaml" | "yml" => "application/yaml",
        "wasm" => "application/wasm",
        "pdf" => "application/pdf",
        "zip" => "application/zip",
        "gz" => "application/gzip",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "apng" => "image/apng",
        "jpg" | "jpeg" | "jfif" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "jxl" => "image/jxl",
        "bmp" => "image/bmp",
        "ico" | "cur" => "image/x-icon",
        "tif" | "tiff" => "image/tiff",
        "woff" => "font/woff",
        "woff2" => "font/woff2",
        "ttf" => "font/ttf",
        "otf" => "font/otf",
        "eot" => "application/vnd.ms-fontobject",
        "mp4" | "m4v" => "video/mp4",
        "webm" => "video/webm",
        "ogv" => "video/ogg",
        "mov" => "video/quicktime",
        "mp3" => "audio/mpeg",
        "ogg" | "oga" => "audio/ogg",
        "opus" => "audio/ogg",
        "wav" => "audio/wav",
        "flac" => "audio/flac",
        "aac" => "audio/aac",
        "m4a" => "audio/mp4",
        "weba" => "audio/webm",
        "glb" => "model/gltf-binary",
        "gltf" => "model/gltf+json",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_extension_decides() {
        for (name, want) in [
            ("main.tsx", "text/javascript; charset=utf-8"),
            ("a.css.js", "text/javascript; charset=utf-8"),
            ("a.v0123456789abcdef.js", "text/javascript; charset=utf-8"),
            ("a.module.css", "text/css; charset=utf-8"),
            ("a.js.map", "application/json"),
            ("INDEX.HTML", "text/html; charset=utf-8"),
            ("logo.svg", "image/svg+xml"),
            ("LICENSE", "application/octet-stream"),
            ("a.unknown", "application/octet-stream"),
        ] {
            assert_eq!(of(name.as_bytes()), want, "{name}");
        }
        assert!(
            is_file(b"a.js")
                && !is_file(b"about")
                && !is_file(b"about.html")
                && !is_file(b"john.doe")
        );
    }
}
