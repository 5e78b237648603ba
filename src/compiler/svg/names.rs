//! What elements and attributes of SVG are called in React, as `@svgr/hast-util-to-babel-ast` has it.

use std::borrow::Cow;

use super::quoted;

/// Attributes that React spells with capital letters. In XML they are written so, without them, with a hyphen before each,
/// or, those of other namespaces, with a colon.
const ATTRIBUTES: &str = "\
    acceptCharset accessKey allowFullScreen autoCapitalize autoComplete autoCorrect autoFocus autoPlay autoSave cellPadding \
    cellSpacing charSet classID className colSpan contentEditable contextMenu controlsList crossOrigin \
    dangerouslySetInnerHTML dateTime defaultChecked defaultValue encType formMethod formAction formEncType formNoValidate \
    formTarget frameBorder hrefLang htmlFor httpEquiv innerHTML inputMode itemID itemProp itemRef itemScope itemType \
    keyParams keyType marginWidth marginHeight maxLength mediaGroup minLength noModule noValidate playsInline radioGroup \
    readOnly referrerPolicy rowSpan spellCheck srcDoc srcLang srcSet tabIndex useMap \
    accentHeight alignmentBaseline allowReorder arabicForm attributeName attributeType autoReverse baseFrequency \
    baselineShift baseProfile calcMode capHeight clipPath clipPathUnits clipRule colorInterpolation \
    colorInterpolationFilters colorProfile colorRendering contentScriptType contentStyleType diffuseConstant \
    dominantBaseline edgeMode enableBackground externalResourcesRequired fillOpacity fillRule filterRes filterUnits \
    floodOpacity floodColor fontFamily fontSize fontSizeAdjust fontStretch fontStyle fontVariant fontWeight glyphName \
    glyphOrientationHorizontal glyphOrientationVertical glyphRef gradientTransform gradientUnits horizAdvX horizOriginX \
    imageRendering kernelMatrix kernelUnitLength keyPoints keySplines keyTimes lengthAdjust letterSpacing lightingColor \
    limitingConeAngle markerEnd markerHeight markerMid markerStart markerUnits markerWidth maskContentUnits maskUnits \
    numOctaves overlinePosition overlineThickness paintOrder pathLength patternContentUnits patternTransform patternUnits \
    pointerEvents pointsAtX pointsAtY pointsAtZ preserveAlpha preserveAspectRatio primitiveUnits refX refY renderingIntent \
    repeatCount repeatDur requiredExtensions requiredFeatures shapeRendering specularConstant specularExponent \
    spreadMethod startOffset stdDeviation stitchTiles stopColor stopOpacity strikethroughPosition strikethroughThickness \
    strokeDasharray strokeDashoffset strokeLinecap strokeLinejoin strokeMiterlimit strokeWidth strokeOpacity \
    suppressContentEditableWarning suppressHydrationWarning surfaceScale systemLanguage tableValues targetX targetY \
    textAnchor textDecoration textLength textRendering underlinePosition underlineThickness unicodeBidi unicodeRange \
    unitsPerEm vAlphabetic vectorEffect vertAdvY vertOriginX vertOriginY vHanging vIdeographic viewBox viewTarget \
    vMathematical wordSpacing writingMode xChannelSelector xHeight xlinkActuate xlinkArcrole xlinkHref xlinkRole xlinkShow \
    xlinkTitle xlinkType xmlBase xmlLang xmlnsXlink xmlSpace yChannelSelector zoomAndPan";

/// Elements that are spelled with capital letters; the same in small ones, or with hyphens, is one of them.
const ELEMENTS: &str = "\
    altGlyph altGlyphDef altGlyphItem animateColor animateMotion animateTransform clipPath colorProfile feBlend \
    feColorMatrix feComponentTransfer feComposite feConvolveMatrix feDiffuseLighting feDisplacementMap feDistantLight \
    feDropShadow feFlood feFuncA feFuncB feFuncG feFuncR feGaussianBlur feImage feMerge feMergeNode feMorphology feOffset \
    fePointLight feSpecularLighting feSpotLight feTile feTurbulence fontFace fontFaceFormat fontFaceName fontFaceSrc \
    fontFaceUri foreignObject glyphRef linearGradient missingGlyph radialGradient textPath";

/// The one of these that a name is without its capital letters, its hyphens and its colon.
fn spelled(list: &'static str, name: &str) -> Option<&'static str> {
    let plain = || name.bytes().filter(|byte| !matches!(byte, b'-' | b':'));
    let is_it = |known: &&str| {
        plain()
            .map(|byte| byte.to_ascii_lowercase())
            .eq(known.bytes().map(|byte| byte.to_ascii_lowercase()))
    };
    list.split_ascii_whitespace().find(is_it)
}

/// The property for an attribute.
pub(super) fn attribute(key: &str) -> Cow<'_, str> {
    match key {
        "class" => return "className".into(),
        "for" => return "htmlFor".into(),
        _ => {}
    }
    if let Some(rest) = key.strip_prefix("aria-") {
        return format!("aria-{}", rest.replace('-', "").to_lowercase()).into();
    }
    if key.starts_with("data-") {
        return hyphened(key);
    }
    let is_foreign = key
        .split_once(':')
        .is_some_and(|(prefix, _)| !matches!(prefix, "xml" | "xmlns" | "xlink"));
    match spelled(ATTRIBUTES, key) {
        Some(name) if !is_foreign => name.into(),
        _ => key.into(),
    }
}

/// With a hyphen before each capital letter, which is none then.
fn hyphened(key: &str) -> Cow<'_, str> {
    if !key.contains(char::is_uppercase) {
        return key.into();
    }
    let mut name = String::with_capacity(key.len() + 4);
    for letter in key.chars() {
        if letter.is_uppercase() {
            name.push('-');
        }
        name.extend(letter.to_lowercase());
    }
    name.into()
}

/// The name of an element.
pub(super) fn element(name: &str) -> &str {
    // Those with capital letters are right, or nobody's.
    match name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        true => name,
        false => spelled(ELEMENTS, name).unwrap_or(name),
    }
}

/// Whether JSX takes a name for that of an element.
pub(super) fn is_tag(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase()) && is_attribute(name)
}

/// Whether JSX takes a name for that of an attribute.
pub(super) fn is_attribute(name: &str) -> bool {
    let mut parts = name.split(':');
    let is_name = |part: &str| {
        part.starts_with(|first: char| first.is_ascii_alphabetic())
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    parts.clone().count() <= 2 && parts.all(is_name)
}

/// The value of an attribute as JavaScript. What is a number is one, but for a name of the file's own.
pub(super) fn value(key: &str, text: &str) -> String {
    let number = match key {
        "id" | "class" => None,
        _ => number(text),
    };
    number.unwrap_or_else(|| quoted(text))
}

/// A text that JavaScript would make a number of, as that (ECMA-262, `StringToNumber`).
pub(super) fn number(text: &str) -> Option<String> {
    let text = text.trim_matches(is_space);
    let is_decimal =
        |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-');
    if !text.bytes().all(is_decimal) {
        return None;
    }
    let number: f64 = text.parse().ok()?;
    Some(serde_json::Number::from_f64(number)?.to_string())
}

/// Ends of lines and tabs, many as one, are a space.
pub(super) fn on_one_line(text: &str) -> Cow<'_, str> {
    let is_break = |c: char| matches!(c, '\t' | '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}');
    if !text.contains(is_break) {
        return text.into();
    }
    let mut line = String::with_capacity(text.len());
    let mut was_break = false;
    for character in text.chars() {
        match is_break(character) {
            true if was_break => {}
            true => line.push(' '),
            false => line.push(character),
        }
        was_break = is_break(character);
    }
    line.into()
}

/// White space as JavaScript has it (ECMA-262, `\s`).
pub(super) fn is_space(character: char) -> bool {
    (character.is_whitespace() && character != '\u{85}') || character == '\u{feff}'
}

/// What the component of a file is called: `SvgArrowLeft`, of `arrow-left.svg`.
pub(super) fn component(shown: &str) -> String {
    let file = shown.rsplit('/').next().unwrap_or_default();
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let mut name = "Svg".to_owned();
    let mut is_start = true;
    for letter in stem.chars() {
        match letter {
            ' ' | '_' | '-' => is_start = true,
            letter if letter.is_ascii_alphanumeric() && is_start => {
                name.push(letter.to_ascii_uppercase());
                is_start = false;
            }
            letter if letter.is_ascii_alphanumeric() => name.push(letter),
            _ => {}
        }
    }
    name
}
