//! Medians, and pairs measured in turns so that a busy moment of the machine meets both sides.

use std::time::{Duration, Instant};

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// The time of one call.
pub fn time<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let start = Instant::now();
    let result = work();
    (start.elapsed(), result)
}

/// The middle of the samples.
pub fn median(mut samples: Vec<Duration>) -> Duration {
    samples.sort_unstable();
    samples[samples.len() / 2]
}

/// The sample below which `share` (0 to 1) of all lie.
pub fn percentile(mut samples: Vec<Duration>, share: f64) -> Duration {
    samples.sort_unstable();
    let index = ((samples.len() as f64 * share) as usize).min(samples.len() - 1);
    samples[index]
}

/// Medians of several pieces of work, measured in turns, `rounds` times each.
pub fn in_turns<const N: usize>(rounds: usize, mut works: [&mut dyn FnMut(); N]) -> [Duration; N] {
    let mut samples: [Vec<Duration>; N] = std::array::from_fn(|_| Vec::with_capacity(rounds));
    for work in &mut works {
        work(); // warm
    }
    for _ in 0..rounds {
        for (work, samples) in works.iter_mut().zip(&mut samples) {
            samples.push(time(work).0);
        }
    }
    samples.map(median)
}

/// Runs `work`, and all that it starts, on one core. A request to a file system in user space is two changes of process;
/// where they cross cores the client and the daemon wake each other, which costs from 5 to 100 microseconds as idle and
/// busy cores, and the machine under a virtual one, have it. On one core what is left is the work of both.
pub fn on_one_core<T>(work: impl FnOnce() -> T) -> T {
    let all = sched_getaffinity(None).expect("the cores of this process");
    let last = (0..CpuSet::MAX_CPU).rfind(|&core| all.is_set(core));
    let mut one = CpuSet::new();
    one.set(last.expect("a core"));
    sched_setaffinity(None, &one).expect("one core is allowed");
    let result = work();
    sched_setaffinity(None, &all).expect("the cores from before");
    result
}

/// How many times longer `ours` took than `theirs`.
pub fn ratio(ours: Duration, theirs: Duration) -> f64 {
    ours.as_secs_f64() / theirs.as_secs_f64()
}

/// The processor time that this process has used, in user and system mode.
pub fn cpu_time() -> Duration {
    // SAFETY: getrusage writes the whole structure it is given, and RUSAGE_SELF is always valid.
    let usage = unsafe {
        let mut usage = std::mem::zeroed::<libc::rusage>();
        libc::getrusage(libc::RUSAGE_SELF, &mut usage);
        usage
    };
    let of = |time: libc::timeval| {
        Duration::new(
            time.tv_sec as u64,
            u32::try_from(time.tv_usec).unwrap_or(0) * 1000,
        )
    };
    of(usage.ru_utime) + of(usage.ru_stime)
}
