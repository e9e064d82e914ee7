//! Who decides against which profile an event is held and what that may refuse: the kanaal, else the route it came
//! in by, else the gateway.
//!
//! It refuses nothing itself and reads no event that is not valid.

use super::{Finding, POSSIBLE_BSN, Profile, check};
use crate::Event;

/// Whether findings are remarks or refusals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// Everything is a remark.
    #[default]
    Lenient,
    /// Findings on rules that are obligatory refuse the event.
    Strict,
}

impl Mode {
    /// Every value.
    pub const ALL: [Self; 2] = [Self::Lenient, Self::Strict];

    /// The name in configuration and answers.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Lenient => "lenient",
            Self::Strict => "strict",
        }
    }
}

/// What a kanaal or a route says of the rules; what is `None` is left to the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rules {
    /// The profile.
    pub profile: Option<Profile>,
    /// Whether its obligatory rules refuse.
    pub mode: Option<Mode>,
    /// Whether a possible BSN in an attribute refuses (NLG-SEC-01).
    pub privacy: Option<Mode>,
}

impl Rules {
    /// These rules over `others`.
    pub fn over(self, others: Judge) -> Judge {
        Judge {
            profile: self.profile.unwrap_or(others.profile),
            mode: self.mode.unwrap_or(others.mode),
            privacy: self.privacy.unwrap_or(others.privacy),
        }
    }
}

/// The rules that hold for an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Judge {
    /// The profile.
    pub profile: Profile,
    /// Whether its obligatory rules refuse.
    pub mode: Mode,
    /// Whether a possible BSN in an attribute refuses.
    pub privacy: Mode,
}

impl Judge {
    /// What there is to say about an event.
    pub fn findings(self, event: &Event) -> Vec<Finding> {
        check(event, self.profile)
    }

    /// Whether a finding refuses its event.
    pub fn refuses(self, finding: &Finding) -> bool {
        (finding.strict && self.mode == Mode::Strict) || (finding.rule == POSSIBLE_BSN && self.privacy == Mode::Strict)
    }

    /// The name of profile and mode, for answers (GW-03).
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
        let gateway = Judge::default();
        let route = Rules { mode: Some(Mode::Strict), privacy: Some(Mode::Strict), ..Rules::default() };
        let kanaal = Rules { profile: Some(Profile::CloudEvents), mode: Some(Mode::Lenient), ..Rules::default() };
        let judge = kanaal.over(route.over(gateway));
        let expected = Judge { profile: Profile::CloudEvents, mode: Mode::Lenient, privacy: Mode::Strict };
        assert_eq!(judge, expected);
        assert_eq!(judge.label(), "cloudevents; mode=lenient");
        assert_eq!(Rules::default().over(gateway), gateway);
    }

    #[test]
    fn what_refuses_nlg_sec_01() {
        let remark = Finding::new("x", "id", "a", "b");
        let bsn = Finding::new(POSSIBLE_BSN, "id", "a", "b");
        let obligatory = remark.clone().strict();
        for (judge, refused) in [
            (Judge::default(), [false, false, false]),
            (Judge { mode: Mode::Strict, ..Judge::default() }, [false, true, false]),
            (Judge { privacy: Mode::Strict, ..Judge::default() }, [false, false, true]),
        ] {
            assert_eq!([&remark, &obligatory, &bsn].map(|finding| judge.refuses(finding)), refused, "{judge:?}");
        }
    }
}
