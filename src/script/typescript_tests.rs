//! TypeScript, against what tsc's output prints.

use super::scene::printed;

fn out(text: &str) -> String {
    let print = "const print = (...all: any[]) => console.log(all.map(String).join(' '));\n";
    printed(&[("/main.ts", &format!("{print}{text}"))], "/main.ts")
}

#[test]
fn decorators_are_told_what_a_class_is_called() {
    let d = "function d(v: any, c: any): any { print(c.kind, c.name, v?.name); }\n";
    let all = [
        "export default @d class {}",
        "export default @d class { static m() {} }",
        "const A = @d class {}; print(A.name); const o = { B: @d class {} }; class C { static D = (@d class {}) }",
        "let E; E = @d class { static a = E; static own = this.name }; print(E.own); const { F = @d class {} } = {} as any; print(F.name)",
        "const k = () => 'x'; class G { @d static accessor [k()] = 1; @d static accessor 'y z' = 2 } print((G as any).x)",
        "const f = (x: any) => x; f(@d class Q {});",
    ];
    let told: Vec<String> = all.iter().map(|text| out(&format!("{d}{text}"))).collect();
    insta::assert_snapshot!(told.concat(), @r"
    class default default
    class default default
    class A A
    A
    class B B
    class D D
    class E E
    E
    class F F
    F
    accessor x undefined
    accessor y z undefined
    1
    class Q Q
    ");
}

#[test]
fn classes_in_namespaces_keep_their_names() {
    let text = "
        namespace N { export class Map { a = 1 } export class Other extends Map {} }
        print(new Map() instanceof N.Map, N.Map.name, N.Other.name);
        namespace E { export class Error { static make() { return new Error() } } }
        print(new Error('x').message, E.Error.name, E.Error.make() instanceof E.Error);
        namespace M { export class M { static s = 1 } export const z = M.s }
        print(M.z, M.M.name);
        namespace S { export class Set { static a = Set.name; static b = () => ({ Set }); } }
        print(new Set().size, S.Set.a, S.Set.b().Set === S.Set);";
    insta::assert_snapshot!(out(text), @r"
    false Map Other
    x Error true
    1 M
    0 Set true
    ");
}

#[test]
fn namespaces_are_what_tsc_makes_of_them() {
    let text = "
        namespace Z { export namespace M { export const x = 1 } }
        namespace A.M { import M = Z.M; export const y = M.x; }
        print((A as any).M.y);
        namespace A.B { export class B { static z = 2 } export const y = B.z }
        print(A.B.y, A.B.B.name);
        namespace Debug { export declare function f(): void }
        import Alias = Debug;
        print(typeof Debug, Alias === Debug);
        namespace Late { export declare let f: () => number; export declare class C {} export declare enum E {} }
        namespace Late { export const a = () => [f(), typeof C, typeof E] }
        Object.assign(Late, { f: () => 3, C: 1, E: 'e' });
        print(Late.a());
        namespace Types { export type T = 1; interface I {} }
        print(typeof Types);
        var namespace: any = 4, n: any = 5;
        namespace
        n
        { n++; print(namespace, n) }
        print(n);";
    insta::assert_snapshot!(out(text), @r"
    1
    2 B
    object true
    3,number,string
    undefined
    4 6
    6
    ");
}
