use crate::compiler::{Language, Options, Replacement, parse};

/// The body of the function form, JSX as calls of `h`.
fn compiled(text: &str) -> String {
    let options = Options {
        jsx: crate::compiler::Jsx::Classic {
            pragma: "h".to_owned(),
            fragment: "f".to_owned(),
        },
        function_form: true,
        hot: true,
        ..Options::default()
    };
    let transformed = parse(text.as_bytes(), Language::Tsx, "a.tsx")
        .and_then(|parsed| parsed.transform(&options))
        .unwrap();
    let code = transformed.emit(&mut |_| Replacement::Keep).unwrap().code;
    let from = code.find('\n').unwrap() + 1;
    code[from..].replace("\n    ", "\n").trim_start().to_owned()
}

#[test]
fn components_are_registered_and_hooks_are_signed() {
    insta::assert_snapshot!(compiled(
        "import { useState } from 'react';
         import { useStep } from './step';
         import * as all from './all';
         export default function App() {
           const [n, set]: [number, F] = useState<number>(0);
           useStep();
           all.useOther(useStep());
           return <b onClick={() => set(n + 1)}>{n}</b>;
         }
         export const Plain = () => <i />, plain = () => <i />;
         export function useBoth() { return useStep() + useState(1)[0]; }"
    ), @r#"
    "use strict";
    const all = $_.namespace(2);
    var _s = $_.sign(), _s1 = $_.sign();
    yield [
        (()=>App),
        (()=>Plain),
        (()=>plain),
        (()=>useBoth)
    ];
    _s(App, "e9ef3149cb18c4ef", false, ()=>[
            $_1.useStep,
            all.useOther
        ]);
    _s1(useBoth, "73a7b51d37b807e5", false, ()=>[
            $_1.useStep
        ]);
    function App() {
        _s();
        const [n, set] = (0, $_0.useState)(0);
        (0, $_1.useStep)();
        all.useOther((0, $_1.useStep)());
        return h("b", {
            onClick: ()=>set(n + 1)
        }, n);
    }
    const Plain = ()=>h("i", null), plain = ()=>h("i", null);
    function useBoth() {
        _s1();
        return (0, $_1.useStep)() + (0, $_0.useState)(1)[0];
    }
    $_.register(App, "App");
    $_.register(Plain, "Plain");
    })) })
    "#);
}

#[test]
fn what_is_inside_of_calls_is_registered_and_signed_too() {
    insta::assert_snapshot!(compiled(
        "const A = memo(React.forwardRef((props, ref) => { useRef(1); return <B />; }));
         const B = withFrame(function Inner() { return <i />; });
         const C = memo<Props>(B), d = make(), E = styled.a`x`, F = require('x'), G = other(f), H = (() => () => 1);
         const useIt = once(() => useState(0));
         export default connect(x)(memo(() => <E>{d}</E>));"
    ), @r#"
    "use strict";
    var _s = $_.sign(), _s1 = $_.sign();
    yield [
        (()=>$_default)
    ];
    function require_x() {
        const error = new Error("cannot require `x`: it is no file");
        error.code = 'MODULE_NOT_FOUND';
        throw error;
    }
    var _c, _c1, _c2;
    const A = _s(memo(_c1 = _s(React.forwardRef(_c = _s((props, ref)=>{
        _s();
        useRef(1);
        return h(B, null);
    }, "d3ed5e4ccf3ec19f")), "d3ed5e4ccf3ec19f")), "d3ed5e4ccf3ec19f");
    const B = withFrame(_c2 = (0, function Inner() {
        return h("i", null);
    }));
    const C = memo(B), d = make(), E = styled.a`x`, F = require_x(), G = other(f), H = ()=>()=>1;
    const useIt = _s1(once(_s1(()=>{
        _s1();
        return useState(0);
    }, "c1e6f4d49c2013a0")), "c1e6f4d49c2013a0");
    const $_default = connect(x)(memo(()=>h(E, null, d)));
    $_.register(_c, "A$memo$React.forwardRef");
    $_.register(_c1, "A$memo");
    $_.register(A, "A");
    $_.register(_c2, "B$withFrame");
    $_.register(B, "B");
    $_.register(C, "C");
    $_.register(E, "E");
    })) })
    "#);
    insta::assert_snapshot!(compiled("export default memo(() => { useIt(); return <i />; })"), @r#"
    "use strict";
    var _s = $_.sign();
    yield [
        (()=>$_default)
    ];
    var _c, _c1;
    const $_default = _c1 = _s(memo(_c = _s(()=>{
        _s();
        useIt();
        return h("i", null);
    }, "56fde9b5b7cd5322", false, ()=>[
            useIt
        ])), "56fde9b5b7cd5322", false, ()=>[
            useIt
        ]);
    $_.register(_c, "%default%$memo");
    $_.register(_c1, "%default%");
    })) })
    "#);
    insta::assert_snapshot!(compiled("function App() { return <p>{wrap(memo(() => { useIt(); return 1; }))}</p>; }"), @r#"
    "use strict";
    var _s = $_.sign();
    yield [];
    function App() {
        return h("p", null, _s(wrap(_s(memo(_s(()=>{
            _s();
            useIt();
            return 1;
        }, "56fde9b5b7cd5322", false, ()=>[
                useIt
            ])), "56fde9b5b7cd5322", false, ()=>[
                useIt
            ])), "56fde9b5b7cd5322", false, ()=>[
                useIt
            ]));
    }
    $_.register(App, "App");
    })) })
    "#);
}

#[test]
fn what_is_assigned_later_is_registered_as_it_was() {
    insta::assert_snapshot!(compiled("function App() {}\nApp = wrap(App);\nlet B = () => 1; B = 2; export { App, B };"), @r#"
    "use strict";
    yield [
        (()=>App),
        (()=>B)
    ];
    var _c, _c1;
    function App() {}
    _c = App;
    App = wrap(App);
    let B = ()=>1;
    _c1 = B;
    B = 2;
    $_.register(_c, "App");
    $_.register(_c1, "B");
    })) })
    "#);
}

#[test]
fn functions_keep_their_names() {
    insta::assert_snapshot!(compiled(
        "export const o = { Item: () => { useA(); return 1; }, 'a b': function () { useA(); }, __proto__: () => useA(), [x]: () => useA() };
         class K { static S = () => useA(); #p = () => useA(); }
         let x; x = () => useA(); x ??= (() => useA());
         o.member = () => useA();
         function f(a = () => useA(), { b = () => useA() }) {}
         for (const c = () => useA(); ; ) {}
         export default () => useA();"
    ), @r##"
    "use strict";
    var _s = $_.sign(), _s1 = $_.sign(), _s2 = $_.sign(), _s3 = $_.sign(), _s4 = $_.sign(), _s5 = $_.sign(), _s6 = $_.sign(), _s7 = $_.sign(), _s8 = $_.sign(), _s9 = $_.sign(), _s10 = $_.sign(), _s11 = $_.sign();
    yield [
        (()=>o),
        (()=>$_default)
    ];
    const o = {
        Item: _s({
            "Item": ()=>{
                _s();
                useA();
                return 1;
            }
        }["Item"], "9c8f8cbbc571eae7", false, ()=>[
                useA
            ]),
        'a b': _s1({
            "a b": function() {
                _s1();
                useA();
            }
        }["a b"], "9c8f8cbbc571eae7", false, ()=>[
                useA
            ]),
        __proto__: _s2(()=>{
            _s2();
            return useA();
        }, "9c8f8cbbc571eae7", false, ()=>[
                useA
            ]),
        [x]: ()=>useA()
    };
    class K {
        static S = _s3({
            "S": ()=>{
                _s3();
                return useA();
            }
        }["S"], "9c8f8cbbc571eae7", false, ()=>[
                useA
            ]);
        #p = _s4({
            "#p": ()=>{
                _s4();
                return useA();
            }
        }["#p"], "9c8f8cbbc571eae7", false, ()=>[
                useA
            ]);
    }
    let x;
    x = _s5({
        "x": ()=>{
            _s5();
            return useA();
        }
    }["x"], "9c8f8cbbc571eae7", false, ()=>[
            useA
        ]);
    x ??= (_s6({
        "x": ()=>{
            _s6();
            return useA();
        }
    }["x"], "9c8f8cbbc571eae7", false, ()=>[
            useA
        ]));
    o.member = _s7(()=>{
        _s7();
        return useA();
    }, "9c8f8cbbc571eae7", false, ()=>[
            useA
        ]);
    function f(a = _s8({
        "a": ()=>{
            _s8();
            return useA();
        }
    }["a"], "9c8f8cbbc571eae7", false, ()=>[
            useA
        ]), { b = _s9({
        "b": ()=>{
            _s9();
            return useA();
        }
    }["b"], "9c8f8cbbc571eae7", false, ()=>[
            useA
        ]) }) {}
    for(const c = _s10({
        "c": ()=>{
            _s10();
            return useA();
        }
    }["c"], "9c8f8cbbc571eae7", false, ()=>[
            useA
        ]);;){}
    const $_default = _s11({
        "default": ()=>{
            _s11();
            return useA();
        }
    }["default"], "9c8f8cbbc571eae7", false, ()=>[
            useA
        ]);
    })) })
    "##);
}

#[test]
fn methods_are_signed_where_they_need_no_object() {
    insta::assert_snapshot!(compiled(
        "export const api = { useOne() { return useState(1); }, async useTwo() { useOne(); }, useThree() { useState(super.x); } };
         export default function () { return useState(2); }"
    ), @r#"
    "use strict";
    var _s = $_.sign(), _s1 = $_.sign(), _s2 = $_.sign();
    const $_default = {
        default: function() {
            _s2();
            return useState(2);
        }
    }.default;
    yield [
        (()=>api),
        (()=>$_default)
    ];
    _s2($_default, "b5d4532830656016");
    const api = {
        useOne: _s({
            useOne () {
                _s();
                return useState(1);
            }
        }["useOne"], "d6f2cb5a9d2d22fe"),
        useTwo: _s1({
            async useTwo () {
                _s1();
                useOne();
            }
        }["useTwo"], "25be6af31a69a517", false, ()=>[
                useOne
            ]),
        useThree () {
            useState(super.x);
        }
    };
    })) })
    "#);
}

#[test]
fn what_cannot_be_known_begins_anew() {
    insta::assert_snapshot!(compiled(
        "function A() { const useOwn = () => useState(0); useOwn(); }
         function B({ useGiven }) { useGiven(); }
         function C() { a[0].useIt(); this.useIt(); return useC(); }
         function D() { 'use strict'; if (x) { const y = useState(0); } try { a.b.useIt() } catch (e) { useReducer(r, 5) } }"
    ), @r#"
    "use strict";
    var _s = $_.sign(), _s1 = $_.sign(), _s2 = $_.sign(), _s3 = $_.sign(), _s4 = $_.sign();
    yield [];
    _s1(A, "0a4f40091ecfbcfb", true);
    _s2(B, "10ad89bf61dedd5e", true);
    _s3(C, "1b527cc2a6d54396", true, ()=>[
            useC
        ]);
    _s4(D, "6b66c338e16869aa", false, ()=>[
            a.b.useIt
        ]);
    function A() {
        _s1();
        const useOwn = ()=>{
            _s();
            return useState(0);
        };
        _s(useOwn, "c1e6f4d49c2013a0");
        useOwn();
    }
    function B({ useGiven }) {
        _s2();
        useGiven();
    }
    function C() {
        _s3();
        a[0].useIt();
        this.useIt();
        return useC();
    }
    function D() {
        'use strict';
        _s4();
        if (x) {
            const y = useState(0);
        }
        try {
            a.b.useIt();
        } catch (e) {
            useReducer(r, 5);
        }
    }
    $_.register(A, "A");
    $_.register(B, "B");
    $_.register(C, "C");
    $_.register(D, "D");
    })) })
    "#);
    insta::assert_snapshot!(compiled("function A() { useState(0) }\n/* @refresh reset */"), @r#"
    "use strict";
    var _s = $_.sign();
    yield [];
    _s(A, "c1e6f4d49c2013a0", true);
    function A() {
        _s();
        useState(0);
    }
    $_.register(A, "A");
    })) })
    "#);
}

#[test]
fn namespaces_have_components() {
    insta::assert_snapshot!(compiled(
        "export namespace UI {
           export function One() { useState(0); return <i />; }
           export const Two = () => <One />;
           export const Three = memo(() => { useIt(); return <Two />; });
           const Four = () => 1;
           function Five() {}
           export namespace Deep { export const Six = () => <Four />; }
         }"
    ), @r#"
    "use strict";
    var _s = $_.sign(), _s1 = $_.sign();
    yield [
        (()=>UI)
    ];
    var _c, _c1, _c2, _c3, _c4, _c5, _c6;
    (function(UI) {
        _s(One, "c1e6f4d49c2013a0");
        function One() {
            _s();
            useState(0);
            return h("i", null);
        }
        _c = One;
        UI.One = One;
        UI.Two = _c1 = (0, ()=>h(One, null));
        UI.Three = _c3 = _s1(memo(_c2 = _s1(()=>{
            _s1();
            useIt();
            return h(UI.Two, null);
        }, "56fde9b5b7cd5322", false, ()=>[
                useIt
            ])), "56fde9b5b7cd5322", false, ()=>[
                useIt
            ]);
        const Four = ()=>1;
        _c4 = Four;
        function Five() {}
        _c5 = Five;
        (function(Deep) {
            Deep.Six = _c6 = (0, ()=>h(Four, null));
        })(UI.Deep || (UI.Deep = {}));
    })(UI || (UI = {}));
    var UI;
    $_.register(_c, "UI$One");
    $_.register(_c1, "UI$Two");
    $_.register(_c2, "UI$Three$memo");
    $_.register(_c3, "UI$Three");
    $_.register(_c4, "UI$Four");
    $_.register(_c5, "UI$Five");
    $_.register(_c6, "UI$Deep$Six");
    })) })
    "#);
}

#[test]
fn nothing_is_said_of_the_rest() {
    insta::assert_snapshot!(compiled(
        "export class A extends Component { render() { return this.useless(); } }
         export default function () { return 1; }
         use(x); user(); const B = 3;"
    ), @r#"
    "use strict";
    const $_default = {
        default: function() {
            return 1;
        }
    }.default;
    yield [
        (()=>A),
        (()=>$_default)
    ];
    class A extends Component {
        render() {
            return this.useless();
        }
    }
    use(x);
    user();
    const B = 3;
    })) })
    "#);
}
