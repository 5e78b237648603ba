//! A child process with all that it starts: it ends with the value.

use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus};

/// A process group.
pub struct Process(Child);

impl Process {
    /// Starts it as the head of a group of its own. Should the thread of the test die without a word, the kernel ends
    /// the head (prctl(2), PR_SET_PDEATHSIG).
    pub fn start(command: &mut Command) -> std::io::Result<Self> {
        command.process_group(0);
        // SAFETY: prctl is safe between fork and exec, and nothing else happens there.
        unsafe {
            command.pre_exec(|| {
                if libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) != 0 {
                    return Err(std::io::Error::last_os_error());
                }
                Ok(())
            });
        }
        command.spawn().map(Self)
    }

    /// The number of the group.
    #[allow(dead_code, reason = "who measures asks for it")]
    pub fn group(&self) -> u32 {
        self.0.id()
    }

    /// Whether it has ended, and how.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.0.try_wait().expect("the state of a child")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // The group outlives its head as long as one process is in it, and nobody else can have its number till then.
        if let Ok(group) = i32::try_from(self.0.id()) {
            // SAFETY: a signal to the group that this value started.
            unsafe { libc::kill(-group, libc::SIGKILL) };
        }
        let _ = self.0.wait();
    }
}
