use super::*;

fn faults(source: &str) -> String {
    let result = parse(source.as_bytes(), Language::Ts, "a.ts")
        .and_then(|parsed| parsed.transform(&Options::default()).map(|_| ()));
    let told = result.err().unwrap_or_default();
    let told: Vec<String> = told.iter().map(|fault| fault.message.to_string()).collect();
    told.join("; ")
}

#[test]
fn what_no_engine_loads_is_told() {
    let all = [
        "export class A { m(o: any) { return o.#x } }",
        "class A { #a; static #a }",
        "class A { get #a() { return 1 } #a }",
        "class A extends (class { m(o: any) { o.#b } }) { #b }",
        "class A { constructor() { super() } }",
        "class A extends B { m() { super() } }",
        "export const f = function() { super.x }",
        "var x: any; delete (x);",
        "class A { #x = 1; m() { delete this?.#x } }",
        "class A { static prototype = 1 }",
        "for (let v of []) { var v: any; }",
        "for (let i = 0;;) { var i: any; }",
        "export function f(a: any, { b: a }: any) {}",
        "export let o = { __proto__: 1, '__proto__': 2 }",
        "export class A { m(@d x: any) {} }",
        "class A {} export const o = { get foo() };",
        "a: { class C { static { break a; } } }",
        "while (1) { class C { static { continue; } } }",
        "class C { static { b: { class D { static { break b; } } } } }",
    ];
    let told: Vec<String> = all.iter().map(|text| faults(text)).collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    no class around declares the private name `#x`
    the private name `#a` is declared twice
    the private name `#a` is declared twice
    no class around declares the private name `#b`
    `super()` is only allowed in the constructor of a class that extends
    `super()` is only allowed in the constructor of a class that extends
    `super` is only allowed in methods
    the variable `x` can't be deleted
    private members can't be deleted
    a class has a `prototype` of its own: no static member can be called so
    the name `v` is declared twice
    the name `i` is declared twice
    the name `a` is declared twice
    `__proto__` is given twice
    decorators of parameters need `experimentalDecorators` in tsconfig.json
    an accessor needs a body
    `break` can't leave the static block of a class
    `continue` can't leave the static block of a class
    `break` can't leave the static block of a class
    ");
}

#[test]
fn what_engines_load_passes() {
    let text = "class A extends B { #x = () => super.x; static #y = super.y; get #z() { return 1 } set #z(v) {}
        constructor() { const f = () => super(super.x); f(); class C { [super.k] = 1; m(a: A) { return a.#x in a } } }
        static prototype2 = { m() { return super.m }, get g() { return super.g }, __proto__: null, ['__proto__']: 1 };
        static { super.z; #y in this; delete this.prototype2; } static { a: for (;;) { switch (1) { default: break; } if (1) continue; else break a; } const f = () => { for (;;) break; }; }
        static m(): void; static m(a?: any) {} abstract x: number }
        for (let i of []) { let i: any } for (let i = 0;;) { { let i; } } function f(a: any, b: any) { var a: any; }";
    assert_eq!(faults(&text.replace("abstract x: number", "")), "");
}

#[test]
fn what_strict_code_assigns_to_is_told_in_javascript_too() {
    let told = |source: &str| {
        let result = parse(source.as_bytes(), Language::Js, "a.js")
            .and_then(|parsed| parsed.transform(&Options::default()).map(|_| ()));
        result.err().unwrap_or_default().len()
    };
    let text = "eval = 1; [arguments] = []; for (eval of []) {} ({ eval } = {}); eval++; export {}";
    assert_eq!(told(text), 5);
    assert_eq!(told("const { eval } = {}; export {}"), 1);
    assert_eq!(told("yield => 1; export {}"), 1);
    let fine = "eval('1'); x.eval = 1; ({ eval: x.arguments }); function f() { return arguments; }";
    assert_eq!(told(fine), 0);
}
