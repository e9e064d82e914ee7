//! Remarks of CloudEvents and of the NL GOV profile on a valid event: a list of findings, never an error.
//!
//! Whether a finding rejects the event is the gateway's choice (strict mode); nothing here changes an
//! event, and nothing is allocated when there is nothing to say.

mod bsn;
mod extensions;
mod judge;
mod rules;

use std::borrow::Cow;

use compact_str::CompactString;

use crate::Event;

pub use judge::{Judge, Mode, Rules};

/// The rules an event is held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Profile {
    /// CloudEvents 1.0 alone.
    CloudEvents,
    /// CloudEvents 1.0 and the NL GOV profile 1.1.
    #[default]
    NlGov,
}

impl Profile {
    /// Every value.
    pub const ALL: [Self; 2] = [Self::CloudEvents, Self::NlGov];

    /// The name in configuration and answers.
    pub const fn label(self) -> &'static str {
        match self {
            Self::CloudEvents => "cloudevents",
            Self::NlGov => "nlgov",
        }
    }
}

/// A remark on an event. It never holds the value it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule, as a short name.
    pub rule: &'static str,
    /// The attribute it is about; `event` for the event as a whole.
    pub member: CompactString,
    /// The remark in English.
    pub text_en: Cow<'static, str>,
    /// The remark in Dutch.
    pub text_nl: Cow<'static, str>,
    /// Whether strict mode rejects the event for it.
    pub strict: bool,
    /// Where in the payload, when it is about the payload.
    pub place: Option<Place>,
}

/// A place in a payload, and the keyword of the schema that it does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// A JSON pointer into the payload.
    pub pointer: String,
    /// The keyword.
    pub keyword: String,
}

impl Finding {
    /// A remark that rejects in no mode.
    pub fn new(rule: &'static str, member: &str, text_en: &'static str, text_nl: &'static str) -> Self {
        Self {
            rule,
            member: CompactString::new(member),
            text_en: Cow::Borrowed(text_en),
            text_nl: Cow::Borrowed(text_nl),
            strict: false,
            place: None,
        }
    }

    /// The same remark, rejecting in strict mode.
    #[must_use]
    pub fn strict(mut self) -> Self {
        self.strict = true;
        self
    }
}

/// The rule of [`Finding`]s about a number that may be a BSN; strict privacy rejects on it (NLG-SEC-01).
pub const POSSIBLE_BSN: &str = "possible-bsn";

/// Whether an attribute holds a number that may be a BSN (NLG-SEC-01, NLG-SEC-02).
pub fn may_hold_bsn(event: &Event) -> bool {
    bsn::members(event).next().is_some()
}

/// What there is to say about an event.
pub fn check(event: &Event, profile: Profile) -> Vec<Finding> {
    let mut findings = Vec::new();
    let seen = rules::Seen::new(event);
    rules::core(event, &seen, profile, &mut findings);
    if seen.is_documented {
        extensions::check(event, &mut findings);
    }
    if profile == Profile::NlGov {
        rules::nl_gov(event, &seen, &mut findings);
    }
    bsn::check(event, &mut findings);
    findings
}
