//! Where the pass that puts parentheses is left out, its output has all that are needed.

use swc_core::common::{EqIgnoreSpan, GLOBALS, Globals};
use swc_core::ecma::ast::{Pass, Program};

use swc_core::ecma::transforms::base::fixer::{fixer, paren_remover};
use swc_core::ecma::visit::VisitMutWith;

use super::{Language, Options, Replacement, Transformed, parse};

/// The tree that a text is read as, without parentheses.
fn tree(text: &str) -> Program {
    let parsed = parse(text.as_bytes(), Language::Mjs, "a.mjs");
    let parsed = parsed.unwrap_or_else(|told| panic!("{}\n{text}", told[0].render(false)));
    let mut program = parsed.program;
    GLOBALS.set(&Globals::new(), || {
        paren_remover(None).process(&mut program)
    });
    program
}

/// The same text with and without the pass; gives whether it was left out.
fn assert_grouped(text: &str, language: Language) -> bool {
    let mut is_left_out = false;
    for function_form in [false, true] {
        let options = Options {
            function_form,
            ..Options::default()
        };
        let transformed = || {
            let parsed = parse(text.as_bytes(), language, "a.tsx");
            let transformed = parsed.and_then(|parsed| parsed.transform(&options));
            transformed.unwrap_or_else(|told| panic!("{}\n{text}", told[0].render(false)))
        };
        let (without, mut with) = (transformed(), transformed());
        is_left_out |= without.is_grouped;
        with.is_grouped = false;
        if !function_form {
            let globals = &with.file.globals;
            GLOBALS.set(globals, || with.module.visit_mut_with(&mut fixer(None)));
        }
        let code = |transformed: Transformed| {
            let emitted = transformed.emit(&mut |_| Replacement::Keep);
            emitted
                .unwrap_or_else(|told| panic!("{}", told[0].render(false)))
                .code
        };
        let (without, with) = (code(without), code(with));
        assert!(
            tree(&without).eq_ignore_span(&tree(&with)),
            "{without}\n---\n{with}"
        );
    }
    is_left_out
}

#[test]
fn what_the_source_groups_stays_so() {
    for text in [
        "(a, b); (() => {})(); (function () {})(); ({}).a; (class {}).a; (let_)[0];",
        // (The pass makes declarations of `export default (function () {})` and of a class, which are others.)
        "export default (() => {}); export const a = (b ?? c) || d, e = (-f) ** 2, g = (await_, h);",
        "for (const a of (b, c)) (d = e)(); for (var i = ('a' in b); ;) break;",
        "export const a = () => ({}), b = (() => {}).c, d = (yield_ => e)?.(f), g = (h?.i).j, k = (h?.i)();",
        "export const a = new (b())(), c = new (d.e().f)(), g = new (h`i`)(), j = (new k).l, m = new (n?.o)();",
        "export const a = !(b in c), d = !(e instanceof f), g = -(-h), i = +(+j), k = (l, m) ? n : (o, p), q = (r = s) ? 1 : 2;",
        "export class A extends (B, C) { [(d, e)] = (f, g); static { (h, i); } }",
        "export const a = `${(b, c)}`, d = (e => f)`g`, h = [...(i, j)], k = { ...(l, m), [(n, o)]: (p, q) };",
        "import f, { g as h } from './f'; f(); h.i(); new f(); new h.i(); f`x`; (f)(); (0, h)(); f++; [f.a] = h; export const x = { f, h };",
        "export async function a() { (await b)(); (await c).d; await (e, f); for await (const g of (h, i)); } export function* j() { (yield k).l; yield (m, n); }",
    ] {
        assert!(assert_grouped(text, Language::Tsx), "{text}");
    }
}

#[test]
fn what_types_leave_behind_is_grouped() {
    for text in [
        "export const a = (b as any).c, d = (e! as f).g, h = i as any as j, k = l! + m!, n = (o satisfies p)();",
        "export const a = b + c as any, d = (b + c as any) * d, e = -f as any, g = await_ as any, h = (i, j) as k, l = m ? n : o as p;",
        "export const a = { b: 1 } as const, c = ['d'] as const, e = f() as g, h = i?.j!.k, l = (m?.n)!.o, p = q?.r as s;",
        "export const a = () => b as c, d = (e: any) => ({} as f), g = async <T,>(h: T) => await (h as any);",
        "export const a = b < (c as any), d = (e as any) < f, g = new (h as any)(), i = new (j!)(), k = new l!(), m = (n as any)!;",
        "(a as any) = b; (c as any)++; [(d as any)] = e; ({ f: (g as any) } = h); delete (i as any).j; for ((k as any) of l);",
        "export default { a: 1 } satisfies B; export const f = g<string>, h = new i<string>(), j = k<string>();",
        "export const a = (1 as any).b, c = 1!.d, e = (function () {} as any)(), f = (class {} as any).g, h = (() => {}) as any;",
        "class A { constructor(private b = (c, d)) {} e!: string; declare f: g; h = (i as any)(); }",
    ] {
        assert_grouped(text, Language::Ts);
    }
    for text in [
        "export const a = () => <any>{ b: 1 }, c = () => (<any>{ d: 1 }).e, f = <any>g + h, i = () => <const>{ j: 1 };",
        "<any>{}; (<any>a).b = c; export default <any>function () {};",
    ] {
        assert_grouped(text, Language::Ts);
    }
}

#[test]
fn what_elements_become_is_grouped() {
    for text in [
        "export const a = (<b/>).c, d = new (<e/>)(), f = () => (<g/>), h = (<i/>)`j`, k = l ? (<m/>) : (<n/>);",
        "export const a = <b c={(d, e)} f={g => ({})} {...(h, i)}>{(j, k)}{l => <m/>}{n as any}</b>;",
        "import P from './p'; export default <P.Q r={P}><P/></P.Q>;",
    ] {
        assert_grouped(text, Language::Tsx);
    }
    let usual = "export const a = <b/>, c = d as E, f = g!.h, i = { j: (k) } satisfies L;";
    assert!(assert_grouped(usual, Language::Tsx));
}
