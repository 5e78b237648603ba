//! Minified modules, for production: shorter names, shorter expressions, dead code gone. What a module exports, and when
//! it evaluates what, stays as it is; so do property names, and comments that licenses ask to keep.

use swc_core::common::comments::{Comment, CommentKind};
use swc_core::common::{Mark, SyntaxContext};
use swc_core::ecma::ast::{
    ArrowExpr, Constructor, Decl, EsVersion, ExportDecl, Function, GetterProp, Module, ModuleDecl,
    ModuleItem, Pass, Program, SetterProp, ThrowStmt,
};
use swc_core::ecma::minifier::optimize;
use swc_core::ecma::minifier::option::{
    CompressOptions, ExtraOptions, MangleOptions, MinifyOptions,
};
use swc_core::ecma::transforms::base::fixer::{fixer, paren_remover};
use swc_core::ecma::transforms::base::hygiene::{Config as Hygiene, hygiene_with_config};
use swc_core::ecma::transforms::base::resolver;
use swc_core::ecma::visit::{Visit, VisitMut, VisitMutWith, VisitWith, noop_visit_type};

use super::parse::File;
use super::sequences::NoFillers;
use super::stand;
use crate::base::has;

/// What marks a comment as one to keep (esbuild's rule for legal comments).
const LEGAL: [&str; 4] = ["@license", "@preserve", "/*!", "//!"];

/// Minifies a module that is final in all else.
pub(super) fn minify(mut module: Module, file: &File) -> Module {
    assign_imports(&mut module);
    let mut program = Program::Module(module);
    // Names are told apart anew: what was put into the tree last has never been.
    program.visit_mut_with(&mut NoContexts);
    let (unresolved, top_level) = (Mark::new(), Mark::new());
    resolver(unresolved, top_level, false).process(&mut program);
    // The minifier knows no parentheses. It takes a function in some for one that is called later, which it may move reads to.
    paren_remover(None).process(&mut program);
    let extra = ExtraOptions {
        unresolved_mark: unresolved,
        top_level_mark: top_level,
        mangle_name_cache: None,
    };
    let options = options(!may_throw(&program));
    let mut program = optimize(program, file.map.clone(), None, None, &options, &extra);
    if let Program::Module(module) = &mut program {
        module.body.retain(|item| !assigns_imports(item));
    }
    hygiene_with_config(Hygiene {
        top_level_mark: top_level,
        ..Hygiene::default()
    })
    .process(&mut program);
    program.visit_mut_with(&mut NoFillers);
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

/// The function that [`assign_imports`] puts into the module.
const ASSIGNS: &str = "__hookfs_assigns";

/// Imports are live: a call may change them. The minifier takes them for constants, and from `const before = count; f();`
/// would drop `before`, so that `count` is read after the call. While it works, it sees a function that assigns to all.
fn assign_imports(module: &mut Module) {
    let imports = module.body.iter().filter_map(|item| match item {
        ModuleItem::ModuleDecl(ModuleDecl::Import(import)) => Some(&import.specifiers),
        _ => None,
    });
    // A namespace is the same for ever.
    let bindings = imports.flatten().filter(|one| !one.is_namespace());
    let names: Vec<&str> = bindings.map(|one| &*one.local().sym).collect();
    if !names.is_empty() {
        let names = names.join(",");
        let function = format!("export function {ASSIGNS}() {{ [{names}] = arguments; }}");
        module.body.extend(stand::items(&function));
    }
}

fn assigns_imports(item: &ModuleItem) -> bool {
    matches!(item, ModuleItem::ModuleDecl(ModuleDecl::ExportDecl(ExportDecl { decl: Decl::Fn(function), .. }))
        if function.ident.sym == ASSIGNS)
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
        LEGAL.iter().any(|mark| may_have(mark) && has(text, mark))
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
        import{g as o}from"./g.js";throw Error("development only");class r{m(){return o;}}let t=4,{x:e,...n}=o;function s(){return r;}export const z=t;export default t;export{r as C,r as D,t as e,s as f,o as g,e as x,n as y};
        //# sourceMappingURL=a.js.map
        "#);
    }

    #[test]
    fn imports_are_read_where_they_are_written() {
        let (code, _) = minified(
            "import n, { count, add } from './b';\nimport * as all from './b';\n\
             export function a() { const before = count; add(); return count - before; }\n\
             export function b() { const x = { v: n }; add(); return x.v !== n; }\n\
             export function c() { const before = all.count; add(); return all.count - before; }\n\
             const top = count;\nadd();\nexport const d = top !== count;\n\
             export const e = ((v) => { add(); return v !== count; })(count);\n\
             export function f() { const before = `${count}`; add(); return before; }\n\
             export function g() { const next = count + 1; add(); return next === count; }\n",
            Language::Ts,
        );
        insta::assert_snapshot!(code, @r#"
        var t;import o,{count as r,add as n}from"./b.js";import*as u from"./b.js";export function a(){let t=r;return n(),r-t;}export function b(){let t=o;return n(),t!==o;}export function c(){let t=u.count;return n(),u.count-t;}let p=r;n();export const d=p!==r;export const e=(t=r,n(),t!==r);export function f(){let t=`${r}`;return n(),t;}export function g(){let t=r+1;return n(),t===r;}
        //# sourceMappingURL=a.js.map
        "#);
    }

    #[test]
    fn own_names_are_read_where_they_are_written() {
        let (code, _) = minified(
            "let local = 0;\nexport function add() { local++; }\n\
             function a() { const before = local; return (() => { add(); return before !== local; })(); }\nconsole.log(a());\n\
             export function b() { const before = local; return (function () { add(); return before !== local; })(); }\n",
            Language::Ts,
        );
        insta::assert_snapshot!(code, @r#"
        let o,t=0;export function add(){t++;}console.log((o=t,add(),o!==t));export function b(){let o=t;return add(),o!==t;}
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
        import{commonjs as o}from"./helper.js";function r(){if(void 0===r.module){let o=r.module={exports:{},id:"/a.ts",filename:"/a.ts",loaded:!1,children:[]};try{e.call(o.exports,o.exports,t,o,"/a.ts","/"),o.loaded=!0;}catch(o){throw r.module=void 0,o;}}return r.module.exports;}function t(o){let r=Error("cannot require `"+o+"` from /a.ts: only names that are written out in the call are known");throw r.code="MODULE_NOT_FOUND",r;}function e(r,t,e,n,a){var s=o();r.run=function(o){return s(o,n);};}export{r as commonjs};
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
