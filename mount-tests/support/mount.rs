//! A mount by the real binary, behind a guard.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use super::{is_root, wait_for};

/// A command of the binary under test, with an environment of its own.
pub fn hookfs() -> Command {
    clean(Path::new(env!("CARGO_BIN_EXE_hookfs")))
}

/// Starts it. A binary that was just copied is busy as long as the child of another test, forked meanwhile, has not
/// closed what it inherited (execve(2), ETXTBSY).
pub(super) fn spawn(command: &mut Command) -> Child {
    wait_for("the binary to start", || match command.spawn() {
        Ok(child) => Some(child),
        Err(error) if error.raw_os_error() == Some(libc::ETXTBSY) => None,
        Err(error) => panic!("the binary does not start: {error}"),
    })
}

fn clean(program: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .env_remove("RUST_LOG")
        .env("NO_COLOR", "1")
        .stdin(Stdio::null());
    command
}

/// A mount that is not there yet.
pub struct Mounter {
    source: PathBuf,
    point: PathBuf,
    state: PathBuf,
    arguments: Vec<String>,
    user: Option<u32>,
}

impl Mounter {
    /// `source` is to be mounted at `point` with its state in `state`.
    pub fn new(source: PathBuf, point: PathBuf, state: PathBuf) -> Self {
        Self {
            source,
            point,
            state,
            arguments: Vec::new(),
            user: None,
        }
    }

    /// The daemon is to be this user's.
    pub fn by(mut self, user: u32) -> Self {
        self.user = Some(user);
        self
    }

    /// With one more argument.
    pub fn argument(mut self, argument: &str) -> Self {
        self.arguments.push(argument.to_owned());
        self
    }

    /// At another mount point.
    pub fn at(mut self, point: PathBuf) -> Self {
        self.point = point;
        self
    }

    /// The command, for tests that run it themselves.
    pub fn command(&self) -> Command {
        let mut command = match self.user {
            Some(user) if is_root() => {
                let mut command = clean(&self.program_for_all());
                command.uid(user).gid(user).current_dir("/");
                command
            }
            _ => hookfs(),
        };
        command
            .arg("mount")
            .args([&self.source, &self.point])
            .arg("--state")
            .arg(&self.state)
            .args(&self.arguments);
        command
    }

    /// A copy of the binary where every user may run it: the target folder may lie in somebody's home.
    fn program_for_all(&self) -> PathBuf {
        let copy = self.point.with_file_name("hookfs");
        if !copy.exists() {
            fs::copy(env!("CARGO_BIN_EXE_hookfs"), &copy).expect("a copy of the binary");
        }
        copy
    }

    /// Mounts, and returns when the mount is ready.
    ///
    /// # Panics
    /// Where it does not become ready, with what the daemon said. Without /dev/fuse that is a failure, never a skip.
    pub fn mount(self) -> Mount {
        assert!(
            Path::new("/dev/fuse").exists(),
            "no /dev/fuse: load the kernel module `fuse`, or give this container the device"
        );
        // A dead mount may stand here after a kill: to look at it would fail, and to take it over is the daemon's part.
        if !is_mounted(&self.point) {
            fs::create_dir_all(&self.point).expect("a mount point");
            if let (Some(user), true) = (self.user, is_root()) {
                std::os::unix::fs::chown(&self.point, Some(user), Some(user)).expect("a chown");
            }
        }
        let mut command = self.command();
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = spawn(&mut command);
        let said = Arc::new(Mutex::new(String::new()));
        let errors = child.stderr.take().map(|pipe| collect(pipe, said.clone()));
        let output = child.stdout.take().map(|pipe| collect(pipe, said.clone()));
        let mut mount = Mount {
            point: self.point,
            state: self.state,
            child,
            said,
            readers: errors.into_iter().chain(output).collect(),
        };
        wait_for("the mount", || {
            if let Some(status) = mount.child.try_wait().expect("the daemon's status") {
                panic!(
                    "hookfs ended with {status} before it was ready:\n{}",
                    mount.said()
                );
            }
            (is_mounted(&mount.point) && mount.said().contains("is mounted at")).then_some(())
        });
        mount
    }
}

/// A mount that is there. It ends with the value, whatever happens.
pub struct Mount {
    point: PathBuf,
    state: PathBuf,
    child: Child,
    said: Arc<Mutex<String>>,
    readers: Vec<JoinHandle<()>>,
}

impl Mount {
    /// The mount point.
    pub fn root(&self) -> &Path {
        &self.point
    }

    /// A path on the source side.
    pub fn source(&self, path: &str) -> PathBuf {
        self.point.join(path)
    }

    /// A path under `/~@/`.
    pub fn output(&self, path: &str) -> PathBuf {
        self.point.join("~@").join(path)
    }

    /// The text of an output.
    ///
    /// # Panics
    /// Where it cannot be read.
    #[track_caller]
    pub fn read(&self, path: &str) -> String {
        match fs::read(self.output(path)) {
            Ok(bytes) => String::from_utf8(bytes).expect("UTF-8"),
            Err(error) => panic!("cannot read {path}: {error}\n{}", self.said()),
        }
    }

    /// The state folder.
    pub fn state(&self) -> &Path {
        &self.state
    }

    /// The daemon's process.
    pub fn pid(&self) -> i32 {
        i32::try_from(self.child.id()).expect("a process number")
    }

    /// What the daemon has printed so far.
    pub fn said(&self) -> String {
        self.said
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// A number of `status.json`.
    #[track_caller]
    pub fn count(&self, field: &str) -> u64 {
        let status: serde_json::Value =
            serde_json::from_str(&self.read("~hookfs/status.json")).expect("JSON in status.json");
        status[field]
            .as_u64()
            .unwrap_or_else(|| panic!("no number `{field}` in {status}"))
    }

    /// How many computations ran while `work` did.
    #[track_caller]
    pub fn ran<T>(&self, work: impl FnOnce() -> T) -> (u64, T) {
        let before = self.settled();
        let result = work();
        (self.settled() - before, result)
    }

    /// The number of computations once those made ahead are through.
    #[track_caller]
    pub fn settled(&self) -> u64 {
        self.settle();
        self.count("runs")
    }

    /// The number of those that made an output.
    #[track_caller]
    pub fn settled_outputs(&self) -> u64 {
        self.settle();
        self.count("computed")
    }

    #[track_caller]
    fn settle(&self) {
        wait_for("computations to settle", || {
            (self.count("pending") == 0).then_some(())
        });
    }

    /// Sends a signal to the daemon.
    pub fn signal(&self, signal: i32) {
        // SAFETY: the child has not been waited for, so its number is still its own.
        unsafe { libc::kill(self.pid(), signal) };
    }

    /// Waits until the daemon has ended.
    pub fn ended(&mut self) -> ExitStatus {
        wait_for("the daemon to end", || {
            self.child.try_wait().expect("the daemon's status")
        })
    }

    /// Ends the daemon as Ctrl-C would.
    ///
    /// # Panics
    /// Where it does not end well.
    #[track_caller]
    pub fn stop(mut self) {
        self.signal(libc::SIGTERM);
        let status = self.ended();
        assert!(
            status.success(),
            "the daemon ended with {status}:\n{}",
            self.said()
        );
        assert!(!is_mounted(&self.point), "it left the mount behind");
    }

    /// Kills the daemon without a warning to it, and leaves the dead mount: it ends with the value given.
    pub fn kill(mut self) -> DeadMount {
        self.signal(libc::SIGKILL);
        self.ended();
        DeadMount(std::mem::take(&mut self.point))
    }

    /// Waits until the daemon has said something.
    #[track_caller]
    pub fn wait_said(&self, text: &str) {
        wait_for(text, || self.said().contains(text).then_some(()));
    }
}

/// What a killed daemon leaves, for the next one to take over; whatever then stands there goes with the value.
pub struct DeadMount(PathBuf);

impl Drop for DeadMount {
    fn drop(&mut self) {
        unmount(&self.0);
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            self.signal(libc::SIGTERM);
            let start = std::time::Instant::now();
            while matches!(self.child.try_wait(), Ok(None)) {
                if start.elapsed() > std::time::Duration::from_secs(10) {
                    let _ = self.child.kill();
                }
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
        }
        unmount(&self.point);
        for reader in self.readers.drain(..) {
            let _ = reader.join();
        }
        if std::thread::panicking() {
            eprintln!("the daemon said:\n{}", self.said());
        }
    }
}

fn unmount(point: &Path) {
    if is_mounted(point) {
        let _ = Command::new("fusermount3")
            .args(["-u", "-z", "-q"])
            .arg(point)
            .status();
    }
}

/// Whether something is mounted at this place, without a question to it.
pub fn is_mounted(point: &Path) -> bool {
    let table = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    table.lines().any(|line| {
        line.split(' ')
            .nth(4)
            .is_some_and(|field| Path::new(field) == point)
    })
}

pub(super) fn collect(
    pipe: impl Read + Send + 'static,
    into: Arc<Mutex<String>>,
) -> JoinHandle<()> {
    std::thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            let mut text = into.lock().unwrap_or_else(PoisonError::into_inner);
            text.push_str(&line);
            text.push('\n');
        }
    })
}
