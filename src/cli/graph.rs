//! `hookfs graph`: what an output depends on, what depends on it, and whether it is fresh.

use std::fmt::Write as _;

use serde_json::Value;

use super::arguments::GraphArguments;
use super::completions::print;
use super::places::{asked, output_path, place_of};
use crate::app::{Access, DEFAULT_CACHE_SIZE, Error, Result, Service, Status};
use crate::base::SourcePath;

/// Tells what the graph knows.
pub(super) fn graph(arguments: &GraphArguments) -> Result<Status> {
    let place = place_of(&arguments.place, &arguments.state)?;
    let asked = asked(&arguments.options)?;
    let access = Access::open(&place, &asked, DEFAULT_CACHE_SIZE, false)?;
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
