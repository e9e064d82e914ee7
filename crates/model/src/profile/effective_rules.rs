//! Which profile applies to an event and what it may refuse, as set by its kanaal, else by the route of its request,
//! else by the gateway.
//!
//! This module only combines settings; it checks no events.

use super::{Finding, POSSIBLE_BSN, POSSIBLE_EMAIL, Profile, check};
use crate::Event;

/// Whether findings refuse an event or are only reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// Findings are reported; none refuses the event.
    #[default]
    Lenient,
    /// Findings on obligatory rules refuse the event.
    Strict,
}

impl Mode {
    /// Every value.
    pub const ALL: [Self; 2] = [Self::Lenient, Self::Strict];

    /// The name in configuration and responses.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Lenient => "lenient",
            Self::Strict => "strict",
        }
    }
}

/// The settings of a kanaal or a route; `None` inherits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rules {
    /// The profile.
    pub profile: Option<Profile>,
    /// Whether obligatory rules of the profile refuse an event.
    pub mode: Option<Mode>,
    /// Whether a possible BSN or e-mail address in an attribute refuses (NLG-SEC-01, CH-138).
    pub privacy: Option<Mode>,
}

impl Rules {
    /// These settings with the missing ones taken from `others`.
    pub fn over(self, others: EffectiveRules) -> EffectiveRules {
        EffectiveRules {
            profile: self.profile.unwrap_or(others.profile),
            mode: self.mode.unwrap_or(others.mode),
            privacy: self.privacy.unwrap_or(others.privacy),
        }
    }
}

/// The combined settings for an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EffectiveRules {
    /// The profile.
    pub profile: Profile,
    /// Whether obligatory rules of the profile refuse the event.
    pub mode: Mode,
    /// Whether a possible BSN or e-mail address in an attribute refuses the event (NLG-SEC-01, CH-138).
    pub privacy: Mode,
}

impl EffectiveRules {
    /// The findings about an event.
    pub fn findings(self, event: &Event) -> Vec<Finding> {
        check(event, self.profile)
    }

    /// Whether a finding refuses its event.
    pub fn refuses(self, finding: &Finding) -> bool {
        (finding.strict && self.mode == Mode::Strict)
            || (matches!(finding.rule, POSSIBLE_BSN | POSSIBLE_EMAIL) && self.privacy == Mode::Strict)
    }

    /// The names of profile and mode, for responses (GW-03).
    pub const fn label(self) -> &'static str {
        match (self.profile, self.mode) {
            (Profile::NlGov, Mode::Lenient) => "nlgov; mode=lenient",
            (Profile::NlGov, Mode::Strict) => "nlgov; mode=strict",
            (Profile::CloudEvents, Mode::Lenient) => "cloudevents; mode=lenient",
            (Profile::CloudEvents, Mode::Strict) => "cloudevents; mode=strict",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kanaal_is_asked_before_the_route_and_the_gateway_gw_03() {
        let gateway = EffectiveRules::default();
        let route = Rules { mode: Some(Mode::Strict), privacy: Some(Mode::Strict), ..Rules::default() };
        let kanaal = Rules { profile: Some(Profile::CloudEvents), mode: Some(Mode::Lenient), ..Rules::default() };
        let rules = kanaal.over(route.over(gateway));
        let expected = EffectiveRules { profile: Profile::CloudEvents, mode: Mode::Lenient, privacy: Mode::Strict };
        assert_eq!(rules, expected);
        assert_eq!(rules.label(), "cloudevents; mode=lenient");
        assert_eq!(Rules::default().over(gateway), gateway);
    }

    #[test]
    fn what_refuses_nlg_sec_01_ch_138() {
        let advisory = Finding::new("x", "id", "a", "b");
        let [bsn, email] = [POSSIBLE_BSN, POSSIBLE_EMAIL].map(|rule| Finding::new(rule, "id", "a", "b"));
        let obligatory = advisory.clone().strict();
        for (rules, refused) in [
            (EffectiveRules::default(), [false; 4]),
            (EffectiveRules { mode: Mode::Strict, ..EffectiveRules::default() }, [false, true, false, false]),
            (EffectiveRules { privacy: Mode::Strict, ..EffectiveRules::default() }, [false, false, true, true]),
        ] {
            assert_eq!(
                [&advisory, &obligatory, &bsn, &email].map(|finding| rules.refuses(finding)),
                refused,
                "{rules:?}"
            );
        }
    }
}
