//! Applications of files with hostile names: every module runs by its own name, and no name is ever markup or code to the
//! page, to what is shown over it, or to the panel.

use serde_json::json;

use crate::page::Page;
use crate::support::{HOSTILE_NAMES, Served, Tree};
use crate::{Chromium, Kind, Server, turn};

/// A page that says the sum of what its modules export, and how often a name was run.
fn tree() -> Tree {
    let tree = Tree::new(
        "\
//- /package.json
{}
//- /index.html
<!doctype html><html lang='en'><link rel='icon' href='data:,'>
<script>window.hits = 0; window.hit = () => { window.hits += 1; };</script>
<p id='text'></p>
<script type='module' src='/main.ts'></script>
",
    );
    let mut main = String::new();
    for (number, name) in HOSTILE_NAMES.iter().enumerate() {
        tree.write(name, module(number));
        main += &format!(
            "import {{ value as v{number} }} from {};\n",
            json!(format!("./{name}"))
        );
    }
    let values: Vec<String> = (0..HOSTILE_NAMES.len())
        .map(|number| format!("v{number}"))
        .collect();
    main += &format!(
        "document.getElementById('text')!.textContent = 'sum ' + ({});\n",
        values.join(" + ")
    );
    tree.write("main.ts", main);
    tree
}

fn module(number: usize) -> String {
    format!("export const value: number = {number};\n")
}

fn shows_the_sum(page: &mut Page<'_>) {
    let sum: usize = (0..HOSTILE_NAMES.len()).sum();
    page.wait_equal(
        "document.getElementById('text').textContent",
        &json!(format!("sum {sum}")),
    );
    runs_no_name(page);
}

fn runs_no_name(page: &mut Page<'_>) {
    page.wait_equal("window.hits", &json!(0));
    page.wait_equal("document.querySelectorAll('img').length", &json!(0));
}

/// As a diagnostic shows a name.
fn seen(name: &str) -> String {
    let seen = |letter: char| match letter {
        '\0'..='\u{1f}' => char::from_u32(0x2400 + letter as u32).unwrap(),
        '\u{202e}' => char::REPLACEMENT_CHARACTER,
        letter => letter,
    };
    name.chars().map(seen).collect()
}

#[test]
fn every_module_runs_and_every_fault_is_a_text() {
    let _turn = turn();
    let tree = tree();
    let mount = tree.mounter("").mount();
    let server = Server::start(Kind::Python, &mount.output(""));
    let mut chromium = Chromium::start();
    let mut page = chromium.page();
    page.open(&server.url("/"));
    shows_the_sum(&mut page);
    drop(page);
    for name in HOSTILE_NAMES {
        tree.write(name, "export const = 1;\n");
    }
    let mut page = chromium.page();
    page.expect_faults();
    page.open(&server.url("/"));
    let shown = page.wait("document.getElementById('hookfs-overlay').textContent");
    let shown = shown.as_str().unwrap();
    for name in HOSTILE_NAMES {
        let place = format!("`/{}:1:14`", seen(name));
        assert!(shown.contains(&place), "{place} in {shown}");
    }
    runs_no_name(&mut page);
}

#[test]
fn what_is_hot_and_what_is_told_of_it_takes_them_for_names() {
    let _turn = turn();
    let tree = tree();
    let project = tree.project();
    let arguments = [project.to_str().unwrap(), "--port", "0"];
    let served = Served::start(&project, &tree.folder().join("state"), &arguments);
    let mut chromium = Chromium::start();
    let mut page = chromium.page();
    page.open(served.address());
    shows_the_sum(&mut page);
    page.expect_faults();
    let shown = "(document.querySelector('hookfs-overlay')?.shadowRoot.querySelector('dialog').textContent ?? '')";
    for (number, name) in HOSTILE_NAMES.iter().enumerate() {
        tree.write(name, "export const = 1;\n");
        let text = json!(seen(&format!("/{name}")));
        page.wait(&format!("{shown}.includes({text})"));
        tree.write(name, module(number));
        page.wait("document.querySelector('hookfs-overlay') === null");
    }
    shows_the_sum(&mut page);
    drop(page);

    let mut page = chromium.page();
    for (number, name) in HOSTILE_NAMES.iter().enumerate() {
        let path = format!("/{name}");
        // Another query each time, so that it is another page.
        let panel = format!("{}~hookfs/?{number}", served.address());
        let hash = page.value(&format!("encodeURIComponent({})", json!(path)));
        page.open(&format!("{panel}#{}", hash.as_str().unwrap()));
        page.wait_equal(
            "document.querySelector('#head h2')?.textContent",
            &json!(path),
        );
    }
    page.wait_equal("document.querySelectorAll('img').length", &json!(0));
    drop(page);
    served.stop();
}
