//! What a hook asks of its context.

use super::*;
use crate::source::memory::MemoryTree;

const TREE: [(&str, &str); 12] = [
    ("package.json", "{}"),
    ("src/posts/b.md", "# B"),
    ("src/posts/a.md", "# A"),
    ("src/posts/deep/c.md", "# C"),
    ("src/posts/.draft.md", "secret"),
    ("src/posts/link.md", "-> a.md"),
    ("src/posts/out.md", "-> ../../../etc/passwd"),
    ("src/posts/escaping", "-> ../.."),
    ("src/.env", "VITE_NAME=value\nSECRET=1\n"),
    ("src/data.json", "{ \"a\": [1] }"),
    ("src/broken.json", "{ a }"),
    ("src/mod.ts", "export const a: number = 1;"),
];

fn asked(expression: &str) -> String {
    let hook = format!(
        "const tried = (f: () => unknown) => {{ try {{ return f(); }} catch (e: any) {{ return `${{e.name}} ${{e.code ?? ''}}: ${{e.message}}`; }} }};\n\
         export default async (c: any) => JSON.stringify(await ({expression}));"
    );
    let mut files = TREE.to_vec();
    files.push(("src/posts/index.txt.hook.ts", &hook));
    computed(&scene(&files), "posts/index.txt").unwrap()
}

#[test]
fn the_context_answers() {
    for (expression, answer) in [
        (
            "[c.path, c.params, c.props]",
            r#"["/posts/index.txt",{},{}]"#,
        ),
        (
            "c.env",
            r#"{"DEV":true,"MODE":"development","PROD":false,"SSR":true,"VITE_NAME":"value","BASE_URL":"/"}"#,
        ),
        (
            "[c.readText('a.md'), c.readText('./a.md'), c.readText('/posts/a.md'), c.readText('../posts/deep/../a.md')]",
            r##"["# A","# A","# A","# A"]"##,
        ),
        ("[...c.read('a.md')]", "[35,32,65]"),
        (
            "[c.json('/data.json'), await c.json('../data.json')]",
            r#"[{"a":[1]},{"a":[1]}]"#,
        ),
        ("c.readText('link.md')", r##""# A""##),
        (
            "['a.md', 'none.md', 'deep', 'out.md', '.draft.md', '../../package.json', '/~@/mod.ts', '/~@/none', 'escaping'].map((p) => c.exists(p))",
            "[true,false,true,false,false,false,true,false,false]",
        ),
        (
            "c.list('.')",
            r#"[{"name":"a.md","kind":"file"},{"name":"b.md","kind":"file"},{"name":"deep","kind":"dir"},{"name":"escaping","kind":"symlink"},{"name":"index.txt.hook.ts","kind":"file"},{"name":"link.md","kind":"symlink"},{"name":"out.md","kind":"symlink"}]"#,
        ),
        (
            "c.list('/').map((e) => e.name)",
            r#"["broken.json","data.json","mod.ts","posts"]"#,
        ),
        (
            "c.glob('*.md')",
            r#"["/posts/a.md","/posts/b.md","/posts/link.md"]"#,
        ),
        (
            "c.glob('/posts/**/*.md')",
            r#"["/posts/a.md","/posts/b.md","/posts/deep/c.md","/posts/link.md"]"#,
        ),
        (
            "c.glob('../{data,broken}.json')",
            r#"["/broken.json","/data.json"]"#,
        ),
        (
            "[c.glob('../../*.json'), c.glob('.*'), c.glob('none/*')]",
            "[[],[],[]]",
        ),
        (
            "c.readText('/~@/mod.ts').includes('export const a = 1')",
            "true",
        ),
        (
            "c.list('/~@/posts').map((e) => e.name).includes('index.txt')",
            "true",
        ),
    ] {
        assert_eq!(asked(expression), answer, "{expression}");
    }
}

#[test]
fn what_it_may_not_read_is_an_error_that_it_may_catch() {
    let paths = [
        "none.md",
        "deep",
        "deep/none/x",
        "a.md/x",
        "../../package.json",
        "../../../etc/passwd",
        "/../package.json",
        "out.md",
        "escaping/package.json",
        ".draft.md",
        "/.env",
        "/~@/../../package.json",
        "/~@/none",
        "/~@/posts",
        "/~@/.env",
        "/~@/~hookfs/status.json",
        "",
    ];
    let all: Vec<String> = paths
        .iter()
        .map(|path| asked(&format!("tried(() => c.readText({path:?}))")))
        .collect();
    insta::assert_snapshot!(all.join("\n"), @r#"
    "Error ENOENT: no such file `none.md`"
    "Error EISDIR: `deep` is a folder"
    "Error ENOENT: no such file `deep/none/x`"
    "Error ENOENT: no such file `a.md/x`"
    "Error EACCES: `../../package.json` lies outside the tree"
    "Error EACCES: `../../../etc/passwd` lies outside the tree"
    "Error EACCES: `/../package.json` lies outside the tree"
    "Error EACCES: `out.md` leads out of the tree"
    "Error EACCES: `escaping/package.json` leads out of the tree"
    "Error EACCES: `.draft.md` is hidden"
    "Error EACCES: `/.env` is hidden"
    "Error EACCES: `/~@/../../package.json` lies outside the tree"
    "Error ENOENT: no such file `/~@/none`"
    "Error EISDIR: `/~@/posts` is a folder"
    "Error ENOENT: no such file `/~@/.env`"
    "Error ENOENT: no such file `/~@/~hookfs/status.json`"
    "Error EISDIR: `` is a folder"
    "#);
    let others = [
        "c.json('/broken.json')",
        "c.read(5)",
        "c.list('none')",
        "c.list('a.md')",
        "c.list('..')",
        "c.list('../..')",
        "c.read('a\\0b')",
    ];
    let all: Vec<String> = others
        .iter()
        .map(|other| asked(&format!("tried(() => {other})")))
        .collect();
    let starts = [
        r#""SyntaxError : `/broken.json` is not valid JSON: "#,
        r#""TypeError : a path is a string, and this one is the number `5`""#,
        r#""Error ENOENT: no such folder `none`""#,
        r#""Error ENOTDIR: `a.md` is no folder""#,
        r#"[{"name":"broken.json""#,
        r#""Error EACCES: `../..` lies outside the tree""#,
        r#""Error EACCES: `a"#,
    ];
    for (told, start) in all.iter().zip(starts) {
        assert!(told.starts_with(start), "{told}\n{start}");
    }
}

#[test]
fn what_it_has_asked_for_is_known() {
    let hook = "import { a } from './lib/a';\nexport default async (c: any) => {\n  const later = c.exists('/switch') ? (await import('./lib/later')).default : 0;\n  return JSON.stringify([a, later, c.list('/posts').length, c.glob('/**/*.md'), c.exists('/none')]);\n};\n";
    let files = [
        ("src/a.txt.hook.ts", hook),
        ("src/lib/a.ts", "export { a } from './b';"),
        ("src/lib/b.ts", "export const a = 1;"),
        ("src/lib/later.ts", "export default 2;"),
        ("src/posts/a.md", ""),
        ("src/other/x.ts", "export default 1;"),
    ];
    let reaches = |edit: &dyn Fn(&MemoryTree)| {
        let scene = scene(&files);
        computed(&scene, "a.txt").unwrap();
        assert!(scene.is_as_asked());
        edit(&scene.tree);
        !scene.is_as_asked()
    };
    assert!(reaches(
        &|tree| tree.write("src/lib/b.ts", "export const a = 2;")
    ));
    assert!(reaches(&|tree| tree.write("src/none", "")));
    assert!(reaches(&|tree| tree.write("src/switch", "")));
    assert!(reaches(&|tree| tree.write("src/posts/b.txt", "")));
    assert!(reaches(&|tree| tree.write("src/other/b.md", "")));
    assert!(!reaches(
        &|tree| tree.write("src/lib/later.ts", "export default 3;")
    ));
    assert!(!reaches(&|tree| tree.write("src/posts/a.md", "changed")));
    assert!(!reaches(
        &|tree| tree.write("src/other/x.ts", "export default 2;")
    ));
}

#[test]
fn packages_read_files_as_in_node() {
    let hook = "import fs, { readFileSync, existsSync, statSync } from 'node:fs';
        import { readFile } from 'fs/promises';
        import { asset } from 'asset';
        const tried = (f: () => unknown) => { try { return f(); } catch (e: any) { return e.message; } };
        export default async () => JSON.stringify([
          readFileSync('/posts/a.md', 'utf8'), readFileSync(new URL('./b.md', import.meta.url)).length, await readFile('posts/a.md', { encoding: 'utf8' }),
          await new Promise((done) => fs.readFile('/posts/a.md', 'utf8', (_, text) => done(text))),
          ['/posts', '/posts/a.md', '/none', '/posts/.draft.md', '/~root/package.json'].map((path) => existsSync(path)),
          statSync('/posts').isDirectory(), statSync('/posts/a.md').size, fs.readdirSync('/posts/deep'),
          tried(() => readFileSync('/none')), tried(() => readFileSync('/.env')), tried(() => fs.writeFileSync('/a', '')), tried(() => readFileSync('/~root/src/.env')),
          asset,
        ]);";
    let mut files = TREE.to_vec();
    files.extend([
        ("src/posts/index.txt.hook.ts", hook),
        (
            "node_modules/asset/package.json",
            r#"{ "main": "lib/index.js" }"#,
        ),
        (
            "node_modules/asset/lib/index.js",
            "exports.asset = require('fs').readFileSync(require('path').join(__dirname, '../a.txt'), 'utf8');",
        ),
        ("node_modules/asset/a.txt", "of a package"),
    ]);
    let text = computed(&scene(&files), "posts/index.txt").unwrap();
    insta::assert_snapshot!(text, @r##"["# A",3,"# A","# A",[true,true,false,false,false],true,3,["c.md"],"ENOENT: no such file or directory, open '/none'","EACCES: permission denied, open '/.env'","EROFS: read-only file system, open '/a'","EACCES: permission denied, open '/~root/src/.env'","of a package"]"##);
}
