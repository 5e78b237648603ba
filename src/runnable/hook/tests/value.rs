//! What a hook gives, and what is told where it fails.

use super::*;

#[test]
fn a_hook_gives_a_string_or_bytes() {
    for (text, given) in [
        ("export default 'text';", "text"),
        ("export default () => 'of a function';", "of a function"),
        (
            "export default async () => { await null; return 'later'; }",
            "later",
        ),
        ("export default Promise.resolve('promised');", "promised"),
        (
            "export default () => new Promise((resolve) => setTimeout(resolve, 5, 'a timer'));",
            "a timer",
        ),
        ("export default new Uint8Array([104, 105]);", "hi"),
        (
            "export default () => new Uint8Array([0, 104, 105]).subarray(1);",
            "hi",
        ),
        (
            "export default () => new Uint8Array([104, 105]).buffer;",
            "hi",
        ),
        ("export default () => new Uint16Array([0x6968]);", "hi"),
        (
            "export default () => new Response('of a response', { status: 201 });",
            "of a response",
        ),
        (
            "export default async () => new Response(new Blob(['a', new TextEncoder().encode('b')]));",
            "ab",
        ),
        ("export default '';", ""),
        ("export default () => '\\ud800!';", "\u{fffd}!"),
        (
            "setInterval(() => {}, 1); export default 'and ends';",
            "and ends",
        ),
        ("export default process.env.NODE_ENV;", "development"),
    ] {
        assert_eq!(gives(text).unwrap(), given, "{text}");
    }
}

#[test]
fn anything_else_is_an_error_that_says_what_was_given() {
    let texts = [
        "export default 5;",
        "export default () => {};",
        "export default () => null;",
        "export default () => ({ a: 1 });",
        "export const other = 1;",
        "export default () => new Promise(() => {});",
        "await new Promise(() => {}); export default 1;",
        "process.exit(3); export default 'x';",
        "export default () => { throw 'text'; }",
        "export default () => Promise.reject({ code: 1 });",
        "export default () => new Response('none', { status: 404, statusText: 'Not Found' });",
        "export default () => Response.redirect('http://a/b');",
    ];
    let all: Vec<String> = texts.iter().map(|text| fails(text)).collect();
    insta::assert_snapshot!(all.join("\n"), @r"
    error[hook]: the hook gives the number `5`, and not a string, bytes or a Response in `/a.txt.hook.ts`
    error[hook]: the hook gives nothing (`undefined`), and not a string, bytes or a Response in `/a.txt.hook.ts`
    error[hook]: the hook gives `null`, and not a string, bytes or a Response in `/a.txt.hook.ts`
    error[hook]: the hook gives `{ a: 1 }`, and not a string, bytes or a Response in `/a.txt.hook.ts`
    error[hook]: the hook has no default export in `/a.txt.hook.ts`
    error[hook]: the hook waits for a promise that is never settled in `/a.txt.hook.ts`
      hint: nothing is left that could settle it: no timer, no other promise
    error[hook]: the hook waits for a promise that is never settled in `/a.txt.hook.ts`
      hint: nothing is left that could settle it: no timer, no other promise
    error[hook]: the hook calls `process.exit`, and a hook has no process in `/a.txt.hook.ts`
      hint: return what the file holds, or throw an error
    error[hook]: uncaught 'text' in `/a.txt.hook.ts`
    error[hook]: uncaught { code: 1 } in `/a.txt.hook.ts`
    error[hook]: the hook gives a Response with the status 404 Not Found: none in `/a.txt.hook.ts`
    error[hook]: the hook gives a Response with the status 302, and a file leads nowhere else in `/a.txt.hook.ts`
    ");
}

#[test]
fn nothing_can_be_thrown_too() {
    let texts = [
        "throw null; export default 1;",
        "export default () => { throw undefined; };",
        "export default async () => { await 1; throw null; };",
        "Promise.reject(null); export default () => new Promise((r) => setTimeout(r, 1, 'x'));",
    ];
    let all: Vec<String> = texts.iter().map(|text| fails(text)).collect();
    insta::assert_snapshot!(all.join("\n"), @r"
    error[hook]: uncaught null in `/a.txt.hook.ts`
    error[hook]: uncaught undefined in `/a.txt.hook.ts`
    error[hook]: uncaught null in `/a.txt.hook.ts`
    error[hook]: uncaught null in `/a.txt.hook.ts`
    ");
}

#[test]
fn an_error_is_told_with_its_place_in_the_source() {
    let files = [
        (
            "src/feed.xml.hook.ts",
            "import { title } from './lib/title';\n\nexport default (): string => title(undefined);\n",
        ),
        (
            "src/lib/title.ts",
            "type A = string | undefined;\nexport function title(a: A): string {\n  return a!.toUpperCase();\n}\n",
        ),
    ];
    let failure = computed(&scene(&files), "feed.xml").unwrap_err();
    assert!(matches!(failure, Failure::Diagnostics(_)));
    insta::assert_snapshot!(failure, @r"
    error[hook]: TypeError: cannot read property 'toUpperCase' of undefined in `/lib/title.ts:3:10`
      2 | export function title(a: A): string {
      3 |   return a!.toUpperCase();
        |          ^
      4 | }
      at title (/lib/title.ts:3:10)
      at default (/feed.xml.hook.ts:3:36)
    ");

    // A module that does not compile is told as it is everywhere.
    let files = [
        (
            "src/feed.xml.hook.ts",
            "import './broken'; export default 'x';",
        ),
        ("src/broken.ts", "export const = 1;"),
    ];
    let failure = computed(&scene(&files), "feed.xml")
        .unwrap_err()
        .to_string();
    assert!(
        failure.starts_with("error[syntax]: ") && failure.contains("`/broken.ts:1:14`"),
        "{failure}"
    );
    let files = [(
        "src/feed.xml.hook.ts",
        "import './none'; export default 'x';",
    )];
    let failure = computed(&scene(&files), "feed.xml")
        .unwrap_err()
        .to_string();
    assert!(
        failure.starts_with("error[unresolved-import]: "),
        "{failure}"
    );
    // What is thrown by code that has no source is told where the source calls it.
    let failure = fails("import os from 'node:os';\nexport default () => os.hostname();");
    assert!(
        failure.contains("is not provided") && failure.contains(" in `/a.txt.hook.ts:2:"),
        "{failure}"
    );
    // Later, and nobody waits for it.
    let failure = fails(
        "Promise.reject(new Error('lost')); export default () => new Promise((r) => setTimeout(r, 1, 'x'));",
    );
    assert!(
        failure.starts_with("error[hook]: Error: lost in `/a.txt.hook.ts:1:"),
        "{failure}"
    );
}
