use crate::compiler::tests::emit;
use crate::compiler::{DecoratorMetadata, Decorators, Language, Options};

const DECLARED: &str = "declare const d: any; const x = 1; enum E1 { A, B } enum E2 { A = 'a' } type Alias = string;
    interface Iface { a: 1 } class Gen<T> { t!: T } namespace Ns { export class C {} } class Other { a = 1 }
    type Circle = Circle | Round; type Round = Circle;";

fn compiled(text: &str, strict_null_checks: bool) -> String {
    let options = Options {
        decorators: Decorators::Legacy {
            metadata: Some(DecoratorMetadata { strict_null_checks }),
        },
        ..Options::default()
    };
    emit(&format!("{DECLARED}\n{text}"), Language::Ts, &options).code
}

/// What the metadata of this kind are when the module runs, the first there are.
fn told(code: &str, kind: &str) -> String {
    const VALUES: &str = " Array BigInt Boolean Date Function Gen Map Ns.C Number Other Promise Self String Symbol Uint8Array ";
    let name = |value: &str| {
        // `typeof A === "undefined" ? Object : A`
        let value = value.trim().rsplit(" : ").next().unwrap_or_default();
        match value {
            "void 0" => "undefined".to_owned(),
            value if VALUES.contains(&format!(" {value} ")) => value.to_owned(),
            _ => "Object".to_owned(),
        }
    };
    let (_, rest) = code
        .split_once(&format!("_ts_metadata(\"design:{kind}\", "))
        .unwrap();
    match rest.strip_prefix('[') {
        Some(list) => {
            let values = list.split_once(']').unwrap().0.trim();
            let values: Vec<String> = values.split_terminator(',').map(name).collect();
            values.join(" ")
        }
        None => name(rest.split_once(")").unwrap().0),
    }
}

/// What tsc 5.9 makes of each.
#[test]
fn types_are_told_as_typescript_tells_them() {
    for (ty, value) in [
        ("string", "String"),
        ("number", "Number"),
        ("boolean", "Boolean"),
        ("bigint", "BigInt"),
        ("symbol", "Symbol"),
        ("any", "Object"),
        ("unknown", "Object"),
        ("never", "undefined"),
        ("void", "undefined"),
        ("null", "undefined"),
        ("undefined", "undefined"),
        ("object", "Object"),
        ("{}", "Object"),
        ("{ a: string }", "Object"),
        ("Function", "Function"),
        ("() => void", "Function"),
        ("new () => Date", "Function"),
        ("string[]", "Array"),
        ("readonly string[]", "Array"),
        ("Array<string>", "Array"),
        ("ReadonlyArray<string>", "Array"),
        ("[string, number]", "Array"),
        ("readonly [string]", "Array"),
        ("'a'", "String"),
        ("1", "Number"),
        ("-1", "Number"),
        ("true", "Boolean"),
        ("1n", "BigInt"),
        ("-1n", "BigInt"),
        ("`a${string}`", "String"),
        ("'a' | 'b'", "String"),
        ("1 | 2", "Number"),
        ("true | false", "Boolean"),
        ("string | number", "Object"),
        ("string | null", "Object"),
        ("string | undefined", "Object"),
        ("number | null | undefined", "Object"),
        ("null | undefined", "undefined"),
        ("Date", "Date"),
        ("Date | null", "Object"),
        ("Date | Date", "Date"),
        ("Date | string", "Object"),
        ("Promise<string>", "Promise"),
        ("Map<string, Date>", "Map"),
        ("Self", "Self"),
        ("Self | null", "Object"),
        ("Self[]", "Array"),
        ("Promise<Self>", "Promise"),
        ("Other", "Other"),
        ("Other | Self", "Object"),
        ("keyof Other", "Object"),
        ("typeof x", "Object"),
        ("unique symbol", "Object"),
        ("Other['a']", "Object"),
        ("{ [k in string]: number }", "Object"),
        ("E1", "Number"),
        ("E2", "String"),
        ("E1 | null", "Object"),
        ("E1 | number", "Number"),
        ("E1.A", "Number"),
        ("Alias", "String"),
        ("Iface", "Object"),
        ("Iface | null", "Object"),
        ("this", "Object"),
        ("string & { b: 1 }", "Object"),
        ("Date & Other", "Object"),
        ("never | string", "String"),
        ("any | string", "Object"),
        ("unknown | string", "Object"),
        ("T extends string ? string : number", "Object"),
        ("T extends string ? string : string", "String"),
        ("import('./b').B", "Object"),
        ("(string)", "String"),
        ("(string | number)[]", "Array"),
        ("Ns.C", "Ns.C"),
        ("Gen<string>", "Gen"),
        ("string | 'a'", "String"),
        ("symbol | symbol", "Symbol"),
        ("void | undefined", "undefined"),
        ("Uint8Array", "Uint8Array"),
        ("Record<string, number>", "Object"),
        ("Partial<Other>", "Object"),
        ("Circle", "Object"),
    ] {
        let code = compiled(&format!("class Self {{ @d p!: {ty}; }}"), true);
        assert_eq!(told(&code, "type"), value, "{ty}\n{code}");
        assert!(!code.contains('\0'), "{code}");
        let text = format!("class Self {{ @d m(p: {ty}): {ty} {{ return p }} }}");
        let code = compiled(&text, true);
        assert_eq!(told(&code, "paramtypes"), value, "{ty}\n{code}");
        assert_eq!(told(&code, "returntype"), value, "{ty}\n{code}");
    }
    for (ty, value) in [
        ("string | null", "String"),
        ("string | undefined", "String"),
        ("number | null | undefined", "Number"),
        ("Date | null", "Date"),
        ("Self | null", "Self"),
        ("E1 | null", "Number"),
    ] {
        let code = compiled(&format!("class Self {{ @d p!: {ty}; }}"), false);
        assert_eq!(told(&code, "type"), value, "{ty}\n{code}");
    }
}

/// What tsc 5.9 makes of each.
#[test]
fn members_are_told_as_typescript_tells_them() {
    for (member, kind, value) in [
        ("@d p = 5", "type", "Object"),
        (
            "@d m(a, b = 1, c: string = '', { e }, [f]: string[]) {}",
            "paramtypes",
            "Object Object String Object Array",
        ),
        ("@d m(this: Self, a: string) {}", "paramtypes", "String"),
        ("@d m(...r: string[]) {}", "paramtypes", "String"),
        ("@d m(...r: Array<Date>) {}", "paramtypes", "Date"),
        ("@d m(...r: Self[]) {}", "paramtypes", "Self"),
        ("@d m(...r) {}", "paramtypes", "Object"),
        ("@d m(...r: [string, number]) {}", "paramtypes", "Object"),
        (
            "m(@d a: Self, b: readonly string[]) {}",
            "paramtypes",
            "Self Array",
        ),
        (
            "constructor(@d a: Self, private b = 1, ...c: Date[]) {}",
            "paramtypes",
            "Self Object Date",
        ),
        ("@d m() {}", "returntype", "undefined"),
        ("@d async m() {}", "returntype", "Promise"),
        ("@d async m(): Promise<Self> {}", "returntype", "Promise"),
        (
            "@d m(p: any): p is string { return true }",
            "returntype",
            "Boolean",
        ),
        (
            "@d m(p: any): asserts p is string {}",
            "returntype",
            "undefined",
        ),
        ("@d get a() { return 1 }", "type", "Object"),
        ("@d get a(): Self { return this }", "type", "Self"),
        (
            "@d get a() { return 1 } set a(v: number) {}",
            "type",
            "Number",
        ),
        (
            "get a(): string { return '' } @d set a(v) {}",
            "type",
            "String",
        ),
        (
            "static get a(): string { return '' } @d set a(v) {}",
            "type",
            "Object",
        ),
    ] {
        for class in ["class", "export class", "export default class", "@d class"] {
            let code = compiled(&format!("{class} Self {{ {member} }}"), true);
            assert_eq!(told(&code, kind), value, "{class}: {member}\n{code}");
            assert!(!code.contains('\0'), "{code}");
        }
    }
}

#[test]
fn a_class_tells_itself_where_it_is_there() {
    let code = compiled(
        "@d class Self { @d p!: Self; constructor(a: Self) {} static s = Self }",
        true,
    );
    let at = code.find("let _Self").unwrap();
    insta::assert_snapshot!(&code[at..], @r#"
    let _Self;
    class Self {
        static{
            _Self = this;
        }
        p;
        constructor(a){}
        static s = _Self;
    }
    _ts_decorate([
        d,
        _ts_metadata("design:type", typeof Self === "undefined" ? Object : Self)
    ], Self.prototype, "p", void 0);
    Self = _ts_decorate([
        d,
        _ts_metadata("design:paramtypes", [
            typeof Self === "undefined" ? Object : Self
        ])
    ], Self);
    _Self = Self;
    var Ns;
    "#);
    // What a class expression is called nobody knows behind it.
    let code = compiled("export const C = class Self { @d p!: Self };", true);
    assert_eq!(told(&code, "type"), "Object", "{code}");
    // A class of the same name in it is another.
    let code = compiled(
        "class Self { m() { class Other { @d p!: Self; @d q!: Other } } }",
        true,
    );
    assert_eq!(told(&code, "type"), "Self", "{code}");
    assert!(code.contains(": Other)"), "{code}");
}

#[test]
fn names_of_types_are_those_of_no_globals() {
    for text in [
        "import type { Promise } from 'x'; class A { @d a!: Promise }",
        "import { type Promise } from 'x'; class A { @d a!: Promise }",
        "interface Map { a: 1 } class A { @d a!: Map }",
        "import type * as Ns from 'x'; class A { @d a!: Ns.C }",
    ] {
        let code = compiled(text, true);
        assert_eq!(told(&code, "type"), "Object", "{text}\n{code}");
    }
    let merged = "class Self {} interface Self { a: 1 } class A { @d a!: Self }";
    assert_eq!(told(&compiled(merged, true), "type"), "Self");
}

#[test]
fn the_constructor_that_has_a_body_is_told() {
    let text = "@d class A { constructor(a: string); constructor(a: any, b?: number) {} }";
    assert_eq!(told(&compiled(text, false), "paramtypes"), "Object Number");
}
