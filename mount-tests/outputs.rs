//! The names under `/~@/` and what stands there.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::process::{Command, Stdio};

use crate::support::{Tree, errno, wait_for};

fn app() -> Tree {
    Tree::new(
        "//- /package.json\n{ \"name\": \"app\", \"imports\": { \"#react/*\": \"./src/react/*.ts\" } }\n\
         //- /tsconfig.json\n{ \"compilerOptions\": { \"jsx\": \"react-jsx\", \"jsxImportSource\": \"#react\" } }\n\
         //- /src/react/jsx-runtime.ts\nexport const jsx = (t: unknown, p: unknown) => [t, p], jsxs = jsx, Fragment = 0;\n\
         //- /src/react/jsx-dev-runtime.ts\nexport { jsx as jsxDEV, Fragment } from './jsx-runtime';\n\
         //- /src/main.tsx\nimport data from './data.json';\nimport { list } from 'pkg';\nexport const App = () => <p>{data.name}{list}</p>;\n\
         //- /src/data.json\n{ \"name\": \"hookfs\" }\n\
         //- /src/notes.txt\nplain\n\
         //- /src/types.d.ts\ndeclare const x: number;\n\
         //- /src/.env\nSECRET=1\n\
         //- /node_modules/pkg/package.json\n{ \"name\": \"pkg\", \"type\": \"module\", \"exports\": \"./lib/index.js\" }\n\
         //- /node_modules/pkg/lib/index.js\nexport const list = [1];\n\
         //- /secret.txt\nnot a package\n",
    )
}

#[test]
fn an_application_links_together_from_either_root() {
    for source in ["", "src"] {
        let tree = app();
        let mount = tree.mounter(source).mount();
        let prefix = if source.is_empty() { "src/" } else { "" };
        follow(&mount, &format!("{prefix}main.tsx.js"), &mut Vec::new());
    }
}

/// Reads a module and everything that it imports; each specifier must be relative and lead to a file.
fn follow(mount: &crate::support::Mount, path: &str, seen: &mut Vec<String>) {
    if seen.iter().any(|other| other == path) {
        return;
    }
    seen.push(path.to_owned());
    let code = mount.read(path);
    for (at, _) in code
        .match_indices("from \"")
        .chain(code.match_indices("import \""))
    {
        let specifier = code[at..].split('"').nth(1).unwrap();
        assert!(
            specifier.starts_with("./") || specifier.starts_with("../"),
            "{path} imports {specifier}"
        );
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
        for part in specifier.split('/') {
            match part {
                "." => {}
                ".." => drop(parts.pop().expect("stays in the tree")),
                name => parts.push(name),
            }
        }
        follow(mount, &parts.join("/"), seen);
    }
}

#[test]
fn names_are_those_of_the_contract() {
    let tree = app();
    let mount = tree.mounter("src").mount();
    let mut names: Vec<String> = fs::read_dir(mount.output(""))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(
        names,
        [
            "data.json",
            "data.json.js",
            "main.tsx",
            "main.tsx.js",
            "main.tsx.js.map",
            "notes.txt",
            "react"
        ]
        .map(String::from)
        .into_iter()
        .chain(names.iter().filter(|name| *name == "notes.txt.js").cloned())
        .collect::<std::collections::BTreeSet<_>>()
        .into_iter()
        .collect::<Vec<_>>()
    );
    let (short, long) = (mount.output("main.tsx"), mount.output("main.tsx.js"));
    assert_eq!(
        fs::metadata(&short).unwrap().ino(),
        fs::metadata(&long).unwrap().ino(),
        "two names of one file"
    );
    assert_eq!(fs::metadata(&long).unwrap().nlink(), 2);
    assert_eq!(fs::read(mount.output("notes.txt")).unwrap(), b"plain\n");
    for absent in [
        "types.d.ts",
        ".env",
        "~root/secret.txt",
        "~root/package.json",
        "../x",
        "main.js",
        "main.tsx.js.js",
    ] {
        assert!(
            fs::metadata(mount.output(absent)).is_err(),
            "{absent} should not be there"
        );
    }
    assert!(fs::read(mount.output("~root/node_modules/pkg/lib/index.js")).is_ok());
    assert!(
        !fs::read_dir(mount.root())
            .unwrap()
            .any(|entry| entry.unwrap().file_name() == "~@"),
        "`~@` is hidden"
    );
    let map = mount.read("main.tsx.js.map");
    let map: serde_json::Value = serde_json::from_str(&map).unwrap();
    assert_eq!(map["version"], 3);
    assert!(map["sourcesContent"][0].as_str().unwrap().contains("<p>"));
}

#[test]
fn outputs_are_no_more_readable_than_their_sources() {
    let tree = app();
    fs::set_permissions(tree.path("src/main.tsx"), fs::Permissions::from_mode(0o640)).unwrap();
    let mount = tree.mounter("src").mount();
    let mode = fs::metadata(mount.output("main.tsx.js")).unwrap().mode() & 0o777;
    assert_eq!(mode, 0o440);
}

#[test]
fn the_hash_is_an_attribute_by_name() {
    let tree = app();
    let mount = tree.mounter("src").mount();
    for name in ["main.tsx.js", "main.tsx.js.map", "~bundle/main.tsx.js"] {
        let path = std::ffi::CString::new(mount.output(name).to_str().unwrap()).unwrap();
        let mut value = [0_u8; 128];
        // SAFETY: the strings end with NUL, and the buffer is as long as said.
        let len = unsafe {
            libc::getxattr(
                path.as_ptr(),
                c"user.hookfs.hash".as_ptr(),
                value.as_mut_ptr().cast(),
                value.len(),
            )
        };
        let len =
            usize::try_from(len).unwrap_or_else(|_| panic!("{}", std::io::Error::last_os_error()));
        let expected = blake3::hash(&fs::read(mount.output(name)).unwrap()).to_hex();
        assert_eq!(&value[..len], expected.as_bytes(), "{name}");
        // SAFETY: a query for the size only; no buffer is written.
        let listed = unsafe { libc::listxattr(path.as_ptr(), std::ptr::null_mut(), 0) };
        assert_eq!(listed, 0, "not listed: {name}");
    }
}

#[test]
fn a_static_server_serves_the_modules_with_their_type() {
    let tree = app();
    let mount = tree.mounter("src").mount();
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let mut server = Command::new("python3")
        .args([
            "-m",
            "http.server",
            "--bind",
            "127.0.0.1",
            &port.to_string(),
            "-d",
        ])
        .arg(mount.output(""))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("python3 starts");
    let answer = wait_for("the server", || {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
        stream
            .write_all(b"GET /main.tsx.js HTTP/1.0\r\n\r\n")
            .ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        Some(answer)
    });
    let _ = server.kill();
    let _ = server.wait();
    assert!(answer.starts_with("HTTP/1.0 200"), "{answer}");
    assert!(answer.contains("javascript"), "{answer}");
    assert!(answer.ends_with(&mount.read("main.tsx.js")), "{answer}");
}

#[test]
fn links_keep_to_the_tree() {
    let tree = app();
    std::os::unix::fs::symlink("main.tsx", tree.path("src/alias.tsx")).unwrap();
    std::os::unix::fs::symlink("../secret.txt", tree.path("src/out.txt")).unwrap();
    std::os::unix::fs::symlink("/etc/hostname", tree.path("src/etc.txt")).unwrap();
    tree.write("src/use.ts", "export * from './alias';\n");
    let mount = tree.mounter("src").mount();
    assert!(
        mount.read("use.ts.js").contains("\"./main.tsx.js\""),
        "one name for one file"
    );
    for leak in ["out.txt", "etc.txt"] {
        let outcome = fs::symlink_metadata(mount.output(leak));
        if let Ok(metadata) = outcome {
            assert!(
                metadata.file_type().is_symlink(),
                "{leak} shows as a link, or not at all"
            );
        }
    }
    assert_eq!(
        errno(fs::read(mount.output("~root/secret.txt"))),
        libc::ENOENT
    );
}

#[test]
fn tools_that_copy_trees_get_whole_files() {
    let tree = app();
    // The module of a text asset is an error of its own, and `cp` stops at errors.
    fs::remove_file(tree.path("src/notes.txt")).unwrap();
    let mount = tree.mounter("src").mount();
    let copy = tree.folder().join("copy");
    let status = Command::new("cp")
        .arg("-r")
        .arg(mount.output(""))
        .arg(&copy)
        .status()
        .unwrap();
    assert!(status.success());
    for name in ["main.tsx", "main.tsx.js", "data.json.js", "data.json"] {
        assert_eq!(
            fs::read(copy.join(name)).unwrap(),
            fs::read(mount.output(name)).unwrap(),
            "{name}"
        );
    }
    let archive = Command::new("tar")
        .arg("-cf")
        .arg("-")
        .arg("-C")
        .arg(mount.output(""))
        .arg("main.tsx.js")
        .output()
        .unwrap();
    assert!(archive.status.success());
    let code = mount.read("main.tsx.js");
    assert!(String::from_utf8_lossy(&archive.stdout).contains(&code));
}

#[test]
fn a_look_around_computes_no_output() {
    let tree = Tree::new(
        "//- /a.ts\nexport const a = 1;\n//- /ui/b.tsx\nexport const b = <p/>;\n//- /ui/c.css\np { color: red }\n",
    );
    let mount = tree.mounter("").mount();
    for folder in ["", "ui"] {
        fs::read_dir(mount.output(folder))
            .expect("a folder")
            .for_each(|_| ());
    }
    assert_eq!(mount.settled_outputs(), 0, "nothing was opened");
    mount.read("a.ts");
    assert_eq!(mount.settled_outputs(), 1, "one file was");
    mount.read("a.ts.js");
    mount.read("a.ts.js.map");
    assert_eq!(mount.settled_outputs(), 1, "these come of the same run");
    tree.write("a.ts", "export const a = 2;\n");
    mount.read("a.ts");
    assert_eq!(mount.settled_outputs(), 2, "it was edited");
    mount.stop();
}
