//! The cases of `mount-tests/platform`, run in the engine.

use super::scene::run;

macro_rules! cases {
    ($($name:literal),* $(,)?) => {
        [$((concat!("/", $name, ".ts"), include_str!(concat!("../../mount-tests/platform/", $name, ".ts")))),*]
    };
}

#[test]
fn the_platform_does_what_the_standards_say() {
    let files = cases![
        "main",
        "check",
        "clone",
        "compression",
        "crypto",
        "events",
        "fetch",
        "intl",
        "node",
        "rest",
        "streams",
        "text",
    ];
    let ran = run(&files, "/main.ts");
    assert_eq!((&*ran.err, ran.status), ("", 0), "{}", ran.out);
    // As many as the files have.
    let cases: usize = files
        .iter()
        .map(|(_, text)| text.matches("\ntest('").count())
        .sum();
    assert_eq!(ran.out, format!("{cases} of {cases} cases\n"));
    assert!(cases > 30);
}

#[test]
fn what_is_not_used_is_not_evaluated() {
    // A getter that is still there has evaluated nothing.
    let program = "
        const lazy = (name) => typeof Object.getOwnPropertyDescriptor(globalThis, name).get;
        console.log(lazy('URL'), lazy('Response'), 'fetch' in globalThis);
        new URL('https://a.b');
        console.log(lazy('URL'), lazy('Response'));
    ";
    let ran = run(&[("/a.mjs", program)], "/a.mjs");
    assert_eq!(ran.err, "");
    assert_eq!(ran.out, "function function false\nundefined function\n");
}

#[test]
fn an_uncaught_error_goes_to_the_listeners_first() {
    let program = "
        addEventListener('error', (event) => { console.log('error', event.error.message); event.preventDefault(); });
        addEventListener('unhandledrejection', (event) => { console.log('rejection', event.reason); event.preventDefault(); });
        setTimeout(() => { throw new Error('late'); });
        Promise.reject('lost');
    ";
    let ran = run(&[("/a.mjs", program)], "/a.mjs");
    assert_eq!((&*ran.err, ran.status), ("", 0));
    assert_eq!(ran.out, "rejection lost\nerror late\n");
}
