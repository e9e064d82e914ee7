//! Lines of the text form of Prometheus, for metrics whose labels or values the recorder cannot hold.

use std::fmt::Write;

/// The two lines before the samples of a metric.
pub fn header(text: &mut String, name: &str, kind: &str, help: &str) {
    // Writing to a String cannot fail.
    let _ = write!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
}
