//! Minified modules, for production: shorter names, shorter expressions, dead code gone. What a module exports, and when
//! it evaluates what, stays as it is; so do property names, and comments that licenses ask to keep.

use swc_core::common::comments::{Comment, CommentKind};
use swc_core::common::{Mark, SyntaxContext};
use swc_core::ecma::ast::{
    ArrowExpr, Constructor, EsVersion, Function, GetterProp, Module, Pass, Program, SetterProp,
    ThrowStmt,
};
use swc_core::ecma::minifier::optimize;
use swc_core::ecma::minifier::option::{
    CompressOptions, ExtraOptions, MangleOptions, MinifyOptions,
};
use swc_core::ecma::transforms::base::fixer::fixer;
use swc_core::ecma::transforms::base::hygiene::{Config as Hygiene, hygiene_with_config};
use swc_core::ecma::transforms::base::resolver;
use swc_core::ecma::visit::{Visit, VisitMut, VisitMutWith, VisitWith, noop_visit_type};

use super::parse::File;

/// What marks a comment as one to keep (esbuild's rule for legal comments).
const LEGAL: [&str; 4] = ["@license", "@preserve", "/*!", "//!"];

/// Minifies a module that is final in all else.
pub(super) fn minify(module: Module, file: &File) -> Module {
    let mut program = Program::Module(module);
    // Names are told apart anew: what was put into the tree last has never been.
    program.visit_mut_with(&mut NoContexts);
    let (unresolved, top_level) = (Mark::new(), Mark::new());
    resolver(unresolved, top_level, false).process(&mut program);
    let extra = ExtraOptions {
        unresolved_mark: unresolved,
        top_level_mark: top_level,
        mangle_name_cache: None,
    };
    let options = options(!may_throw(&program));
    let mut program = optimize(program, file.map.clone(), None, None, &options, &extra);
    hygiene_with_config(Hygiene {
        top_level_mark: top_level,
        ..Hygiene::default()
    })
    .process(&mut program);
    fixer(None).process(&mut program);
    match program {
        Program::Module(module) => module,
        Program::Script(script) => Module {
            span: script.span,
            body: script.body.into_iter().map(Into::into).collect(),
            shebang: script.shebang,
        },
    }
}

/// Whether a module has a `throw` of its own, outside of functions. What stands behind it, the minifier drops, also what
/// is exported; the `export` itself it puts before.
fn may_throw(program: &Program) -> bool {
    let mut throws = Throws(false);
    program.visit_with(&mut throws);
    throws.0
}

struct Throws(bool);

impl Visit for Throws {
    noop_visit_type!();

    fn visit_throw_stmt(&mut self, _: &ThrowStmt) {
        self.0 = true;
    }

    fn visit_function(&mut self, _: &Function) {}
    fn visit_arrow_expr(&mut self, _: &ArrowExpr) {}
    fn visit_constructor(&mut self, _: &Constructor) {}
    fn visit_getter_prop(&mut self, _: &GetterProp) {}
    fn visit_setter_prop(&mut self, _: &SetterProp) {}
}

/// Nothing that is unsafe by the minifier's own word. `drops`: what is never reached.
fn options(drops: bool) -> MinifyOptions {
    MinifyOptions {
        compress: Some(CompressOptions {
            module: true,
            dead_code: drops,
            if_return: drops,
            ecma: EsVersion::latest(),
            ..CompressOptions::default()
        }),
        mangle: Some(MangleOptions {
            top_level: Some(true),
            ..MangleOptions::default()
        }),
        ..MinifyOptions::default()
    }
}

struct NoContexts;

impl VisitMut for NoContexts {
    fn visit_mut_syntax_context(&mut self, context: &mut SyntaxContext) {
        *context = SyntaxContext::empty();
    }
}

impl File {
    /// Whether the text may have comments to keep.
    pub(super) fn has_legal_comments(&self) -> bool {
        let text = self.text();
        let has_at = text.contains('@');
        let may_have = |mark: &str| has_at || !mark.starts_with('@');
        LEGAL
            .iter()
            .any(|mark| may_have(mark) && text.contains(mark))
    }

    /// The comments to keep, in the order of the text, each once.
    pub(super) fn legal_comments(&self) -> Vec<String> {
        let (leading, trailing) = self.comments.borrow_all();
        let mut comments: Vec<&Comment> = leading
            .values()
            .chain(trailing.values())
            .flatten()
            .collect();
        comments.sort_by_key(|comment| comment.span.lo);
        let mut texts: Vec<String> = Vec::new();
        for comment in comments {
            let text = match comment.kind {
                CommentKind::Block => format!("/*{}*/", comment.text),
                CommentKind::Line => format!("//{}", comment.text),
            };
            let is_legal = LEGAL.iter().any(|mark| match mark.starts_with('@') {
                true => text.contains(mark),
                false => text.starts_with(mark),
            });
            if is_legal && !texts.contains(&text) {
                texts.push(text);
            }
        }
        texts
    }
}

#[cfg(test)]
mod tests {
    use crate::compiler::{Language, Options, Replacement, parse};

    fn minified(text: &str, language: Language) -> (String, String) {
        let options = Options {
            minify: true,
            map_url: Some("a.js.map".to_owned()),
            ..Options::default()
        };
        let parsed = parse(text.as_bytes(), language, "a.ts").unwrap();
        let transformed = match language {
            Language::Cjs => parsed.transform_common(&options).unwrap(),
            _ => parsed.transform(&options).unwrap(),
        };
        let emitted = transformed
            .emit(&mut |request| Replacement::Specifier(format!("{}.js", request.specifier)))
            .unwrap();
        (emitted.code, emitted.map.unwrap())
    }

    #[test]
    fn what_is_exported_behind_a_throw_stays_declared() {
        let (code, _) = minified(
            "import { g } from './g';\nif (true) throw new Error('development only');\nclass C { m() { return g } }\nconst d = 4;\n\
             let { x, ...y } = g;\nfunction f() { return C }\nexport { C, C as D, d as e, f, g, x, y };\nexport const z = d;\nexport default d;\n",
            Language::Ts,
        );
        insta::assert_snapshot!(code, @r#"
        import{g as r}from"./g.js";throw Error("development only");class t{m(){return r;}}let e=4,{x:o,...n}=r;function s(){return t;}export const z=e;export default e;export{t as C,t as D,e as e,s as f,r as g,o as x,n as y};
        //# sourceMappingURL=a.js.map
        "#);
    }

    #[test]
    fn names_go_but_exports_and_properties_stay() {
        let (code, _) = minified(
            "import { first as imported } from './b';\n\
             export let counter: number = 0;\n\
             export function increment(amount: number) { const doubled = amount * 2; counter += doubled; return { doubled }; }\n\
             function unused() { return imported; }\n\
             class Local { method() { return imported; } }\n\
             export default Local;\nexport { increment as other };\n",
            Language::Ts,
        );
        insta::assert_snapshot!(code, @r#"
        import{first as t}from"./b.js";export let counter=0;export function increment(t){let e=2*t;return counter+=e,{doubled:e};}export default class{method(){return t;}};export{increment as other};
        //# sourceMappingURL=a.js.map
        "#);
    }

    #[test]
    fn comments_of_licenses_stay() {
        let (code, _) = minified(
            "/*! kept */\n/* gone */\n// gone\n/**\n * @license MIT\n */\nexport const a = 1; // @preserve b\n",
            Language::Ts,
        );
        insta::assert_snapshot!(code, @r"
        export const a=1;
        /*! kept */
        /**
         * @license MIT
         */
        // @preserve b
        //# sourceMappingURL=a.js.map
        ");
    }

    #[test]
    fn a_commonjs_body_is_minified_too() {
        let (code, _) = minified(
            "'use strict';\nvar helper = require('./helper');\nexports.run = function (argument) { return helper(argument, __filename); };\n",
            Language::Cjs,
        );
        insta::assert_snapshot!(code, @r#"
        import{commonjs as o}from"./helper.js";function r(){if(void 0===r.module){let o=r.module={exports:{},id:"/a.ts",filename:"/a.ts",loaded:!1,children:[]};try{t.call(o.exports,o.exports,e,o,"/a.ts","/"),o.loaded=!0;}catch(o){throw r.module=void 0,o;}}return r.module.exports;}function e(o){let r=Error("cannot require `"+o+"` from /a.ts: only names that are written out in the call are known");throw r.code="MODULE_NOT_FOUND",r;}function t(r,e,t,n,a){var l=o();r.run=function(o){return l(o,n);};}export{r as commonjs};
        //# sourceMappingURL=a.js.map
        "#);
    }

    #[test]
    fn the_map_leads_to_the_lines_of_the_source() {
        let (code, map) = minified(
            "const unused = 1;\n\n\nexport function fail() {\n  throw new Error('here');\n}\n",
            Language::Ts,
        );
        let map: serde_json::Value = serde_json::from_str(&map).unwrap();
        assert_eq!(map["sources"][0], "a.ts");
        insta::assert_snapshot!(format!("{code}\n{}", map["mappings"]), @r#"
        export function fail(){throw Error("here");}
        //# sourceMappingURL=a.js.map

        "AAGA,OAAO,SAAS,OACd,MAAM,AAAI,MAAM,QAClB"
        "#);
    }
}
