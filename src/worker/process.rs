//! One worker as its parent sees it: started, talked to, its time counted, killed and reaped.

use std::env::var_os;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use super::buffer::{Incoming, Outgoing};
use super::frame::Tag;
use super::wait::wait;
use super::words::Words;
use super::{ARGUMENT, Kind, LOCAL, Launch, Post, Talk};

/// How long one wait for the worker lasts before its processor time is looked at.
const GLANCE: Duration = Duration::from_millis(100);

/// Why a conversation ended without a result.
pub(super) enum Break {
    /// The worker took longer than this; it is killed.
    Time(Duration),
    /// It was wanted no more; it is killed.
    Stopped,
    /// The worker is gone, or says what none says.
    Gone(io::Error),
}

impl From<io::Error> for Break {
    fn from(error: io::Error) -> Self {
        Self::Gone(error)
    }
}

/// What a dead worker died of.
pub(super) enum Death {
    Stack,
    Memory,
    Other(String),
}

/// A running worker. Dropping it kills and reaps it.
pub(super) struct Worker {
    child: Child,
    stream: UnixStream,
    words: Words,
    kind: Kind,
    /// Requests that it was given.
    pub(super) runs: u32,
}

/// The time that one request has taken.
struct Spent {
    /// The worker's processor time when it began, or at its last beat.
    cpu: Duration,
    /// How long the worker had waited for a processor when that was first of interest: most requests are done before.
    delay: Option<Duration>,
    waited: Duration,
    /// When that was last looked at: the system is asked for it, and a worker can say many things a second.
    looked: Instant,
}

impl Spent {
    /// Whether it may go on. That others have the processors is not its fault: it has so much longer as it waited for one, a fifth
    /// at most.
    fn check(&mut self, worker: &Worker, talk: &mut dyn Talk) -> Result<(), Break> {
        let kind = worker.kind;
        let delay = *self.delay.get_or_insert_with(|| worker.delay());
        if worker.cpu().saturating_sub(self.cpu) >= kind.cpu {
            return Err(Break::Time(kind.cpu));
        }
        if self.waited >= kind.wall {
            let delay = worker.delay().saturating_sub(delay);
            let delay = delay.min(kind.wall / 5);
            if self.waited.saturating_sub(delay) >= kind.wall {
                return Err(Break::Time(kind.wall));
            }
        }
        match talk.stop() {
            true => Err(Break::Stopped),
            false => Ok(()),
        }
    }
}

impl Worker {
    /// Starts one.
    ///
    /// # Errors
    /// Where the system has no process, socket or descriptor left.
    pub(super) fn start(launch: &Launch, kind: &Kind) -> io::Result<Self> {
        // Both ends close when a program is started; the child's is its standard input.
        let (stream, theirs) = UnixStream::pair()?;
        stream.set_nonblocking(true)?;
        let mut command = Command::new(&launch.program);
        command.arg0("hookfs").args(&launch.arguments);
        command.env_clear();
        match launch.variable {
            Some(variable) => command.env(variable, kind.name),
            None => command.args([ARGUMENT, kind.name]),
        };
        match kind.is_local {
            true => command.envs(LOCAL.iter().filter_map(|name| Some((name, var_os(name)?)))),
            false => command.env("TZ", "UTC"),
        };
        let mut child = command
            // Memory is counted as address space; the allocator is not to reserve it by the gigabyte.
            .env("MIMALLOC_ARENA_RESERVE", "16384")
            .current_dir("/")
            // What a terminal sends to its foreground job is the parent's to act upon.
            .process_group(0)
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        let words = Words::new(child.stderr.take());
        tracing::debug!("a worker `{}` started: process {}", kind.name, child.id());
        Ok(Self {
            child,
            stream,
            words,
            kind: *kind,
            runs: 0,
        })
    }

    /// Whether it has died while nobody talked to it.
    pub(super) fn is_dead(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Has it do a request, and talks with it meanwhile.
    pub(super) fn talk(&mut self, request: &[u8], talk: &mut dyn Talk) -> Result<Vec<u8>, Break> {
        self.runs += 1;
        let post = talk.post();
        let mut spent = Spent {
            cpu: self.cpu(),
            delay: None,
            waited: Duration::ZERO,
            looked: Instant::now(),
        };
        let mut incoming = Incoming::default();
        let mut outgoing = Outgoing::default();
        outgoing.add(Tag::Request, request)?;
        let mut is_rung = true;
        loop {
            if let Some(post) = &post {
                if std::mem::take(&mut is_rung) {
                    post.heard();
                    talk.rung();
                }
                while let Some(message) = post.take() {
                    outgoing.add(Tag::Message, &message)?;
                }
            }
            outgoing.write(&self.stream)?;
            match incoming.read(&self.stream)? {
                Some((Tag::Done, result)) => return Ok(result),
                Some((Tag::Ask, question)) => {
                    self.glance(&mut spent, talk)?;
                    outgoing.add(Tag::Answer, &talk.answer(&question))?;
                }
                Some((Tag::Message, message)) => {
                    self.glance(&mut spent, talk)?;
                    talk.hear(&message);
                }
                Some((Tag::Beat, _)) => spent.cpu = self.cpu(),
                Some(_) => return Err(Break::Gone(io::ErrorKind::InvalidData.into())),
                None => is_rung = self.wait(&outgoing, post.as_deref(), &mut spent, talk)?,
            }
        }
    }

    /// Who asks or says something without end is ended too.
    fn glance(&self, spent: &mut Spent, talk: &mut dyn Talk) -> Result<(), Break> {
        if talk.stop() {
            return Err(Break::Stopped);
        }
        if spent.looked.elapsed() < GLANCE {
            return Ok(());
        }
        spent.looked = Instant::now();
        spent.check(self, talk)
    }

    /// Waits until there is something to read, or to write, or the bell rings; whether any of that has come.
    fn wait(
        &mut self,
        outgoing: &Outgoing,
        post: Option<&Post>,
        spent: &mut Spent,
        talk: &mut dyn Talk,
    ) -> Result<bool, Break> {
        let wanted = match outgoing.is_empty() {
            true => libc::POLLIN,
            false => libc::POLLIN | libc::POLLOUT,
        };
        let start = Instant::now();
        let bell = post.map(|post| post.bell().as_fd());
        let has_come = wait(
            &self.stream,
            wanted,
            [bell, self.words.pipe()],
            Some(GLANCE),
        )?;
        spent.waited += start.elapsed();
        // Words are no progress.
        if self.words.take() || !has_come {
            spent.check(self, talk)?;
        }
        Ok(has_come)
    }

    /// The processor time that the worker has taken since its start; zero where it is gone.
    fn cpu(&self) -> Duration {
        let Ok(pid) = libc::pid_t::try_from(self.child.id()) else {
            return Duration::ZERO;
        };
        let mut clock: libc::clockid_t = 0;
        let mut time = libc::timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        // SAFETY: both calls write to the variables they are given and to nothing else.
        let known = unsafe {
            libc::clock_getcpuclockid(pid, &mut clock) == 0
                && libc::clock_gettime(clock, &mut time) == 0
        };
        match (u64::try_from(time.tv_sec), u32::try_from(time.tv_nsec)) {
            (Ok(seconds), Ok(nanoseconds)) if known => Duration::new(seconds, nanoseconds),
            _ => Duration::ZERO,
        }
    }

    /// How long its threads could have run and had no processor (proc_pid_schedstat, in nanoseconds: what they ran, and what they
    /// waited); zero where the system does not tell.
    fn delay(&self) -> Duration {
        let threads = std::fs::read_dir(format!("/proc/{}/task", self.child.id()));
        let delays = threads
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|thread| {
                let told = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
                told.split_whitespace().nth(1)?.parse::<u64>().ok()
            });
        Duration::from_nanos(delays.sum())
    }

    /// Ends it, and tells what it died of where it was dead already.
    pub(super) fn post_mortem(mut self, told: &io::Error) -> Death {
        // A worker that closed its socket is about to be gone; one that says what none says is not.
        let deadline = Instant::now() + Duration::from_secs(5);
        let status = loop {
            match self.child.try_wait() {
                Ok(Some(status)) => break Some(status),
                Ok(None)
                    if told.kind() != io::ErrorKind::InvalidData && Instant::now() < deadline =>
                {
                    std::thread::sleep(Duration::from_millis(1));
                }
                _ => break None,
            }
        };
        let Some(status) = status else {
            return Death::Other(told.to_string());
        };
        cause(status, &self.words.last())
    }
}

/// What the standard library says when a stack or the memory runs out, before it aborts.
fn cause(status: ExitStatus, words: &str) -> Death {
    if status.signal() == Some(libc::SIGABRT) {
        if words.contains("has overflowed its stack") {
            return Death::Stack;
        }
        if words.contains("memory allocation of") {
            return Death::Memory;
        }
    }
    let last = words.trim().lines().last().unwrap_or_default();
    Death::Other(match last {
        "" => status.to_string(),
        words => format!("{status}: {words}"),
    })
}

impl Drop for Worker {
    fn drop(&mut self) {
        // It may be dead already; then there is nothing to kill, and it is reaped all the same.
        let _ = self.child.kill();
        if let Err(error) = self.child.wait() {
            tracing::warn!("a worker `{}` can't be reaped: {error}", self.kind.name);
        }
    }
}
