//! Metrics of feeds, each by the name of the feed: names are configured, so their number is bounded.

/// Polls, by feed and result.
pub const POLLS: &str = "gateway_feed_polls_total";
/// Items, by feed and what became of them.
pub const ITEMS: &str = "gateway_feed_items_total";
/// Whether the last poll failed.
pub const FAILING: &str = "gateway_feed_failing";

pub(crate) fn count_poll(feed: &str, result: &'static str) {
    metrics::counter!(POLLS, "feed" => feed.to_owned(), "result" => result).increment(1);
}

pub(crate) fn count_items(feed: &str, result: &'static str, items: usize) {
    if items > 0 {
        metrics::counter!(ITEMS, "feed" => feed.to_owned(), "result" => result).increment(items as u64);
    }
}

pub(crate) fn set_failing(feed: &str, failing: bool) {
    metrics::gauge!(FAILING, "feed" => feed.to_owned()).set(if failing { 1.0 } else { 0.0 });
}
