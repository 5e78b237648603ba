//! The table that a run prints.

use std::time::Duration;

/// Collects figures and prints each as it comes, so that a run that is stopped has still said something.
pub struct Report {
    missed: Vec<String>,
}

/// Where a figure should lie.
#[derive(Clone, Copy)]
pub enum Target {
    /// At most this.
    AtMost(f64),
    /// At least this.
    AtLeast(f64),
    /// Shown for information.
    None,
}

impl Report {
    /// Prints what the figures are taken on.
    pub fn new() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
        let model = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = model
            .lines()
            .find_map(|line| line.strip_prefix("model name"))
            .map_or("unknown processor", |rest| {
                rest.trim_start_matches([' ', '\t', ':'])
            });
        println!("{cores} cores, {model}, Linux {}", kernel.trim());
        Self { missed: Vec::new() }
    }

    /// Starts a group.
    pub fn group(&mut self, name: &str) {
        println!("\n{name}");
    }

    /// One figure.
    pub fn figure(&mut self, name: &str, value: f64, unit: &str, target: Target) {
        let (goal, met) = match target {
            Target::AtMost(limit) => (format!("at most {limit}"), value <= limit),
            Target::AtLeast(limit) => (format!("at least {limit}"), value >= limit),
            Target::None => (String::new(), true),
        };
        let mark = if met { ' ' } else { '!' };
        println!("{mark} {name:<64} {value:>10.3} {unit:<6} {goal}");
        if !met {
            self.missed
                .push(format!("{name}: {value:.3} {unit} ({goal})"));
        }
    }

    /// A time, for information.
    pub fn time(&mut self, name: &str, value: Duration) {
        self.figure(name, value.as_secs_f64() * 1e6, "us", Target::None);
    }

    /// Says that a figure could not be taken, and why.
    pub fn skipped(&mut self, name: &str, why: &str) {
        println!("- {name}: not measured: {why}");
        self.missed.push(format!("{name}: not measured"));
    }

    /// Sums up.
    pub fn finish(self) {
        if self.missed.is_empty() {
            println!("\nevery target met");
            return;
        }
        println!("\n{} short of their targets:", self.missed.len());
        for line in self.missed {
            println!("  {line}");
        }
    }
}
