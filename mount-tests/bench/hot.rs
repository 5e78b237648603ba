//! A React application of many components that is being edited: `hookfs serve`, Bun's dev server and Vite's, in turns.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::json;

use crate::application::{self, LEAF, ROOT};
use crate::floor::Floor;
use crate::page::{Site, copy, dev, tools, vite};
use crate::report::{Report, Target};
use crate::tab::{Tab, browser};
use crate::timing::{median, percentile, ratio, time};

/// Components, and how many rounds.
const SIZES: [(usize, usize); 2] = [(1_000, 3), (5_000, 1)];

/// Saves in a round that are measured, of a component that shows no others and of the one that shows all.
const LEAVES: usize = 30;
const ROOTS: usize = 10;

/// Saves one after the other, as fast as a program can.
const BURST: usize = 1_000;

/// How long an edit is waited for before it counts as lost.
const LOST: Duration = Duration::from_secs(10);

/// The time between an edit that shows and the next.
const PAUSE: Duration = Duration::from_millis(60);

/// Notes when a text appears on the page.
const WATCH: &str = "(() => {
  const at = (window.__at = {});
  const see = (text, now) => { if (text.startsWith('edit')) at[text] ??= now; };
  new MutationObserver((records) => {
    const now = performance.timeOrigin + performance.now();
    for (const { target, addedNodes } of records) for (const node of [target, ...addedNodes]) {
      if (node.nodeType === Node.TEXT_NODE) see(node.data, now);
      else for (const shown of node.querySelectorAll?.('.n') ?? []) see(shown.textContent, now);
    }
  }).observe(document.body, { subtree: true, characterData: true, childList: true });
})()";

/// What one side took, over all rounds.
#[derive(Default)]
struct Taken {
    cold: Vec<Duration>,
    warm: Vec<Duration>,
    reload: Vec<Duration>,
    leaf: Vec<Duration>,
    root: Vec<Duration>,
    /// Edits that were not shown.
    lost: usize,
    /// Bursts whose last edit was not shown.
    stale: usize,
    /// Bytes and requests of an edit.
    bytes: f64,
    requests: f64,
    memory: f64,
    /// What no server can do without, where it was taken.
    floor: Option<Floor>,
}

type Start<'a> = &'a dyn Fn(&Path, bool) -> Site;

pub fn run(report: &mut Report) {
    let Some(tools) = tools() else {
        return report.skipped(
            "edits beside Bun and Vite",
            "`scripts/bench` installs them with npm",
        );
    };
    for (size, rounds) in SIZES {
        let project = tempfile::tempdir().expect("a project");
        application::write(project.path(), size);
        copy(&tools, project.path());
        let (mut ours, mut bun, mut vites) = (Taken::default(), Taken::default(), Taken::default());
        ours.floor = Some(Floor::default());
        for _ in 0..rounds {
            let state = tempfile::tempdir().expect("a state folder");
            round(project.path(), &mut ours, &|project, _| {
                hookfs(project, state.path())
            });
            round(project.path(), &mut bun, &|project, _| bun_of(project));
            round(project.path(), &mut vites, &vite);
        }
        tell(report, size, ours, bun, vites);
    }
}

fn hookfs(project: &Path, state: &Path) -> Site {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hookfs"));
    command.args(["serve", ".", "--state"]).arg(state);
    dev(project, &mut command)
}

fn bun_of(project: &Path) -> Site {
    let mut command = Command::new(project.join("node_modules/.bin/bun"));
    command.arg("./index.html");
    dev(project, &mut command)
}

fn round(project: &Path, taken: &mut Taken, start: Start<'_>) {
    let mut chromium = browser();
    let mut tab = Tab::new(&mut chromium);
    let open = |tab: &mut Tab<'_>, is_cold: bool| {
        time(|| {
            let site = start(project, is_cold);
            tab.open(&site.url);
            site
        })
    };
    let (cold, site) = open(&mut tab, true);
    taken.cold.push(cold);
    // What is shown and the way of an edit to it are two things.
    let mut page = Page { tab, project };
    page.watch();
    for number in 0..LEAVES {
        page.save(number, LEAF, &mut taken.leaf, &mut taken.lost);
    }
    for number in 0..ROOTS {
        page.save(number, ROOT, &mut taken.root, &mut taken.lost);
    }
    taken.stale += usize::from(!page.burst());
    (taken.bytes, taken.requests) = page.weigh();
    for number in 0..2 {
        let text = application::marker(number);
        application::edit(project, LEAF, &text);
        taken.reload.push(time(|| page.tab.reload(&text)).0);
    }
    taken.memory = site.group.map_or(0.0, anonymous_mb);
    if let Some(floor) = &mut taken.floor {
        floor.take(&mut page.tab);
    }
    drop(page);
    drop((site, chromium));
    let mut chromium = browser();
    let mut tab = Tab::new(&mut chromium);
    taken.warm.push(open(&mut tab, false).0);
}

/// The page of a project that is being edited.
struct Page<'a> {
    tab: Tab<'a>,
    project: &'a Path,
}

impl Page<'_> {
    fn evaluate(&mut self, expression: &str) -> serde_json::Value {
        let params = json!({ "expression": expression, "returnByValue": true });
        // While one page goes and the next comes there is none to ask.
        let answer = self.tab.ask("Runtime.evaluate", params);
        answer.map_or_else(
            |_| serde_json::Value::Null,
            |answer| answer["result"]["value"].clone(),
        )
    }

    fn watch(&mut self) {
        self.evaluate(WATCH);
    }

    /// When the page showed a text, in milliseconds since 1970; `None`: it does not.
    fn shown(&mut self, text: &str) -> Option<f64> {
        let start = Instant::now();
        while start.elapsed() < LOST {
            // A page that had to be reloaded has forgotten when that was.
            let at = format!(
                "window.__at ? window.__at['{text}'] : document.body?.innerText.includes('{text}') && Date.now()"
            );
            if let Some(at) = self.evaluate(&at).as_f64() {
                return Some(at);
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        None
    }

    fn save(
        &mut self,
        number: usize,
        component: usize,
        taken: &mut Vec<Duration>,
        lost: &mut usize,
    ) {
        let text = application::marker(number);
        let start = since_1970();
        application::edit(self.project, component, &text);
        match self.shown(&text) {
            Some(at) => taken.push(Duration::from_secs_f64((at - start).max(0.0) / 1e3)),
            None => *lost += 1,
        }
        if self.evaluate("window.__at === undefined") == true {
            self.watch();
        }
        std::thread::sleep(PAUSE);
    }

    /// Whether the last of many edits shows.
    fn burst(&mut self) -> bool {
        let mut text = String::new();
        for number in 0..BURST {
            text = application::marker(number);
            application::edit(self.project, LEAF, &text);
        }
        self.shown(&text).is_some()
    }

    /// The bytes that an edit has the page receive, and how many requests it makes, a WebSocket's messages not among them.
    fn weigh(&mut self) -> (f64, f64) {
        self.tab.call("Network.enable", json!({}));
        while self.tab.chromium.connection.event().is_some() {}
        let text = application::marker(0);
        application::edit(self.project, LEAF, &text);
        self.shown(&text);
        let (mut bytes, mut requests) = (0.0, 0.0);
        while let Some(event) = self.tab.chromium.connection.event() {
            match event.method.as_str() {
                "Network.webSocketFrameReceived" => {
                    let payload = event.params["response"]["payloadData"].as_str();
                    bytes += payload.map_or(0, str::len) as f64;
                }
                "Network.requestWillBeSent" => requests += 1.0,
                "Network.loadingFinished" => {
                    bytes += event.params["encodedDataLength"].as_f64().unwrap_or(0.0);
                }
                _ => {}
            }
        }
        self.tab.call("Network.disable", json!({}));
        (bytes, requests)
    }
}

fn since_1970() -> f64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.unwrap_or_default().as_secs_f64() * 1e3
}

/// The anonymous memory of all processes of a group, in MB.
fn anonymous_mb(group: u32) -> f64 {
    let of = |process: &Path| -> Option<f64> {
        let stat = std::fs::read_to_string(process.join("stat")).ok()?;
        // The name, in parentheses, may hold anything; then come the state, the parent, and the group.
        let its = stat.rsplit(')').next()?.split_whitespace().nth(2)?;
        if its.parse() != Ok(group) {
            return None;
        }
        let text = std::fs::read_to_string(process.join("smaps_rollup")).ok()?;
        let line = text.lines().find(|line| line.starts_with("Anonymous:"))?;
        line.split_whitespace().nth(1)?.parse().ok()
    };
    let processes = std::fs::read_dir("/proc").expect("the processes");
    let all = processes.flatten().filter_map(|entry| of(&entry.path()));
    all.sum::<f64>() / 1024.0
}

fn tell(report: &mut Report, size: usize, ours: Taken, bun: Taken, vite: Taken) {
    let mut figure = |name: &str, of: fn(&Taken) -> &Vec<Duration>, limit: f64| {
        let [ours, bun, vite] = [&ours, &bun, &vite].map(|taken| match of(taken) {
            samples if samples.is_empty() => LOST,
            samples => median(samples.clone()),
        });
        report.time(&format!("{size} components, {name}"), ours);
        report.time(&format!("{size} components, {name}, Bun"), bun);
        report.time(&format!("{size} components, {name}, Vite"), vite);
        let name = format!("{size} components, {name}, time of Bun");
        report.figure(&name, ratio(ours, bun), "x", Target::AtMost(limit));
    };
    figure("first load", |taken| &taken.cold, 0.7);
    figure("first load after a restart", |taken| &taken.warm, 0.5);
    figure("reload after an edit", |taken| &taken.reload, 0.9);
    figure("save to DOM, leaf", |taken| &taken.leaf, 0.9);
    figure("save to DOM, root", |taken| &taken.root, 0.5);
    if let Some(floor) = &ours.floor {
        let rows = [
            ("first load", &floor.load, &bun.cold),
            ("reload", &floor.reload, &bun.reload),
            ("save to DOM, leaf", &floor.leaf, &bun.leaf),
            ("save to DOM, root", &floor.root, &bun.root),
        ];
        for (name, floor, bun) in rows {
            let floor = median(floor.clone());
            report.time(&format!("{size} components, {name}, browser alone"), floor);
            if bun.is_empty() {
                continue;
            }
            let name = format!("{size} components, {name}, browser alone, time of Bun");
            let of_bun = ratio(floor, median(bun.clone()));
            report.figure(&name, of_bun, "x", Target::None);
        }
    }
    for (name, taken) in [("leaf", &ours.leaf), ("root", &ours.root)] {
        if taken.is_empty() {
            continue;
        }
        let spread = ratio(percentile(taken.clone(), 0.95), median(taken.clone()));
        let name = format!("{size} components, save to DOM, {name}, 95 % of the median");
        report.figure(&name, spread, "x", Target::AtMost(2.0));
    }
    for (name, taken, target) in [
        ("hookfs", &ours, Target::AtMost(0.0)),
        ("Bun", &bun, Target::None),
        ("Vite", &vite, Target::None),
    ] {
        let mut say = |what: &str, value: f64, unit: &str, target: Target| {
            report.figure(
                &format!("{size} components, {what}, {name}"),
                value,
                unit,
                target,
            );
        };
        say("edits that never showed", taken.lost as f64, "", target);
        say(
            "bursts of 1,000 saves whose last never showed",
            taken.stale as f64,
            "",
            target,
        );
        say("bytes of an edit", taken.bytes, "", Target::None);
        say("requests of an edit", taken.requests, "", Target::None);
        say("memory of the server", taken.memory, "MB", Target::None);
    }
}
