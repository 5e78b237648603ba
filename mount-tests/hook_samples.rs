//! Hooks as people write them: `examples/journal`, the samples of the README, and Tailwind, which runs as they do.

use std::fs;
use std::path::{Path, PathBuf};

use crate::pages::ran;
use crate::support::{Tree, hookfs};

/// A package of `examples/journal`.
fn package(name: &str) -> PathBuf {
    let packages = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/journal/node_modules");
    let package = Path::new(packages).join(name);
    assert!(
        package.exists(),
        "the example's packages are not there: run scripts/setup --tests"
    );
    package
}

#[test]
fn the_example_is_built_whole() {
    package("tailwindcss");
    let out = tempfile::tempdir().unwrap();
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/journal/src");
    let target = out.path().join("site");
    let output = hookfs()
        .args(["build", example])
        .arg(&target)
        .env("XDG_CACHE_HOME", out.path().join("cache"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let read = |name: &str| fs::read_to_string(target.join(name)).unwrap();
    let index = read("index.html");
    assert!(
        index.contains("Arrival, &amp; what the boat brought</a>"),
        "{index}"
    );
    let newest = index.find("/posts/light.html").unwrap();
    assert!(
        newest < index.find("/posts/arrival.html").unwrap(),
        "{index}"
    );
    let post = read("posts/provisions.html");
    assert!(post.contains("<strong>two</strong>"), "{post}");
    assert!(post.contains("<li>matches, dry</li>"), "{post}");
    assert!(
        post.contains("href=\"/posts/tides.html\""),
        "the one before: {post}"
    );
    assert!(
        post.contains("href=\"/posts/light.html\""),
        "the one after: {post}"
    );
    let feed = read("feed.xml");
    assert_eq!(feed.matches("<entry>").count(), 4, "{feed}");
    // What the pages load, by way of their modules too.
    assert!(read("dates.ts.js").contains("./locale.ts.js"));
    assert!(!read("locale.ts.js").is_empty());
    assert!(read("mark.svg").contains("<circle"));
    // Tailwind's classes are there as they are named: with variants, with arbitrary values, and no others.
    let styles = read("index.css");
    let has = |class: &str| styles.contains(&format!(".{class} {{"));
    assert!(has("max-w-2xl") && !has("max-w-xl"), "{styles}");
    assert!(
        styles.contains(".sm\\:grid-cols-\\[8rem_1fr\\]"),
        "{styles}"
    );
    assert!(styles.contains("prefers-color-scheme: dark") && styles.contains(".prose"));
    assert!(
        !styles.contains("@apply") && !styles.contains("@theme") && !styles.contains("@import")
    );
}

#[test]
fn a_style_sheet_of_tailwind_follows_the_classes_that_modules_name() {
    let tree = Tree::new(
        "
        //- /package.json
        {}
        //- /src/index.css
        @import 'tailwindcss';
        @import 'animate';
        @import './theme.css';
        @layer base { body { @apply bg-brand; } }
        //- /src/theme.css
        @theme { --color-brand: #123456; }
        //- /node_modules/animate/package.json
        { \"name\": \"animate\", \"exports\": { \".\": { \"style\": \"./dist/animate.css\" } } }
        //- /node_modules/animate/dist/animate.css
        @utility fade-in { animation: fade 1s; }
        //- /src/page.ts
        export const page = '<p class=\"mt-3 hover:bg-brand/50 md:w-[3.5rem] md:fade-in\">';
        //- /src/notes.text
        mt-9
        ",
    );
    tree.copy(&package("tailwindcss"), "node_modules/tailwindcss");
    let mount = tree.mounter("src").mount();
    let styles = mount.read("index.css");
    for expected in [
        ".mt-3 {",
        "#123456",
        ".hover\\:bg-brand\\/50:hover {",
        ".md\\:w-\\[3\\.5rem\\] {",
        ".md\\:fade-in {",
        "animation: fade 1s",
        "background-color: var(--color-brand)",
    ] {
        assert!(styles.contains(expected), "{expected} in {styles}");
    }
    assert!(!styles.contains(".mt-9"), "{styles}");

    // No other words, and Tailwind is not run.
    let edited = ran(&mount, || {
        tree.write("src/notes.text", "mt-10\n");
        tree.write(
            "src/page.ts",
            "export const page = '<p class=\"mt-3  hover:bg-brand/50 md:fade-in md:w-[3.5rem]\">';\n",
        );
        assert_eq!(mount.read("index.css"), styles);
    });
    let ran = edited.iter().find(|line| line.starts_with("tailwind "));
    assert_eq!(ran, None, "{edited:?}");
    tree.write("src/page.ts", "export const page = '<p class=\"mt-4\">';\n");
    let edited = mount.read("index.css");
    assert!(
        edited.contains(".mt-4 {") && !edited.contains(".mt-3 {"),
        "{edited}"
    );
    tree.write(
        "src/theme.css",
        "@theme { --color-brand: #654321; --spacing: 7px; }\n",
    );
    let themed = mount.read("index.css");
    assert!(
        themed.contains("--spacing: 7px") && themed.contains("#654321"),
        "{themed}"
    );
    // No rule of Tailwind's and no import is left to the browser.
    for rule in ["@import", "@theme", "@apply", "@utility", "@tailwind"] {
        assert!(!themed.contains(rule), "{rule} in {themed}");
    }
    mount.stop();
}

/// The samples of the README's chapter, by the names in their first lines.
fn samples() -> Vec<(String, String)> {
    let readme = include_str!("../README.md");
    let chapter = readme.split("\n## Writing hooks\n").nth(1).unwrap();
    let chapter = chapter.split("\n## ").next().unwrap();
    let blocks = chapter.split("\n```ts").skip(1);
    blocks
        .map(|block| {
            let text = block.split("\n```").next().unwrap();
            let text = text.split_once('\n').unwrap().1;
            let name = text
                .lines()
                .next()
                .unwrap()
                .strip_prefix("// src/")
                .unwrap();
            (name.to_owned(), text.to_owned())
        })
        .collect()
}

#[test]
fn every_sample_of_the_readme_works() {
    let tree = Tree::new("//- /package.json\n{}\n");
    tree.copy(&package("tailwindcss"), "node_modules/tailwindcss");
    tree.write("src/posts/first.md", "# The first\n\nText.\n");
    tree.write("src/posts/second.md", "# Second\n");
    tree.write(
        "src/mails/first.tsx",
        "export default () => <p className=\"underline text-brand\" />;\n",
    );
    tree.write(
        "src/mail.theme",
        "@import 'tailwindcss';\n@theme { --color-brand: teal; }\n",
    );
    let samples = samples();
    for (name, text) in &samples {
        tree.write(&format!("src/{name}"), text);
    }
    let mount = tree.mounter("src").mount();
    let mut outputs = Vec::new();
    for (name, _) in &samples {
        if let Some((output, _)) = name.split_once(".hook.")
            && !output.contains('[')
            && output != "mail.css"
        {
            outputs.push(format!("{output}: {}", mount.read(output).trim_end()));
        }
    }
    let sizes = format!(
        r#"sizes.json: {{"feed.xml":{},"site.ts.js":{}}}"#,
        mount.read("feed.xml").len(),
        mount.read("site.ts.js").len()
    );
    let feed = "feed.xml: <feed>\n<title>A site</title>\n<entry><title>The first</title></entry>\n<entry><title>Second</title></entry>\n</feed>";
    let page = mount.read("posts/second.html");
    assert_eq!(page, "<article># Second\n</article>\n");
    let routes =
        "routes.ts: export const pages = [\"/posts/first.md\",\"/posts/second.md\"] as const;";
    assert_eq!(outputs, [feed, &*sizes, "build.txt: development", routes]);
    let menu = mount.read("menu.ts.js");
    assert!(
        menu.contains("./routes.ts.js") && menu.contains("./sizes.json.js"),
        "{menu}"
    );
    assert!(mount.read("routes.ts.js").contains("\"/posts/second.md\""));
    assert!(mount.read("sizes.json.js").contains("feed.xml"));
    let styles = mount.read("mail.css");
    assert!(
        styles.starts_with("/*! tailwindcss v4") && styles.contains(".underline {"),
        "{styles}"
    );
    assert!(styles.contains("--color-brand: teal"), "{styles}");
    mount.stop();
}
