use super::tests::emit;
use crate::compiler::{Language, Options};

fn code(source: &str) -> String {
    emit(source, Language::Tsx, &Options::default()).code
}

#[test]
fn what_another_block_of_a_namespace_exports_is_known() {
    let text = "export namespace M { export class A { a = 1 } export let x = 1, y = 2; export enum E { V } }
        export namespace M {
            class B extends A {}
            const own = ({ y: x }, f: (x: number) => void, z = x) => x;
            export function f() { x++; [x] = [y]; ({ x, y = 1 } = own); for (x of [1]); return [{ x }, E.V, <A b={x} />, x as any]; }
            { const x = 3; x; }
            enum F { x, z = x }
        }
        namespace M.Deep.er { export const z = [x, M.y]; }
        namespace M.Deep { export const w = [er.z, A]; interface A {} }
        namespace N { x; namespace M { x } }";
    insta::assert_snapshot!(code(text), @r#"
    import { jsx as _jsx } from "react/jsx-runtime";
    (function(M) {
        class A {
            a = 1;
        }
        M.A = A;
        M.x = 1, M.y = 2;
        (function(E) {
            E[E["V"] = 0] = "V";
        })(M.E || (M.E = {}));
    })(M || (M = {}));
    (function(M) {
        class B extends M.A {
        }
        const own = ({ y: x1 }, f, z = x1)=>x1;
        function f() {
            M.x++;
            [M.x] = [
                M.y
            ];
            ({ x: M.x, y: M.y = 1 } = own);
            for (M.x of [
                1
            ]);
            return [
                {
                    x: M.x
                },
                M.E.V,
                _jsx(M.A, {
                    b: M.x
                }),
                M.x
            ];
        }
        M.f = f;
        {
            const x1 = 3;
            x1;
        }
        let F = /*#__PURE__*/ function(F) {
            F[F["x"] = 0] = "x";
            F[F["z"] = 0] = "z";
            return F;
        }({});
    })(M || (M = {}));
    (function(M) {
        (function(Deep) {
            (function(er) {
                er.z = [
                    M.x,
                    M.y
                ];
            })(Deep.er || (Deep.er = {}));
        })(M.Deep || (M.Deep = {}));
    })(M || (M = {}));
    (function(M) {
        (function(Deep) {
            Deep.w = [
                M.Deep.er.z,
                M.A
            ];
        })(M.Deep || (M.Deep = {}));
    })(M || (M = {}));
    (function(N) {
        x;
        (function(M) {
            x;
        })(M || (M = {}));
        var M;
    })(N || (N = {}));
    var N;
    export var M;
    "#);
}

#[test]
fn aliases_of_types_have_no_value() {
    let text = "import type * as t from './t'; import T = t.T; export import U = T.U;
        namespace Types { export interface I {} export namespace Inner { export type J = 1 } }
        namespace Some { export interface I {} export class C {} }
        namespace M { export import A = Types; export import I = Some.I; export import C = Some.C; export import D = C; export import J = Types.Inner.J; }
        export import I = Some.I; export import C = Some.C; import Absent = window.absent; Absent;
        interface Whole {} export = Whole;";
    insta::assert_snapshot!(code(text), @r#"
    (function(Some) {
        class C {
        }
        Some.C = C;
    })(Some || (Some = {}));
    (function(M) {
        M.C = Some.C;
        M.D = M.C;
    })(M || (M = {}));
    export const C = Some.C;
    const Absent = window.absent;
    Absent;
    var Some, M;
    "#);
}

#[test]
fn an_abstract_accessor_is_none() {
    insta::assert_snapshot!(code("export abstract class A { abstract accessor a: number; accessor b = 1; }"), @r#"
    export class A {
        #b_accessor_storage = 1;
        get b() {
            return this.#b_accessor_storage;
        }
        set b(value) {
            this.#b_accessor_storage = value;
        }
    }
    "#);
}
