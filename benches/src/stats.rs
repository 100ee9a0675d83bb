//! Percentiles and the lines of the result table.

use std::time::Duration;

/// Measured durations.
#[derive(Default)]
pub(crate) struct Samples(Vec<Duration>);

impl Samples {
    /// Adds one.
    pub(crate) fn push(&mut self, sample: Duration) {
        self.0.push(sample);
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The value that `percent` of the samples do not exceed, in milliseconds; 0 without samples.
    pub(crate) fn percentile(&mut self, percent: usize) -> f64 {
        self.0.sort_unstable();
        let last = self.0.len().saturating_sub(1);
        self.0.get(last * percent / 100).map_or(0.0, |sample| sample.as_secs_f64() * 1e3)
    }

    /// One line of the table.
    pub(crate) fn report(&mut self, name: &str) -> String {
        format!(
            "| {name} | {} | {:.2} | {:.2} | {:.2} |",
            self.len(),
            self.percentile(50),
            self.percentile(95),
            self.percentile(99)
        )
    }
}

/// The head of the table that [`Samples::report`] fills.
pub(crate) const HEAD: &str = "| way | samples | p50 ms | p95 ms | p99 ms |\n|---|---|---|---|---|";
