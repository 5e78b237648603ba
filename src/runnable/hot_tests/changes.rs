//! What an edit changes of a hot bundle and of its page, as whoever tells pages learns it.

use super::*;

#[test]
fn who_tells_pages_of_changes_learns_what_they_have() {
    let tree = tree(&FILES);
    let scene = Scene::new(tree.clone(), "src");
    let hot = Hot::new(path("src"));
    for none in [
        "/none.tsx.js",
        "index.html",
        "/i.png",
        "/",
        "",
        "/../x",
        "/%00",
    ] {
        assert_eq!(hot.entry(&scene, none).unwrap(), None, "{none}");
    }
    assert!(hot.entry(&scene, "/later.ts.js").unwrap().is_some());
    let (before, old) = pieces(&scene, &hot, "/index.html");
    let ids: Vec<&str> = old.iter().map(|piece| &*piece.id).collect();
    for id in [
        "/index.html.inline-0.js",
        "/main.tsx.js",
        "/lib/x.ts.js",
        "/i.png.js",
    ] {
        assert!(ids.contains(&id), "{ids:?}");
    }
    assert_eq!(before.bundles.len(), 1);
    assert_eq!(before.bundles[0].0, "/~bundle/w.ts.js");
    // Every hash is the one in the bundle that the page loaded.
    let files = ["index.html.js", "~volume/0/index.html.js"].map(|name| {
        let (key, _) = find(&scene, true, &format!("~hot/{name}")).unwrap();
        assembled(&scene, &key, Part::MAIN)
    });
    let bundle = files.concat();
    for piece in &old {
        let line = format!("[\"{}\",\"{}\",\n", piece.id, piece.hash);
        assert!(bundle.contains(&line), "{line}");
        let body = hot.piece(&scene, piece).unwrap().unwrap();
        assert_eq!(body.hash, piece.hash);
        match body.content {
            HotContent::Text { text, map } => {
                assert!(bundle.contains(std::str::from_utf8(&text).unwrap()));
                assert_eq!(
                    map.is_some(),
                    piece.id.ends_with(".ts.js")
                        || piece.id.ends_with(".tsx.js")
                        || piece.id.contains("inline")
                        || piece.id.contains("react"),
                    "{}",
                    piece.id
                );
            }
            HotContent::Fault(fault) => panic!("{fault}"),
        }
    }
    // An edit changes one piece.
    tree.write("src/lib/x.ts", "export const x: any = 2;");
    let (after, new) = pieces(&scene, &hot, "/index.html");
    assert_ne!(before.body, after.body);
    let changed: Vec<&str> = new
        .iter()
        .filter(|piece| {
            !old.iter()
                .any(|old| old.id == piece.id && old.hash == piece.hash)
        })
        .map(|piece| &*piece.id)
        .collect();
    assert_eq!(changed, ["/lib/x.ts.js"]);
    assert!(!new.iter().any(|piece| piece.id == "/i.png.js"));
    // What was told before belongs to what is no more.
    let entry = hot.entry(&scene, "/index.html").unwrap().unwrap();
    for number in 0..u32::try_from(before.shelves.len()).unwrap() {
        let is_same = before.shelves.get(number as usize) == after.shelves.get(number as usize);
        let told = hot.shelf(&scene, &entry, &before, number).unwrap();
        assert_eq!(told.is_some(), is_same);
    }
    // What does not compile tells what is wrong.
    tree.write("src/lib/x.ts", "export const x = ;");
    let broken = piece(&scene, &hot, "/index.html", "/lib/x.ts.js");
    assert!(broken.is_fault());
    let body = hot.piece(&scene, &broken).unwrap().unwrap();
    let HotContent::Fault(fault) = body.content else {
        panic!("{body:?}");
    };
    let fault: serde_json::Value = serde_json::from_str(&fault).unwrap();
    let problem = &fault["diagnostics"][0];
    assert_eq!(problem["file"], "/lib/x.ts");
    assert_eq!(problem["line"], 1);
    assert_eq!(
        problem["importers"],
        serde_json::json!(["/main.tsx", "/index.html"])
    );
    assert!(fault["fault"].as_str().unwrap().contains("/lib/x.ts:1:"));
}

#[test]
fn edits_of_all_kinds_of_files_reach_their_piece() {
    let files = [
        (
            "main.ts",
            "import s from './s.module.css'; import './p.css'; import i from './i.svg'; import d from './d.json'; import made from './made.json'; import raw from './t.txt?raw'; console.log(s, i, d, made, raw);",
        ),
        ("s.module.css", ".a { color: red }"),
        ("p.css", "@import './q.css'; p { background: url(./i.svg) }"),
        ("q.css", "q { color: red }"),
        ("i.svg", "<svg/>"),
        ("d.json", "1"),
        ("t.txt", "1"),
    ];
    let edits: [(&str, &str, &[&str]); 6] = [
        ("s.module.css", ".b { color: red }", &["/s.module.css.js"]),
        ("q.css", "q { color: blue }", &["/p.css.js"]),
        ("d.json", "2", &["/d.json.js"]),
        ("t.txt", "2", &["/t.txt.raw.js"]),
        // Two texts name its version.
        ("i.svg", "<svg></svg>", &["/i.svg.js", "/p.css.js"]),
        ("main.ts", "import './d.json';", &["/main.ts.js"]),
    ];
    for (file, content, expected) in edits {
        let tree = tree(&files);
        tree.write("made.json", "0");
        let scene = Scene::new(tree.clone(), "");
        let hot = Hot::new(SourcePath::root());
        let (_, before) = pieces(&scene, &hot, "/main.ts.js");
        tree.write(file, content);
        let (_, after) = pieces(&scene, &hot, "/main.ts.js");
        let mut changed: Vec<String> = after
            .into_iter()
            .filter(|piece| !before.contains(piece))
            .map(|piece| piece.id)
            .collect();
        changed.sort();
        assert_eq!(changed, expected, "{file}");
    }
}

#[test]
fn of_a_page_only_what_cannot_be_exchanged_asks_for_a_reload() {
    let mut files = FILES.to_vec();
    files.push(("src/p.scss", "p { color: red }"));
    let page = |files: &[(&str, &str)], entry: &str| {
        let scene = Scene::new(tree(files), "src");
        let hot = Hot::new(path("src"));
        let entry = hot.entry(&scene, entry).unwrap().unwrap();
        hot.page(&scene, &entry).unwrap().unwrap()
    };
    let edited = |file: &str, from: &str, to: &str| -> Vec<(&str, String)> {
        let edit = |(name, text): &(&'static str, &str)| match *name == file {
            true => (*name, text.replace(from, to)),
            false => (*name, (*text).to_owned()),
        };
        files.iter().map(edit).collect()
    };
    let of = |files: &[(&str, String)], entry: &str| {
        let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, &**text)).collect();
        page(&files, entry)
    };
    let before = page(&files, "/index.html");
    let [(id, HotStyle::Link(name))] = &before.styles[..] else {
        panic!("{before:?}");
    };
    assert_eq!((&**id, &*hidden(name)), ("/page.css", "page.v#.css"));
    // What a page says of the sheets that it has leaves queries out.
    let with_query = edited("src/index.html", "href=page.css", "href='page.css?a=b'");
    assert_eq!(of(&with_query, "/index.html").styles, before.styles);
    let scene = Scene::new(tree(&files), "src");
    let (key, part) = find(&scene, true, "index.html").unwrap();
    let loaded = format!("<meta name=\"hookfs-page\" content=\"{}\">", before.text);
    assert!(assembled(&scene, &key, part).contains(&loaded));
    // A module, an inline one too, is told of by itself.
    for (file, from, to) in [
        ("src/main.tsx", "later", "then"),
        ("src/index.html", "window.first", "window.second"),
    ] {
        let now = of(&edited(file, from, to), "/index.html");
        assert_eq!(now, before, "{file}");
    }
    let now = of(&edited("src/page.css", "red", "blue"), "/index.html");
    assert_eq!(now.text, before.text);
    assert_ne!(now.styles, before.styles);
    // What browsers show beside the page is not in it, unless it is another file.
    let link = "<link rel='shortcut icon' href=i.svg><link rel=manifest href=i.json>";
    let with_icon = |icon: &str, manifest: &str| {
        let mut files = edited("src/index.html", "<link", &format!("{link}<link"));
        files.push(("src/i.svg", icon.to_owned()));
        files.push(("src/i.json", manifest.to_owned()));
        of(&files, "/index.html")
    };
    let shown = with_icon("<svg/>", "{}");
    assert_ne!(shown.text, before.text);
    assert_eq!(with_icon("<svg></svg>", "{\"name\":\"x\"}"), shown);
    for (file, from, to) in [
        ("src/index.html", "end", "END"),
        ("src/i.png", "png", "PNG"),
        (
            "src/index.html",
            "<script type=module src=main.tsx></script>",
            "",
        ),
        ("src/index.html", "far.js", "near.js"),
        ("src/index.html", "href=page.css", "href=none.css"),
    ] {
        let now = of(&edited(file, from, to), "/index.html");
        assert_ne!(now.text, before.text, "{file}: {to}");
    }
    let before = page(&files, "/only.html");
    let now = of(&edited("src/p.scss", "red", "blue"), "/only.html");
    assert_eq!(now.text, before.text);
    let [(id, HotStyle::Text(css))] = &now.styles[..] else {
        panic!("{now:?}");
    };
    assert!(id == "/p.scss" && css.contains("blue"), "{now:?}");
    assert_ne!(now.styles, before.styles);
    // What is wrong with a sheet is told apart.
    let wrong = edited("src/p.scss", "red", "$none");
    let now = of(&wrong, "/only.html");
    assert_eq!(now.text, before.text);
    let [(id, HotStyle::Fault(fault))] = &now.styles[..] else {
        panic!("{now:?}");
    };
    assert!(
        id == "/p.scss" && fault.contains("\"importers\":[\"/only.html\"]"),
        "{fault}"
    );
    let wrong: Vec<(&str, &str)> = wrong.iter().map(|(name, text)| (*name, &**text)).collect();
    let page = text(&Scene::new(tree(&wrong), "src"), "only.html");
    assert!(
        page.starts_with("<style data-hookfs=\"/p.scss\">\n</style>"),
        "{page}"
    );
    assert!(!page.contains("hookfs-overlay"), "{page}");
}

#[test]
fn in_production_nothing_can_be_replaced() {
    let mut scene = Scene::new(tree(&FILES), "src");
    scene.runnable.options.production = true;
    let bundle = text(&scene, "~hot/main.tsx.js");
    assert!(!bundle.contains("$_.meta.hot"), "{bundle}");
}

#[test]
fn outputs_do_not_know_the_socket_of_their_pages() {
    let mut scene = Scene::new(tree(&FILES), "src");
    let plain = scene.runnable.identity();
    let url = "ws://127.0.0.1:4801/~hot";
    let meta = hot_meta(url, "token", Path::new("/a/s\"rc"), Path::new("/a"));
    assert_eq!(
        meta,
        "<meta name=\"hookfs-hot\" content=\"ws://127.0.0.1:4801/~hot token\" data-source=\"/a/s&quot;rc\" data-workspace=\"/a\">\n"
    );
    scene.runnable.options.hot = Some(crate::compute::Slot {
        text: meta,
        since: std::time::SystemTime::now(),
    });
    assert_eq!(scene.runnable.identity(), plain);
    let page = Key::new(Variant::Hot.of(PAGE), path("src/index.html"));
    assert!(scene.runnable.slot(&page, Part::MAIN).is_some());
    let bundle = Key::new(PAGE, path("src/index.html"));
    assert!(scene.runnable.slot(&bundle, Part::MAIN).is_none());
}

#[test]
fn style_sheets_that_hooks_make_are_exchanged_in_pages() {
    let files = [
        (
            "src/about.html.hook.ts",
            "export default '<link rel=stylesheet href=/made.css>';",
        ),
        (
            "src/made.css.hook.ts",
            "export default ({ readText }) => readText('colour.txt');",
        ),
        ("src/colour.txt", "p { color: red }"),
        ("src/index.html", "<link rel=stylesheet href=made.css>"),
    ];
    let tree = tree(&files);
    let scene = Scene::with(tree.clone(), "src", crate::runnable::hook::tests::workers());
    let hot = Hot::new(path("src"));
    let pages = || {
        ["/about.html", "/index.html"].map(|id| {
            let entry = hot.entry(&scene, id).unwrap().unwrap();
            hot.page(&scene, &entry).unwrap().unwrap()
        })
    };
    let before = pages();
    for page in &before {
        let [(id, HotStyle::Link(name))] = &page.styles[..] else {
            panic!("{page:?}");
        };
        assert_eq!((&**id, &*hidden(name)), ("/made.css", "made.v#.css"));
    }
    tree.write("src/colour.txt", "p { color: blue }");
    for (page, before) in pages().iter().zip(&before) {
        assert_eq!(page.text, before.text);
        assert_ne!(page.styles, before.styles);
    }
}
