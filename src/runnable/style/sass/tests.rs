use std::cell::Cell;

use super::*;
use crate::base::{Computation, Key};
use crate::compute::Computations;
use crate::runnable::scene::{Scene, tree};
use crate::worker::{serve, tests::kind};

#[test]
#[ignore = "what the workers of the tests run"]
fn entry() {
    if kind().is_some() {
        serve(&KIND, || work);
    }
}

fn compiled(text: &str) -> Result<String, Failure> {
    let scene = Scene::new(tree(&[("a.scss", text)]), "");
    let key = Key::new(
        Computation::new("style"),
        crate::runnable::scene::path("a.scss"),
    );
    let output = scene.runnable.run(&key, &scene)?;
    Ok(String::from_utf8(output.parts[0].1.to_vec()).unwrap())
}

fn failed(text: &str) -> Failure {
    compiled(text).unwrap_err()
}

#[test]
fn a_loop_without_end_is_ended() {
    let failure = failed("@while true { $a: 1 }\n");
    assert!(matches!(failure, Failure::Limit(_)));
    // On a busy machine it is the other limit that ends it.
    let told = failure.to_string().replace(" 30 s ", " 10 s ");
    insta::assert_snapshot!(told, @r"
    error[style]: compiling was ended: it ran longer than 10 s in `/a.scss`
      hint: look for a `@while` or a function that never ends
    ");
}

#[test]
fn recursion_without_end_is_told() {
    let failure = failed("@function f($x) { @return f($x + 1) }\n.a { width: f(1) }\n");
    assert!(matches!(failure, Failure::Diagnostics(_)));
    insta::assert_snapshot!(failure, @r"
    error[style]: compiling was ended: it recursed too deeply: the stack ran out in `/a.scss`
      hint: look for a function or mixin that calls itself without end
    ");
    assert!(matches!(
        failed(&".a { b: ".repeat(200_000)),
        Failure::Diagnostics(_)
    ));
}

#[test]
fn memory_without_end_is_ended() {
    let failure = failed("$s: 'xxxxxxxxxxxxxxxx';\n@while true { $s: $s + $s }\n");
    insta::assert_snapshot!(failure, @r"
    error[style]: compiling was ended: it took more than 1024 MiB of memory in `/a.scss`
      hint: look for a loop that makes a list, a string or rules without end
    ");
    assert!(matches!(failure, Failure::Limit(_)));
}

#[test]
fn recursion_with_an_end_is_compiled() {
    let text = "@function f($x) { @if $x == 0 { @return 0 } @return f($x - 1) + 1 }\n.a { order: f(500) }\n";
    assert_eq!(compiled(text).unwrap(), ".a {\n  order: 500;\n}\n");
}

#[test]
fn a_panic_is_the_files_fault() {
    let scene = Scene::new(tree(&[]), "");
    let answered = Cell::new(0);
    let result = scene.runnable.workers.run(&KIND, b"a\0b", &mut |_| {
        answered.set(answered.get() + 1);
        Vec::new()
    });
    let compiled: Compiled = postcard::from_bytes(&result.unwrap()).unwrap();
    assert!(compiled.is_err());
    assert_eq!(answered.get(), 0, "no file is looked for that can't be");
}

#[test]
fn packages_name_their_style_sheets() {
    let files = [
        (
            "a.scss",
            "@use '@s/css/theme' as t;\n@use '~boot' as b;\n@use 'idx' as i;\n@import 'plain';\n.a { order: t.$v; width: b.$w; margin: i.$m }\n",
        ),
        (
            "node_modules/@s/css/package.json",
            r#"{ "exports": { "./theme": { "sass": "./dist/t.scss", "default": "./t.js" } } }"#,
        ),
        ("node_modules/@s/css/dist/t.scss", "$v: 7;"),
        (
            "node_modules/boot/package.json",
            r#"{ "sass": "scss/boot.scss", "style": "boot.css" }"#,
        ),
        ("node_modules/boot/scss/boot.scss", "$w: 3px;"),
        (
            "node_modules/plain/package.json",
            r#"{ "style": "main.css" }"#,
        ),
        ("node_modules/plain/main.css", ".p { color: red }"),
        ("node_modules/idx/package.json", "{}"),
        ("node_modules/idx/_index.scss", "$m: 1px;"),
    ];
    let scene = Scene::new(tree(&files), "");
    let key = Key::new(
        Computation::new("style"),
        crate::runnable::scene::path("a.scss"),
    );
    let output = scene
        .runnable
        .run(&key, &scene)
        .map_err(|failure| failure.to_string());
    let text = String::from_utf8(output.unwrap().parts[0].1.to_vec()).unwrap();
    assert!(
        text.ends_with(".a {\n  order: 7;\n  width: 3px;\n  margin: 1px;\n}\n"),
        "{text}"
    );
    assert!(text.contains(".p {"), "{text}");
}

#[test]
fn colors_are_taken_apart_as_packages_do_today() {
    let text = "@use 'sass:color';\n.a { a: color.channel(#123456, 'hue', $space: hsl); b: color.channel(red, 'red'); c: color.adjust(#123456, $lightness: 10%, $space: hsl); d: color.change(red, $alpha: .5) }\n";
    assert_eq!(
        compiled(text).unwrap(),
        ".a {\n  a: 210deg;\n  b: 255;\n  c: #1b4e80;\n  d: rgba(255, 0, 0, 0.5);\n}\n"
    );
    let told =
        failed("@use 'sass:color';\n.a { b: color.channel(red, 'chroma', $space: oklch) }\n")
            .to_string();
    assert!(
        told.contains("the channel `chroma` of the color space `oklch` is not known here"),
        "{told}"
    );
}

#[test]
fn what_tailwind_applies_may_be_important() {
    let text =
        "$big: 2px !default;\n.a { @apply mt-2 md:p-1 !important; margin: $big !important; }\n";
    let given = compiled(text).unwrap();
    assert!(given.contains("@apply mt-2 md:p-1 !important;"), "{given}");
    assert!(given.contains("margin: 2px !important;"), "{given}");
}
