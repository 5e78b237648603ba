//! Files that hooks compute.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::pages::ran;
use crate::support::{Tree, errno, hookfs};

/// The hooks among what ran.
pub fn hooks(ran: &[String]) -> Vec<&str> {
    let is_hook = |line: &&str| line.starts_with("hook ");
    ran.iter().map(String::as_str).filter(is_hook).collect()
}

fn site() -> Tree {
    Tree::new(
        "
        //- /posts.txt.hook.ts
        import { shout } from './lib/shout';
        export default (context: any) => {
          const names = context.list('/posts').map((entry: any) => entry.name);
          return shout(names.map((name: string) => context.readText(`/posts/${name}`).trim()).join());
        };
        //- /lib/shout.ts
        import { mark } from './mark';
        export const shout = (text: string) => text.toUpperCase() + mark;
        //- /lib/mark.ts
        export const mark = '!';
        //- /posts/a.md
        a
        //- /posts/b.md
        b
        //- /length.json.hook.ts
        export default async ({ readText }: any) => JSON.stringify(readText('/~@/posts.txt').length);
        ",
    )
}

/// Its worker asks for what it asked for the last time, and must not be told more than it asks now.
#[test]
fn what_a_hook_imports_no_more_does_not_run_it() {
    let tree = site();
    let mount = tree.mounter("").mount();
    assert_eq!(mount.read("posts.txt"), "A,B!");
    tree.write("posts/a.md", "c");
    assert_eq!(mount.read("posts.txt"), "C,B!");
    tree.write(
        "lib/shout.ts",
        "export const shout = (text: string) => text.toLowerCase();\n",
    );
    assert_eq!(mount.read("posts.txt"), "c,b");
    let nothing = ran(&mount, || {
        tree.write("lib/mark.ts", "export const mark = '?';\n");
        assert_eq!(mount.read("posts.txt"), "c,b");
    });
    assert_eq!(hooks(&nothing), [""; 0], "{nothing:?}");
    tree.write(
        "lib/shout.ts",
        "import { mark } from './mark';\nexport const shout = (text: string) => text + mark;\n",
    );
    assert_eq!(mount.read("posts.txt"), "c,b?");
}

#[test]
fn a_hook_is_run_when_what_it_read_has_changed_and_at_no_other_time() {
    let tree = site();
    let mount = tree.mounter("").mount();
    let names: Vec<_> = fs::read_dir(mount.output(""))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(names.contains(&"posts.txt".to_owned()) && names.contains(&"length.json".to_owned()));
    assert_eq!(mount.read("length.json"), "4");
    assert_eq!(mount.read("posts.txt"), "A,B!");
    assert_eq!(fs::metadata(mount.output("posts.txt")).unwrap().len(), 4);

    let nothing = ran(&mount, || {
        tree.write("other.md", "unread");
        tree.write("lib/other.ts", "export {};");
        tree.write("lib/mark.ts", "export const mark = '!';\n");
        assert_eq!(mount.read("length.json"), "4");
    });
    assert_eq!(hooks(&nothing), [""; 0], "{nothing:?}");

    let edited = ran(&mount, || {
        tree.write("posts/b.md", "c\n");
        assert_eq!(mount.read("posts.txt"), "A,C!");
        assert_eq!(mount.read("length.json"), "4");
    });
    assert_eq!(
        hooks(&edited).len(),
        2,
        "the one that reads it, too: {edited:?}"
    );

    let added = ran(&mount, || {
        tree.write("posts/d.md", "d\n");
        assert_eq!(mount.read("length.json"), "6");
    });
    assert_eq!(hooks(&added).len(), 2, "{added:?}");

    // A module that it imports by way of another.
    tree.write("lib/mark.ts", "export const mark = '?!';\n");
    assert_eq!(mount.read("posts.txt"), "A,C,D?!");
    assert_eq!(mount.read("length.json"), "7");
    let undone = ran(&mount, || {
        tree.write("lib/mark.ts", "export const mark = '!';\n");
        assert_eq!(mount.read("posts.txt"), "A,C,D!");
        assert_eq!(mount.read("length.json"), "6");
    });
    assert_eq!(hooks(&undone), [""; 0], "an undo is known: {undone:?}");

    mount.stop();
    let mount = tree.mounter("").mount();
    assert_eq!(mount.read("length.json"), "6");
    assert_eq!(mount.read("posts.txt"), "A,C,D!");
    assert_eq!(mount.count("computed"), 0);
    fs::remove_file(tree.path("posts/a.md")).unwrap();
    assert_eq!(mount.read("posts.txt"), "C,D!");
    assert!(mount.read("~graph/posts.txt.json").contains("/posts/b.md"));
    fs::remove_file(tree.path("posts.txt.hook.ts")).unwrap();
    assert_eq!(errno(fs::read(mount.output("posts.txt"))), libc::ENOENT);
    assert_eq!(errno(fs::read(mount.output("length.json"))), libc::EIO);
    mount.wait_said("no such file `/~@/posts.txt`");
    mount.stop();
}

#[test]
fn a_hook_with_parameters_lists_its_files_and_computes_each_for_itself() {
    let tree = Tree::new(
        "
        //- /posts/[slug].html.hook.ts
        import { page } from '../page';
        export const paths = (c: any) => c.list('.').filter((e: any) => e.name.endsWith('.md')).map((e: any) => ({ params: { slug: e.name.slice(0, -3) } }));
        export default ({ params, readText }: any) => page(readText(`${params.slug}.md`).trim());
        //- /page.ts
        export const page = (text: string) => `<p>${text}</p>`;
        //- /posts/a.md
        A
        //- /posts/b.md
        B
        //- /docs/[...rest].txt.hook.ts
        export const paths = () => [{ params: { rest: 'x/y/z' }, props: { text: 'deep' } }];
        export default ({ props }: any) => props.text;
        ",
    );
    let mount = tree.mounter("").mount();
    let names = |folder: &str| {
        let entries = fs::read_dir(mount.output(folder)).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names.filter(|name| !name.contains(".hook.")).collect();
        names.sort();
        names.join(" ")
    };
    assert_eq!(names("posts"), "a.html a.md b.html b.md");
    assert_eq!(mount.read("posts/a.html"), "<p>A</p>");
    assert_eq!(mount.read("posts/b.html"), "<p>B</p>");
    assert_eq!(errno(fs::read(mount.output("posts/c.html"))), libc::ENOENT);
    assert_eq!(names("docs/x/y"), "z.txt z.txt.js");
    assert_eq!(mount.read("docs/x/y/z.txt"), "deep");
    assert_eq!(errno(fs::read_dir(mount.output("docs/q"))), libc::ENOENT);

    let edited = ran(&mount, || {
        tree.write("posts/b.md", "B2\n");
        assert_eq!(mount.read("posts/b.html"), "<p>B2</p>");
        assert_eq!(mount.read("posts/a.html"), "<p>A</p>");
    });
    let files = edited.iter().filter(|ran| ran.starts_with("hook b.html"));
    assert_eq!((files.count(), edited.len()), (1, 1), "{edited:?}");
    tree.write("posts/c.md", "C\n");
    assert_eq!(names("posts"), "a.html a.md b.html b.md c.html c.md");
    assert_eq!(mount.read("posts/c.html"), "<p>C</p>");
    fs::remove_file(tree.path("posts/a.md")).unwrap();
    assert_eq!(names("posts"), "b.html b.md c.html c.md");
    assert_eq!(errno(fs::read(mount.output("posts/a.html"))), libc::ENOENT);

    tree.write(
        "docs/[...rest].txt.hook.ts",
        "export const paths = () => { throw new Error('no paths'); };",
    );
    assert_eq!(names("docs"), "");
    mount.wait_said("error[hook]: Error: no paths in `/docs/[...rest].txt.hook.ts:1:");
    assert!(mount.read("~hookfs/errors.json").contains("no paths"));
    mount.stop();
}

#[test]
fn what_a_hook_makes_is_imported_as_a_source_is() {
    let tree = Tree::new(
        "
        //- /index.html
        <link rel=stylesheet href=/gen.css><script type=module src=/main.ts></script>
        //- /main.ts
        import data from './data.json';
        import { route } from './routes';
        import './gen.css';
        import './sassy.scss';
        console.log(data, route, new Worker(new URL('./w.ts', import.meta.url), { type: 'module' }));
        //- /w.ts
        import data from './data.json';
        postMessage(data);
        //- /data.json.hook.ts
        export default ({ list }: any) => JSON.stringify(list('/posts').map((post: any) => post.name));
        //- /posts/a.md
        a
        //- /routes.ts.hook.ts
        export default ({ list }: any) => `export const route: string = '${list('/posts')[0].name}';`;
        //- /sassy.scss.hook.ts
        export default '@use \"part\"; a { margin: part.$size; background: url(./mark.svg) }';
        //- /_part.scss.hook.ts
        export default '$size: 3px;';
        //- /mark.svg.hook.ts
        export default '<svg/>';
        //- /gen.css.hook.ts
        export default 'a { color: red }';
        ",
    );
    let mount = tree.mounter("").mount();
    let data = mount.read("data.json.js");
    assert!(data.contains("a.md") && !data.contains("b.md"), "{data}");
    let page = mount.read("index.html");
    let place = |name: &str| {
        let (_, rest) = page.split_once(&format!("./{name}.v")).unwrap();
        format!("{name}.v{}", rest.split('"').next().unwrap())
    };
    let (module, data) = (place("main.ts"), place("data.json"));
    let style = place("gen");
    assert_eq!(mount.read(&style), "a { color: red }");
    assert!(mount.read(&data).contains("a.md") && mount.read(&module).contains("./routes.ts.js"));
    let sassy = mount.read("sassy.scss.js");
    assert!(
        sassy.contains("margin: 3px") && sassy.contains("./mark.v"),
        "{sassy}"
    );
    // It belongs to whom the hook belongs.
    fs::set_permissions(
        tree.path("data.json.hook.ts"),
        fs::Permissions::from_mode(0o600),
    )
    .unwrap();
    let mode = fs::metadata(mount.output("data.json.js"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o400);

    let worker = mount.read("w.ts.in-worker.js");
    let edited = ran(&mount, || {
        tree.write("posts/b.md", "b");
        assert!(mount.read("data.json.js").contains("b.md"));
        assert!(mount.read("routes.ts.js").contains("a.md"));
        assert_ne!(mount.read("index.html"), page);
        assert_ne!(mount.read("w.ts.in-worker.js"), worker);
    });
    assert!(
        !edited.contains(&"module /routes.ts".to_owned()),
        "what a hook gives again is not compiled again: {edited:?}"
    );

    // A source takes the place of what a hook makes, and leaves it.
    tree.write("data.json", "1");
    assert!(!mount.read("data.json.js").contains("b.md"));
    fs::remove_file(tree.path("data.json")).unwrap();
    assert!(mount.read("data.json.js").contains("b.md"));

    let out = tempfile::tempdir().unwrap();
    let built = out.path().join("built");
    let status = hookfs()
        .arg("build")
        .args([&tree.project(), &built])
        .status()
        .unwrap();
    assert!(status.success());
    for name in [
        "data.json.js",
        "routes.ts.js",
        "gen.css",
        "gen.css.js",
        "w.ts.in-worker.js",
    ] {
        let bytes = fs::read(built.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(bytes, fs::read(mount.output(name)).unwrap(), "{name}");
    }
    mount.stop();
}

#[test]
fn a_name_that_is_not_there_costs_no_listing() {
    let tree = Tree::new(
        "
        //- /deep/er/a.ts
        export {};
        ",
    );
    let mount = tree.mounter("").mount();
    let is_absent = |name: &str| errno(fs::metadata(mount.output(name))) == libc::ENOENT;
    assert!(is_absent("deep/er/none.html"));
    let nothing = ran(&mount, || {
        for number in 0..20 {
            assert!(is_absent(&format!("deep/er/none{number}.html")));
        }
    });
    assert_eq!(nothing, [""; 0]);
    // What comes is seen at once.
    tree.write(
        "deep/[...all].html.hook.ts",
        "export const paths = () => [{ params: { all: 'er/none1' } }]; export default 'here';",
    );
    assert_eq!(mount.read("deep/er/none1.html"), "here");
    assert!(is_absent("deep/er/none2.html"));
    mount.stop();
}

#[test]
fn a_hook_reads_bundles_as_everybody_does() {
    let tree = Tree::new(
        "
        //- /page.html
        <script type=\"module\" src=\"/main.ts\"></script>
        //- /main.ts
        import { text } from './text';
        console.log(text);
        //- /text.ts
        export const text: string = 'once';
        //- /bundle.txt.hook.ts
        export default ({ read }: any) => read('/~@/~bundle/main.ts.js');
        //- /map.txt.hook.ts
        export default ({ read }: any) => read('/~@/~bundle/main.ts.js.map');
        //- /hot.txt.hook.ts
        export default ({ read }: any) => read('/~@/~hot/page.html.js');
        ",
    );
    let mount = tree.mounter("").mount();
    let same = || {
        for (made, of) in [
            ("bundle.txt", "~bundle/main.ts.js"),
            ("map.txt", "~bundle/main.ts.js.map"),
            ("hot.txt", "~hot/page.html.js"),
        ] {
            let (made, of) = (mount.output(made), mount.output(of));
            assert!(fs::read(made).unwrap() == fs::read(&of).unwrap(), "{of:?}");
        }
    };
    same();
    fs::write(mount.source("text.ts"), "export const text = 'twice';\n").unwrap();
    same();
    let bundle = fs::read_to_string(mount.output("bundle.txt")).unwrap();
    assert!(bundle.contains("twice"));
}

#[test]
fn a_hook_that_never_ends_delays_nobody() {
    let tree = Tree::new("//- /a.ts\nexport const a: number = 1;\n//- /b.scss\na { b { c: d } }\n");
    let names: Vec<String> = (0..9).map(|number| format!("stuck{number}.txt")).collect();
    for name in &names {
        tree.write(
            &format!("{name}.hook.ts"),
            "export default () => { while (true); };",
        );
    }
    tree.write("well.txt.hook.ts", "export default 'well';");
    let mount = tree.mounter("").mount();
    assert_eq!(mount.read("well.txt"), "well");
    std::thread::scope(|scope| {
        let stuck: Vec<_> = names
            .iter()
            .map(|name| {
                let path = mount.output(name);
                scope.spawn(move || errno(fs::read(path)))
            })
            .collect();
        assert!(mount.read("a.ts.js").contains("a = 1"));
        assert!(mount.read("b.scss").contains("a b"));
        // More than run at the same time: another one does not wait for their end.
        tree.write("well.txt.hook.ts", "export default 'better';");
        assert_eq!(mount.read("well.txt"), "better");
        assert!(stuck.iter().all(|one| !one.is_finished()));
        for one in stuck {
            assert_eq!(one.join().unwrap(), libc::ETIMEDOUT);
        }
    });
    mount.wait_said("error[hook-timeout]: the hook ran longer than ");
    assert_eq!(mount.read("well.txt"), "better");
    tree.write("stuck0.txt.hook.ts", "export default () => 'mended';");
    assert_eq!(mount.read("stuck0.txt"), "mended");
    mount.stop();
}

#[test]
fn what_a_hook_says_is_in_the_log() {
    let tree = Tree::new(
        "
        //- /a.txt.hook.ts
        console.log('hello', { a: 1 });
        console.warn('careful');
        export default () => { console.error('bad'); return 'a'; };
        ",
    );
    let mount = tree.mounter("").mount();
    assert_eq!(mount.read("a.txt"), "a");
    mount.wait_said("`/a.txt.hook.ts`: bad");
    let said = mount.said();
    for (level, text) in [
        ("info: ", "hello { a: 1 }"),
        ("warning: ", "careful"),
        ("error: ", "bad"),
    ] {
        let line = said.lines().find(|line| line.contains(text));
        assert!(line.is_some_and(|line| line.starts_with(level)), "{said}");
    }
    mount.stop();
}

#[test]
fn a_build_writes_what_hooks_compute() {
    let tree = site();
    let run = |arguments: &[&str]| {
        let output = hookfs()
            .args(arguments)
            .current_dir(tree.folder())
            .env("XDG_CACHE_HOME", tree.folder().join("cache"))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{said}");
        String::from_utf8(output.stdout).unwrap()
    };
    run(&["build", "project", "out"]);
    let written = |name: &str| fs::read_to_string(tree.folder().join("out").join(name));
    assert_eq!(written("posts.txt").unwrap(), "A,B!");
    assert_eq!(written("length.json").unwrap(), "4");
    assert!(
        written("posts.txt.hook.ts.js").is_err(),
        "the hook itself is of no use there"
    );
    assert_eq!(run(&["cat", "project", "posts.txt"]), "A,B!");
    assert!(run(&["graph", "project", "posts.txt"]).contains("/posts/a.md"));
}
