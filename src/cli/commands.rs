//! The commands that ask: of the daemon that serves the source, or of the source itself.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::Value;

use super::arguments::{
    BuildArguments, CacheAction, CacheArguments, CatArguments, GraphArguments, OptionArguments,
    StatusArguments,
};
use super::completions::print;
use super::size::show_size;
use super::{report, style};
use crate::app::build::{Progress, build as build_outputs};
use crate::app::doctor::{Verdict, examine};
use crate::app::{Access, DEFAULT_CACHE_SIZE, Error, Options, Place, Result, Service, Status};
use crate::base::{Diagnostic, SourcePath};
use crate::fuse;

/// The options where any were given; else those of the daemon, where there is one.
fn given(arguments: &OptionArguments) -> Result<Option<Options>> {
    let options = arguments.options()?;
    Ok((options != Options::default()).then_some(options))
}

/// A path under `/~@/` as people write it: with or without the slash, and with `~@` before it or not.
fn output_path(path: &Path) -> Result<SourcePath> {
    let text = path.as_os_str().as_bytes();
    let text = text.strip_prefix(b"/").unwrap_or(text);
    let text = text.strip_prefix(b"~@/").unwrap_or(text);
    SourcePath::parse(text).map_err(|cause| Error::Usage {
        message: format!("no output can be `{}`: {cause}", path.display()),
        hint: None,
    })
}

/// Prints one output.
pub(super) fn cat(arguments: &CatArguments) -> Result<Status> {
    let place = arguments.state.place(&arguments.source)?;
    let options = given(&arguments.options)?;
    let path = output_path(&arguments.path)?;
    let access = Access::open(&place, options.as_ref(), DEFAULT_CACHE_SIZE)?;
    let mut sink = Pipe {
        output: io::stdout().lock(),
        closed: false,
    };
    access.service().read(&path, &mut sink)?;
    sink.flush()
        .map_err(Error::io("write", Path::new("standard output")))?;
    Ok(Status::Done)
}

/// Standard output; once its reader has gone (`| head`), the rest goes nowhere.
struct Pipe<'a> {
    output: io::StdoutLock<'a>,
    closed: bool,
}

impl Pipe<'_> {
    fn unless_closed(&mut self, result: io::Result<()>) -> io::Result<()> {
        match result {
            Err(cause) if cause.kind() == io::ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(())
            }
            result => result,
        }
    }
}

impl Write for Pipe<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.closed {
            let result = self.output.write_all(bytes);
            self.unless_closed(result)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let result = self.output.flush();
        self.unless_closed(result)
    }
}

struct Bar(ProgressBar);

impl Progress for Bar {
    fn at(&self, known: usize, done: usize) {
        self.0.set_length(known as u64);
        self.0.set_position(done as u64);
    }
}

/// The texts of what failed, in the order of the names. A file that fails under each of its names is told of once: as
/// the name that is imported has it.
fn failures(failed: &[(SourcePath, Error)]) -> Vec<String> {
    let colours = style::colours_errors();
    let mut told: Vec<(&SourcePath, &Error)> = Vec::new();
    let mut known = std::collections::HashMap::new();
    for (path, error) in failed {
        let Error::Diagnostics(all) = error else {
            told.push((path, error));
            continue;
        };
        let importers = all.iter().map(|one| one.importers.len()).sum::<usize>();
        let same: Vec<Diagnostic> = all
            .iter()
            .cloned()
            .map(Diagnostic::without_importers)
            .collect();
        match known.get_mut(&same) {
            None => {
                known.insert(same, (told.len(), importers));
                told.push((path, error));
            }
            Some((at, most)) if importers > *most => {
                *most = importers;
                told[*at] = (path, error);
            }
            Some(_) => {}
        }
    }
    let text = |(path, error): (&SourcePath, &Error)| match error {
        Error::Diagnostics(_) => report::render(error, colours),
        other => format!("{path}: {}", report::render(other, colours)),
    };
    told.into_iter().map(text).collect()
}

/// Writes all outputs.
pub(super) fn build(arguments: &BuildArguments) -> Result<Status> {
    let place = arguments.state.place(&arguments.source)?;
    let options = given(&arguments.options)?;
    let access = Access::open(&place, options.as_ref(), DEFAULT_CACHE_SIZE)?;
    // Draws nothing where standard error is no terminal.
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
    if let Ok(look) = ProgressStyle::with_template("{bar:40.cyan/blue} {pos}/{len}") {
        bar.set_style(look);
    }
    let bar = Bar(bar);
    let summary = build_outputs(
        &access,
        &place,
        options.as_ref(),
        &arguments.target,
        arguments.all,
        &bar,
    );
    bar.0.finish_and_clear();
    let summary = summary?;
    if summary.has_no_entry {
        report::to_stderr(&format!(
            "note: there is no page in `{}`: everything is written, as with `--all`\n",
            arguments.source.display()
        ));
    }
    for text in failures(&summary.left_out) {
        report::to_stderr(&format!(
            "left out, for a package asks for it only later:\n{text}"
        ));
    }
    for text in failures(&summary.failed) {
        report::to_stderr(&text);
    }
    let mut text = format!("{} written, {} unchanged", summary.written, summary.kept);
    if summary.removed > 0 {
        let _ = write!(text, ", {} removed", summary.removed);
    }
    if !summary.failed.is_empty() {
        let _ = write!(text, ", {} failed", summary.failed.len());
    }
    let _ = writeln!(text, " in {}", arguments.target.display());
    print(text.as_bytes())?;
    let worst = summary
        .failed
        .iter()
        .map(|(_, error)| error.status() as u8)
        .max();
    Ok(match worst {
        None => Status::Done,
        Some(status) if status == Status::Internal as u8 => Status::Internal,
        Some(status) if status == Status::Environment as u8 => Status::Environment,
        Some(_) => Status::Files,
    })
}

/// What a mount says of itself; `None` where the folder is no mount of ours.
fn mounted_at(folder: &Path) -> Result<Option<Value>> {
    let place = match folder.canonicalize() {
        Ok(place) => place,
        Err(cause) if cause.raw_os_error() == Some(libc::ENOTCONN) => {
            return Err(Error::DeadMount(folder.to_owned()));
        }
        Err(_) => return Ok(None),
    };
    let mounts = fuse::mounts().map_err(Error::io("read", Path::new("/proc/self/mountinfo")))?;
    let top = mounts.iter().rev().find(|mount| mount.mount_point == place);
    if !top.is_some_and(fuse::MountInfo::is_hookfs) {
        return Ok(None);
    }
    let path = place.join("~@/~hookfs/status.json");
    match std::fs::read(&path) {
        Ok(text) => serde_json::from_slice(&text)
            .map(Some)
            .map_err(|cause| Error::Conversation(cause.to_string())),
        Err(cause) if cause.raw_os_error() == Some(libc::ENOTCONN) => Err(Error::DeadMount(place)),
        Err(cause) => Err(Error::io("read", &path)(cause)),
    }
}

/// The place that a mount serves, or that of the source.
fn place_of(folder: &Path, state: &super::arguments::StateArguments) -> Result<Place> {
    let field =
        |status: &Value, name: &str| status.get(name).and_then(Value::as_str).map(PathBuf::from);
    match mounted_at(folder)? {
        Some(status) => match (field(&status, "source"), field(&status, "state")) {
            (Some(source), Some(state)) => Place::new(&source, Some(&state)),
            _ => Err(Error::Conversation(
                "its status says not where its state is".into(),
            )),
        },
        None => state.place(folder),
    }
}

/// Tells how a daemon is doing.
pub(super) fn status(arguments: &StatusArguments) -> Result<Status> {
    let status = match mounted_at(&arguments.place)? {
        Some(status) => status,
        None => {
            let place = arguments
                .state
                .place(&arguments.place)
                .map_err(|error| match error {
                    Error::Source { path, .. } if path.exists() => Error::NotMounted(path),
                    error => error,
                })?;
            let access =
                Access::daemon(&place)?.ok_or_else(|| Error::NoDaemon(place.source.clone()))?;
            access.service().status()?
        }
    };
    if arguments.json {
        return print(format!("{status:#}\n").as_bytes());
    }
    print(status_text(&status).as_bytes())
}

fn status_text(status: &Value) -> String {
    let text = |name: &str| match &status[name] {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    let number = |name: &str| status[name].as_u64().unwrap_or_default();
    let mut lines = format!("source    {}\n", text("source"));
    if !status["mount_point"].is_null() {
        let _ = writeln!(lines, "mount     {}", text("mount_point"));
    }
    let _ = writeln!(lines, "state     {}", text("state"));
    let _ = writeln!(
        lines,
        "daemon    {} (hookfs {})",
        text("pid"),
        text("version")
    );
    let _ = match status["mode_reason"].as_str() {
        None => writeln!(lines, "mode      exact"),
        Some(reason) => writeln!(lines, "mode      every read verified: {reason}"),
    };
    let _ = writeln!(
        lines,
        "outputs   {} computed, {} verified, {} from memory, {} failing",
        number("computed"),
        number("verified"),
        number("hits"),
        number("failed")
    );
    let _ = writeln!(
        lines,
        "store     {} outputs, {}",
        number("blobs"),
        show_size(number("blob_bytes"))
    );
    let _ = writeln!(lines, "memory    {}", show_size(number("rss_bytes")));
    lines
}

/// Tells what the graph knows.
pub(super) fn graph(arguments: &GraphArguments) -> Result<Status> {
    let place = place_of(&arguments.place, &arguments.state)?;
    let options = given(&arguments.options)?;
    let access = Access::open(&place, options.as_ref(), DEFAULT_CACHE_SIZE)?;
    let service = access.service();
    let reports = match &arguments.path {
        Some(path) => {
            let path = output_path(path)?;
            vec![(path.clone(), service.report(&path)?)]
        }
        None => all_reports(service)?,
    };
    let text = if arguments.json {
        let value = match (&arguments.path, reports) {
            (Some(_), mut reports) => reports.pop().map(|(_, report)| report).unwrap_or_default(),
            (None, reports) => reports
                .into_iter()
                .map(|(path, report)| (path.to_string(), report))
                .collect(),
        };
        format!("{value:#}\n")
    } else if arguments.dot {
        dot(&reports)
    } else if arguments.path.is_some() {
        reports
            .iter()
            .map(|(path, report)| full_text(path, report))
            .collect()
    } else {
        reports
            .iter()
            .map(|(path, report)| format!("{path}  {}\n", freshness(report)))
            .collect()
    };
    print(text.as_bytes())
}

/// The reports of everything that is listed, in the order of names.
fn all_reports(service: &dyn Service) -> Result<Vec<(SourcePath, Value)>> {
    let mut reports = Vec::new();
    let mut folders = vec![SourcePath::root()];
    while let Some(folder) = folders.pop() {
        for item in service.list(&folder)? {
            let path = folder.child(&item.name);
            if item.folder {
                folders.push(path);
                continue;
            }
            match service.report(&path) {
                Ok(report) => reports.push((path, report)),
                // A link that leads nowhere, or a file that went meanwhile.
                Err(Error::NoFile(_)) => {}
                Err(error) => return Err(error),
            }
        }
    }
    reports.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(reports)
}

fn freshness(report: &Value) -> String {
    match (report["fresh"].as_bool(), report["reason"].as_str()) {
        (Some(true), _) if !report["error"].is_null() => "fresh, failing".into(),
        (Some(true), _) => "fresh".into(),
        (_, Some(reason)) => format!("not fresh: {reason}"),
        _ => "not fresh".into(),
    }
}

fn full_text(path: &SourcePath, report: &Value) -> String {
    let mut text = format!("{path}\n  state         {}\n", freshness(report));
    for (name, field) in [("hash", "hash"), ("size", "size"), ("copy of", "copy")] {
        match &report[field] {
            Value::String(value) => _ = writeln!(text, "  {name:<13} {value}"),
            Value::Number(value) => _ = writeln!(text, "  {name:<13} {value}"),
            _ => {}
        }
    }
    if let Some(took) = report["took_micros"].as_u64() {
        let _ = writeln!(
            text,
            "  {:<13} {:.1} ms",
            "computed in",
            took as f64 / 1000.0
        );
    }
    let mut list = |name: &str, field: &str| {
        let Some(items) = report[field].as_array().filter(|items| !items.is_empty()) else {
            return;
        };
        let _ = writeln!(text, "  {name}");
        for item in items {
            let _ = match item.as_str() {
                Some(name) => writeln!(text, "    {name}"),
                None => writeln!(
                    text,
                    "    {} {} ({})",
                    item["kind"].as_str().unwrap_or_default(),
                    item["name"].as_str().unwrap_or_default(),
                    item["seen"].as_str().map(short).unwrap_or_default()
                ),
            };
        }
    };
    list("dependencies", "dependencies");
    list("dependents", "dependents");
    list("imports", "links");
    list("imported by", "importers");
    if let Some(error) = report["error"].as_str() {
        for line in error.lines() {
            let _ = writeln!(text, "  {line}");
        }
    }
    text
}

/// Hashes by their first digits.
fn short(seen: &str) -> &str {
    match seen.len() {
        64 => seen.get(..12).unwrap_or(seen),
        _ => seen,
    }
}

/// The language of Graphviz (graphviz.org, "DOT Language"): dependencies are drawn dashed, imports solid.
fn dot(reports: &[(SourcePath, Value)]) -> String {
    let quote = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let mut lines = std::collections::BTreeSet::new();
    for (_, report) in reports {
        let Some(key) = report["key"].as_str() else {
            continue;
        };
        let colour = if report["fresh"] == true {
            "black"
        } else {
            "gray"
        };
        lines.insert(format!("  {} [color={colour}];\n", quote(key)));
        for link in report["links"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
        {
            lines.insert(format!("  {} -> {};\n", quote(key), quote(link)));
        }
        for dependency in report["dependencies"].as_array().into_iter().flatten() {
            let Some(name) = dependency["name"].as_str() else {
                continue;
            };
            if matches!(dependency["kind"].as_str(), Some("content" | "node")) {
                lines.insert(format!(
                    "  {} -> {} [style=dashed];\n",
                    quote(key),
                    quote(name)
                ));
            }
        }
    }
    format!(
        "digraph hookfs {{\n{}}}\n",
        lines.into_iter().collect::<String>()
    )
}

/// Tells or bounds what is stored.
pub(super) fn cache(arguments: &CacheArguments) -> Result<Status> {
    let place = arguments.state.place(&arguments.source)?;
    let access = Access::open(&place, None, DEFAULT_CACHE_SIZE)?;
    let service = access.service();
    let text = match arguments.action {
        None | Some(CacheAction::Size) => {
            let size = service.cache()?;
            format!(
                "{} outputs, {}; {} records; {} on disk in {}\n",
                size.blobs,
                show_size(size.blob_bytes),
                size.records,
                show_size(size.disk_bytes),
                place.state.display()
            )
        }
        Some(CacheAction::Prune { to }) => format!("{} freed\n", show_size(service.prune(to)?)),
        Some(CacheAction::Clear) => format!("{} freed\n", show_size(service.clear()?)),
    };
    print(text.as_bytes())
}

/// Checks the machine.
pub(super) fn doctor() -> Status {
    let colour = style::colours_output();
    let mut text = String::new();
    let mut status = Status::Done;
    for finding in examine() {
        let mark = match finding.verdict {
            Verdict::Good => style::paint(colour, "32", "ok  "),
            Verdict::Poor => style::paint(colour, "33", "poor"),
            Verdict::Bad => {
                status = Status::Files;
                style::paint(colour, "31", "bad ")
            }
        };
        let _ = writeln!(text, "{mark} {:<18} {}", finding.subject, finding.text);
        if let Some(mend) = finding.mend {
            let _ = writeln!(
                text,
                "     {:<18} {} {mend}",
                "",
                style::paint(colour, "1;34", "hint:")
            );
        }
    }
    match print(text.as_bytes()) {
        Ok(_) => status,
        Err(error) => {
            report::error(&error);
            error.status()
        }
    }
}
