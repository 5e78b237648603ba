//! Speed and size, measured: each figure is a ratio to a peer or to the physical floor taken in the same run.
//!
//! Run by `scripts/bench [GROUP ...]`, which installs the peers. Groups: `source`, `computed`, `cold`, `edit`, `size`.
//! Nothing here is a test: a figure past its target is printed with a mark, and the exit status stays 0.

mod cold;
mod computed;
mod edit;
mod generate;
mod mounted;
mod report;
mod size;
mod source;
mod timing;

use report::Report;

/// A group of figures and its name on the command line.
type Group = (&'static str, fn(&mut Report));

const GROUPS: [Group; 5] = [
    ("source", source::run),
    ("computed", computed::run),
    ("cold", cold::run),
    ("edit", edit::run),
    ("size", size::run),
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
