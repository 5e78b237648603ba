//! The words of the command line.

use std::path::PathBuf;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, Parser, Subcommand};

use super::size::parse_size;
use crate::app::{DEFAULT_CACHE_SIZE, Options, Place, Result};

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

const EXAMPLES: &str = "\
Examples:
  hookfs mount ./src /mnt/app          mount, in the foreground; Ctrl-C unmounts
  cat /mnt/app/~@/main.tsx             the compiled module, fresh at every read
  hookfs cat ./src main.tsx            the same without a mount
  hookfs build ./src dist              all outputs as files
  hookfs serve ./src                   the same over HTTP

Exit statuses:
  0   done
  1   the source files have errors
  2   the command line is wrong
  3   the machine or its state is in the way (no /dev/fuse, a busy mount, a full disk)
  70  a fault of hookfs itself";

/// Mount a TypeScript tree: its compiled modules stand beside the sources, computed when opened, never stale
#[derive(Debug, Parser)]
#[command(name = "hookfs", version, styles = STYLES, after_help = EXAMPLES, arg_required_else_help = true)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Mount a source folder
    Mount(MountArguments),
    /// Unmount what `mount` has mounted
    #[command(
        after_help = "A mount that is in use stays as it is, and the message says who uses it.\n\nExample:\n  hookfs unmount /mnt/app"
    )]
    Unmount {
        /// Where it is mounted
        #[arg(value_name = "MNT")]
        mount_point: PathBuf,
    },
    /// Print one output, without a mount
    Cat(CatArguments),
    /// Write all outputs to a folder
    Build(BuildArguments),
    /// Run a module as a program
    Run(RunArguments),
    /// Serve the outputs over HTTP, without a mount
    Serve(ServeArguments),
    /// Tell how a daemon is doing
    Status(StatusArguments),
    /// Tell what an output depends on, what depends on it, and whether it is fresh
    Graph(GraphArguments),
    /// Tell or bound what is stored of a source's outputs
    Cache(CacheArguments),
    /// Check what a mount needs, and say how to mend what is missing
    #[command(after_help = "Exits with 1 where a mount would fail.")]
    Doctor,
    /// Print a shell's completions
    #[command(after_help = "Example:\n  hookfs completions bash > /etc/bash_completion.d/hookfs")]
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    #[command(after_help = "Example:\n  hookfs man | man -l -")]
    Man,
}

/// Where a source's state is.
#[derive(Clone, Debug, Args)]
pub(super) struct StateArguments {
    /// Keep what is computed in DIR [default: a folder of the source's own in $XDG_CACHE_HOME/hookfs]
    #[arg(long, value_name = "DIR")]
    pub(super) state: Option<PathBuf>,
}

/// What outputs depend on besides the sources.
#[derive(Clone, Debug, Args)]
pub(super) struct OptionArguments {
    /// Compile for production: NODE_ENV, the `production` condition of packages, JSX without debug information, minified
    #[arg(long)]
    pub(super) production: bool,
    /// Replace NAME by the JavaScript expression VALUE; may be given again
    #[arg(long = "define", value_name = "NAME=VALUE", value_parser = parse_define)]
    pub(super) defines: Vec<(String, String)>,
    /// Where the outputs are on the server, `/app/` or a URL: pages then name their files by it, not relatively
    #[arg(long, value_name = "BASE")]
    pub(super) base: Option<String>,
    /// Follow links that lead out of the sources into DIR; may be given again
    #[arg(long = "allow", value_name = "DIR")]
    pub(super) folders: Vec<PathBuf>,
}

impl OptionArguments {
    /// The options, checked.
    pub(super) fn options(&self) -> Result<Options> {
        let options = Options::new(self.production, &self.defines)?;
        let options = options.with_allowed(&self.folders)?;
        match &self.base {
            Some(base) => options.with_base(base),
            None => Ok(options),
        }
    }
}

/// How much may be stored.
#[derive(Clone, Debug, Args)]
pub(super) struct SizeArguments {
    /// Bound what is stored; the least recently used outputs go. A number of bytes, or with K, M, G or T
    #[arg(long, value_name = "SIZE", value_parser = parse_size, default_value_t = DEFAULT_CACHE_SIZE, hide_default_value = true)]
    pub(super) cache_size: u64,
}

/// What is told of the work.
#[derive(Clone, Debug, Args)]
pub(super) struct LogArguments {
    /// What to log: `error`, `warn`, `info`, `debug`, `trace`, or a filter by module
    #[arg(
        long,
        value_name = "FILTER",
        default_value = "info",
        hide_default_value = true
    )]
    pub(super) log: String,
}

#[derive(Debug, Args)]
#[command(after_help = "\
The sources stand at MNT, read-write; the outputs at MNT/~@, which no listing shows. \
Ctrl-C, SIGTERM and `hookfs unmount MNT` end it. The cache size is 2G unless given.

Examples:
  hookfs mount ./src /mnt/app
  hookfs mount --daemon --production ./src /mnt/app
  hookfs mount --define VERSION='\"1.2\"' ./src /mnt/app
  hookfs mount --hot ./src /mnt/app")]
pub(super) struct MountArguments {
    /// The folder with the sources
    #[arg(value_name = "SRC")]
    pub(super) source: PathBuf,
    /// An empty folder to mount at
    #[arg(value_name = "MNT")]
    pub(super) mount_point: PathBuf,
    /// Return once the mount is ready, and serve it in the background; the log is `log` in the state folder
    #[arg(long)]
    pub(super) daemon: bool,
    /// Refuse every change through the mount
    #[arg(long)]
    pub(super) read_only: bool,
    /// Let other users in; the kernel then checks permissions
    #[arg(long)]
    pub(super) allow_other: bool,
    #[command(flatten)]
    pub(super) state: StateArguments,
    #[command(flatten)]
    pub(super) size: SizeArguments,
    #[command(flatten)]
    pub(super) options: OptionArguments,
    #[command(flatten)]
    pub(super) log: LogArguments,
    /// Have open pages hear of changes over a WebSocket, at ADDR: a port, a host, or both [default: the loopback device, the
    /// port of the last time, or else the first that is free from 4900 on]
    #[arg(
        long,
        value_name = "ADDR",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = ""
    )]
    pub(super) hot: Option<String>,
    /// Let in pages of this origin as well, `https://app.example`; those of this machine are anyway. May be given again
    #[arg(long = "hot-origin", value_name = "URL", requires = "hot")]
    pub(super) origins: Vec<String>,
    /// This process is the one in the background.
    #[arg(long, hide = true)]
    pub(super) in_background: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
PATH is a name under `/~@/` of a mount: `main.tsx`, `main.tsx.js.map`, `~graph/main.tsx.json`.

Examples:
  hookfs cat ./src main.tsx
  hookfs cat --production ./src ui/form.tsx | head")]
pub(super) struct CatArguments {
    /// The folder with the sources
    #[arg(value_name = "SRC")]
    pub(super) source: PathBuf,
    /// Which output
    #[arg(value_name = "PATH")]
    pub(super) path: PathBuf,
    #[command(flatten)]
    pub(super) state: StateArguments,
    #[command(flatten)]
    pub(super) options: OptionArguments,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Writes the pages, the public files, and all that these lead to, as `/~@/` of a mount gives them. Files that are equal \
already are left alone, and what an earlier build wrote and is needed no more goes. Where outputs have errors, all \
others are written and the exit status is 1.

Examples:
  hookfs build --production ./src dist
  hookfs build --all ./src dist")]
pub(super) struct BuildArguments {
    /// The folder with the sources
    #[arg(value_name = "SRC")]
    pub(super) source: PathBuf,
    /// A new or empty folder, or one that a build has written before
    #[arg(value_name = "OUT")]
    pub(super) target: PathBuf,
    /// Write everything that `/~@/` lists, not only pages, public files and what these lead to
    #[arg(long)]
    pub(super) all: bool,
    #[command(flatten)]
    pub(super) state: StateArguments,
    #[command(flatten)]
    pub(super) options: OptionArguments,
}

#[derive(Debug, Args)]
#[command(after_help = "\
What it prints with `console.log` goes to standard output, warnings and errors to standard error. It ends when nothing is \
left to do, with the status that it sets, or 1 where nobody caught an error. It has `fetch`, and no files.

Examples:
  hookfs run ./src job.ts
  hookfs run ./src tools/list.ts -- --all one two
  hookfs run --watch ./src job.ts")]
pub(super) struct RunArguments {
    /// The folder with the sources
    #[arg(value_name = "SRC")]
    pub(super) source: PathBuf,
    /// Which module: its path from SRC, or an absolute one
    #[arg(value_name = "ENTRY")]
    pub(super) entry: PathBuf,
    /// Run it again whenever one of its files changes
    #[arg(long)]
    pub(super) watch: bool,
    #[command(flatten)]
    pub(super) state: StateArguments,
    #[command(flatten)]
    pub(super) options: OptionArguments,
    /// What `process.argv` has after the program
    #[arg(last = true, value_name = "ARGUMENT")]
    pub(super) arguments: Vec<std::ffi::OsString>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Files have clean URLs: `/about` is `about.html`, `/docs/` is `docs/index.html`. A link to where no file is gets `404.html`, \
where there is one, else the page at the root. Ctrl-C and SIGTERM end it. Without --port it is the port of the last time, or \
else the first that is free from 4800 on.

Examples:
  hookfs serve ./src
  hookfs serve --port 8080 --production ./src
  hookfs serve --host 0.0.0.0 --allow-host laptop.example ./src")]
pub(super) struct ServeArguments {
    /// The folder with the sources
    #[arg(value_name = "SRC")]
    pub(super) source: PathBuf,
    /// The module that answers what no file does [default: server.ts or server.tsx, where they are there]
    #[arg(long, value_name = "FILE")]
    pub(super) entry: Option<PathBuf>,
    /// The port; 0 for any that is free
    #[arg(long, value_name = "PORT")]
    pub(super) port: Option<u16>,
    /// Listen at this name or address instead of the loopback device; others can then come
    #[arg(long, value_name = "HOST")]
    pub(super) host: Option<String>,
    /// Answer requests to NAME as well; may be given again
    #[arg(long = "allow-host", value_name = "NAME")]
    pub(super) allowed: Vec<String>,
    /// Give native modules, and pages that hear of no changes; with --production it is so anyway
    #[arg(long = "no-hot")]
    pub(super) is_cold: bool,
    /// Let pages of this origin hear of changes as well, `https://app.example`; may be given again
    #[arg(long = "hot-origin", value_name = "URL", conflicts_with = "is_cold")]
    pub(super) origins: Vec<String>,
    #[command(flatten)]
    pub(super) state: StateArguments,
    #[command(flatten)]
    pub(super) size: SizeArguments,
    #[command(flatten)]
    pub(super) options: OptionArguments,
    #[command(flatten)]
    pub(super) log: LogArguments,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  hookfs status /mnt/app")]
pub(super) struct StatusArguments {
    /// Where it is mounted, or the folder with the sources
    #[arg(value_name = "MNT")]
    pub(super) place: PathBuf,
    #[command(flatten)]
    pub(super) state: StateArguments,
    /// As JSON, as in `~@/~hookfs/status.json`
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Without PATH, all outputs that `/~@/` lists. It computes nothing: an output that nobody has read yet is `not computed`.

Examples:
  hookfs graph ./src main.tsx
  hookfs graph --dot /mnt/app | dot -Tsvg > graph.svg
  hookfs graph --json /mnt/app main.tsx")]
pub(super) struct GraphArguments {
    /// The folder with the sources, or where it is mounted
    #[arg(value_name = "SRC|MNT")]
    pub(super) place: PathBuf,
    /// Which output
    #[arg(value_name = "PATH")]
    pub(super) path: Option<PathBuf>,
    /// For Graphviz
    #[arg(long, conflicts_with = "json")]
    pub(super) dot: bool,
    /// As JSON
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) state: StateArguments,
    #[command(flatten)]
    pub(super) options: OptionArguments,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  hookfs cache ./src
  hookfs cache ./src prune --to 100M
  hookfs cache ./src clear")]
pub(super) struct CacheArguments {
    /// The folder with the sources
    #[arg(value_name = "SRC")]
    pub(super) source: PathBuf,
    #[command(flatten)]
    pub(super) state: StateArguments,
    #[command(subcommand)]
    pub(super) action: Option<CacheAction>,
}

#[derive(Debug, Subcommand)]
pub(super) enum CacheAction {
    /// Tell how much is stored (without an action, too)
    Size,
    /// Remove the least recently used outputs
    Prune {
        /// Until at most SIZE bytes are left
        #[arg(long, value_name = "SIZE", value_parser = parse_size, default_value_t = 0, hide_default_value = true)]
        to: u64,
    },
    /// Forget everything; it is computed again when it is read
    Clear,
}

impl StateArguments {
    /// The source and its state, checked.
    pub(super) fn place(&self, source: &std::path::Path) -> Result<Place> {
        Place::new(source, self.state.as_deref())
    }
}

fn parse_define(text: &str) -> std::result::Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() && !value.trim().is_empty() => {
            Ok((name.to_owned(), value.to_owned()))
        }
        _ => Err("it is written NAME=VALUE".into()),
    }
}
