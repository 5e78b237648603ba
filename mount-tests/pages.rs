//! Pages: their URLs with hashes, what runs after an edit, and what they show of errors.

use std::fs;
use std::os::unix::fs::MetadataExt;

use crate::support::{Mount, Tree, errno, hookfs, wait_for};

const APP: &str = "//- /package.json\n{}\n\
    //- /index.html\n<!doctype html>\n<link rel=\"icon\" href=\"/icon.svg\">\n<script type=\"module\" src=\"/src/main.ts\"></script>\n\
    //- /public/icon.svg\n<svg/>\n\
    //- /src/main.ts\nimport './a';\nimport './style.css';\nimport logo from './logo.svg';\nexport const start = () => new Worker(new URL('./w.ts', import.meta.url), { type: 'module' });\nconsole.log(logo);\n\
    //- /src/a.ts\nexport const a: number = 1;\n\
    //- /src/style.css\n.a { background: url(./logo.svg) }\n\
    //- /src/logo.svg\n<svg></svg>\n\
    //- /src/w.ts\nimport { b } from './b';\npostMessage(b);\n\
    //- /src/b.ts\nexport const b = 1;\n";

/// How many digits of a hash stand in a name.
const DIGITS: usize = 16;

/// The hash with which `name` stands in a text.
#[track_caller]
fn hash(text: &str, name: &str) -> String {
    let (stem, extension) = name.rsplit_once('.').expect("an extension");
    let (before, after) = (format!("{stem}.v"), format!(".{extension}"));
    let mut hashes = text
        .split(&before)
        .skip(1)
        .filter_map(|rest| rest.split_once(&after));
    let found = hashes.find(|(hash, _)| hash.len() == DIGITS);
    found
        .unwrap_or_else(|| panic!("no {name} in {text}"))
        .0
        .to_owned()
}

/// The names with hashes in a text, without what is around them.
fn versions(text: &str) -> Vec<&str> {
    let names = text.split(['"', '\'', ' ', '(', ')', '\n']);
    let is_version = |name: &&str| {
        let mut parts = name.split('.');
        parts.any(|part| part.len() == DIGITS + 1 && part.starts_with('v'))
    };
    names.filter(is_version).collect()
}

/// What ran, without the numbers of shelves.
pub fn without_numbers(ran: String) -> String {
    let words = ran.split(' ').filter(|word| word.parse::<u32>().is_err());
    words.collect::<Vec<_>>().join(" ")
}

/// What ran while `read` read, by the file of events.
pub fn ran(mount: &Mount, read: impl FnOnce()) -> Vec<String> {
    // The file is written after the fact: it is whole when it tells of as many runs as there were.
    let all = || {
        wait_for("the events of all runs", || {
            let text = fs::read_to_string(mount.output("~hookfs/events")).expect("events");
            let mut ran: Vec<String> = Vec::new();
            for line in text.lines() {
                let event: serde_json::Value = serde_json::from_str(line).ok()?;
                if let (Some(path), Some(computation)) =
                    (event["path"].as_str(), event["computation"].as_str())
                {
                    ran.push(format!("{computation} {path}"));
                }
            }
            (ran.len() as u64 == mount.count("runs")).then_some(ran)
        })
    };
    let before = all().len();
    read();
    let mut ran = all().split_off(before);
    ran.sort();
    ran
}

#[test]
fn classic_scripts_stay_what_they_are() {
    let umd = "(function (root, make) { typeof module === 'object' ? (module.exports = make()) : (root.U = make()); })(this, function () { return 1; });\n";
    let sloppy = "var shared = 010; with (Math) { shared += max(1, 2); }\n";
    let page = "<!doctype html>\n<script src=\"./umd.js\"></script>\n<script src='/js/sloppy.js?v=1' defer></script>\n<script src=\"js/typed.ts\"></script>\n<script src=\"https://a.b/c.js\"></script>\n<script src=\"taken.js\"></script>\n";
    let tree = Tree::new("//- /package.json\n{}\n");
    tree.write("index.html", page);
    tree.write("umd.js", umd);
    tree.write("js/sloppy.js", sloppy);
    // The name of its output is a file of the user's.
    tree.write("taken.js", "1;\n");
    tree.write("taken.js.classic.js", "2;\n");
    tree.write("js/typed.ts", "const typed: number = 1;\n");
    let mount = tree.mounter("").mount();
    let written = mount.read("index.html");
    for (name, text) in [
        ("umd.js.classic.js", umd),
        ("js/sloppy.js.classic.js", sloppy),
        ("js/typed.ts.classic.js", "const typed = 1;\n"),
    ] {
        let hash = hash(&written, name);
        let (stem, _) = name.rsplit_once('.').expect("an extension");
        let found = mount.read(&format!("{stem}.v{hash}.js"));
        assert!(found.starts_with(text), "{name}: {found}");
    }
    for kept in ["https://a.b/c.js", "taken.js"] {
        assert!(written.contains(&format!("src=\"{kept}\"")), "{written}");
    }
    let build = hookfs()
        .args(["build", "project", "out", "--state", "state-of-build"])
        .current_dir(tree.folder())
        .output()
        .expect("the binary starts");
    assert!(build.status.success(), "{build:?}");
    let out = tree.folder().join("out");
    let built = fs::read_to_string(out.join("index.html")).expect("a page");
    assert_eq!(built, written);
    for name in versions(&built) {
        let name = name.split('?').next().unwrap_or_default();
        assert!(out.join(name).is_file(), "{name}");
    }
}

#[test]
fn a_page_names_what_it_leads_to_with_hashes() {
    let tree = Tree::new(APP);
    for (source, main) in [("", "./src/main.ts.js"), ("src", "./main.ts.js")] {
        let mount = tree.mounter(source).mount();
        let page = mount.read("index.html");
        let size = fs::metadata(mount.output("index.html"))
            .expect("a page")
            .size();
        assert_eq!(size, page.len() as u64);
        hash(&page, "./icon.svg");
        assert_eq!(mount.read("icon.svg"), "<svg/>\n");
        let of_script = hash(&page, &format!("src=\"{main}"));
        let of_map = hash(&page, &format!("\"{main}\":\"{main}"));
        assert_eq!(of_script, of_map, "one module has one URL");
        // Each is opened by the name that the page gives it.
        let names = versions(&page);
        assert!(names.len() >= 10, "{names:?} in {page}");
        for name in names {
            assert!(fs::read(mount.output(name)).is_ok(), "{name} in {page}");
        }
        assert!(
            mount
                .output(main)
                .with_file_name("w.ts.in-worker.js.map")
                .exists()
        );
        mount.stop();
    }
}

#[test]
fn an_edit_runs_its_module_and_the_page() {
    let tree = Tree::new(APP);
    let mount = tree.mounter("").mount();
    let first = mount.read("index.html");
    let runs = ran(&mount, || {
        tree.write("src/a.ts", "export const a: number = 2;\n");
        let second = mount.read("index.html");
        let name = "\"./src/a.ts.js\":\"./src/a.ts.js";
        assert_ne!(hash(&first, name), hash(&second, name));
        let main = "src=\"./src/main.ts.js";
        assert_eq!(hash(&first, main), hash(&second, main));
    });
    assert_eq!(runs, ["module /src/a.ts", "page /index.html"]);

    let runs = ran(&mount, || {
        tree.write("src/a.ts", "export const a: number = 1;\n");
        assert_eq!(mount.read("index.html"), first);
    });
    assert_eq!(runs, [""; 0], "an undo runs nothing");

    let runs = ran(&mount, || {
        tree.write("src/c.ts", "export const c = 1;\n");
        tree.write("src/a.ts", "import './c';\nexport const a: number = 1;\n");
        let page = mount.read("index.html");
        hash(&page, "\"./src/c.ts.js\":\"./src/c.ts.js");
    });
    assert_eq!(
        runs,
        [
            "closure /index.html",
            "module /src/a.ts",
            "module /src/c.ts",
            "page /index.html"
        ]
    );
}

#[test]
fn what_modules_and_styles_name_by_url_has_its_hash_there() {
    let tree = Tree::new(APP);
    let mount = tree.mounter("").mount();
    let worker = "./w.ts.in-worker.js";
    let (page, main) = (mount.read("index.html"), mount.read("src/main.ts.js"));
    let image = hash(&mount.read("src/logo.svg.js"), "./logo.svg");
    assert_eq!(hash(&mount.read("src/style.css"), "./logo.svg"), image);

    tree.write("src/logo.svg", "<svg> </svg>\n");
    assert_ne!(hash(&mount.read("src/logo.svg.js"), "./logo.svg"), image);
    assert_ne!(hash(&mount.read("src/style.css.js"), "./logo.svg"), image);
    let second = mount.read("index.html");
    for name in ["./src/logo.svg.js", "./src/style.css.js"] {
        let name = format!("\"{name}\":\"{name}");
        assert_ne!(hash(&page, &name), hash(&second, &name));
    }

    tree.write("src/b.ts", "export const b = 2;\n");
    assert_ne!(
        hash(&mount.read("src/main.ts.js"), worker),
        hash(&main, worker)
    );
    let own = mount.read(&format!("src/{worker}"));
    hash(&own, "./b.ts.in-worker.js");
}

#[test]
fn a_page_shows_what_does_not_compile() {
    let tree = Tree::new(APP);
    let mount = tree.mounter("").mount();
    tree.write("src/a.ts", "export const a = ;\n");
    let page = mount.read("index.html");
    for text in [
        "id=\"hookfs-overlay\"",
        "error[syntax]:",
        "/src/a.ts:1:18",
        "imported by /src/main.ts",
        "imported by /index.html",
        "1 | export const a = ;",
    ] {
        assert!(page.contains(text), "{text} in {page}");
    }
    assert_eq!(errno(fs::read(mount.output("src/a.ts.js"))), libc::EIO);
    hash(&page, "src=\"./src/main.ts.js");

    fs::remove_file(tree.path("src/main.ts")).expect("removed");
    let page = mount.read("index.html");
    assert!(page.contains("cannot resolve `/src/main.ts`"), "{page}");
    let errors = mount.read("~hookfs/errors.json");
    assert!(errors.contains("cannot resolve `/src/main.ts`"), "{errors}");

    tree.write("src/main.ts", "import './a';\n");
    tree.write("src/a.ts", "export const a = 1;\n");
    assert!(!mount.read("index.html").contains("hookfs-overlay"));
    assert!(!mount.read("~hookfs/errors.json").contains("index.html"));
}

#[test]
fn a_base_makes_urls_absolute() {
    let tree = Tree::new(APP);
    tree.write(
        "src/a.ts",
        "export const base = import.meta.env.BASE_URL;\n",
    );
    let mount = tree.mounter("").argument("--base=/app").mount();
    let page = mount.read("index.html");
    hash(&page, "src=\"/app/src/main.ts.js");
    hash(&page, "\"/app/src/a.ts.js\":\"/app/src/a.ts.js");
    assert!(mount.read("src/a.ts.js").contains("\"/app/\""));
    let output = hookfs()
        .args(["cat", "--base", "app"])
        .arg(tree.path(""))
        .arg("index.html")
        .output()
        .expect("hookfs");
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("cannot serve at `app`"), "{said}");
}
