//! A file that is cut while it is mapped makes the next touch of a lost page a SIGBUS, which would end the daemon.
//!
//! The handler here looks whether the address lies in a map of ours; if so it puts a harmless page there and notes
//! the damage: the reader goes on, finds nothing or a value without its hash, whatever it finds is thrown away, and the
//! store is rebuilt. Any other SIGBUS goes where it went before.

use std::ops::Range;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicUsize, Ordering};

/// As many stores as may be open in one process (tests open several).
const SLOTS: usize = 64;

struct Slot {
    taken: AtomicBool,
    hit: AtomicBool,
    start: AtomicUsize,
    end: AtomicUsize,
}

static TABLE: [Slot; SLOTS] = [const {
    Slot {
        taken: AtomicBool::new(false),
        hit: AtomicBool::new(false),
        start: AtomicUsize::new(0),
        end: AtomicUsize::new(0),
    }
}; SLOTS];
static PREVIOUS: OnceLock<libc::sigaction> = OnceLock::new();
static PAGE: AtomicUsize = AtomicUsize::new(4096);
/// A descriptor of one page that LMDB can follow without harm; -1 where there is none.
static HARMLESS: AtomicI32 = AtomicI32::new(-1);

/// Watches over one map for as long as it lives.
#[derive(Debug)]
pub(super) struct Guard {
    /// `None` where all slots are taken: then there is no guard, only the checks before each transaction.
    slot: Option<usize>,
}

impl Guard {
    /// A guard over nothing yet.
    pub(super) fn new() -> Self {
        install();
        let slot = TABLE
            .iter()
            .position(|slot| !slot.taken.swap(true, Ordering::AcqRel));
        if let Some(slot) = slot {
            TABLE[slot].hit.store(false, Ordering::Release);
        }
        Self { slot }
    }

    /// From now on watches `range`, or nothing. To be emptied before the map is taken away.
    pub(super) fn watch(&self, range: Option<Range<usize>>) {
        let Some(slot) = self.slot.map(|slot| &TABLE[slot]) else {
            return;
        };
        // Empty first, so that the handler never sees the start of one range with the end of another.
        slot.end.store(0, Ordering::SeqCst);
        if let Some(range) = range {
            slot.start.store(range.start, Ordering::SeqCst);
            slot.end.store(range.end, Ordering::SeqCst);
        }
    }

    /// Whether a page of the map was found missing.
    pub(super) fn hit(&self) -> bool {
        self.slot
            .is_some_and(|slot| TABLE[slot].hit.load(Ordering::Acquire))
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.watch(None);
        if let Some(slot) = self.slot {
            TABLE[slot].taken.store(false, Ordering::Release);
        }
    }
}

/// Where the file with this inode number, named `data.mdb`, is mapped in this process: LMDB does not say.
pub(super) fn mapped(inode: u64) -> Option<Range<usize>> {
    let maps = std::fs::read_to_string("/proc/self/maps").ok()?;
    maps.lines()
        .filter(|line| line.ends_with("/data.mdb"))
        .filter_map(|line| {
            let mut fields = line.split_ascii_whitespace();
            let (start, end) = fields.next()?.split_once('-')?;
            let found: u64 = fields.nth(3)?.parse().ok()?;
            let start = usize::from_str_radix(start, 16).ok()?;
            let end = usize::from_str_radix(end, 16).ok()?;
            (found == inode).then_some(start..end)
        })
        .max_by_key(|range| range.len())
}

fn install() {
    PREVIOUS.get_or_init(|| {
        // SAFETY: sysconf has no preconditions.
        let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
        PAGE.store(usize::try_from(page).unwrap_or(4096), Ordering::SeqCst);
        HARMLESS.store(harmless(PAGE.load(Ordering::SeqCst)), Ordering::SeqCst);
        // SAFETY: a zeroed sigaction is a valid value of that plain struct.
        let mut previous: libc::sigaction = unsafe { std::mem::zeroed() };
        // SAFETY: as above.
        let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
        let handler: extern "C" fn(libc::c_int, *mut libc::siginfo_t, *mut libc::c_void) =
            on_bus_error;
        action.sa_sigaction = handler as usize;
        action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
        // SAFETY: both structs live through the call; the handler uses only atomics and system calls.
        unsafe { libc::sigaction(libc::SIGBUS, &action, &mut previous) };
        previous
    });
}

/// A page of which each of LMDB's assertions is true, whatever the page was before: a branch and a leaf at once, with
/// two nodes whose key and value are empty and whose child is page 0, which is of neither kind and so an error.
fn harmless(size: usize) -> i32 {
    let mut page = vec![0; size];
    page[10] = 1 | 2 | 4;
    page[12] = 20;
    page[14] = 32;
    page[16] = 32;
    page[18] = 32;
    // SAFETY: the name is a C string that lives through the call.
    let descriptor = unsafe { libc::memfd_create(c"store".as_ptr(), libc::MFD_CLOEXEC) };
    if descriptor < 0 {
        return -1;
    }
    // SAFETY: the buffer is `size` bytes and lives through the call.
    let written = unsafe { libc::write(descriptor, page.as_ptr().cast(), size) };
    if usize::try_from(written) == Ok(size) {
        descriptor
    } else {
        -1
    }
}

extern "C" fn on_bus_error(
    signal: libc::c_int,
    info: *mut libc::siginfo_t,
    context: *mut libc::c_void,
) {
    // SAFETY: the kernel passes a valid siginfo to a handler with SA_SIGINFO.
    let address = unsafe { (*info).si_addr() } as usize;
    for slot in &TABLE {
        let end = slot.end.load(Ordering::SeqCst);
        let start = slot.start.load(Ordering::SeqCst);
        if start <= address && address < end && replace_page(address) {
            slot.hit.store(true, Ordering::SeqCst);
            return;
        }
    }
    pass_on(signal, info, context);
}

/// Puts the harmless page where `address` is.
fn replace_page(address: usize) -> bool {
    let page = PAGE.load(Ordering::SeqCst);
    let start = address & !(page - 1);
    let descriptor = HARMLESS.load(Ordering::SeqCst);
    let anonymous = if descriptor < 0 {
        libc::MAP_ANONYMOUS
    } else {
        0
    };
    // SAFETY: errno is this thread's; it is put back below, since the interrupted code may be about to read it.
    let errno = unsafe { *libc::__errno_location() };
    // SAFETY: the page lies in a map that LMDB made read-only and that stays until the guard is emptied, so no
    // other memory is replaced; on Linux mmap is one system call and takes no lock of the C library.
    let made = unsafe {
        libc::mmap(
            start as *mut libc::c_void,
            page,
            libc::PROT_READ,
            libc::MAP_PRIVATE | anonymous | libc::MAP_FIXED,
            descriptor,
            0,
        )
    };
    // SAFETY: as above.
    unsafe { *libc::__errno_location() = errno };
    made != libc::MAP_FAILED
}

/// What would have happened without this module.
fn pass_on(signal: libc::c_int, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    let handler = PREVIOUS
        .get()
        .map(|previous| (previous.sa_sigaction, previous.sa_flags));
    match handler {
        Some((address, flags)) if address != libc::SIG_DFL && address != libc::SIG_IGN => {
            if flags & libc::SA_SIGINFO != 0 {
                // SAFETY: the address is that of the handler installed before, of this type since SA_SIGINFO is set.
                let previous: extern "C" fn(libc::c_int, *mut libc::siginfo_t, *mut libc::c_void) =
                    unsafe { std::mem::transmute(address) };
                previous(signal, info, context);
            } else {
                // SAFETY: as above, without SA_SIGINFO.
                let previous: extern "C" fn(libc::c_int) = unsafe { std::mem::transmute(address) };
                previous(signal);
            }
        }
        _ => {
            // SAFETY: the default action: the fault happens again on return and ends the process.
            unsafe { libc::signal(signal, libc::SIG_DFL) };
        }
    }
}
