//! What a command line settles, checked: which source, which state folder, which options.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::error::{Error, Result};
use super::{state, workspace};
use crate::base::SourcePath;
use crate::compute::Slot;
use crate::runnable::{hot_meta, is_identifier};

/// The size to which stored outputs may grow, where `--cache-size` does not say: 2 GiB.
pub const DEFAULT_CACHE_SIZE: u64 = 2 << 30;

/// The options that outputs depend on. Equal options give equal outputs, whoever computes them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Options {
    /// `--production`.
    pub production: bool,
    /// `--define NAME=VALUE`, sorted by name, the last of a name's values only.
    pub defines: Vec<(String, String)>,
    /// `--base`: where `/~@/` is on the server, ending in a slash; `None`: pages name their files relatively.
    pub base: Option<String>,
    /// `--allow`: the folders to which links may lead out of the tree, absolute and without links, sorted.
    pub allowed: Vec<OsString>,
    /// `mount --hot`, and `serve`: pages are hot.
    pub hot: Option<Hot>,
}

/// Which options a command asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Asked {
    /// These.
    Given(Options),
    /// Those of the daemon.
    Its,
    /// Those of the daemon, for files that outlast it: nothing in them leads back to it.
    Lasting,
}

impl Asked {
    /// The options, of a daemon that has these.
    pub fn of(&self, its: &Options) -> Options {
        match self {
            Self::Given(options) => options.clone(),
            Self::Its => its.clone(),
            Self::Lasting => Options {
                hot: None,
                ..its.clone()
            },
        }
    }
}

/// What pages that are hot have to know.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Hot {
    /// The URL of the socket: absolute, or from the page's origin.
    pub socket: String,
    /// What lets a page in there.
    pub token: String,
    /// Since when it is these two, in whole seconds since 1970, at least one after any others: pages are of no earlier time.
    pub since: u64,
}

impl std::fmt::Debug for Hot {
    /// The token is nobody's business but the page's.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Hot({}, since {})", self.socket, self.since)
    }
}

impl Hot {
    /// What stands in a page of this source.
    pub(super) fn slot(&self, place: &Place) -> Slot {
        Slot {
            text: hot_meta(&self.socket, &self.token, &place.source, &place.workspace),
            since: SystemTime::UNIX_EPOCH + Duration::from_secs(self.since),
        }
    }
}

impl Options {
    /// Options with the definitions in their one order.
    ///
    /// # Errors
    /// [`Error::Usage`] for a name that no expression can be: not identifiers joined by dots (ECMA-262, 12.7 and
    /// 13.3.2).
    pub fn new(production: bool, defines: &[(String, String)]) -> Result<Self> {
        let mut sorted = std::collections::BTreeMap::new();
        for (name, value) in defines {
            if !name.split('.').all(is_identifier) {
                return Err(Error::Usage {
                    message: format!("cannot define `{name}`: it is no name of JavaScript"),
                    hint: Some("names look like `VERSION` or `import.meta.env.VERSION`".into()),
                });
            }
            sorted.insert(name.clone(), value.clone());
        }
        Ok(Self {
            production,
            defines: sorted.into_iter().collect(),
            base: None,
            allowed: Vec::new(),
            hot: None,
        })
    }

    /// The same where links may lead to these folders.
    ///
    /// # Errors
    /// [`Error::Usage`] for what is no folder.
    pub fn with_allowed(self, folders: &[PathBuf]) -> Result<Self> {
        let mut allowed = Vec::new();
        for folder in folders {
            let refuse = |reason: String| Error::Usage {
                message: format!("cannot allow `{}`: {reason}", folder.display()),
                hint: Some("it is a folder to which links in the sources may lead".into()),
            };
            let real = folder.canonicalize();
            let real = real.map_err(|cause| refuse(cause_text(&cause)))?;
            if !real.is_dir() {
                return Err(refuse("it is not a folder".into()));
            }
            allowed.push(real.into_os_string());
        }
        allowed.sort();
        allowed.dedup();
        Ok(Self { allowed, ..self })
    }

    /// Those folders.
    pub(super) fn allowed(&self) -> Vec<PathBuf> {
        self.allowed.iter().map(PathBuf::from).collect()
    }

    /// The same with a base as it is written on a command line: a path from the server's root or a URL; `./` and nothing
    /// mean none. A slash at its end may be left out.
    ///
    /// # Errors
    /// [`Error::Usage`] for anything else.
    pub fn with_base(self, base: &str) -> Result<Self> {
        let is_path = base.starts_with('/') && !base.starts_with("//");
        let is_url = ["http://", "https://"].iter().any(|scheme| {
            base.strip_prefix(scheme)
                .is_some_and(|rest| !rest.is_empty())
        });
        let is_plain = base
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !b"\"'<>\\?#`{}|^".contains(&byte));
        let base = match base {
            "" | "." | "./" => None,
            _ if (is_path || is_url) && is_plain => {
                Some(format!("{}/", base.trim_end_matches('/')))
            }
            _ => {
                return Err(Error::Usage {
                    message: format!("cannot serve at `{base}`"),
                    hint: Some("a base looks like `/app/` or `https://example.org/app/`".into()),
                });
            }
        };
        Ok(Self { base, ..self })
    }
}

/// Where a source is, and where what is known of it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// SRC, absolute, links resolved.
    pub source: PathBuf,
    /// The workspace root: SRC or a folder above it.
    pub workspace: PathBuf,
    /// SRC from the workspace root.
    pub prefix: SourcePath,
    /// The state folder. It need not exist yet.
    pub state: PathBuf,
}

impl Place {
    /// Checks the source and settles the rest from it.
    ///
    /// # Errors
    /// [`Error::Source`] where `source` is no folder that can be read; [`Error::NoStateHome`].
    pub fn new(source: &Path, state: Option<&Path>) -> Result<Self> {
        let refuse = |reason: String| Error::Source {
            path: source.to_owned(),
            reason,
        };
        let real = source
            .canonicalize()
            .map_err(|cause| refuse(cause_text(&cause)))?;
        if !real.is_dir() {
            return Err(refuse("it is not a folder".into()));
        }
        // The right to list it is needed; better to say so now than at the first read.
        std::fs::read_dir(&real).map_err(|cause| refuse(cause_text(&cause)))?;
        let workspace = workspace::workspace_root(&real);
        let prefix = real
            .strip_prefix(&workspace)
            .ok()
            .and_then(|path| SourcePath::parse(path.as_os_str().as_encoded_bytes()).ok())
            .ok_or_else(|| Error::Internal("the workspace root lies beside the source".into()))?;
        let state = match state {
            Some(folder) => std::path::absolute(folder).map_err(Error::io("find", folder))?,
            None => state::default_folder(&real)?,
        };
        Ok(Self {
            source: real,
            workspace,
            prefix,
            state,
        })
    }
}

/// The system's text for an error, without the number that Rust appends.
pub fn cause_text(cause: &std::io::Error) -> String {
    let text = cause.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_lowercase().chain(letters).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definitions_have_one_order_and_valid_names() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let a = Options::new(false, &[pair("B", "1"), pair("A.b", "2"), pair("B", "3")]).unwrap();
        let b = Options::new(false, &[pair("A.b", "2"), pair("B", "3")]).unwrap();
        assert_eq!(a, b);
        for name in ["", "1a", "a..b", "a-b", "a b", "a."] {
            assert!(Options::new(false, &[pair(name, "1")]).is_err(), "{name:?}");
        }
    }

    #[test]
    fn a_base_is_a_path_or_a_url() {
        let base = |text: &str| {
            Options::default()
                .with_base(text)
                .map(|options| options.base)
        };
        assert_eq!(base("/app").unwrap().as_deref(), Some("/app/"));
        assert_eq!(base("/").unwrap().as_deref(), Some("/"));
        let url = "https://example.org/a/";
        assert_eq!(base(url).unwrap().as_deref(), Some(url));
        assert_eq!(base("./").unwrap(), None);
        for text in ["app", "//x/", "/a?b", "/a\"b", "https://", "ftp://x/"] {
            assert!(base(text).is_err(), "{text}");
        }
    }

    #[test]
    fn folders_are_allowed_by_their_real_paths() {
        let holder = tempfile::tempdir().unwrap();
        let here = holder.path().canonicalize().unwrap();
        std::fs::create_dir(here.join("b")).unwrap();
        std::fs::create_dir(here.join("a")).unwrap();
        std::fs::write(here.join("file"), "").unwrap();
        std::os::unix::fs::symlink("a", here.join("link")).unwrap();
        let allow = |names: &[&str]| {
            let folders: Vec<PathBuf> = names.iter().map(|name| here.join(name)).collect();
            Options::default().with_allowed(&folders)
        };
        let allowed = allow(&["b", "link", "a/../a"]).unwrap().allowed();
        assert_eq!(allowed, [here.join("a"), here.join("b")]);
        for (name, reason) in [
            ("file", "it is not a folder"),
            ("none", "no such file or directory"),
        ] {
            let error = allow(&["a", name]).unwrap_err();
            assert!(error.to_string().ends_with(reason), "{error}");
        }
    }

    #[test]
    fn a_source_in_a_project_knows_its_prefix() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        std::fs::write(root.join("package.json"), "{}").unwrap();
        std::fs::create_dir(root.join("src")).unwrap();
        let place = Place::new(&root.join("src/../src/"), Some(&root.join("state"))).unwrap();
        assert_eq!(place.workspace, root);
        assert_eq!(place.prefix.as_bytes(), b"src");
        assert_eq!(place.state, root.join("state"));
    }

    #[test]
    fn what_is_no_folder_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("file"), "").unwrap();
        for (name, reason) in [
            ("file", "it is not a folder"),
            ("none", "no such file or directory"),
        ] {
            let error = Place::new(&folder.path().join(name), None).unwrap_err();
            assert!(error.to_string().ends_with(reason), "{error}");
            assert_eq!(error.status(), super::super::error::Status::Usage);
        }
    }
}
