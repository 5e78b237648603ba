use super::scene::{printed, run};

#[test]
fn a_module_is_loaded_once_and_asked_for_by_its_id() {
    let files = [
        (
            "/d/main.js",
            "import '../a.js'; import './b.js'; console.log(import.meta.url); await import('../d/b.js'); await import('/a.js'); await import('hookfs:///a.js');",
        ),
        ("/a.js", "console.log('a');"),
        ("/d/b.js", "import '../a.js'; console.log('b');"),
    ];
    assert_eq!(printed(&files, "/d/main.js"), "a\nb\nhookfs:///d/main.js\n");
}

#[test]
fn what_is_missing_is_told_with_its_importer_running() {
    let files = [("/main.js", "import './none.js'; console.log('never');")];
    let ran = run(&files, "/main.js");
    assert_eq!((ran.status, ran.out.as_str()), (1, ""));
    assert!(
        ran.err
            .starts_with("Uncaught Error: no such module `/none.js`"),
        "{}",
        ran.err
    );
    let files = [(
        "/main.js",
        "try { await import('./none.js') } catch (error) { console.log(error.code, error.message) }",
    )];
    assert_eq!(
        printed(&files, "/main.js"),
        "ERR_MODULE_NOT_FOUND no such module `/none.js`\n"
    );
}

#[test]
fn a_file_with_errors_is_told_as_its_diagnostic() {
    let files = [("/main.js", "import './b.js';"), ("/b.js", "const = 1;")];
    let ran = run(&files, "/main.js");
    assert_eq!(ran.status, 1);
    assert!(ran.err.starts_with("error[syntax]: "), "{}", ran.err);
    assert!(ran.err.contains("/b.js:1:7"), "{}", ran.err);
}

#[test]
fn long_chains_and_wide_circles_link() {
    let mut files: Vec<(String, String)> = (0..400)
        .map(|index| {
            (
                format!("/m{index}.js"),
                format!(
                    "import {{ v as next }} from './m{}.js'; export const v = next + 1;",
                    index + 1
                ),
            )
        })
        .collect();
    files.push((
        "/m400.js".into(),
        "import './m0.js'; export const v = 0;".into(),
    ));
    files.push((
        "/main.js".into(),
        "import { v } from './m0.js'; console.log(v);".into(),
    ));
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    assert_eq!(printed(&files, "/main.js"), "400\n");
}
