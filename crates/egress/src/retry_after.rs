//! Parses `Retry-After` (RFC 9110 section 10.2.3): seconds, or a date relative to the response's own `Date`. This is
//! not the retry policy: the caller decides whether to wait.

use std::time::{Duration, SystemTime};

use http::HeaderMap;
use http::header::{DATE, RETRY_AFTER};

/// The upper bound of a result, a century: it keeps sums of timestamps in range and is no limit in practice.
const MAX_WAIT: Duration = Duration::from_hours(100 * 366 * 24);

/// How long a response asks to wait, from its arrival (CE-WH-16, CE-WH-17, CE-WH-19).
///
/// A date is relative to the response's `Date`, so that wrong clocks do not matter; `now` is used only without that
/// header. `None` if the header is absent, unreadable, zero or in the past; the caller then uses its normal backoff
/// (CE-WH-18). Of several values the longest counts.
pub fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    headers
        .get_all(RETRY_AFTER)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .filter_map(|text| seconds(text).or_else(|| until(text, headers, now)))
        .max()
        .filter(|wait| !wait.is_zero())
        .map(|wait| wait.min(MAX_WAIT))
}

fn seconds(text: &str) -> Option<Duration> {
    let text = text.trim();
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(text.parse().map_or(MAX_WAIT, Duration::from_secs))
}

fn until(text: &str, headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let moment = httpdate::parse_http_date(text.trim()).ok()?;
    let date = headers.get(DATE).and_then(|value| value.to_str().ok());
    let answered = date.and_then(|text| httpdate::parse_http_date(text).ok()).unwrap_or(now);
    moment.duration_since(answered).ok()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn reads_seconds_and_dates_ce_wh_16_ce_wh_17_ce_wh_18() {
        let now = httpdate::parse_http_date("Wed, 21 Nov 2029 10:00:00 GMT").unwrap();
        for (retry_after_lines, date, seconds) in [
            (&["7"][..], None, Some(7)),
            (&[" 120 "], None, Some(120)),
            (&["0"], None, None),
            (&["-1"], None, None),
            (&["1.5"], None, None),
            (&["soon"], None, None),
            (&[""], None, None),
            (&[], None, None),
            (&["99999999999999999999999"], None, Some(MAX_WAIT.as_secs())),
            (&["Wed, 21 Nov 2029 10:00:05 GMT"], None, Some(5)),
            (&["Wed, 21 Nov 2029 10:00:05 GMT"], Some("Wed, 21 Nov 2029 09:59:00 GMT"), Some(65)),
            (&["Wed, 21 Nov 2029 10:00:05 GMT"], Some("Wed, 21 Nov 2029 10:01:00 GMT"), None),
            (&["Wed, 21 Nov 2029 10:00:05 GMT"], Some("yesterday"), Some(5)),
            (&["Wed, 21 Nov 2029 09:59:59 GMT"], None, None),
            (&["Wednesday, 21-Nov-29 10:00:09 GMT"], None, Some(9)),
            (&["Wed Nov 21 10:00:09 2029"], None, Some(9)),
            (&["3", "9", "soon"], None, Some(9)),
        ] {
            let mut headers = HeaderMap::new();
            for line in retry_after_lines {
                headers.append(RETRY_AFTER, HeaderValue::from_static(line));
            }
            if let Some(date) = date {
                headers.insert(DATE, HeaderValue::from_static(date));
            }
            let expected = seconds.map(Duration::from_secs);
            assert_eq!(retry_after(&headers, now), expected, "{retry_after_lines:?} {date:?}");
        }
    }
}
