//! The metrics of mailings. Labels are kanalen and ends, never addressees (I10).

use model::{
    KanaalName,
    mailing::{Counts, End},
};

/// Addressees of mailings by `kanaal` and `end`.
pub const ENDS: &str = "gateway_people_mailing_ends_total";
/// Mailings that are open, by `kanaal`.
pub const OPEN: &str = "gateway_people_mailings_open";
/// Mailings that are suspended, by `kanaal`.
pub const SUSPENDED: &str = "gateway_people_mailings_suspended";

/// Counts what ended between two checkpoints.
pub(super) fn count_ends(kanaal: &KanaalName, before: &Counts, after: &Counts) {
    for end in End::ALL {
        let more = after.of(end).saturating_sub(before.of(end));
        if more > 0 {
            metrics::counter!(ENDS, "kanaal" => kanaal.to_string(), "end" => end.label()).increment(more);
        }
    }
}

/// A gauge that is one higher while this lives.
pub(super) struct Raised(metrics::Gauge);

impl Raised {
    pub fn new(name: &'static str, kanaal: &KanaalName) -> Self {
        let gauge = metrics::gauge!(name, "kanaal" => kanaal.to_string());
        gauge.increment(1.0);
        Self(gauge)
    }
}

impl Drop for Raised {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}
