//! Medians, and pairs measured in turns so that a busy moment of the machine meets both sides.

use std::time::{Duration, Instant};

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
