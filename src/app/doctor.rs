//! `hookfs doctor`: what a mount needs, what makes it better, and how to mend what is missing.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::config::cause_text;
use super::error::Error;
use super::state;

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Well.
    Good,
    /// A mount works, but less well.
    Poor,
    /// A mount would fail.
    Bad,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub subject: &'static str,
    /// How it is.
    pub verdict: Verdict,
    /// In words.
    pub text: String,
    /// How to mend it.
    pub mend: Option<&'static str>,
}

fn good(subject: &'static str, text: impl Into<String>) -> Finding {
    Finding {
        subject,
        verdict: Verdict::Good,
        text: text.into(),
        mend: None,
    }
}

fn flaw(
    subject: &'static str,
    verdict: Verdict,
    text: impl Into<String>,
    mend: &'static str,
) -> Finding {
    Finding {
        subject,
        verdict,
        text: text.into(),
        mend: Some(mend),
    }
}

/// Looks at everything. Mounts nothing and changes nothing but that the state folder's parent may be made.
pub fn examine() -> Vec<Finding> {
    vec![
        device(),
        helper(),
        allow_other(),
        watches(),
        instances(),
        descriptors(),
        passthrough(),
        state_folder(),
    ]
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

fn device() -> Finding {
    const SUBJECT: &str = "/dev/fuse";
    match OpenOptions::new().read(true).write(true).open("/dev/fuse") {
        Ok(_) => good(SUBJECT, "can be opened"),
        Err(cause) => {
            let mend = match cause.kind() {
                io::ErrorKind::PermissionDenied => "as root: chmod 0666 /dev/fuse",
                _ => {
                    "as root: modprobe fuse; in a container: start it with --device /dev/fuse --cap-add SYS_ADMIN"
                }
            };
            flaw(SUBJECT, Verdict::Bad, cause_text(&cause), mend)
        }
    }
}

fn helper() -> Finding {
    const SUBJECT: &str = "fusermount3";
    const MEND: &str = "install it; on Debian: apt-get install fuse3";
    // Root mounts by itself.
    let verdict = if is_root() {
        Verdict::Poor
    } else {
        Verdict::Bad
    };
    let run = Command::new("fusermount3")
        .arg("-V")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output();
    match run {
        Ok(output) if output.status.success() => {
            good(SUBJECT, String::from_utf8_lossy(&output.stdout).trim())
        }
        Ok(output) => flaw(
            SUBJECT,
            verdict,
            format!("does not run: {}", output.status),
            MEND,
        ),
        Err(cause) => flaw(SUBJECT, verdict, cause_text(&cause), MEND),
    }
}

fn allow_other() -> Finding {
    const SUBJECT: &str = "--allow-other";
    if is_root() {
        return good(SUBJECT, "permitted to root");
    }
    let text = fs::read_to_string("/etc/fuse.conf").unwrap_or_default();
    match text.lines().any(|line| line.trim() == "user_allow_other") {
        true => good(SUBJECT, "permitted by /etc/fuse.conf"),
        false => flaw(
            SUBJECT,
            Verdict::Poor,
            "not permitted to ordinary users",
            "needed for that option only; as root: echo user_allow_other >> /etc/fuse.conf",
        ),
    }
}

fn setting(name: &str) -> Option<u64> {
    fs::read_to_string(Path::new("/proc/sys/fs/inotify").join(name))
        .ok()?
        .trim()
        .parse()
        .ok()
}

fn watches() -> Finding {
    const SUBJECT: &str = "inotify watches";
    const ENOUGH: u64 = 65_536;
    match setting("max_user_watches") {
        Some(limit) if limit >= ENOUGH => good(SUBJECT, format!("{limit} folders")),
        Some(limit) => flaw(
            SUBJECT,
            Verdict::Poor,
            format!("{limit} folders; beyond, every read looks at all its sources again"),
            "as root: sysctl fs.inotify.max_user_watches=524288",
        ),
        None => flaw(
            SUBJECT,
            Verdict::Poor,
            "the kernel has no inotify; every read looks at all its sources again",
            "use a kernel with CONFIG_INOTIFY_USER",
        ),
    }
}

fn instances() -> Finding {
    const SUBJECT: &str = "inotify instances";
    const MEND: &str = "as root: sysctl fs.inotify.max_user_instances=1024";
    // One is made and dropped: the number in use is told nowhere.
    match rustix::fs::inotify::init(rustix::fs::inotify::CreateFlags::CLOEXEC) {
        Ok(_) => good(SUBJECT, "one more can be had"),
        Err(errno) => flaw(SUBJECT, Verdict::Poor, cause_text(&errno.into()), MEND),
    }
}

fn descriptors() -> Finding {
    const SUBJECT: &str = "open files";
    const ENOUGH: u64 = 1024;
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    match limit.maximum {
        None => good(SUBJECT, "no limit"),
        Some(most) if most >= ENOUGH => good(SUBJECT, format!("up to {most}")),
        Some(most) => flaw(
            SUBJECT,
            Verdict::Poor,
            format!("up to {most}; many readers at once may get EMFILE"),
            "ulimit -n 4096",
        ),
    }
}

fn passthrough() -> Finding {
    const SUBJECT: &str = "passthrough";
    const SINCE: (u32, u32) = (6, 9);
    let name = rustix::system::uname();
    let release = name.release().to_string_lossy().into_owned();
    let mut numbers = release
        .split(|c: char| !c.is_ascii_digit())
        .map(|part| part.parse().unwrap_or(0));
    let version = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    if version < SINCE {
        return flaw(
            SUBJECT,
            Verdict::Poor,
            format!("Linux {release} has none: large sources are read more slowly"),
            "use Linux 6.9 or later",
        );
    }
    match is_root() {
        true => good(SUBJECT, format!("Linux {release}, as root")),
        false => flaw(
            SUBJECT,
            Verdict::Poor,
            "for root only: large sources are read more slowly",
            "mount as root, if that matters",
        ),
    }
}

fn state_folder() -> Finding {
    const SUBJECT: &str = "state folder";
    const MEND: &str = "set XDG_CACHE_HOME or HOME to a folder of yours, or use --state DIR";
    let try_it = || -> Result<PathBuf, Error> {
        let folder = state::default_folder(Path::new("/"))?;
        let parent = folder.parent().map(Path::to_owned).unwrap_or_default();
        fs::create_dir_all(&parent).map_err(Error::io("create", &parent))?;
        let probe = parent.join(format!(".doctor-{}", std::process::id()));
        File::create_new(&probe).map_err(Error::io("write", &probe))?;
        fs::remove_file(&probe).map_err(Error::io("remove", &probe))?;
        Ok(parent)
    };
    match try_it() {
        Ok(folder) => good(SUBJECT, format!("in `{}`", folder.display())),
        Err(error) => flaw(SUBJECT, Verdict::Bad, error.to_string(), MEND),
    }
}
