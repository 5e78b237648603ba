//! What the calls of Fast Refresh change in a module: nothing, where nobody listens to them.

use super::SourceMap;
use super::scene::printed;
use crate::compiler::{self, Language, Options, Replacement};

/// Evaluates a definition as the runtime would, and says what can be seen of it.
const OBSERVE: &str = "
export function observe(definition) {
  const said = [];
  const show = (value) => typeof value === 'function' ? `${value.name}/${value.length}` : String(JSON.stringify(value));
  globalThis.log = (...values) => void said.push(values.map(show).join(' '));
  const attempt = (run) => { try { return show(run()); } catch (error) { return `${error.name}: ${error.message}`; } };
  const context = { register() {}, sign: () => (type) => type, meta: {} };
  const run = definition.run(context);
  const getters = run.next().value;
  const exported = (when) => definition.exports.forEach((name, at) => said.push(`${when} ${name} ${attempt(getters[at])}`));
  exported('linked');
  said.push(attempt(() => { while (!run.next().done); }));
  exported('ran');
  definition.exports.forEach((name, at) => said.push(`called ${name} ${attempt(() => getters[at]()(1, 2))}`));
  return said.join('\\n');
}
";

fn definition(text: &str, hot: bool) -> String {
    let options = Options {
        function_form: true,
        hot,
        ..Options::default()
    };
    let compile = || {
        compiler::parse(text.as_bytes(), Language::Tsx, "a.tsx")?
            .transform(&options)?
            .emit(&mut |_| Replacement::Keep)
    };
    compile()
        .unwrap_or_else(|faults| panic!("{text}\n{faults:?}"))
        .code
}

/// Fails with the first of the texts whose two forms do not do the same.
fn compare(texts: &[String]) {
    let mut files = vec![("/observe.js".to_owned(), OBSERVE.to_owned())];
    let mut main = String::from("import { observe } from '/observe.js';\n");
    for (at, text) in texts.iter().enumerate() {
        for (form, hot) in [("plain", false), ("hot", true)] {
            // Each is a module of its own, so that its names are.
            let name = format!("/{form}{at}.js");
            files.push((
                name.clone(),
                format!("export default {}", definition(text, hot)),
            ));
            main.push_str(&format!("import {form}{at} from '{name}';\n"));
        }
        main.push_str(&format!(
            "{{ const [one, other] = [observe(plain{at}), observe(hot{at})];
               console.log(one === other && one.length > 0 ? 'same' : `{at}\\n${{one}}\\n---\\n${{other}}`); }}\n"
        ));
    }
    files.push(("/main.js".to_owned(), main));
    let files: Vec<_> = files
        .iter()
        .map(|(name, text)| (&**name, &**text))
        .collect();
    let out = printed(&files, "/main.js");
    if let Some(at) = out.lines().find_map(|line| line.parse::<usize>().ok()) {
        panic!("{}\n\n{out}", texts[at]);
    }
    assert_eq!(out, "same\n".repeat(texts.len()));
}

/// Numbers that are the same in each run (Marsaglia's xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }

    fn of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len())]
    }
}

/// Statements that declare, use, assign and wrap components and hooks, in any order. `$N` is the number of the statement,
/// `$M` that of some statement, `$F` a function, `$B` the body of one.
const STATEMENTS: &[&str] = &[
    "function C$N(a, b) $B",
    "function C$N(a = $F, { b } = { b: $F }) { return [a, b]; }",
    "export function C$N() $B",
    "export const C$N = $F;",
    "export const C$N = ($F);",
    "export let C$N = $F, D$N = $F;",
    "var C$N = $F, use$N = $F; log(C$N, use$N);",
    "const C$N = wrap($F);",
    "export const C$N = wrap(wrap($F, 1), $F);",
    "let use$N = wrap($F); log(use$N);",
    "let C$N = $F; C$N = wrap(C$N); export { C$N as E$N };",
    "function C$N() $B C$N = wrap(C$N); export { C$N as E$N };",
    "export const C$N = { p: $F, 'q r': $F, useIt() $B, async useThat() $B, get g() { return $F; }, [`k${$N}`]: $F, __proto__: $F };\
     log(C$N.p, C$N['q r'], C$N.useIt, C$N.useThat, C$N.g, C$N[`k${$N}`], Object.keys(C$N), Object.getPrototypeOf(C$N));",
    "export class C$N { static s = $F; t = $F; #u = $F; static __proto__ = $F; useIt() $B get u() { return this.#u; } }\
     log(C$N.s, new C$N().t, new C$N().u, C$N.__proto__);",
    "try { log(C$M); log(D$M); } catch (error) { log(error.name); }",
    "try { log(C$M(1), use$M(2)); } catch (error) { log(error.name); }",
    "{ function I$N() $B log(I$N(3), I$N); let useI$N = $F; log(useI$N, useI$N(4)); }",
    "for (let i = $F, n = 0; n < 2; n++) log(i, n, i(n));",
    "for (const f of [$F, wrap($F)]) { const I$N = $F; log(f, I$N, I$N(f)); }",
    "switch ($N % 2) { case 0: const I$N = $F; log(I$N); default: function J$N() $B log(J$N); }",
    "if ($N % 2) var C$N = $F; log(typeof C$N);",
    "l$N: { const I$N = $F; if (I$N(1)) break l$N; log('passed'); }",
    "const { a: C$N = $F, D$N = $F, ...E$N } = { x: $N }; log(C$N, D$N, E$N);",
    "const [C$N = $F, [D$N] = [$F]] = []; log(C$N, D$N); [D$N.x, D$N.y = $F] = [$F]; log(D$N.x, D$N.y);",
    "let C$N; C$N ??= $F; C$N &&= ($F); log(C$N); ({ C$N = $F } = {}); log(C$N);",
    "log(($F)(5), ($F).name, (wrap($F))(6), typeof ($F), new (wrap(function () { this.x = useState($N); }))().x);",
    "log(((I$N) => I$N)($F), (function useI$N() $B)(7), (wrap($F), $F));",
    "export namespace N$N { export function One() $B; export const Two = $F; export const Three = wrap($F); const Four = $F;\
     export namespace Deep { export const Five = $F; } log(One, Two, Three, Four, Deep.Five); } log(Object.keys(N$N));",
    "const C$N = wrap.call(null, $F); log(C$N, wrap`x`);",
    "log(`${$F}`.length > 0, [$F].map((f) => f.name), { ...{ F: $F } }.F);",
];

const FUNCTIONS: &[&str] = &[
    "() => useState(0)",
    "(a, b) => { $B }",
    "function () $B",
    "function Inner() $B",
    "async (x = useState(1)) => { $B }",
    "function* () $B",
    "() => ({ v: useState(2) })",
    "() => () => useMemo(() => useState(3))",
    "(a) => a",
    "wrap(() => useState(4))",
];

const BODIES: &[&str] = &[
    "{ return useState(0)[0]; }",
    "{ 'use strict'; const [i, j] = useState(5), { k } = useEffect(() => { useMemo(1); }) ?? {}; return [i, j, k]; }",
    "{ if (typeof a === 'undefined') { const z = useMemo(9); return z; } return useState(a); }",
    "{ try { return use$M(); } catch (error) { return error.name; } finally { useEffect(); } }",
    "{ const useOwn = () => useState(8); return useOwn(); }",
    "{ return its.useDeep.useIt(this === undefined); }",
    "{ return typeof this; }",
    "{ return 1; }",
];

fn program(random: &mut Random) -> String {
    let mut text = String::from(
        "const useState = (a) => (log('useState', a), [a]), useMemo = (a) => (log('useMemo'), a), useEffect = () => log('useEffect');
         const its = { useDeep: { useIt: (...all) => (log('deep', ...all), all) } };
         function wrap(f, ...rest) { log('wrap', f, rest.length); return function Wrapped(...all) { return typeof f === 'function' ? f.apply(this, all) : f; }; }\n",
    );
    if random.below(8) == 0 {
        text.insert_str(0, "'use strict'; // @refresh reset\n");
    }
    let statements = 2 + random.below(8);
    for number in 0..statements {
        let mut statement = random.of(STATEMENTS).to_owned();
        for (mark, list) in [("$F", FUNCTIONS), ("$B", BODIES)] {
            while let Some(at) = statement.find(mark) {
                statement.replace_range(at..at + mark.len(), random.of(list));
            }
        }
        let other = random.below(statements).to_string();
        let statement = statement.replace("$N", &number.to_string());
        text.push_str(&statement.replace("$M", &other));
        text.push('\n');
    }
    text.push_str(random.of(&[
        "export default function () { return useState(1); }",
        "export default function CDefault() { return useState(1); }",
        "export default () => useState(1);",
        "export default (function () { return useState(1); });",
        "export default wrap(wrap(() => useState(1)));",
        "export default class { static s = () => useState(1); }",
        "log('end'); throw new Error('end');",
        "",
    ]));
    text
}

#[test]
fn a_module_does_what_it_did() {
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    for _ in 0..12 {
        let texts: Vec<String> = (0..25).map(|_| program(&mut random)).collect();
        compare(&texts);
    }
}

#[test]
fn its_code_leads_to_the_source() {
    let text = "import { memo, useState } from 'react';
export const App = memo(() => { const [n] = useState(0); return n.first(); });
const o = { useIt: () => useState(1).second(), useThat() { return useState(2).third(); } };
export default function () {
  useState(o);
  return <p>{o.fourth()}</p>;
}
";
    let options = Options {
        function_form: true,
        hot: true,
        map_source: Some("a.tsx".to_owned()),
        map_url: Some("a.tsx.js.map".to_owned()),
        ..Options::default()
    };
    let emitted = compiler::parse(text.as_bytes(), Language::Tsx, "a.tsx")
        .and_then(|parsed| parsed.transform(&options))
        .and_then(|transformed| transformed.emit(&mut |_| Replacement::Keep))
        .unwrap();
    let map = SourceMap::parse(&emitted.map.unwrap()).unwrap();
    let place = |text: &str, what: &str| {
        let before = &text[..text.find(what).unwrap()];
        let line = before.matches('\n').count() + 1;
        let column = before.len() - before.rfind('\n').map_or(0, |at| at + 1) + 1;
        (u32::try_from(line).unwrap(), u32::try_from(column).unwrap())
    };
    for what in [
        "first()",
        "second()",
        "third()",
        "fourth()",
        "memo(",
        "useState(0)",
        "useState(o)",
    ] {
        // Imported names are read from their modules, at the same place.
        let written = match what.split_once('(') {
            Some((name @ ("memo" | "useState"), rest)) => format!("{name})({rest}"),
            _ => what.to_owned(),
        };
        let (line, column) = place(&emitted.code, &written);
        let found = map.find(line, column);
        let (line, column) = place(text, what);
        assert_eq!(
            found,
            Some(("a.tsx", line, column)),
            "{what} in {}",
            emitted.code
        );
    }
}
