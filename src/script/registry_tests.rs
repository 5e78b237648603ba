//! The registry by itself: what is dropped, and what stays.

use super::scene::printed;

/// The registry's own tests are programs that import it, with a host of their own.
const REGISTRY: [(&str, &str); 9] = [
    ("/client/module.ts", include_str!("../client/module.ts")),
    (
        "/client/namespace.ts",
        include_str!("../client/namespace.ts"),
    ),
    ("/client/resolve.ts", include_str!("../client/resolve.ts")),
    ("/client/link.ts", include_str!("../client/link.ts")),
    ("/client/evaluate.ts", include_str!("../client/evaluate.ts")),
    ("/client/iterate.ts", include_str!("../client/iterate.ts")),
    ("/client/context.ts", include_str!("../client/context.ts")),
    (
        "/client/specifier.ts",
        include_str!("../client/specifier.ts"),
    ),
    ("/client/registry.ts", include_str!("../client/registry.ts")),
];

/// A host of modules that count their runs; `pause` is for hosts that answer later.
const HOST: &str = "
import { Registry } from './client/registry.ts';

export const ran = [];
export const versions = { a: 1, b: 1, c: 1, d: 1 };
export const imports = { a: ['b', 'c'], b: ['d'], c: [], d: [] };
const define = (name) => ({
  requests: imports[name].map((other) => `./${other}`),
  imports: [], exports: ['version', 'below'], indirect: [], stars: [], async: false,
  run: function* (context, ...slots) {
    const version = versions[name];
    const below = slots.map((slot) => slot.version);
    yield [() => version, () => slots.map((slot) => slot.version)];
    ran.push(name + version);
  },
});
export const registry = (pause) => new Registry({
  base: 'test://',
  load(id) {
    const loaded = { id, definition: define(id.slice(1)) };
    return pause === undefined ? loaded : new Promise((done) => setTimeout(() => done(loaded), pause()));
  },
});
";

fn test(text: &str) -> String {
    let imported = |text: &str| {
        REGISTRY.iter().fold(text.to_owned(), |text, (id, _)| {
            let name = id.trim_start_matches("/client/").trim_end_matches(".ts");
            text.replace(&format!("'./{name}'"), &format!("'{id}'"))
        })
    };
    let mut files: Vec<(&str, String)> = REGISTRY
        .iter()
        .map(|(name, text)| (*name, imported(text)))
        .collect();
    files.push(("/host.js", HOST.to_owned()));
    files.push((
        "/main.js",
        format!("import {{ registry, ran, versions, imports }} from './host.js';\n{text}"),
    ));
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(name, text)| (*name, text.as_str()))
        .collect();
    printed(&files, "/main.js")
}

#[test]
fn what_changes_is_dropped_with_its_importers_and_nothing_else() {
    let out = test(
        "const modules = registry();
         const first = await modules.import('/a');
         console.log(ran.join(), first.below.join());
         ran.length = 0;
         versions.d = 2;
         console.log(modules.drop(['/d', '/none']).sort().join(), modules.ids().join());
         const second = await modules.import('/a');
         console.log(ran.join(), first === second, first.below.join(), second.below.join());
         console.log(await modules.import('/a') === second, modules.drop([]).length);",
    );
    assert_eq!(
        out,
        "d1,b1,c1,a1 1,1\n/a,/b,/d /c\nd2,b1,a1 false 1,1 1,1\ntrue 0\n"
    );
}

#[test]
fn a_host_that_answers_later_gets_one_question_for_each_module() {
    let out = test(
        "let count = 0;
         const modules = registry(() => [5, 1, 3, 2][count++]);
         const [a, b] = await Promise.all([modules.import('/a'), modules.import('/b')]);
         console.log(count, ran.join(), a.version, b.version);",
    );
    assert_eq!(out, "4 d1,b1,c1,a1 1 1\n");
}

#[test]
fn no_chain_of_imports_is_too_long() {
    let out = test(
        "const count = 20000;
         for (let at = 0; at < count; at++) imports[`m${at}`] = [`m${(at + 1) % count}`];
         await registry().import('/m0');
         console.log(ran.length === count, ran[0], ran[count - 1]);
         imports[`m${count - 1}`] = [];
         await registry(() => 0).import('/m19990');
         console.log(ran.length - count, ran[count]);",
    );
    assert_eq!(
        out,
        "true m19999undefined m0undefined\n10 m19999undefined\n"
    );
}

#[test]
fn what_follows_the_name_makes_an_instance_of_its_own() {
    let out = test(
        "import { plainOf, resolve } from './client/specifier.ts';
         const modules = registry();
         imports['b?1'] = imports['b?2'] = [];
         imports.a = ['b?1', 'b', 'b?2', 'b?1'];
         await modules.import('/a');
         console.log(ran.map((name) => name.replace('undefined', '')).join(), modules.ids().join());
         console.log(modules.instancesOf('/b').map(({ id }) => id).join(), modules.instancesOf('/none').length);
         console.log(modules.drop(['/b?2']).join(), modules.instancesOf('/b').map(({ id }) => id).join());
         console.log(plainOf('/x/a.js?y/z#?'), plainOf('/a'));
         console.log(['./b?1', '../c?x/../y#z', './d?', './e?é \\'<%20', './f#'].map((text) => resolve(text, '/x/a.js?y/z')).join(' '));",
    );
    assert_eq!(
        out,
        "b?1,d1,b1,b?2,a1 /a,/b?1,/b,/d,/b?2\n/b,/b?1,/b?2 0\n/a,/b?2 /b,/b?1\n/x/a.js /a\n\
         /x/b?1 /c?x/../y#z /x/d /x/e?%C3%A9%20%27%3C%20 /x/f\n"
    );
}
