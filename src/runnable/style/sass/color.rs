//! Functions of `sass:color` that came with Sass 1.79 (<https://sass-lang.com/documentation/modules/color>), which `grass`
//! does not have: written in Sass, by those that it has. Packages of today call them.

use std::borrow::Cow;
use std::path::Path;

use crate::runnable::style::scan::{Token, tokens, unquoted};

/// Where style sheets load them from; no file of a tree has such a name.
const NAME: &str = "/~hookfs/color.scss";

/// The namespace under which they are loaded.
const NAMESPACE: &str = "hookfs-color";

/// The functions that are called in the place of those of the same name.
const FUNCTIONS: [&str; 4] = ["channel", "adjust", "change", "scale"];

const SOURCE: &str = r#"@use "sass:color";
@use "sass:map";
@use "sass:meta";
@function channel($color, $channel, $space: null) {
  @if $channel == "red" { @return color.red($color); }
  @if $channel == "green" { @return color.green($color); }
  @if $channel == "blue" { @return color.blue($color); }
  @if $channel == "hue" { @return color.hue($color); }
  @if $channel == "saturation" { @return color.saturation($color); }
  @if $channel == "lightness" and ($space == null or $space == hsl) { @return color.lightness($color); }
  @if $channel == "whiteness" { @return color.whiteness($color); }
  @if $channel == "blackness" { @return color.blackness($color); }
  @if $channel == "alpha" { @return color.alpha($color); }
  @error "the channel `#{$channel}` of the color space `#{$space}` is not known here";
}
@function -known($changes) {
  $space: map.get($changes, "space");
  @if $space != null and $space != rgb and $space != hsl and $space != hwb {
    @error "the color space `#{$space}` is not known here";
  }
  @return map.remove($changes, "space");
}
@function adjust($color, $changes...) { @return color.adjust($color, -known(meta.keywords($changes))...); }
@function change($color, $changes...) { @return color.change($color, -known(meta.keywords($changes))...); }
@function scale($color, $changes...) { @return color.scale($color, -known(meta.keywords($changes))...); }
"#;

/// Their source, where `path` is the name of it.
pub(super) fn source(path: &Path) -> Option<&'static str> {
    (path == Path::new(NAME)).then_some(SOURCE)
}

/// The text with its calls of such functions leading to them. Lines stay, but for one more in the indented syntax.
pub(super) fn modern(text: &str) -> Cow<'_, str> {
    if !text.contains("sass:color") || !(text.contains("channel(") || text.contains("$space")) {
        return Cow::Borrowed(text);
    }
    let all = tokens(text, true);
    let part = |at: usize| all.get(at).map_or("", |(_, range)| &text[range.clone()]);
    let mut out = String::with_capacity(text.len() + 64);
    let mut namespace = None;
    // Whether a `@use` of the module is being read, and what stands in it.
    let mut using = false;
    for (at, (token, range)) in all.iter().enumerate() {
        let word = &text[range.clone()];
        let ends =
            matches!(token, Token::Other(b';')) || *token == Token::Space && word.contains('\n');
        match token {
            Token::Text if unquoted(word) == "sass:color" => {
                let last = (0..at).rev().find(|at| all[*at].0 != Token::Space);
                using = last.is_some_and(|last| part(last) == "@use");
                if using {
                    namespace = Some("color".to_owned());
                }
            }
            Token::Word if using && part(at.wrapping_sub(2)) == "as" => {
                namespace = Some(word.to_owned())
            }
            _ if using && ends => {
                using = false;
                let (before, after) = word.split_at(usize::from(word.starts_with(';')));
                let between = if before.is_empty() { "\n" } else { "; " };
                out.push_str(&format!(
                    "{between}@use \"{NAME}\" as {NAMESPACE}{before}{after}"
                ));
                continue;
            }
            Token::Word if namespace.as_deref() == Some(word) => {
                let is_call = part(at + 1) == "." && part(at + 3) == "(";
                if is_call && FUNCTIONS.contains(&part(at + 2)) {
                    out.push_str(NAMESPACE);
                    continue;
                }
            }
            _ => {}
        }
        out.push_str(word);
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_lead_to_what_is_there() {
        assert_eq!(
            modern(
                "@use \"sass:color\" as c;\n.a { b: c.channel(red, \"red\"); d: c.mix(red, blue); e: other.channel() }\n"
            ),
            "@use \"sass:color\" as c; @use \"/~hookfs/color.scss\" as hookfs-color;\n.a { b: hookfs-color.channel(red, \"red\"); d: c.mix(red, blue); e: other.channel() }\n"
        );
        assert_eq!(
            modern("@use 'sass:color';\n.a { b: color.mix(red, blue) }"),
            "@use 'sass:color';\n.a { b: color.mix(red, blue) }"
        );
        assert_eq!(
            modern("@use 'sass:color'\n.a\n  b: color.channel(red, \"red\")\n"),
            "@use 'sass:color'\n@use \"/~hookfs/color.scss\" as hookfs-color\n.a\n  b: hookfs-color.channel(red, \"red\")\n"
        );
    }
}
