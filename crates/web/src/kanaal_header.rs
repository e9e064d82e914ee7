//! The header `Gateway-Kanaal` of answers to publishers: the kanalen that their events went to.

use http::{HeaderName, HeaderValue};
use publishing::Examined;

use crate::public_url::path_segment;

/// The name of the header.
const NAME: HeaderName = HeaderName::from_static("gateway-kanaal");
/// Most kanalen that are named.
const MAX_NAMED: usize = 20;

/// The header for these events: names of kanalen, percent-encoded (RFC 3986) and separated by commas; `None` without events.
pub fn kanaal_header(examined: &Examined) -> Option<(HeaderName, HeaderValue)> {
    let kanalen = examined.kanalen();
    if let [only] = kanalen.as_slice() {
        return Some((NAME, HeaderValue::try_from(path_segment(only.as_str())).ok()?));
    }
    let names: Vec<String> = kanalen.iter().take(MAX_NAMED).map(|naam| path_segment(naam.as_str())).collect();
    if names.is_empty() { None } else { Some((NAME, HeaderValue::try_from(names.join(", ")).ok()?)) }
}
