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
