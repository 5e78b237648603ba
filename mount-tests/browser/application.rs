//! `examples/summit`, as it is, behind each server: every page of it, and all that a page is made of.

use std::path::Path;

use serde_json::json;

use crate::page::Page;
use crate::support::Tree;
use crate::{Chromium, Kind, Server, turn};

/// A copy of an example, with its packages, of which this is one.
pub fn example(name: &str, package: &str) -> Tree {
    let tree = Tree::new("");
    let example = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("examples")
        .join(name);
    assert!(
        example.join("node_modules").join(package).exists(),
        "the example's packages are not there: run scripts/setup --tests"
    );
    tree.copy(&example, "");
    tree
}

pub fn summit() -> Tree {
    example("summit", "react")
}

/// Both document roots, one after the other.
fn runs_behind(kind: Kind) {
    let _turn = turn();
    let tree = summit();
    let mount = tree.mounter("").mount();
    let mut chromium = Chromium::start();
    let outputs = Server::start(kind, &mount.output(""));
    visit(&mut chromium.page(), &outputs.url("/"));
    let all = Server::start(kind, mount.root());
    let page = match kind {
        // It leads from `x/index.html` to `x`, whose relative URLs are those of another folder.
        Kind::Serve => "/~@/",
        _ => "/~@/index.html",
    };
    visit(&mut chromium.page(), &all.url(page));
}

#[test]
fn runs_behind_python() {
    runs_behind(Kind::Python);
}

#[test]
fn runs_behind_nginx() {
    runs_behind(Kind::Nginx);
}

#[test]
fn runs_behind_serve() {
    runs_behind(Kind::Serve);
}

/// A link to a page of the application, where the server has no file: it answers with `index.html`, whose URLs have to
/// be absolute then.
fn opens_deep_links_behind(kind: Kind) {
    let _turn = turn();
    let tree = summit();
    let mount = tree.mounter("").argument("--base").argument("/").mount();
    let mut chromium = Chromium::start();
    let server = Server::start(kind, &mount.output(""));
    let mut page = chromium.page();
    page.open(&server.url("/peaks/k2"));
    page.wait("document.querySelector('[data-contours]').dataset.contours === '34'");
    page.click("nav a[href='/']");
    home(&mut page);
    page.open(&server.url("/guide"));
    guide(&mut page);
    drop(page);
    visit(&mut chromium.page(), &server.url("/"));
}

#[test]
fn opens_deep_links_behind_nginx() {
    opens_deep_links_behind(Kind::Nginx);
}

#[test]
fn opens_deep_links_behind_serve() {
    opens_deep_links_behind(Kind::Single);
}

/// Goes through all pages of it.
pub fn visit(page: &mut Page<'_>, url: &str) {
    page.open(url);
    home(page);
    page.click("a[href$='/peaks/k2']");
    // One contour for each 250 metres of 8,611: the worker has answered.
    page.wait("document.querySelector('[data-contours]').dataset.contours === '34'");
    page.wait("document.querySelector('h1').textContent === 'K2'");
    page.click("nav a[href$='/compare']");
    page.wait("document.querySelector('[data-bars]').dataset.bars === '12'");
    guide(page);
    page.value("history.back()");
    page.wait(
        "location.pathname.endsWith('/compare') && document.querySelector('[data-bars]') !== null",
    );
    page.check();
}

fn home(page: &mut Page<'_>) {
    page.wait("document.querySelectorAll('[data-peaks=\"12\"] a').length === 12");
    page.wait_equal("document.title", &json!("Summit"));
    let pictures = "[...document.images].map((image) => image.complete && image.naturalWidth > 0)";
    page.wait_equal(pictures, &json!([true]));
    // A sheet that another one imports, two modules of which one composes the other, and a picture that a sheet names.
    let style = |selector: &str, part: &str, name: &str| {
        format!("getComputedStyle(document.querySelector({selector:?}), {part:?}).{name}")
    };
    page.wait_equal(
        &style("body", "", "backgroundColor"),
        &json!("rgb(246, 241, 230)"),
    );
    page.wait_equal(&style("header", "", "position"), &json!("sticky"));
    page.wait_equal(&style("[data-peaks] a", "", "borderRadius"), &json!("16px"));
    page.wait(&format!(
        "{}.includes('/ridges.v')",
        style(".hero", "::before", "maskImage")
    ));
    // The fetched data are there, and the page answers to its user.
    page.value("document.querySelector('input').focus()");
    page.call("Input.insertText", json!({ "text": "kara" }));
    page.wait("document.querySelector('[data-peaks=\"1\"] h2').textContent === 'K2'");
    page.click("[data-theme-switch]");
    page.wait_equal(
        &style("body", "", "backgroundColor"),
        &json!("rgb(16, 25, 27)"),
    );
    page.click("[data-theme-switch]");
    page.wait_equal(
        &style("body", "", "backgroundColor"),
        &json!("rgb(246, 241, 230)"),
    );
}

fn guide(page: &mut Page<'_>) {
    page.click("nav a[href$='/guide']");
    page.wait("document.querySelector('[data-chapters]').dataset.chapters === '3'");
    page.wait_equal("document.querySelectorAll('section h2').length", &json!(3));
    page.wait("document.querySelector('[data-banner]').naturalWidth === 1600");
    let size = "getComputedStyle(document.querySelector('section h2')).fontSize";
    page.wait_equal(size, &json!("24px"));
}
