//! `hookfs mount`, in the foreground and in the background.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use super::arguments::MountArguments;
use super::signals::Signals;
use super::{logging, report};
use crate::app::daemon::{Daemon, MountConfig};
use crate::app::hot::HotConfig;
use crate::app::{Error, Result, Status};

/// Mounts, and serves until it is unmounted (or, with `--daemon`, has another process do so).
pub(super) fn mount(arguments: &MountArguments) -> Result<Status> {
    let started = Instant::now();
    match (arguments.in_background, arguments.daemon) {
        (true, _) => serve_in_background(arguments, started),
        (false, true) => start_in_background(arguments),
        (false, false) => serve(arguments, started, |ready| {
            // Nobody need read it for the mount to be served.
            let mut output = io::stdout().lock();
            let _ = output
                .write_all(ready.as_bytes())
                .and_then(|()| output.flush());
        }),
    }
}

fn config(arguments: &MountArguments) -> Result<MountConfig> {
    let options = arguments.options.options()?;
    let hot = arguments.hot.as_deref();
    let hot = hot.map(|address| HotConfig::new(address, &arguments.origins, &options));
    Ok(MountConfig {
        hot: hot.transpose()?,
        place: arguments.state.place(&arguments.source)?,
        options,
        mount_point: arguments.mount_point.clone(),
        read_only: arguments.read_only,
        allow_other: arguments.allow_other,
        cache_size: arguments.size.cache_size,
    })
}

fn serve(arguments: &MountArguments, started: Instant, ready: impl FnOnce(&str)) -> Result<Status> {
    logging::start(&arguments.log.log)?;
    let config = config(arguments)?;
    let signals = Signals::catch()?;
    let daemon = Daemon::start(config)?;
    tell_hidden(daemon.source());
    let mut text = ready_text(daemon.source(), daemon.mount_point(), started);
    if let Some((socket, is_public)) = daemon.hot() {
        text.push_str(&format!(
            "  hot: pages of {} hear of changes at {socket}\n",
            quoted(&daemon.mount_point().join("~@"))
        ));
        if is_public {
            tracing::warn!(
                "whoever reaches this machine over the network can try to connect to `{socket}`"
            );
        }
    }
    ready(&text);
    signals.lead_to(daemon.stopper());
    daemon.run()?;
    Ok(Status::Done)
}

/// Warns where the source has a name of its own where the outputs stand.
fn tell_hidden(source: &Path) {
    let hidden = source.join("~@");
    if hidden.symlink_metadata().is_ok() {
        tracing::warn!(
            "`{}` is hidden by the outputs, which have its name",
            hidden.display()
        );
    }
}

fn ready_text(source: &Path, mount_point: &Path, started: Instant) -> String {
    let outputs = mount_point.join("~@");
    let example = match first_module(source) {
        Some(name) => format!("cat {}", quoted(&outputs.join(name))),
        None => format!("ls {}", quoted(&outputs)),
    };
    format!(
        "hookfs: {} is mounted at {} (ready in {} ms)\n  try: {example}\n",
        source.display(),
        mount_point.display(),
        started.elapsed().as_millis()
    )
}

/// As a shell takes it for one word (POSIX, 2.2.2 Single-Quotes).
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-~@+,:%".contains(c);
    match text.chars().all(plain) {
        true => text,
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

/// A module to try, from the names at the top of the source alone: the mount is ready at once however large the tree.
fn first_module(source: &Path) -> Option<PathBuf> {
    const MOST: usize = 1000;
    const ENTRIES: [&str; 3] = ["main", "index", "app"];
    let names = fs::read_dir(source)
        .ok()?
        .take(MOST)
        .flatten()
        .map(|entry| PathBuf::from(entry.file_name()));
    let is_module = |name: &PathBuf| {
        let extension = name.extension().and_then(|extension| extension.to_str());
        let text = name.to_string_lossy();
        matches!(extension, Some("ts" | "tsx" | "jsx" | "js" | "mts" | "mjs"))
            && !text.starts_with('.')
            && !text.contains(".d.")
            && !text.contains(".config.")
    };
    let rank = |name: &PathBuf| {
        let stem = name
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .to_lowercase();
        ENTRIES
            .iter()
            .position(|entry| *entry == stem)
            .unwrap_or(ENTRIES.len())
    };
    names
        .filter(is_module)
        .min_by_key(|name| (rank(name), name.clone()))
}

/// What the process in the background writes first on its standard output: how it went, and the text for the user.
const READY: &str = "ready\n";
const FAILED: &str = "failed ";

/// Starts this same program once more and waits until it says how the mount went.
fn start_in_background(arguments: &MountArguments) -> Result<Status> {
    logging::start(&arguments.log.log)?;
    let place = config(arguments)?.place;
    let log_path = crate::app::prepare_state(&place)?.join("log");
    let log = open_log(&log_path)?;
    let program =
        std::env::current_exe().map_err(Error::io("find", Path::new("/proc/self/exe")))?;
    let mut child = Command::new(&program)
        .args(std::env::args_os().skip(1))
        .arg("--in-background")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::from(log))
        .spawn()
        .map_err(Error::io("start", &program))?;
    let mut text = Vec::new();
    if let Some(mut output) = child.stdout.take() {
        output
            .read_to_end(&mut text)
            .map_err(Error::io("hear of", &program))?;
    }
    let text = String::from_utf8_lossy(&text);
    if let Some(ready) = text.strip_prefix(READY) {
        // The daemon has told its log.
        tell_hidden(&place.source);
        super::completions::print(format!("{ready}  log: {}\n", log_path.display()).as_bytes())?;
        return Ok(Status::Done);
    }
    let status = child.wait().map_err(Error::io("wait for", &program))?;
    let failed = text
        .strip_prefix(FAILED)
        .and_then(|rest| rest.split_once('\n'));
    Err(match failed {
        Some((number, message)) => Error::Daemon {
            message: message.to_owned(),
            status: match number {
                "2" => Status::Usage,
                "70" => Status::Internal,
                _ => Status::Environment,
            },
        },
        None => Error::Daemon {
            message: format!(
                "error: the daemon ended before it was ready ({status})\n  hint: its log is `{}`",
                log_path.display()
            ),
            status: Status::Internal,
        },
    })
}

fn open_log(path: &Path) -> Result<File> {
    const LONGEST: u64 = 8 << 20;
    let log = OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .custom_flags(libc::O_NOFOLLOW)
        .open(path)
        .map_err(Error::io("open", path))?;
    if log
        .metadata()
        .is_ok_and(|metadata| metadata.len() > LONGEST)
    {
        log.set_len(0).map_err(Error::io("shorten", path))?;
    }
    Ok(log)
}

/// The other process: on its own, its standard error being the log already.
fn serve_in_background(arguments: &MountArguments, started: Instant) -> Result<Status> {
    // A session of its own, so that the terminal's end is not the daemon's. Fails for the leader of a group only,
    // which has what it needs.
    let _ = rustix::process::setsid();
    let mut told = false;
    let result = serve(arguments, started, |ready| {
        told = true;
        // The folder that the daemon was started in may be unmounted or removed.
        let _ = std::env::set_current_dir("/");
        tell(&format!("{READY}{ready}"));
    });
    if let Err(error) = &result
        && !told
    {
        tell(&format!(
            "{FAILED}{}\n{}",
            error.status() as u8,
            report::render(error, false)
        ));
    }
    result
}

/// Tells the process that waits, and lets it go: it waits for the end of our standard output.
fn tell(text: &str) {
    let mut output = io::stdout().lock();
    // Where it has gone, there is nobody to tell.
    let _ = output
        .write_all(text.as_bytes())
        .and_then(|()| output.flush());
    if let Ok(null) = OpenOptions::new().write(true).open("/dev/null") {
        let _ = rustix::stdio::dup2_stdout(null);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_the_module_to_try() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(first_module(folder.path()), None);
        for name in [
            "a.tsx",
            "vite.config.ts",
            "env.d.ts",
            "main.tsx",
            ".x.ts",
            "style.css",
        ] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        assert_eq!(first_module(folder.path()), Some(PathBuf::from("main.tsx")));
        fs::remove_file(folder.path().join("main.tsx")).unwrap();
        assert_eq!(first_module(folder.path()), Some(PathBuf::from("a.tsx")));
    }

    #[test]
    fn what_a_shell_would_split_is_quoted() {
        assert_eq!(quoted(Path::new("/a/~@/b.tsx")), "/a/~@/b.tsx");
        assert_eq!(quoted(Path::new("/a b/it's")), r"'/a b/it'\''s'");
    }
}
