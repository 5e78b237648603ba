//! Bundles: one file for all that a module imports, run by Node here; put together when it is read.

use std::fs::{self, File};
use std::io::Read;
use std::process::Command;

use crate::pages::{ran, without_numbers};
use crate::support::{Mount, Tree, hookfs};

const APP: &str = "//- /package.json\n{ \"type\": \"module\" }\n\
    //- /main.ts\nimport { add, count } from './lib/count';\nimport common from './common.cjs';\nimport data from './data.json';\nimport text from './data.json?raw';\n\
    add(common.two);\nconsole.log('main', count, data.name, text.length, new URL(import.meta.url).pathname.endsWith('@/main.ts.js'));\n\
    const { default: later } = await import('./lib/later');\nconsole.log('later', later, count);\n\
    //- /lib/count.ts\nconsole.log('count');\nexport let count: number = 0;\nexport function add(more: number) { count += more; }\n\
    //- /lib/later.ts\nimport { add, count } from './count';\nimport { deep } from './deep';\nadd(10);\nexport default [count, deep];\n\
    //- /lib/deep.ts\nexport const deep = 'deep';\n\
    //- /common.cjs\nexports.two = 2;\n\
    //- /data.json\n{ \"name\": \"data\" }\n";

const SAID: &str = "count\nmain 2 data 19 true\nlater [ 12, 'deep' ] 12\n";

/// What Node prints when it runs a file under `/~@/`.
#[track_caller]
fn node(mount: &Mount, name: &str) -> (String, String) {
    let output = Command::new("node").arg(mount.output(name)).output();
    let output = output.expect("node: run scripts/setup --tests");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (text(output.stdout), text(output.stderr))
}

#[test]
fn a_bundle_runs_and_shares_its_modules_with_those_that_it_loads_later() {
    let tree = Tree::new(APP);
    let mount = tree.mounter("").mount();
    assert_eq!(
        node(&mount, "~bundle/main.ts.js"),
        (SAID.into(), String::new())
    );
    tree.write("lib/deep.ts", "export const deep = 'deeper';\n");
    let (said, _) = node(&mount, "~bundle/main.ts.js");
    assert_eq!(said, SAID.replace("deep", "deeper"));
    mount.stop();
}

#[test]
fn its_size_and_its_bytes_are_those_of_one_version() {
    let tree = Tree::new(APP);
    let mount = tree.mounter("").mount();
    let name = "~bundle/main.ts.js";
    let path = mount.output(name);
    let before = mount.read(name);
    assert_eq!(fs::metadata(&path).unwrap().len(), before.len() as u64);
    let mut old = File::open(&path).unwrap();
    let mut start = [0; 1000];
    old.read_exact(&mut start).unwrap();
    tree.write(
        "lib/count.ts",
        "export const count = 5; export const add = () => {};\n",
    );
    let after = mount.read(name);
    assert_eq!(fs::metadata(&path).unwrap().len(), after.len() as u64);
    assert!(after.contains("count=5") && !before.contains("count=5"));
    let mut rest = String::new();
    old.read_to_string(&mut rest).unwrap();
    assert_eq!(
        rest,
        before[1000..],
        "who has it open goes on with its version"
    );
    let cat = hookfs()
        .arg("cat")
        .arg(tree.project())
        .arg(name)
        .arg("--state")
        .arg(mount.state())
        .output();
    assert_eq!(String::from_utf8(cat.unwrap().stdout).unwrap(), after);
    let map: serde_json::Value = serde_json::from_str(&mount.read(&format!("{name}.map"))).unwrap();
    assert!(map["sections"].is_array());
    mount.stop();
}

/// What ran of bundles, without the numbers of shelves.
fn names(ran: Vec<String>) -> Vec<String> {
    let is_of_bundles = |ran: &String| ran.starts_with("bundle") || ran.starts_with("piece");
    ran.into_iter()
        .filter(is_of_bundles)
        .map(without_numbers)
        .collect()
}

#[test]
fn an_edit_makes_one_piece_anew_and_a_restart_none() {
    let tree = Tree::new(APP);
    let mount = tree.mounter("").mount();
    let name = "~bundle/lib/later.ts.js";
    mount.read(name);
    let steps = ["bundle", "bundle-body", "bundle-reach", "bundle-shelf"];
    let edit = |text: &str| {
        names(ran(&mount, || {
            tree.write("lib/count.ts", text);
            mount.read(name);
        }))
    };
    let own = |steps: &[&str]| -> Vec<String> {
        let all = steps
            .iter()
            .map(|step| format!("{step} module /lib/later.ts"));
        all.collect()
    };
    let mut expected = own(&steps);
    expected.push("piece module /lib/count.ts".into());
    let count =
        "export let count: number = 7;\nexport function add(more: number) { count += more; }\n";
    assert_eq!(edit(count), expected);
    // One that imports something else changes who is in it.
    let mut expected = own(&[
        "bundle",
        "bundle-body",
        "bundle-members",
        "bundle-reach",
        "bundle-shelf",
    ]);
    expected.push("piece module /lib/count.ts".into());
    expected.push("piece module /lib/new.ts".into());
    tree.write("lib/new.ts", "");
    assert_eq!(edit(&format!("import './new';\n{count}")), expected);
    // What is undone is known.
    assert_eq!(edit(count), [""; 0]);
    let text = mount.read(name);
    mount.stop();
    let mount = tree.mounter("").mount();
    let (again, ()) = mount.ran(|| assert_eq!(mount.read(name), text));
    assert_eq!(again, 0);
    mount.stop();
}

#[test]
fn a_module_with_errors_throws_them_in_its_place() {
    let tree = Tree::new(APP);
    tree.write(
        "lib/later.ts",
        "import { x } from './broken';\nconsole.log('not reached', x);\n",
    );
    tree.write("lib/broken.ts", "console.log('nor this';\n");
    let mount = tree.mounter("").mount();
    let (said, wrong) = node(&mount, "~bundle/main.ts.js");
    assert_eq!(said, "count\nmain 2 data 19 true\n");
    let expected = [
        "SyntaxError: error[syntax]",
        "/lib/broken.ts:1:23",
        "imported by /lib/later.ts",
    ];
    for text in expected {
        assert!(wrong.contains(text), "{text}: {wrong}");
    }
    let errors = mount.read("~hookfs/errors.json");
    assert!(errors.contains("/lib/broken.ts:1:23"), "{errors}");
    tree.write("lib/broken.ts", "export const x = 1;\n");
    let (said, _) = node(&mount, "~bundle/main.ts.js");
    assert!(said.contains("not reached 1"), "{said}");
    mount.stop();
}

#[test]
fn its_versions_have_names_that_stay() {
    let tree = Tree::new(APP);
    let mount = tree.mounter("").mount();
    let named = |mount: &Mount| {
        let text = mount.read("~bundle/main.ts.js");
        let (_, rest) = text.split_once("\"/lib/later.ts.js\":\"").unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    let first = named(&mount);
    let old = mount.read(&first);
    assert_eq!(old, mount.read("~bundle/lib/later.ts.js"));
    tree.write("lib/deep.ts", "export const deep = 'deeper';\n");
    let second = named(&mount);
    assert_ne!(first, second);
    assert_eq!(mount.read(&first), old);
    assert!(mount.read(&second).contains("deeper"));
    mount.stop();
    let mount = tree.mounter("").mount();
    assert_eq!(mount.read(&first), old);
    assert_eq!(named(&mount), second);
    mount.stop();
}

#[test]
fn pieces_that_the_store_has_let_go_come_back() {
    let tree = Tree::new(APP);
    let mount = tree.mounter("").mount();
    let name = "~bundle/main.ts.js";
    let text = mount.read(name);
    mount.stop();
    let prune = hookfs()
        .arg("cache")
        .arg(tree.project())
        .arg("--state")
        .arg(tree.folder().join("state"))
        .arg("prune")
        .output()
        .unwrap();
    assert!(prune.status.success(), "{prune:?}");
    let mount = tree.mounter("").mount();
    assert_eq!(mount.read(name), text);
    mount.stop();
}

#[test]
fn a_build_has_the_bundles_that_its_pages_name() {
    let tree = Tree::new(APP);
    tree.write(
        "index.html",
        "<script type=module src='~bundle/main.ts.js'></script>",
    );
    let out = tree.folder().join("out");
    let mut build = hookfs();
    build.arg("build").arg(tree.project()).arg(&out);
    let built = build
        .arg("--state")
        .arg(tree.folder().join("state"))
        .output()
        .unwrap();
    assert!(built.status.success(), "{built:?}");
    let page = fs::read_to_string(out.join("index.html")).unwrap();
    let name = page.split('\'').nth(1).unwrap().trim_start_matches("./");
    let bundle = fs::read_to_string(out.join(name)).unwrap();
    assert!(bundle.contains("~bundle/lib/later.ts.v"), "{bundle}");
    assert!(!out.join("main.ts.js").exists());
    fs::write(out.join("package.json"), "{ \"type\": \"module\" }").unwrap();
    let run = Command::new("node").arg(out.join(name)).output().unwrap();
    let said = String::from_utf8(run.stdout).unwrap();
    assert_eq!(said, SAID.replace("true", "false"));
}

#[test]
fn names_and_patterns_are_found_as_urls_have_them() {
    let tree = Tree::new(
        "\
//- /package.json
{ \"type\": \"module\" }
//- /main.ts
import { x } from './ö d/a b#c%25é.ts';
const name = 'a b#c%25é';
const again = await import(`./ö d/${name}.ts`);
const { y, url } = await import('./ö d/later é');
console.log(x, again.x, y, url.endsWith('/%C3%B6%20d/later%20%C3%A9.ts.js'));
console.log((await import('data:text/javascript,export default 7')).default);
console.log(await import(`./${['no', 'ne'].join('')}.js`).catch(() => 'rejected'));
const all = import.meta.glob('./g/*.ts');
console.log(await Promise.all(Object.values(all).map(async (load) => (await load() as { g: number }).g)));
console.log(import.meta.resolve('node:fs'), import.meta.resolve('./g/a.ts').endsWith('/g/a.ts.js'));
//- /ö d/a b#c%25é.ts
console.log('once');
export const x: number = 1;
//- /ö d/later é.ts
import { x } from './a b#c%25é.ts';
export const y = `y${x}`;
export const url = import.meta.url;
//- /g/a.ts
export const g = 1;
//- /g/b.ts
export const g = 2;
",
    );
    let mount = tree.mounter("").mount();
    let expected = "once\n1 1 y1 true\n7\nrejected\n[ 1, 2 ]\nnode:fs true\n";
    let ran = node(&mount, "~bundle/main.ts.js");
    assert_eq!(ran, (expected.into(), String::new()));
    mount.stop();
}
