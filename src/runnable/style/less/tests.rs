use super::names;
use crate::base::{Computation, Key};
use crate::compute::Computations;
use crate::runnable::hook::tests::workers;
use crate::runnable::scene::{Scene, path, tree};

/// What Less looks like from outside: imports are put in their places, and `@fail` fails.
const CORE: &str = "exports.__esModule = true;
exports.default = (environment, managers) => {
  class AbstractFileManager {}
  const less = { AbstractFileManager, environment: { addFileManager: (one) => managers.push(one) } };
  less.render = async (text, { filename }) => {
    const load = async (text, filename) => {
      const parts = text.split(/@import ['\"]([^'\"]+)['\"];\\n?/);
      for (let at = 1; at < parts.length; at += 2) {
        const folder = filename.slice(0, filename.lastIndexOf('/') + 1);
        const { contents, filename: found } = await managers[0].loadFile(parts[at], folder, { ext: '.less' });
        parts[at] = await load(contents, found);
      }
      const line = text.split('\\n').findIndex((line) => line.includes('@fail')) + 1;
      if (line) throw { message: 'Unrecognised input', filename, line, column: 2 };
      return parts.join('');
    };
    return { css: await load(text, filename) };
  };
  return less;
};";

const FILES: [(&str, &str); 5] = [
    ("package.json", "{}"),
    (
        "node_modules/less/package.json",
        r#"{ "main": "dist/less.js", "exports": { ".": "./dist/less.js" } }"#,
    ),
    ("node_modules/less/dist/less.js", ""),
    ("node_modules/less/lib/less/index.js", CORE),
    (
        "node_modules/ui/dist/base.less",
        ".base { a: b }\n@import './deep';\n",
    ),
];

fn style(files: &[(&str, &str)], file: &str) -> String {
    let scene = Scene::with(tree(files), "src", workers());
    let key = Key::new(Computation::new("style"), path(file));
    match scene.runnable.run(&key, &scene) {
        Ok(output) => String::from_utf8(output.parts[0].1.to_vec()).unwrap(),
        Err(failure) => failure.to_string(),
    }
}

#[test]
fn names_are_read_with_their_options() {
    let text = "@import 'a';\n@import (reference, optional) \"b.less\" screen;\n@import url(c.css);\n// @import 'd';\n/* @import 'e'; */\n\
        @import '@{theme}/f';\n@import url('https://g/h.css');\n.x { @import-once: 'i' }\n@import (css) url(\"j.css\");";
    assert_eq!(names(text), ["a", "b.less", "c.css", "j.css"]);
}

#[test]
fn imports_are_found_as_from_any_sheet() {
    let files = [
        &FILES[..],
        &[
            ("node_modules/ui/dist/deep.less", ".deep { a: b }\n"),
            (
                "src/a.less",
                "@import './b';\n@import '~ui/dist/base.less';\n@import '/c.less';\n@import 'ui/dist/deep';\n.a { a: url(./a.png) }\n",
            ),
            ("src/b.less", ".b { a: b }\n@import './sub/d.less';\n"),
            ("src/sub/d.less", ".d { a: b }\n"),
            ("src/c.less", ".c { a: b }\n"),
        ],
    ]
    .concat();
    insta::assert_snapshot!(style(&files, "src/a.less"), @r##"
    .b { a: b }
    .d { a: b }
    .base { a: b }
    .deep { a: b }
    .c { a: b }
    .deep { a: b }
    .a { a: url("./a.png") }
    "##);
}

#[test]
fn what_it_refuses_is_told_at_its_place() {
    let with = |more: &[(&str, &str)]| style(&[&FILES[..], more].concat(), "src/a.less");
    let wrong = [
        ("src/a.less", "@import './b';\n"),
        ("src/b.less", ".b {\n  @fail;\n}\n"),
    ];
    insta::assert_snapshot!(with(&wrong), @r"
    error[style]: in Less: Unrecognised input in `/b.less:2:3`
      1 | .b {
      2 |   @fail;
        |   ^
      3 | }
    ");
    let gone = with(&[("src/a.less", ".a {}\n@import './gone';\n")]);
    assert!(gone.contains("in Less: cannot resolve `./gone`"), "{gone}");
    let none = [("package.json", "{}"), ("src/a.less", ".a {}\n")];
    insta::assert_snapshot!(style(&none, "src/a.less"), @r"
    error[unsupported]: `.less` needs Less, which is not installed in `/a.less`
      hint: run `npm install less`
    ");
}
