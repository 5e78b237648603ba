//! Members of classes, against what tsc's output does when it runs.

use super::tests::emit;
use super::*;

fn with(source: &str, options: &Options) -> String {
    emit(source, Language::Tsx, options).code
}

fn assigning() -> Options {
    Options {
        use_define_for_class_fields: false,
        ..Options::default()
    }
}

#[test]
fn accessors_become_what_engines_have() {
    insta::assert_snapshot!(with("class A { accessor x = 1; static accessor #p; accessor [f()] = 2; #x_accessor_storage }", &Options::default()), @r"
    var _key;
    class A {
        #x_accessor_storage_1 = 1;
        get x() {
            return this.#x_accessor_storage_1;
        }
        set x(value) {
            this.#x_accessor_storage_1 = value;
        }
        static #p_accessor_storage;
        static get #p() {
            return this.#p_accessor_storage;
        }
        static set #p(value) {
            this.#p_accessor_storage = value;
        }
        #_accessor_storage = 2;
        get [_key = f()]() {
            return this.#_accessor_storage;
        }
        set [_key](value) {
            this.#_accessor_storage = value;
        }
        #x_accessor_storage;
    }
    ");
}

#[test]
fn legacy_decorators_of_accessors_get_the_property() {
    let options = Options {
        decorators: Decorators::Legacy { metadata: None },
        ..Options::default()
    };
    let code = with("class A { @d accessor x = 1 }", &options);
    assert!(code.contains("get x()"), "{code}");
    assert!(
        code.contains("_ts_decorate([\n    d\n], A.prototype, \"x\", null)"),
        "{code}"
    );
}

#[test]
fn helpers_of_standard_decorators_are_in_the_output() {
    for source in [
        "class A { @d static x = 1; @d [f()] = 2; static #p = 3 }",
        "@d class A { static #p = 1; static q = A.#p; @d m() {} }",
        "const A = @d class { accessor x = 1; @d static accessor #y }",
        "class A { accessor x = 1; @d m() {} } { using a = f(); }",
    ] {
        let code = with(source, &Options::default());
        assert!(!code.contains("@swc/helpers"), "{code}");
    }
}

#[test]
fn computed_names_are_evaluated_in_their_order() {
    insta::assert_snapshot!(with("class A { [a()] = 1; static [b()] = 2; [c()]() {} [d()] = 3 }", &assigning()), @r"
    var _key, _key1, _key2;
    class A {
        constructor(){
            this[_key] = 1;
            this[_key2] = 3;
        }
        static{
            _key2 = d();
        }
        static{
            this[_key1] = 2;
        }
        [(_key = a(), _key1 = b(), c())]() {}
    }
    ");
}

#[test]
fn private_fields_are_assigned_in_their_turn() {
    insta::assert_snapshot!(with("class A { a = f(1); #b = f(2); c = f(3); static #d = 4 }\nclass B { #b = 1 }", &assigning()), @r"
    class A {
        constructor(){
            this.a = f(1);
            this.#b = f(2);
            this.c = f(3);
        }
        #b;
        static #d = 4;
    }
    class B {
        #b = 1;
    }
    ");
}

#[test]
fn development_jsx_adds_no_props() {
    let factory = Options {
        development: true,
        jsx: Jsx::Classic {
            pragma: "h".to_owned(),
            fragment: "F".to_owned(),
        },
        ..Options::default()
    };
    insta::assert_snapshot!(with("x = [<a/>, <a b='1'/>, <a {...p}/>, <a __source='mine'/>, h('a', {})]", &factory), @r#"
    x = [
        h("a", null),
        h("a", {
            b: "1"
        }),
        h("a", {
            ...p
        }),
        h("a", {
            __source: "mine"
        }),
        h('a', {})
    ];
    "#);
    let automatic = Options {
        development: true,
        ..Options::default()
    };
    insta::assert_snapshot!(with("x = [<a {...p} key='k'/>, <a/>]", &automatic), @r#"
    import { jsxDEV as _jsxDEV } from "react/jsx-dev-runtime";
    import { createElement as _createElement } from "react";
    x = [
        _createElement("a", {
            ...p,
            key: "k"
        }),
        _jsxDEV("a", {}, void 0, false, {
            fileName: "ui/a.tsx",
            lineNumber: 1,
            columnNumber: 27
        }, this)
    ];
    "#);
}

#[test]
fn super_in_static_members_of_decorated_classes_needs_no_package() {
    let text = "@d class A extends B { static p = super.q; static { super.y = 1; super.z++ } static #m() { return super.k } }";
    let code = with(text, &Options::default());
    for helper in ["_get", "_set", "_update", "_get_prototype_of"] {
        assert!(code.contains(&format!("function {helper}(")), "{code}");
    }
    assert!(!code.contains("@swc"), "{code}");
}

#[test]
fn a_decorated_class_can_be_a_namespace_too() {
    let text = "@d export class A {} export namespace A { export const x = 1; } @d class B {} namespace B { export const y = 1; }";
    let code = with(text, &Options::default());
    assert!(
        !code.contains("var _A") && !code.contains("var _B"),
        "{code}"
    );
    assert!(code.contains("export { _A as A }"), "{code}");
}
