//! Held against swc's own lowering, which is Babel's ported, where the two are to agree.

use proptest::prelude::*;
use swc_core::common::{GLOBALS, Mark};
use swc_core::ecma::ast::{Pass, Program};
use swc_core::ecma::codegen::{Config, Emitter, Node};
use swc_core::ecma::transforms::base::fixer::fixer;
use swc_core::ecma::transforms::base::resolver;
use swc_core::ecma::transforms::react;

use super::super::engine::Source;
use super::super::transform::Marks;
use super::super::writer::Writer;
use super::super::{Jsx, Language, Options, parse};

/// A text's code and mappings by our lowering or theirs.
fn lowered(text: &str, options: &Options, theirs: bool) -> (String, Vec<(u32, u32, u32)>) {
    let parsed = parse(text.as_bytes(), Language::Jsx, "src/a.jsx").unwrap();
    let file = &parsed.file;
    GLOBALS.set(&file.globals, || {
        let marks = Marks {
            unresolved: Mark::new(),
            top_level: Mark::new(),
        };
        let mut program = parsed.program.clone();
        resolver(marks.unresolved, marks.top_level, false).process(&mut program);
        match theirs {
            true => {
                let pass = react::react(
                    file.map.clone(),
                    file.has_pragma().then(|| file.comments.clone()),
                    settings(options),
                    marks.top_level,
                    marks.unresolved,
                );
                { pass }.process(&mut program);
            }
            false => super::lower(&mut program, file, options, marks).unwrap(),
        }
        fixer(None).process(&mut program);
        let Program::Module(module) = &program else {
            panic!("a module");
        };
        let start = file.source.start_pos;
        let mut emitter = Emitter {
            cfg: Config::default(),
            cm: file.map.clone(),
            comments: None,
            wr: Writer::new(Source { text: "", start }, 0, true),
        };
        module.emit_with(&mut emitter).unwrap();
        let (code, mappings) = emitter.wr.finish();
        let mappings = mappings.into_iter();
        (
            code,
            mappings.map(|(at, to)| (at.0, to.line, to.col)).collect(),
        )
    })
}

fn settings(options: &Options) -> react::Options {
    let mut settings = react::Options {
        development: Some(options.development),
        throw_if_namespace: Some(false),
        ..react::Options::default()
    };
    match &options.jsx {
        Jsx::Automatic { import_source } => {
            settings.runtime = Some(react::Runtime::Automatic);
            settings.import_source = Some(import_source.as_str().into());
        }
        Jsx::Classic { pragma, fragment } => {
            settings.runtime = Some(react::Runtime::Classic);
            settings.pragma = Some(pragma.clone().into());
            settings.pragma_frag = Some(fragment.clone().into());
        }
    }
    settings
}

fn classic() -> Options {
    Options {
        jsx: Jsx::Classic {
            pragma: "React.createElement".to_owned(),
            fragment: "React.Fragment".to_owned(),
        },
        ..Options::default()
    }
}

/// In all the forms in which swc's lowering is to give the same. In the classic one it adds props in development, and gives
/// what is spread alone uncopied.
fn assert_same(text: &str) {
    for development in [true, false] {
        let options = Options {
            development,
            ..Options::default()
        };
        let (ours, our_mappings) = lowered(text, &options, false);
        let (theirs, their_mappings) = lowered(text, &options, true);
        assert_eq!(ours, theirs, "{text}");
        // A name with a colon is mapped to where it stands, and not to where its element begins.
        if !text.contains(':') {
            assert_eq!(our_mappings, their_mappings, "{text}");
        }
    }
    let has_lone_spread = text.split('<').any(|tag| {
        let tag = tag
            .trim_start_matches(|letter: char| !letter.is_whitespace())
            .trim_start();
        tag.starts_with("{...")
    });
    if !has_lone_spread {
        assert_same_classic(text);
    }
}

fn assert_same_classic(text: &str) {
    let (ours, _) = lowered(text, &classic(), false);
    let (theirs, _) = lowered(text, &classic(), true);
    assert_eq!(ours, theirs, "{text}");
}

#[test]
fn elements_are_the_calls_that_babel_makes_of_them() {
    for element in [
        "<a/>",
        "<a></a>",
        "<A b c='d' e-f={g} {...h} i={<j/>} k=<l>m</l> n=<>o</>/>",
        "<A key='b' c/>",
        "<A key={b} {...c}/>",
        "<a.b.C d/>",
        "<this.a/>",
        "<this/>",
        "<_a/>",
        "<$a/>",
        "<é/>",
        "<a-b/>",
        "<a:b/>",
        "<></>",
        "<>a{b}</>",
        "<>{...a}</>",
        "<a>{...b}</a>",
        "<a>{...b}{c}</a>",
        "<a>{b}</a>",
        "<a>{/* b */}</a>",
        "<a>{b}{c}</a>",
        "<a>{b => <c>{d}</c>}</a>",
        "<a {...{ b: 1, [c]: <d/>, e() {}, ...f }} g/>",
        "(<a/>)",
        "b ? (<a/>) : ((<c/>))",
        "<a b='&quot;&amp;&nope;\n  c'/>",
        "<a b=\"'\" c='\"'/>",
        "<ä>{'ö'}</ä>",
        "<a>\n  one\n\n  two {b} three\n  four  \n</a>",
        "<a> b </a>",
        "<a>\t\n\t</a>",
        "<a> </a>",
        "<a>\r\n b\r\n c\r\n</a>",
        "<a>&nbsp;\n&#32;b&#x20;\n &lt;c&gt; & d &; &e\n</a>",
        "<a>&#xD83D;&#xDE00;\n😀</a>",
        "<a>\u{2028} b \u{2029}</a>",
        "class extends A { constructor() { super(<a/>); (() => <b/>)(); function f() { <c/> } } d = <e/>; f() { return <g/> } static { <h/> } }",
        "class { constructor() { <a/>; return { get b() { return <c/> }, d() { return <><e/></> } } } }",
    ] {
        assert_same(&format!("export const x = {element};"));
    }
}

#[test]
fn pragmas_are_read_where_they_stand_before_the_file() {
    for pragma in [
        "/** @jsx h */",
        "/** @jsx h @jsxFrag F */",
        "/**\n * @jsxRuntime classic\n * @jsx a.b.c\n * @jsxFrag d.e\n */",
        "/* @jsxRuntime classic */",
        "/* @jsxRuntime automatic */",
        "/** @jsxImportSource preact */",
        "// @jsx h",
        "/* no @jsx h */",
        "/* @jsx 1 */",
        "/* @jsx */",
        "'use client';\n/* @jsxImportSource preact */",
    ] {
        assert_same_classic(&format!("{pragma}\nexport const x = <a><></></a>;"));
    }
}

#[test]
fn a_pragma_counts_though_what_it_stands_before_goes() {
    let code = |text: &str| {
        let parsed = parse(text.as_bytes(), Language::Tsx, "a.tsx").unwrap();
        let transformed = parsed.transform(&classic()).unwrap();
        let requests = transformed.requests();
        requests
            .iter()
            .map(|request| request.specifier.to_string())
            .collect::<Vec<_>>()
    };
    let text =
        "/** @jsxImportSource preact */\nimport type { A } from './a';\nexport const b = <p />;";
    assert_eq!(code(text), ["preact/jsx-runtime"]);
}

#[test]
fn where_swc_differs_from_typescript_we_do_not() {
    let production = Options::default();
    let code =
        |element: &str| lowered(&format!("export const x = {element};"), &production, false).0;
    // Many children behind a late key are no list.
    let late = code("<a {...b} key={c}><d/>e</a>");
    assert!(
        late.contains("_createElement(\"a\", {") && !late.contains("children"),
        "{late}"
    );
    // A spread's prototype is none of its properties, and what computes one does so once.
    for spread in [
        "{ __proto__: b }",
        "{ '__proto__': b }",
        "{ get b() { return c } }",
    ] {
        assert!(
            code(&format!("<a {{...{spread}}} d/>")).contains("..."),
            "{spread}"
        );
    }
    assert!(!code("<a {...{ __proto__, b }} d/>").contains("..."));
    // A name with a dash is no variable's.
    assert!(code("<A-b/>").contains("_jsx(\"A-b\", {})"));
    // A key that says nothing says `true`.
    assert!(code("<a key/>").contains("_jsx(\"a\", {}, true)"));
    // A line end that is written as a reference is no layout.
    assert!(code("<a>\n&#10;b\n</a>").contains("children: \"\\nb\""));
    // What a project calls so itself, where React's tools do no more.
    let development = Options {
        development: true,
        ..Options::default()
    };
    let text = "export const x = <a __self={b} __source={c}/>;";
    let (code, _) = lowered(text, &development, false);
    assert!(
        code.contains("__self: b") && code.contains("__source: c"),
        "{code}"
    );
}

#[test]
fn what_names_no_function_is_told() {
    let mut options = classic();
    if let Jsx::Classic { pragma, .. } = &mut options.jsx {
        *pragma = "a b".to_owned();
    }
    let parsed = parse(b"export const x = <a/>;", Language::Jsx, "a.jsx").unwrap();
    let told = parsed.transform(&options).err().unwrap();
    insta::assert_snapshot!(told[0].render(false), @"
    error[jsx-factory]: `a b` names nothing that JSX can be made calls of
      hint: name a function, or a property of something, as `React.createElement` does
    ");
}

/// An element of some depth, as text.
fn element() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec!["a", "B", "c.D", "e-f", "g:h", "_i", ""]);
    let text = prop::sample::select(vec![
        "",
        " ",
        "\n  ",
        "one",
        " two ",
        "\n three\n",
        "&amp;",
        "&#32;\n",
        "{x}",
        "{}",
        "{...y}",
        "{f(x => x)}",
    ]);
    let attribute = prop::sample::select(vec![
        "a",
        "b='c'",
        "d={e}",
        "key='f'",
        "g-h='i'",
        "{...j}",
        "{...{ k, l: 1 }}",
        "m:n=\"o\"",
    ]);
    let leaf = text.clone().prop_map(ToOwned::to_owned);
    leaf.prop_recursive(4, 40, 5, move |inner| {
        let attributes = prop::collection::vec(attribute.clone(), 0..4);
        (name.clone(), attributes, prop::collection::vec(inner, 0..5)).prop_map(
            |(name, attributes, children)| {
                let attributes = if name.is_empty() {
                    Vec::new()
                } else {
                    attributes
                };
                let children = children.concat();
                format!("<{name} {}>{children}</{name}>", attributes.join(" "))
            },
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn random_elements_are_the_same_calls(inner in element()) {
        // Both have it differently on purpose.
        prop_assume!(!inner.contains("}} key") && !inner.contains("{...j} key"));
        let behind = inner.split('<').any(|tag| tag.find("{...").is_some_and(|at| tag[at..].contains("key=")));
        prop_assume!(!behind);
        assert_same(&format!("export const x = <>{inner}</>;"));
    }
}
