//! What cannot be computed says so: by its error number, in the log, in `errors.json`.

use std::fs;

use crate::support::{Tree, errno};

#[test]
fn a_syntax_error_fails_the_open_and_is_told_everywhere() {
    let tree = Tree::new("//- /main.ts\nimport './bad';\n//- /bad.ts\nconst x = ;\n");
    let mount = tree.mounter("").mount();
    mount.read("main.ts.js");
    assert_eq!(errno(fs::read(mount.output("bad.ts.js"))), libc::EIO);
    mount.wait_said("error[syntax]");
    let errors = mount.read("~hookfs/errors.json");
    assert!(errors.contains("/bad.ts"), "{errors}");
    assert!(mount.read("~graph/bad.ts.js.json").contains("syntax"));

    tree.write("bad.ts", "const x = 1;\n");
    assert!(mount.read("bad.ts.js").contains("x = 1"));
    let errors = mount.read("~hookfs/errors.json");
    assert!(
        !errors.contains("/bad.ts"),
        "mended, and gone from the list: {errors}"
    );
}

#[test]
fn errors_that_nobody_opens_again_go_when_they_are_mended() {
    let tree = Tree::new(
        "//- /tsconfig.json\n{ \"extends\": \"./absent.json\" }\n//- /a.ts\nlet a = ;\n//- /b.ts\nlet b = ;\n",
    );
    let mount = tree.mounter("").mount();
    let listed = || -> Vec<String> {
        let errors: serde_json::Value =
            serde_json::from_str(&mount.read("~hookfs/errors.json")).expect("JSON");
        let errors = errors.as_array().expect("a list");
        errors
            .iter()
            .map(|error| error["file"].as_str().expect("a file").to_owned())
            .collect()
    };
    for name in ["a.ts.js", "b.ts.js"] {
        assert_eq!(errno(fs::read(mount.output(name))), libc::EIO);
    }
    assert_eq!(
        listed(),
        ["/a.ts", "/b.ts"],
        "the configuration is no file of its own"
    );
    tree.write("tsconfig.json", "{}");
    assert_eq!(listed(), ["/a.ts", "/b.ts"], "now for their own faults");
    tree.write("a.ts", "let a = 1;\n");
    fs::remove_file(tree.path("b.ts")).unwrap();
    assert_eq!(listed(), [""; 0]);
}

#[test]
fn an_unresolved_import_names_the_place_and_a_near_name() {
    let tree = Tree::new(
        "//- /ui/form.tsx\nexport { Button } from './botton';\n//- /ui/button.tsx\nexport const Button = 1;\n",
    );
    let mount = tree.mounter("").mount();
    assert_eq!(errno(fs::read(mount.output("ui/form.tsx.js"))), libc::EIO);
    mount.wait_said("error[unresolved-import]: cannot resolve `./botton` from `/ui/form.tsx:1:24`");
    mount.wait_said("hint: did you mean `./button`?");

    fs::rename(tree.path("ui/button.tsx"), tree.path("ui/botton.tsx")).unwrap();
    assert!(mount.read("ui/form.tsx.js").contains("./botton.tsx.js"));
}

#[test]
fn outputs_cannot_be_written() {
    let tree = Tree::new("//- /a.ts\nexport const a = 1;\n");
    let mount = tree.mounter("").mount();
    let output = mount.output("a.ts.js");
    assert_eq!(errno(fs::write(&output, "x")), libc::EROFS);
    assert_eq!(errno(fs::remove_file(&output)), libc::EROFS);
    assert_eq!(errno(fs::create_dir(mount.output("folder"))), libc::EROFS);
    assert_eq!(errno(fs::rename(&output, mount.output("b"))), libc::EROFS);
    assert_eq!(
        errno(std::os::unix::fs::symlink("a", mount.output("link"))),
        libc::EROFS
    );
}

#[test]
fn hostile_sources_are_their_own_errors_and_nobody_elses() {
    let tree = Tree::new("//- /good.ts\nexport const good = 1;\n");
    tree.write("nul.ts", b"export const a = '\0';\n");
    tree.write("bytes.ts", b"export const a = '\xff\xfe';\n");
    tree.write("empty.ts", b"");
    tree.write(
        "deep.ts",
        format!("x = {}1{};\n", "(".repeat(100_000), ")".repeat(100_000)),
    );
    tree.write("wide.ts", format!("x = {}1;\n", "1 + ".repeat(20_000)));
    tree.write(
        "deep.json",
        format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)),
    );
    std::os::unix::fs::symlink("loop.ts", tree.path("loop.ts")).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", tree.path("leak.ts")).unwrap();
    let fifo = std::ffi::CString::new(tree.path("fifo.ts").to_str().unwrap()).unwrap();
    // SAFETY: the path is a string that ends with a NUL.
    assert_eq!(unsafe { libc::mkfifo(fifo.as_ptr(), 0o644) }, 0);
    let mount = tree.mounter("").mount();
    for name in [
        "nul.ts",
        "bytes.ts",
        "empty.ts",
        "deep.ts",
        "wide.ts",
        "deep.json",
        "loop.ts",
        "leak.ts",
        "fifo.ts",
    ] {
        match fs::read_to_string(mount.output(&format!("{name}.js"))) {
            Ok(text) => assert!(
                !text.contains("root:"),
                "{name} leaks a file outside the tree"
            ),
            Err(error) => assert!(
                matches!(
                    error.raw_os_error(),
                    Some(libc::EIO | libc::ENOENT | libc::ELOOP)
                ),
                "{name}: {error}"
            ),
        }
    }
    assert!(mount.read("good.ts.js").contains("good = 1"));
}

#[test]
fn a_missing_export_is_told_with_its_importers_and_goes_when_it_is_mended() {
    let tree = Tree::new(
        "//- /main.ts\nimport './app';\n//- /app.ts\nimport { buton } from './button';\nbuton();\n\
         //- /button.ts\nexport const button = () => 1;\n",
    );
    let mount = tree.mounter("").mount();
    mount.read("main.ts.js");
    assert_eq!(errno(fs::read(mount.output("app.ts.js"))), libc::EIO);
    mount.wait_said(
        "error[missing-export]: cannot import `buton` from `./button` in `/app.ts:1:10`",
    );
    mount.wait_said("imported by /main.ts");
    mount.wait_said("hint: did you mean `button`?");
    let report: serde_json::Value =
        serde_json::from_str(&mount.read("~graph/app.ts.js.json")).expect("JSON");
    let error = report["error"].as_str().expect("an error");
    assert!(error.contains("imported by /main.ts"), "{error}");
    assert_eq!(report["diagnostics"][0]["importers"][0], "/main.ts");

    tree.write("button.ts", "export const buton = () => 1;\n");
    assert!(mount.read("app.ts.js").contains("./button.ts.js"));
    let computed = || -> u64 {
        let report: serde_json::Value =
            serde_json::from_str(&mount.read("~graph/app.ts.js.json")).expect("JSON");
        assert_eq!(report["fresh"], true, "{report}");
        report["took_micros"].as_u64().expect("a time")
    };
    // A run would take another time.
    let before = computed();
    for body in ["2", "3", "other()"] {
        tree.write(
            "button.ts",
            format!("export const buton = () => {body};\nfunction other() {{}}\n"),
        );
        mount.read("app.ts.js");
        assert_eq!(computed(), before, "an edit of a body runs no importer");
    }
}

#[test]
fn a_fault_of_a_commonjs_file_is_listed_once() {
    let tree = Tree::new(
        "//- /main.ts\nimport './bad.cjs';\n//- /user.cjs\nrequire('./bad.cjs');\n//- /bad.cjs\nmodule.exports = ;\n",
    );
    let mount = tree.mounter("").mount();
    for name in ["main.ts.js", "user.cjs.js", "user.cjs.commonjs.js"] {
        mount.read(name);
    }
    for name in ["bad.cjs.js", "bad.cjs.commonjs.js"] {
        assert_eq!(errno(fs::read(mount.output(name))), libc::EIO);
    }
    let errors: serde_json::Value =
        serde_json::from_str(&mount.read("~hookfs/errors.json")).expect("JSON");
    assert_eq!(errors.as_array().expect("a list").len(), 1, "{errors}");
    assert_eq!(errors[0]["file"], "/bad.cjs");
    let importers = errors[0]["diagnostics"][0]["importers"].as_array();
    assert!(!importers.expect("a list").is_empty(), "{errors}");
}
