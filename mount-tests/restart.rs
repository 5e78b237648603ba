//! What was computed outlives the daemon.

use std::fs;

use crate::support::Tree;

fn project() -> Tree {
    let tree = Tree::new("//- /tsconfig.json\n{}\n");
    for number in 0..40 {
        tree.write(
            &format!("m{number}.ts"),
            format!("export const n: number = {number};\n"),
        );
    }
    tree
}

fn read_all(mount: &crate::support::Mount) -> Vec<String> {
    (0..40)
        .map(|number| mount.read(&format!("m{number}.ts.js")))
        .collect()
}

#[test]
fn nothing_is_computed_again_after_a_restart() {
    let tree = project();
    let mount = tree.mounter("").mount();
    let before = read_all(&mount);
    let modified = fs::metadata(mount.output("m0.ts.js"))
        .unwrap()
        .modified()
        .unwrap();
    mount.stop();
    let mount = tree.mounter("").mount();
    assert_eq!(read_all(&mount), before);
    assert_eq!(mount.count("computed"), 0);
    assert_eq!(
        fs::metadata(mount.output("m0.ts.js"))
            .unwrap()
            .modified()
            .unwrap(),
        modified
    );
    mount.stop();
}

#[test]
fn what_changed_while_nothing_ran_is_seen() {
    let tree = project();
    let mount = tree.mounter("").mount();
    read_all(&mount);
    mount.stop();
    tree.write("m3.ts", "export const n: number = 3333;\n");
    let mount = tree.mounter("").mount();
    let texts = read_all(&mount);
    assert!(texts[3].contains("n = 3333"));
    assert_eq!(mount.count("computed"), 1);
    mount.stop();
}

#[test]
fn options_have_results_of_their_own_and_switching_back_is_free() {
    let tree = Tree::new("//- /a.ts\nexport const mode = process.env.NODE_ENV;\n");
    for round in 0..2 {
        let mount = tree.mounter("").mount();
        assert!(mount.read("a.ts.js").contains("development"));
        assert_eq!(
            mount.count("computed") > 0,
            round == 0,
            "development, round {round}"
        );
        mount.stop();
        let mount = tree.mounter("").argument("--production").mount();
        assert!(mount.read("a.ts.js").contains("production"));
        assert_eq!(
            mount.count("computed") > 0,
            round == 0,
            "production, round {round}"
        );
        mount.stop();
    }
}

#[test]
fn a_hook_runs_again_for_what_it_has_read_alone_and_not_after_a_restart() {
    let tree = project();
    let imports: String = (0..40)
        .map(|number| format!("import {{ n as n{number} }} from './m{number}';\n"))
        .collect();
    let all: Vec<String> = (0..40).map(|number| format!("n{number}")).collect();
    let gives = format!(
        "export default ({{ readText }}: any) => readText('title.txt') + ({});\n",
        all.join(" + ")
    );
    tree.write("sum.txt.hook.ts", imports + &gives);
    tree.write("title.txt", "one ");
    let mount = tree.mounter("").mount();
    assert_eq!(mount.read("sum.txt"), "one 780");
    let runs = |work: &dyn Fn()| {
        let before = mount.count("runs");
        work();
        mount.count("runs") - before
    };
    let reads = |wanted: &str| assert_eq!(mount.read("sum.txt"), wanted);
    assert_eq!(runs(&|| reads("one 780")), 0, "nothing has changed");
    let edit = || {
        tree.write("title.txt", "two ");
        reads("two 780");
    };
    assert_eq!(runs(&edit), 1, "the hook alone");
    let edit = || {
        tree.write("m7.ts", "export const n: number = 8;\n");
        reads("two 781");
    };
    assert_eq!(runs(&edit), 3, "the module, its bytecode, and the hook");
    let undo = || {
        tree.write("m7.ts", "export const n: number = 7;\n");
        reads("two 780");
    };
    assert_eq!(runs(&undo), 0, "all of that was computed before");
    let other = || {
        tree.write("other.ts", "export const n = 1;\n");
        reads("two 780");
    };
    assert_eq!(runs(&other), 0, "nobody has read that");
    mount.stop();
    let mount = tree.mounter("").mount();
    assert_eq!(mount.read("sum.txt"), "two 780");
    assert_eq!(mount.count("computed"), 0);
    mount.stop();
}
