//! Speed and size, measured: each figure is a ratio to a peer or to the physical floor taken in the same run.
//!
//! Run by `scripts/bench [GROUP ...]`, which installs the peers. Groups: `source`, `computed`, `cold`, `edit`, `size`,
//! `page`, `hook`, `serve`, `bundle`, `hot`.
//! Nothing here is a test: a figure past its target is printed with a mark, and the exit status stays 0.

mod application;
mod bare;
mod bundle;
mod cold;
mod computed;
mod edit;
mod floor;
mod generate;
mod hook;
mod hot;
mod load;
mod mounted;
mod page;
mod report;
mod serve;
mod size;
mod source;
mod tab;
mod timing;

// The floors that are measured in this process have the allocator of the program.
#[path = "../../src/allocator.rs"]
mod allocator;
#[path = "../browser/chromium.rs"]
mod chromium;
#[allow(dead_code, reason = "nobody listens here to what happens in a page")]
#[path = "../browser/devtools.rs"]
mod devtools;
#[path = "../browser/process.rs"]
mod process;
#[allow(dead_code, reason = "one server is enough here")]
#[path = "../browser/server.rs"]
mod server;
#[allow(dead_code, unused_imports, reason = "each binary uses a part of it")]
#[path = "../support/mod.rs"]
mod support;

use std::path::PathBuf;

use report::Report;

#[global_allocator]
static ALLOCATOR: allocator::Allocator = allocator::Allocator;

/// The folder for what `scripts/setup` installs.
fn target() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target")
}

/// A group of figures and its name on the command line.
type Group = (&'static str, fn(&mut Report));

const GROUPS: [Group; 10] = [
    ("source", source::run),
    ("computed", computed::run),
    ("cold", cold::run),
    ("edit", edit::run),
    ("size", size::run),
    ("page", page::run),
    ("hook", hook::run),
    ("serve", serve::run),
    ("bundle", bundle::run),
    ("hot", hot::run),
];

fn main() {
    let wanted: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    for name in &wanted {
        if !GROUPS.iter().any(|(group, _)| group == name) {
            let known: Vec<&str> = GROUPS.iter().map(|(group, _)| *group).collect();
            eprintln!(
                "error: no group `{name}`\n  hint: groups are {}",
                known.join(", ")
            );
            std::process::exit(2);
        }
    }
    let mut report = Report::new();
    for (name, run) in GROUPS {
        if wanted.is_empty() || wanted.iter().any(|group| group == name) {
            report.group(name);
            match name {
                "source" | "computed" => timing::on_one_core(|| run(&mut report)),
                _ => run(&mut report),
            }
        }
    }
    report.finish();
}
