//! The fields `exports` and `imports` (Node, `PACKAGE_EXPORTS_RESOLVE`, `PACKAGE_IMPORTS_RESOLVE`).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What one name leads to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Leads {
    /// This path or specifier.
    To(String),
    /// The first condition that holds, in their order.
    When(Vec<(String, Leads)>),
    /// The first that is valid.
    First(Vec<Leads>),
    /// `null`: nothing, and no further search.
    Nowhere,
}

impl Leads {
    fn of(value: &Value) -> Self {
        match value {
            Value::String(target) => Self::To(target.clone()),
            Value::Object(conditions) => Self::When(
                conditions
                    .iter()
                    .map(|(name, value)| (name.clone(), Self::of(value)))
                    .collect(),
            ),
            Value::Array(values) => Self::First(values.iter().map(Self::of).collect()),
            _ => Self::Nowhere,
        }
    }

    /// The target under these conditions. `None`: no condition holds; `Some(None)`: `null`.
    fn target(
        &self,
        holds: &dyn Fn(&str) -> bool,
        valid: &dyn Fn(&str) -> bool,
    ) -> Option<Option<&str>> {
        match self {
            Self::To(target) if valid(target) => Some(Some(target)),
            Self::To(_) => None,
            Self::Nowhere => Some(None),
            Self::When(conditions) => conditions
                .iter()
                .filter(|(name, _)| name == "default" || holds(name))
                .find_map(|(_, leads)| leads.target(holds, valid)),
            Self::First(options) => {
                let mut last = None;
                for option in options {
                    match option.target(holds, valid) {
                        Some(Some(target)) => return Some(Some(target)),
                        Some(None) => last = Some(None),
                        None => {}
                    }
                }
                last
            }
        }
    }
}

/// A pattern and a name that fits it.
pub struct Fitting<'a> {
    /// What the pattern has before its `*`.
    pub before: &'a str,
    /// What the `*` stands for.
    pub filling: &'a str,
    /// What it has after it.
    pub after: &'a str,
    /// Where the pattern leads, not filled in.
    pub target: &'a str,
}

/// Names or patterns with one `*`, and where they lead.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping(Vec<(String, Leads)>);

impl Mapping {
    /// Reads an object.
    pub fn of(object: &Map<String, Value>) -> Self {
        let leads = object
            .iter()
            .map(|(name, value)| (name.clone(), Leads::of(value)));
        Self(leads.collect())
    }

    /// Where `name` leads, `*` filled in: the exact name, else the most specific pattern (`PATTERN_KEY_COMPARE`).
    pub fn get(
        &self,
        name: &str,
        holds: &dyn Fn(&str) -> bool,
        valid: &dyn Fn(&str) -> bool,
    ) -> Option<String> {
        if !name.contains('*')
            && !name.ends_with('/')
            && let Some((_, leads)) = self.0.iter().find(|(key, _)| key == name)
        {
            return leads.target(holds, valid)?.map(str::to_owned);
        }
        let found = self.pattern(name, holds, valid)?;
        Some(match found.target.strip_suffix('/') {
            Some(_) if !found.target.contains('*') => format!("{}{}", found.target, found.filling),
            _ => found.target.replace('*', found.filling),
        })
    }

    /// The most specific pattern that `name` fits.
    pub fn pattern<'a>(
        &'a self,
        name: &'a str,
        holds: &dyn Fn(&str) -> bool,
        valid: &dyn Fn(&str) -> bool,
    ) -> Option<Fitting<'a>> {
        let fitting = self.0.iter().filter_map(|(key, leads)| {
            // A key that ends with a slash is the old form of a pattern, which Node had up to version 16.
            let (before, after) = key
                .split_once('*')
                .or_else(|| key.strip_suffix('/').map(|_| (key.as_str(), "")))?;
            let filling = name.strip_prefix(before)?.strip_suffix(after)?;
            let fits = !filling.is_empty() && !after.contains('*');
            fits.then_some((key, before, filling, after, leads))
        });
        let (_, before, filling, after, leads) =
            fitting.max_by_key(|(key, before, ..)| (before.len(), key.len()))?;
        Some(Fitting {
            before,
            filling,
            after,
            target: leads.target(holds, valid)??,
        })
    }

    /// The names without patterns, for hints.
    pub fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.0
            .iter()
            .map(|(name, _)| name.as_str())
            .filter(|name| !name.contains('*'))
    }
}

/// The field `exports`, its shorthand spelled out: every name starts with `.`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exports(Mapping);

impl Exports {
    /// `None` for `null`, which is as if the field were absent.
    pub fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Null => None,
            Value::Object(object) if object.keys().any(|name| name.starts_with('.')) => {
                Some(Self(Mapping::of(object)))
            }
            shorthand => Some(Self(Mapping(vec![(".".to_owned(), Leads::of(shorthand))]))),
        }
    }

    /// The target of a subpath (`.` or `./x`); always one that stays in the package.
    pub fn get(&self, subpath: &str, holds: &dyn Fn(&str) -> bool) -> Option<String> {
        let target = self
            .0
            .get(subpath, holds, &|target| target.starts_with("./"))?;
        stays_inside(&target).then_some(target)
    }

    /// See [`Mapping::names`].
    pub fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.0.names()
    }
}

/// Whether a target, after `*` was filled in, names a file below its package and in no nested `node_modules`
/// (`PACKAGE_TARGET_RESOLVE`).
pub fn stays_inside(target: &str) -> bool {
    !target
        .split(['/', '\\'])
        .skip(1)
        .any(|part| matches!(part, "." | ".." | "node_modules"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(exports: Value, subpath: &str) -> Option<String> {
        Exports::of(&exports)?.get(subpath, &|name| matches!(name, "browser" | "import"))
    }

    #[test]
    fn leads_where_node_leads() {
        use serde_json::json;
        let conditions = json!({ "node": "./n.js", "import": { "types": "./t.d.ts", "default": "./i.js" }, "default": "./d.js" });
        let patterns = json!({ "./a/*": "./src/*.js", "./a/b/*": null, "./a/*.css": "./css/*.css", "./*": "./*", "./d/": "./lib/" });
        for (exports, subpath, want) in [
            (json!("./x.js"), ".", Some("./x.js")),
            (json!("./x.js"), "./y", None),
            (conditions.clone(), ".", Some("./i.js")),
            (json!({ ".": { "require": "./r.js" } }), ".", None),
            (
                json!({ ".": { "import": { "node": "./n.js" }, "default": "./d.js" } }),
                ".",
                Some("./d.js"),
            ),
            (json!(["bad", { "import": "./i.js" }]), ".", Some("./i.js")),
            (
                json!({ "default": "./d.js", "import": "./i.js" }),
                ".",
                Some("./d.js"),
            ),
            (patterns.clone(), "./a/x", Some("./src/x.js")),
            (patterns.clone(), "./a/x.css", Some("./css/x.css")),
            (patterns.clone(), "./a/b/x", None),
            (patterns.clone(), "./other/deep.js", Some("./other/deep.js")),
            (patterns.clone(), "./d/x.js", Some("./lib/x.js")),
            (json!({ "./*": "./*" }), "./../x", None),
            (json!({ "./*": "./*" }), "./node_modules/x", None),
            (json!({ ".": "../x.js" }), ".", None),
        ] {
            assert_eq!(
                get(exports.clone(), subpath).as_deref(),
                want,
                "{exports} {subpath}"
            );
        }
    }
}
