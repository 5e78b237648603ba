//! `examples/journal`, a site of hooks: its pages behind a file server, styled by what a hook of Tailwind gives.

use std::fs;

use serde_json::json;

use crate::application::example;
use crate::page::Page;
use crate::{Chromium, Kind, Server, turn};

fn style(selector: &str, name: &str) -> String {
    format!("getComputedStyle(document.querySelector({selector:?})).{name}")
}

fn prefer(page: &mut Page<'_>, scheme: &str) {
    let feature = json!({ "name": "prefers-color-scheme", "value": scheme });
    page.call(
        "Emulation.setEmulatedMedia",
        json!({ "features": [feature] }),
    );
}

#[test]
fn is_a_styled_site() {
    let _turn = turn();
    let tree = example("journal", "tailwindcss");
    let mount = tree.mounter("src").mount();
    let server = Server::start(Kind::Python, &mount.output(""));
    let mut chromium = Chromium::start();
    let mut page = chromium.page();

    prefer(&mut page, "light");
    page.open(&server.url("/"));
    page.wait_equal("document.querySelectorAll('main li').length", &json!(4));
    let paper = page.value(&style("body", "backgroundColor"));
    page.wait_equal(&style("main", "maxWidth"), &json!("672px"));
    prefer(&mut page, "dark");
    page.wait(&format!("{} !== {paper}", style("body", "backgroundColor")));
    // The module that the pages load writes the dates as the reader does.
    page.wait("/2026/.test(document.querySelector('time').textContent) && document.querySelector('time').textContent !== document.querySelector('time').dateTime");

    page.click("a[href='/posts/tides.html']");
    page.wait("document.title === 'A table of the tides · Low Water'");
    page.wait_equal("document.querySelectorAll('table tr').length", &json!(5));
    // What the plugin for prose makes of the Markdown, and what follows it.
    page.wait_equal(&style("td", "verticalAlign"), &json!("baseline"));
    page.wait_equal(&style("td[align=right]", "textAlign"), &json!("end"));
    page.wait_equal(
        &style("main a[href='/posts/provisions.html']", "textAlign"),
        &json!("right"),
    );
    page.check();

    // A class that no module has named, in a new post's page and in the layout.
    tree.write(
        "src/posts/storm.md",
        "title: Storm\ndate: 2026-03-01\nsummary: Wind.\n\nA gale.\n",
    );
    let layout = fs::read_to_string(tree.path("src/layout.ts")).unwrap();
    let wider = layout.replace("max-w-2xl grow", "max-w-3xl grow");
    tree.write("src/layout.ts", wider);
    page.open(&server.url("/posts/storm.html"));
    page.wait("document.querySelector('.prose').textContent.trim() === 'A gale.'");
    page.call("Network.setCacheDisabled", json!({ "cacheDisabled": true }));
    page.reload();
    page.wait_equal(&style("main", "maxWidth"), &json!("768px"));
    page.check();
}
