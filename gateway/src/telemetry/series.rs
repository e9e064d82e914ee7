//! A bound on the number of series: clients create kanalen, and every kanaal has series of its own. Beyond the bound what belongs
//! to a further kanaal is not collected; series without this label always are.

use std::{
    collections::HashSet,
    sync::{Mutex, Once, PoisonError},
};

use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};

/// Most series with a label of a kanaal.
const MOST: usize = 10_000;

/// The label whose values clients choose.
const LABEL: &str = "kanaal";

/// A recorder that collects a bounded number of series.
pub struct BoundedSeries<R> {
    recorder: R,
    seen: Mutex<HashSet<Key>>,
    warning: Once,
}

impl<R> BoundedSeries<R> {
    /// Collects with `recorder`.
    pub fn new(recorder: R) -> Self {
        Self { recorder, seen: Mutex::default(), warning: Once::new() }
    }

    /// The recorder itself.
    pub fn into_inner(self) -> R {
        self.recorder
    }

    fn admits(&self, key: &Key) -> bool {
        if key.labels().all(|label| label.key() != LABEL) {
            return true;
        }
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.contains(key) {
            return true;
        }
        if seen.len() < MOST {
            return seen.insert(key.clone());
        }
        drop(seen);
        self.warning.call_once(|| tracing::warn!(most = MOST, "metrics of further kanalen are not collected"));
        false
    }
}

impl<R: Recorder> Recorder for BoundedSeries<R> {
    fn describe_counter(&self, key: KeyName, unit: Option<Unit>, description: SharedString) {
        self.recorder.describe_counter(key, unit, description);
    }

    fn describe_gauge(&self, key: KeyName, unit: Option<Unit>, description: SharedString) {
        self.recorder.describe_gauge(key, unit, description);
    }

    fn describe_histogram(&self, key: KeyName, unit: Option<Unit>, description: SharedString) {
        self.recorder.describe_histogram(key, unit, description);
    }

    fn register_counter(&self, key: &Key, metadata: &Metadata<'_>) -> Counter {
        if self.admits(key) { self.recorder.register_counter(key, metadata) } else { Counter::noop() }
    }

    fn register_gauge(&self, key: &Key, metadata: &Metadata<'_>) -> Gauge {
        if self.admits(key) { self.recorder.register_gauge(key, metadata) } else { Gauge::noop() }
    }

    fn register_histogram(&self, key: &Key, metadata: &Metadata<'_>) -> Histogram {
        if self.admits(key) { self.recorder.register_histogram(key, metadata) } else { Histogram::noop() }
    }
}

#[cfg(test)]
mod tests {
    use metrics::{Label, NoopRecorder};

    use super::*;

    #[test]
    fn c6_series_of_kanalen_are_bounded() {
        let series = BoundedSeries::new(NoopRecorder);
        let key = |number: usize| Key::from_parts("x", vec![Label::new(LABEL, format!("k{number}"))]);
        assert!((0..MOST).all(|number| series.admits(&key(number))));
        assert!(!series.admits(&key(MOST)) && series.admits(&key(0)));
        assert!(series.admits(&Key::from_parts("x", vec![Label::new("status", "2xx")])));
    }
}
