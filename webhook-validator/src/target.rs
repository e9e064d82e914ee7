//! The receiver's side of the handshake: another system asks whether it may send to the gateway (CE-WHV-01, CE-WHV-22
//! to CE-WHV-24). Consent gives no access: it is not authentication (CE-WHV-25). CORS is a separate matter.

use ::http::header::ALLOW;
use ::http::{HeaderMap, HeaderValue};

use crate::headers::{ALLOWED_ORIGIN, ALLOWED_RATE, Field, Origin, REQUEST_ORIGIN, REQUEST_RATE};
use crate::rate::{Rate, parse_requested};

/// The origins that may send, and their rate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentPolicy {
    /// The permitted origins.
    pub origins: AllowedOrigins,
    /// The highest rate of one origin.
    pub max_rate: Rate,
}

/// A set of origins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AllowedOrigins {
    /// Every origin.
    Any,
    /// The listed origins; none if the list is empty.
    Only(Vec<Origin>),
}

impl ConsentPolicy {
    /// The headers of the response to `OPTIONS`: always `Allow`, and the consent headers if consent is given. The
    /// origin is returned as requested, never as `*`, so that a cache cannot give one sender's consent to another.
    pub fn answer(&self, request: &HeaderMap) -> HeaderMap {
        let mut answer = HeaderMap::new();
        answer.insert(ALLOW, HeaderValue::from_static("POST, OPTIONS"));
        if let Some((origin, rate)) = self.consent(request) {
            answer.insert(ALLOWED_ORIGIN, origin);
            answer.insert(ALLOWED_RATE, rate);
        }
        answer
    }

    fn consent(&self, request: &HeaderMap) -> Option<(HeaderValue, HeaderValue)> {
        let Field::One(origin) = Field::of(request, &REQUEST_ORIGIN) else { return None };
        let origin: Origin = origin.parse().ok()?;
        let allowed = match &self.origins {
            AllowedOrigins::Any => true,
            AllowedOrigins::Only(origins) => origins.contains(&origin),
        };
        let rate = match Field::of(request, &REQUEST_RATE) {
            Field::Absent => self.max_rate,
            Field::One(text) => self.max_rate.min(Rate::PerMinute(parse_requested(&text)?)),
            Field::Several => return None,
        };
        let value = |text: &str| HeaderValue::from_str(text).ok();
        allowed.then(|| Some((value(origin.as_str())?, value(&rate.to_string())?))).flatten()
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    fn request(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn consent_headers_only_when_we_consent_ce_whv_01_ce_whv_23_ce_whv_24() {
        const ORIGIN: (&str, &str) = ("webhook-request-origin", "keten.example");
        const STRANGER: (&str, &str) = ("webhook-request-origin", "vreemd.example");
        let rate = |text| ("webhook-request-rate", text);
        let sixty = Rate::PerMinute(NonZeroU32::new(60).unwrap());
        let only = AllowedOrigins::Only(vec!["keten.example".parse().unwrap()]);
        for (origins, limit, asked, granted) in [
            (&only, sixty, request(&[ORIGIN, rate("120")]), Some(("keten.example", "60"))),
            (&only, sixty, request(&[ORIGIN, rate("30")]), Some(("keten.example", "30"))),
            (&only, sixty, request(&[ORIGIN]), Some(("keten.example", "60"))),
            (&only, Rate::Unlimited, request(&[ORIGIN]), Some(("keten.example", "*"))),
            (&only, Rate::Unlimited, request(&[ORIGIN, rate("120")]), Some(("keten.example", "120"))),
            (&only, sixty, request(&[("webhook-request-origin", "Keten.EXAMPLE")]), Some(("Keten.EXAMPLE", "60"))),
            (&only, sixty, request(&[STRANGER, rate("120")]), None),
            (&AllowedOrigins::Any, sixty, request(&[STRANGER]), Some(("vreemd.example", "60"))),
            (&AllowedOrigins::Any, sixty, request(&[("webhook-request-origin", "https://x.example")]), None),
            (&AllowedOrigins::Any, sixty, request(&[("webhook-request-origin", "*")]), None),
            (&AllowedOrigins::Any, sixty, request(&[("origin", "x.example")]), None),
            (&AllowedOrigins::Only(vec![]), sixty, request(&[ORIGIN]), None),
            (&only, sixty, request(&[ORIGIN, ORIGIN]), None),
            (&only, sixty, request(&[ORIGIN, rate("0")]), None),
            (&only, sixty, request(&[ORIGIN, rate("5"), rate("6")]), None),
            (&only, sixty, request(&[]), None),
        ] {
            let answer = ConsentPolicy { origins: origins.clone(), max_rate: limit }.answer(&asked);
            let header = |name| answer.get(name).map(|value: &HeaderValue| value.to_str().unwrap());
            assert_eq!(header("allow"), Some("POST, OPTIONS"));
            assert_eq!(header("webhook-allowed-origin").zip(header("webhook-allowed-rate")), granted, "{asked:?}");
            assert_eq!(answer.len(), if granted.is_some() { 3 } else { 1 });
        }
    }
}
