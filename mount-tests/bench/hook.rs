//! A hook that renders a React page of a thousand elements: warm, beside the bare render by the same engine; and fresh,
//! beside a compiled module.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use rquickjs::{CatchResultExt, CaughtError, Context, Function, Object, Runtime};

use crate::mounted::Hookfs;
use crate::report::{Report, Target};
use crate::source::{REPEATS, ROUNDS, repeatedly};
use crate::timing::{in_turns, median, ratio, time};

/// Warm runs, and bare renders between them.
const RUNS: usize = 40;

const PAGE: &str = r#"
const Item = ({ n }: { n: number }) => <li className="item" data-n={n}><a href={`/items/${n}`}>item {n}</a></li>;
export const Page = ({ title }: { title: string }) => (
  <main><h1>{title}</h1><ul>{Array.from({ length: 500 }, (_, n) => <Item key={n} n={n} />)}</ul></main>
);
"#;

const HOOK: &str = r#"
import { renderToString } from 'react-dom/server';
import { Page } from './page';
export default ({ readText }: any) => renderToString(<Page title={readText('title.txt')} />);
"#;

/// The same render for a bundler; it calls for nothing of a platform but what React looks for when it is loaded.
const BARE: &str = r#"
import { renderToString } from 'react-dom/server';
import { Page } from './page';
(globalThis as any).render = (title: string) => renderToString(<Page title={title} />);
"#;

const GLOBALS: &str = "
globalThis.console = { log() {}, warn() {}, error() {} };
globalThis.TextEncoder = class { encode() { return new Uint8Array(0); } };
globalThis.MessageChannel = class { port1 = {}; port2 = {}; };
globalThis.AbortController = class {};
globalThis.ReadableStream = class {};
globalThis.setTimeout = () => 0;
globalThis.queueMicrotask = () => {};
";

pub fn run(report: &mut Report) {
    let tools = crate::target().join("bench-tools/node_modules");
    if !tools.join(".bin/esbuild").is_file() {
        let why = "`scripts/bench` installs React and esbuild with npm";
        return report.skipped("hooks beside the bare engine", why);
    }
    let project = tempfile::tempdir().expect("a project");
    let src = project.path().join("src");
    fs::create_dir(&src).expect("a folder");
    fs::write(project.path().join("package.json"), "{}").expect("a package.json");
    let packages = project.path().join("node_modules");
    fs::create_dir(&packages).expect("a folder");
    for name in ["react", "react-dom", "scheduler"] {
        crate::page::copy(&tools.join(name), &packages);
    }
    for (name, text) in [
        ("page.tsx", PAGE),
        ("page.html.hook.tsx", HOOK),
        ("bare.tsx", BARE),
        ("title.txt", "title"),
    ] {
        fs::write(src.join(name), text).expect("a source");
    }
    for mode in ["development", "production"] {
        warm(report, &tools, &src, mode);
    }
    fresh(report, &src);
}

/// A run because of an input that nothing else depends on, from the open of the output to its last byte; and the render
/// alone, of modules that are loaded. Each render is the first in an engine of its own, as that of a hook is: React's
/// development build does more for the first elements that a program makes.
fn warm(report: &mut Report, tools: &Path, src: &Path, mode: &str) {
    let state = tempfile::tempdir().expect("a state folder");
    let arguments: &[&str] = match mode {
        "production" => &["--production"],
        _ => &[],
    };
    let hookfs = Hookfs::mount_with(src, state.path(), arguments);
    let output = hookfs.output("page.html");
    let script = bundle(tools, src, mode);
    let (mut runs, mut renders) = (Vec::new(), Vec::new());
    for number in 0..RUNS + 3 {
        let title = format!("title {number}");
        fs::write(src.join("title.txt"), &title).expect("an edit");
        let (run, page) = time(|| fs::read_to_string(&output).expect("the page"));
        let (render, bare) = bare(&script, &title);
        assert_eq!(page, bare, "two renders of one page");
        // The first have loaded it.
        if number >= 3 {
            runs.push(run);
            renders.push(render);
        }
    }
    let (run, render) = (median(runs), median(renders));
    report.time(&format!("bare render, {mode}"), render);
    report.time(&format!("warm run of the hook, {mode}"), run);
    let name = format!("warm run of the hook, time of the bare render, {mode}");
    report.figure(&name, ratio(run, render), "x", Target::AtMost(1.3));
}

/// The time of one render in an engine that has loaded the bundle, and what it gives.
fn bare(script: &str, title: &str) -> (Duration, String) {
    let runtime = Runtime::new().expect("an engine");
    runtime.set_max_stack_size(4 << 20);
    let context = Context::full(&runtime).expect("a context");
    context.with(|ctx| {
        for text in [GLOBALS, script] {
            let loaded: Result<(), CaughtError> = ctx.eval(text).catch(&ctx);
            loaded.unwrap_or_else(|error| panic!("the bundle: {error}"));
        }
        let globals: Object = ctx.globals();
        let render: Function = globals.get("render").expect("the render");
        time(|| render.call::<_, String>((title,)).expect("a page"))
    })
}

/// A page that nothing was changed of, and a module of about its size.
fn fresh(report: &mut Report, src: &Path) {
    let state = tempfile::tempdir().expect("a state folder");
    let hookfs = Hookfs::mount(src, state.path());
    let page = hookfs.output("page.html");
    let size = fs::read(&page).expect("the page").len();
    let line = |n| format!("export const name{n} = 'a line of a module of about that size';\n");
    let module: String = (0..size / line(0).len()).map(line).collect();
    fs::write(src.join("module.ts"), module).expect("a module");
    let module = hookfs.output("module.ts.js");
    fs::read(&module).expect("the module");
    // What it computes ahead is not what these reads ask for.
    let mut before = hookfs.status("computed");
    loop {
        std::thread::sleep(Duration::from_millis(500));
        match hookfs.status("computed") {
            now if now == before => break,
            now => before = now,
        }
    }
    let [theirs, ours] = in_turns(
        ROUNDS,
        [&mut || repeatedly(&module), &mut || repeatedly(&page)],
    );
    report.time("a module, open+fstat+read+close", theirs / REPEATS);
    let name = "the page of a hook, time of a module of its size";
    report.figure(name, ratio(ours, theirs), "x", Target::AtMost(1.1));
    let runs = (hookfs.status("computed") - before) as f64;
    report.figure("computations meanwhile", runs, "", Target::AtMost(0.0));
}

fn bundle(tools: &Path, src: &Path, mode: &str) -> String {
    let out: PathBuf = src.with_file_name(format!("bare-{mode}.js"));
    let status = Command::new(tools.join(".bin/esbuild"))
        .arg(src.join("bare.tsx"))
        .args([
            "--bundle",
            "--format=iife",
            "--jsx=automatic",
            "--log-level=error",
        ])
        .args((mode == "development").then_some("--jsx-dev"))
        .arg(format!("--define:process.env.NODE_ENV=\"{mode}\""))
        .arg(format!("--outfile={}", out.display()))
        .status()
        .expect("esbuild runs");
    assert!(status.success(), "esbuild: {status}");
    fs::read_to_string(out).expect("the bundle")
}
