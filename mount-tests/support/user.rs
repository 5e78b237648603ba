//! Doing something as another user.

/// Whether the tests run as root, who can become anybody.
pub fn is_root() -> bool {
    // SAFETY: geteuid only tells a number.
    unsafe { libc::geteuid() == 0 }
}

/// The id of nobody, who has no rights.
pub const NOBODY: u32 = 65_534;

/// An ordinary user: nobody, where the tests run as root, else who runs them.
pub fn ordinary_user() -> u32 {
    match is_root() {
        true => NOBODY,
        // SAFETY: as above.
        false => unsafe { libc::geteuid() },
    }
}

/// Does `work` on a thread of its own that is this user, without any right of root's. Only the thread changes: the
/// system calls are made directly, because the C library's would change the whole process (setuid(2)). Where the tests
/// do not run as root, they are this user already.
pub fn as_user<T: Send>(user: u32, work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            if is_root() {
                become_user(user);
            }
            work()
        });
        match thread.join() {
            Ok(value) => value,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

fn become_user(user: u32) {
    let id = libc::c_long::from(user);
    // SAFETY: the calls take numbers (and an empty list) and change the ids of this thread alone.
    let failed = unsafe {
        libc::syscall(libc::SYS_setgroups, 0, std::ptr::null::<libc::gid_t>())
            | libc::syscall(libc::SYS_setresgid, id, id, id)
            | libc::syscall(libc::SYS_setresuid, id, id, id)
    };
    assert_eq!(failed, 0, "{}", std::io::Error::last_os_error());
}
