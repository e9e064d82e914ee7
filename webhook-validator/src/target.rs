//! The other side of the handshake: another system asks whether it may send to us (CE-WHV-01, CE-WHV-22 to CE-WHV-24).
//! It grants no access: consent is no authentication (CE-WHV-25). CORS is a separate matter.

use ::http::header::ALLOW;
use ::http::{HeaderMap, HeaderValue};

use crate::headers::{ALLOWED_ORIGIN, ALLOWED_RATE, Field, Origin, REQUEST_ORIGIN, REQUEST_RATE};
use crate::rate::{Rate, parse_requested};

/// Who may send to us, and how fast.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admission {
    /// The origins that are welcome.
    pub origins: Welcome,
    /// The most we let one origin send.
    pub limit: Rate,
}

/// The origins that are welcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Welcome {
    /// Every one that asks.
    Everyone,
    /// These; an empty list admits nobody.
    Only(Vec<Origin>),
}

impl Admission {
    /// The headers with which `OPTIONS` is answered: `Allow` always, the consent headers only when we consent. The origin
    /// goes back as it was asked, never as `*`, so that a cache cannot give one sender's consent to another.
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
        let welcome = match &self.origins {
            Welcome::Everyone => true,
            Welcome::Only(origins) => origins.contains(&origin),
        };
        let rate = match Field::of(request, &REQUEST_RATE) {
            Field::Absent => self.limit,
            Field::One(text) => self.limit.min(Rate::PerMinute(parse_requested(&text)?)),
            Field::Several => return None,
        };
        let value = |text: &str| HeaderValue::from_str(text).ok();
        welcome.then(|| Some((value(origin.as_str())?, value(&rate.to_string())?))).flatten()
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
        let only = Welcome::Only(vec!["keten.example".parse().unwrap()]);
        for (origins, limit, asked, granted) in [
            (&only, sixty, request(&[ORIGIN, rate("120")]), Some(("keten.example", "60"))),
            (&only, sixty, request(&[ORIGIN, rate("30")]), Some(("keten.example", "30"))),
            (&only, sixty, request(&[ORIGIN]), Some(("keten.example", "60"))),
            (&only, Rate::Unlimited, request(&[ORIGIN]), Some(("keten.example", "*"))),
            (&only, Rate::Unlimited, request(&[ORIGIN, rate("120")]), Some(("keten.example", "120"))),
            (&only, sixty, request(&[("webhook-request-origin", "Keten.EXAMPLE")]), Some(("Keten.EXAMPLE", "60"))),
            (&only, sixty, request(&[STRANGER, rate("120")]), None),
            (&Welcome::Everyone, sixty, request(&[STRANGER]), Some(("vreemd.example", "60"))),
            (&Welcome::Everyone, sixty, request(&[("webhook-request-origin", "https://x.example")]), None),
            (&Welcome::Everyone, sixty, request(&[("webhook-request-origin", "*")]), None),
            (&Welcome::Everyone, sixty, request(&[("origin", "x.example")]), None),
            (&Welcome::Only(vec![]), sixty, request(&[ORIGIN]), None),
            (&only, sixty, request(&[ORIGIN, ORIGIN]), None),
            (&only, sixty, request(&[ORIGIN, rate("0")]), None),
            (&only, sixty, request(&[ORIGIN, rate("5"), rate("6")]), None),
            (&only, sixty, request(&[]), None),
        ] {
            let answer = Admission { origins: origins.clone(), limit }.answer(&asked);
            let header = |name| answer.get(name).map(|value: &HeaderValue| value.to_str().unwrap());
            assert_eq!(header("allow"), Some("POST, OPTIONS"));
            assert_eq!(header("webhook-allowed-origin").zip(header("webhook-allowed-rate")), granted, "{asked:?}");
            assert_eq!(answer.len(), if granted.is_some() { 3 } else { 1 });
        }
    }
}
