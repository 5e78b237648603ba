//! Files as `data:` URLs (RFC 2397).

/// The URL that holds the bytes themselves.
pub fn of(name: &[u8], bytes: &[u8]) -> String {
    format!("data:{};base64,{}", media_type(name), base64(bytes))
}

/// The media type by the extension, as browsers need it to take the bytes for what they are.
pub fn media_type(name: &[u8]) -> &'static str {
    let extension = name
        .rsplit(|byte| *byte == b'.')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    match &*extension {
        b"svg" => "image/svg+xml",
        b"png" => "image/png",
        b"apng" => "image/apng",
        b"jpg" | b"jpeg" | b"jfif" | b"pjpeg" | b"pjp" => "image/jpeg",
        b"gif" => "image/gif",
        b"webp" => "image/webp",
        b"avif" => "image/avif",
        b"jxl" => "image/jxl",
        b"bmp" => "image/bmp",
        b"ico" | b"cur" => "image/x-icon",
        b"mp4" => "video/mp4",
        b"webm" => "video/webm",
        b"mov" => "video/quicktime",
        b"ogg" => "audio/ogg",
        b"mp3" => "audio/mpeg",
        b"wav" => "audio/wav",
        b"flac" => "audio/flac",
        b"aac" => "audio/aac",
        b"opus" => "audio/ogg",
        b"m4a" => "audio/mp4",
        b"vtt" => "text/vtt",
        b"woff" => "font/woff",
        b"woff2" => "font/woff2",
        b"ttf" => "font/ttf",
        b"otf" => "font/otf",
        b"eot" => "application/vnd.ms-fontobject",
        b"wasm" => "application/wasm",
        b"pdf" => "application/pdf",
        b"json" => "application/json",
        b"webmanifest" => "application/manifest+json",
        b"glb" => "model/gltf-binary",
        b"gltf" => "model/gltf+json",
        b"txt" | b"md" => "text/plain",
        b"html" => "text/html",
        b"css" => "text/css",
        b"js" | b"mjs" => "text/javascript",
        _ => "application/octet-stream",
    }
}

/// RFC 4648, section 4, with padding.
pub(super) fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let at = |index: usize| u32::from(chunk.get(index).copied().unwrap_or(0));
        let value = at(0) << 16 | at(1) << 8 | at(2);
        for position in 0..4 {
            let digit = value >> (18 - 6 * position) & 63;
            text.push(match position <= chunk.len() {
                true => char::from(DIGITS[digit as usize]),
                false => '=',
            });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodes_the_vectors_of_the_standard() {
        for (text, want) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(text.as_bytes()), want);
        }
        assert_eq!(of(b"a.SVG", b"f"), "data:image/svg+xml;base64,Zg==");
    }
}
