//! `examples/harbor`, a server-rendered application: its routes over HTTP, and the page that the browser takes over.

use std::fs;

use serde_json::json;

use crate::application::example;
use crate::hot::{is_marked, mark};
use crate::support::Served;
use crate::{Chromium, Kind, Server, turn};

#[test]
fn is_rendered_on_the_server_and_goes_on_in_the_browser() {
    let _turn = turn();
    let tree = example("harbor", "react");
    tree.write("upstream/wind.txt", "a fresh breeze\n");
    let upstream = Server::start(Kind::Python, &tree.path("upstream"));
    let program = fs::read_to_string(tree.path("src/server.tsx")).unwrap();
    let origin = upstream.url("");
    let led = program.replace("https://weather.example", origin.trim_end_matches('/'));
    assert_ne!(led, program);
    tree.write("src/server.tsx", led);
    let source = tree.path("src");
    let arguments = [source.to_str().unwrap(), "--port", "0"];
    let served = Served::start(&source, &tree.folder().join("state"), &arguments);

    let page = served.get("/");
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert!(page.text().contains("Marigold"), "{}", page.text());
    assert!(
        served
            .get("/api/berths")
            .text()
            .contains("\"boat\":\"Good Intent\"")
    );
    assert_eq!(
        served.get("/api/tide").text(),
        "low water\nflood\nhigh water\nebb\n"
    );
    assert_eq!(served.get("/weather/wind.txt").text(), "a fresh breeze\n");
    assert_eq!(served.ask("POST", "/api/berths/9/wave", &[]).status, 404);

    let home = format!("http://127.0.0.1:{}/", served.port());
    let mut chromium = Chromium::start();
    let mut page = chromium.page();
    page.open(&home);
    let waves = "[...document.querySelectorAll('.waves')].map((waves) => waves.textContent)";
    page.wait_equal(waves, &json!(["0", "3"]));
    // React has taken the page over once it has left its marks on the elements.
    let taken_over = "Object.keys(document.querySelector('li button')).some((name) => name.startsWith('__reactProps'))";
    page.wait(taken_over);
    page.click("li button");
    page.wait_equal(waves, &json!(["1", "3"]));
    page.value("document.querySelector('input[name=boat]').value = '<b>Gull & Co</b>'");
    page.click("form button");
    page.wait_equal(
        "[...document.querySelectorAll('.boat')].map((boat) => boat.textContent)",
        &json!(["Marigold", "Good Intent", "<b>Gull & Co</b>"]),
    );
    page.wait_equal(waves, &json!(["1", "3", "0"]));
    // Its scripts are loaded before what they import is edited: the text that the server gave is of the same version.
    page.wait(taken_over);

    // An edit of a component shows in the page, which goes on as it is.
    mark(&mut page);
    let app = fs::read_to_string(tree.path("src/app.tsx")).unwrap();
    tree.write(
        "src/app.tsx",
        app.replace("Harbour board", "Berths tonight"),
    );
    let shown = "document.querySelector('h1').textContent";
    page.wait_equal(shown, &json!("Berths tonight"));
    // So does one of a style sheet that it links.
    tree.write("src/style.css", "h1 { color: rgb(1, 2, 3); }");
    page.wait_equal(
        "getComputedStyle(document.querySelector('h1')).color",
        &json!("rgb(1, 2, 3)"),
    );
    is_marked(&mut page);
    // It shows at the next request as well, and the berths, a module of their own, are as they were.
    page.open(&home);
    page.wait_equal(shown, &json!("Berths tonight"));
    page.wait_equal(waves, &json!(["1", "3", "0"]));
    page.wait(taken_over);
    page.check();
}
