//! Findings of CloudEvents and of the NL GOV profile about a valid event.
//!
//! The gateway decides whether a finding refuses the event (strict mode). Nothing here changes an event, and nothing is
//! allocated without findings.

mod bsn;
mod effective_rules;
mod email;
mod extensions;
mod rules;

use std::borrow::Cow;

use compact_str::CompactString;

use crate::Event;

pub use bsn::has_bsn;
pub use effective_rules::{EffectiveRules, Mode, Rules};

/// The rules that an event is checked by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Profile {
    /// CloudEvents 1.0 alone.
    CloudEvents,
    /// CloudEvents 1.0 and the NL GOV profile 1.1.
    #[default]
    NlGov,
}

impl Profile {
    /// All values.
    pub const ALL: [Self; 2] = [Self::CloudEvents, Self::NlGov];

    /// The name in configuration and responses.
    pub const fn label(self) -> &'static str {
        match self {
            Self::CloudEvents => "cloudevents",
            Self::NlGov => "nlgov",
        }
    }
}

/// A finding about an event. It never contains the value that it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The short name of the rule.
    pub rule: &'static str,
    /// The attribute; `event` for the event as a whole.
    pub member: CompactString,
    /// The text in English.
    pub text_en: Cow<'static, str>,
    /// The text in Dutch.
    pub text_nl: Cow<'static, str>,
    /// Whether strict mode refuses the event.
    pub strict: bool,
    /// The location in the payload, if it is about the payload.
    pub place: Option<Place>,
}

/// A location in a payload, and the keyword of the schema that it violates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// A JSON pointer into the payload.
    pub pointer: String,
    /// The keyword of the JSON Schema.
    pub keyword: String,
}

impl Finding {
    /// A finding that refuses in no mode.
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

    /// The same finding, refusing in strict mode.
    #[must_use]
    pub fn strict(mut self) -> Self {
        self.strict = true;
        self
    }
}

/// The rule of findings about a number that may be a BSN; strict privacy refuses the event (NLG-SEC-01).
pub const POSSIBLE_BSN: &str = "possible-bsn";

/// The rule of findings about a text that may be an e-mail address; strict privacy refuses the event (CH-138).
pub const POSSIBLE_EMAIL: &str = "possible-email";

/// Whether an attribute contains what may be a BSN or an e-mail address (NLG-SEC-01, NLG-SEC-02, CH-138).
pub fn may_hold_personal_data(event: &Event) -> bool {
    bsn::members(event).next().is_some() || email::members(event).next().is_some()
}

/// The findings about an event.
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
    email::check(event, &mut findings);
    findings
}
