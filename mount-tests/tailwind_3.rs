//! Tailwind 3 itself, as a plugin of PostCSS: an engine that has made a sheet gives for the next words what a new one gives.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::support::{Tree, hookfs};

const PROJECT: &str = "//- /package.json
{ \"browserslist\": [\"defaults\"] }
//- /postcss.config.js
module.exports = { plugins: { tailwindcss: {}, autoprefixer: {} } };
//- /tailwind.config.js
module.exports = {
  content: ['./src/**/*.tsx'],
  theme: { extend: { colors: { brand: '#123456' } } },
  plugins: [({ addVariant }) => addVariant('hocus', ['&:hover', '&:focus'])],
};
//- /src/index.css
@tailwind base;
@tailwind components;
@tailwind utilities;
@layer components { .button { @apply rounded p-2 hover:underline; } }
@layer utilities { .mine { color: theme('colors.brand'); user-select: none } }
//- /src/a.module.css
.a { @apply mt-1 md:mt-2; }
//- /src/b.module.css
.b { @apply mt-1 hocus:mt-3; width: theme('spacing.4') }
";

/// Whose order in the sheet Tailwind finds as it goes are among them.
const CLASSES: [&str; 20] = [
    "mt-2",
    "md:mt-3",
    "button",
    "md:button",
    "mine",
    "hocus:mine",
    "text-[13px]",
    "hover:[&>*]:p-3",
    "[&_p]:mt-4",
    "md:[&_p]:mt-2",
    "[mask-type:alpha]",
    "[--x:1px]",
    "[--a:2px]",
    "space-y-3",
    "group-[.a]:mt-9",
    "min-[300px]:mt-1",
    "min-[100px]:mt-2",
    "data-[a=b]:mt-7",
    "!mt-1",
    "bg-brand/50",
];
const ROUNDS: usize = 4;

fn packages() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent();
    let packages = target
        .expect("the target folder")
        .join("packages/tailwind-3/node_modules");
    assert!(
        packages.exists(),
        "Tailwind 3 is not there: run scripts/setup --tests"
    );
    packages
}

/// The output without anything that was there before.
fn anew(source: &Path, name: &str) -> String {
    let state = tempfile::tempdir().unwrap();
    let output = hookfs()
        .args(["cat", "--state"])
        .arg(state.path())
        .arg(source)
        .arg(name)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn words_after_words_give_what_they_give_alone() {
    let tree = Tree::new(PROJECT);
    tree.copy(&packages(), "node_modules");
    let mount = tree.mounter("src").mount();
    for round in 0..ROUNDS {
        let asked: Vec<&str> = (CLASSES.iter().enumerate())
            .filter(|(at, _)| (at * 7 + round * 5) % ROUNDS < 2)
            .map(|(_, class)| *class)
            .collect();
        let page = format!(
            "export const page = <p className=\"{}\" />;\n",
            asked.join(" ")
        );
        tree.write("src/page.tsx", &page);
        let sheet = mount.read("index.css");
        assert_eq!(sheet, anew(&tree.path("src"), "index.css"), "{asked:?}");
        assert_eq!(
            sheet.contains(".mt-2 {"),
            asked.contains(&"mt-2"),
            "{sheet}"
        );
        assert!(sheet.contains("-webkit-text-size-adjust"), "{sheet}");
    }
    // These share what they need of it.
    for name in ["a.module.css", "b.module.css"] {
        assert_eq!(mount.read(name), anew(&tree.path("src"), name));
    }
    mount.stop();
}

const SHEETS: usize = 24;

#[test]
fn few_engines_serve_many_sheets() {
    let tree = Tree::new(
        "//- /package.json
        {}
        //- /postcss.config.js
        const mark = String(Math.random());
        module.exports = { plugins: [{ postcssPlugin: 'mark', Once: (root) => root.append(`.mark { --of: ${mark} }`) }] };
        ",
    );
    for name in ["postcss", "nanoid", "picocolors", "source-map-js"] {
        tree.copy(&packages().join(name), &format!("node_modules/{name}"));
    }
    for number in 0..SHEETS {
        tree.write(&format!("src/s{number}.css"), format!(".s{number} {{}}\n"));
    }
    let mount = tree.mounter("src").mount();
    let marks: BTreeSet<String> = std::thread::scope(|scope| {
        let read = |number| mount.read(&format!("s{number}.css"));
        let readers: Vec<_> = (0..SHEETS)
            .map(|number| scope.spawn(move || read(number)))
            .collect();
        let texts = readers.into_iter().map(|reader| reader.join().unwrap());
        texts
            .map(|text| text.split_once("--of").expect("its mark").1.to_owned())
            .collect()
    });
    let cores = std::thread::available_parallelism().unwrap().get();
    assert!(marks.len() <= cores, "{marks:?}");
    mount.stop();
}
