//! The language of the texts about an event, and of the description of the native API: English or Dutch (NLG-CTX-10, ADR-22).
//!
//! The texts of the Notificaties API are always Dutch.

use http::{HeaderMap, HeaderValue, header};

use crate::problem::Problem;

/// A language with translated texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English (`en`), the default.
    English,
    /// Dutch (`nl`).
    Dutch,
}

impl Language {
    /// The one that `Accept-Language` prefers; English when it asks for neither.
    pub fn of(headers: &HeaderMap) -> Self {
        Self::preferred(headers).unwrap_or(Self::English)
    }

    /// The one that `Accept-Language` prefers (RFC 9110 section 12.5.4); `None` when it asks for neither.
    pub fn preferred(headers: &HeaderMap) -> Option<Self> {
        let ranges = headers.get_all(header::ACCEPT_LANGUAGE).iter().filter_map(|line| line.to_str().ok());
        let (mut dutch, mut english) = (0.0_f32, 0.0_f32);
        for range in ranges.flat_map(|line| line.split(',')) {
            let (tag, parameters) = range.split_once(';').unwrap_or((range, ""));
            let weight =
                parameters.trim().strip_prefix("q=").map_or(Some(1.0), |q| q.trim().parse().ok()).unwrap_or(0.0);
            match tag.trim().split('-').next().unwrap_or_default() {
                tag if tag.eq_ignore_ascii_case("nl") => dutch = dutch.max(weight),
                tag if tag.eq_ignore_ascii_case("en") => english = english.max(weight),
                _ => {}
            }
        }
        if dutch > english { Some(Self::Dutch) } else { (english > 0.0).then_some(Self::English) }
    }

    /// The language tag (RFC 5646).
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Dutch => "nl",
        }
    }

    /// The problem with `Content-Language`, when its texts are in Dutch.
    pub fn mark(self, problem: Problem) -> Problem {
        match self {
            Self::English => problem,
            Self::Dutch => problem.with_header(header::CONTENT_LANGUAGE, HeaderValue::from_static(self.tag())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_preferred_language_nlg_ctx_10() {
        for (accepted, dutch) in [
            ("nl", true),
            ("nl-NL,nl;q=0.9,en;q=0.8", true),
            ("en;q=0.5, NL;q=0.6", true),
            ("en, nl", false),
            ("en,nl;q=0.9", false),
            ("nl;q=0", false),
            ("nl;q=x", false),
            ("fr", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static(accepted));
            assert_eq!(Language::of(&headers) == Language::Dutch, dutch, "{accepted}");
        }
        assert_eq!(Language::of(&HeaderMap::new()), Language::English);
        assert_eq!(Language::preferred(&HeaderMap::new()), None);
    }
}
