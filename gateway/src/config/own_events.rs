//! Section `[own_events]`: events of the gateway about itself. Without this section there are none.

use model::kanaal::OWN_KANAAL;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Config, Kanaal};

/// Events of the gateway about itself, on the kanaal `gateway`: outages of sinks, dead letters and the like.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct OwnEvents {
    /// How often it is checked whether an event is due, in seconds.
    #[schema(minimum = 1)]
    pub check_seconds: u32,
    /// How long an outage lasts before its event, in seconds; 0 for every outage.
    pub outage_after_seconds: u32,
    /// After an event about an outage of a subscription, none says that another one began within so many seconds.
    pub outage_quiet_seconds: u32,
    /// At which parts of `delivery.outage_limit_hours` there is an event about an outage that goes on, in percents; one for each number.
    pub suspension_percent: Vec<u32>,
    /// The least time between two events about dead letters of one subscription, in seconds.
    pub dead_letters_quiet_seconds: u32,
    /// The least time between two events about retention of one subscription, in hours.
    pub retention_quiet_hours: u32,
    /// The least time between two events about approval of one subscription by the owner of one kanaal, in seconds.
    pub approval_quiet_seconds: u32,
    /// The least time between two events about people of one kanaal that messages do not reach, in seconds.
    pub undeliverable_quiet_seconds: u32,
    /// How many days before the end of a certificate there is an event; one for each number, and one when it has ended.
    pub certificate_days: Vec<u32>,
}

impl Default for OwnEvents {
    fn default() -> Self {
        Self {
            check_seconds: 5,
            outage_after_seconds: 60,
            outage_quiet_seconds: 900,
            suspension_percent: vec![50, 70, 90],
            dead_letters_quiet_seconds: 3_600,
            retention_quiet_hours: 24,
            approval_quiet_seconds: 3_600,
            undeliverable_quiet_seconds: 3_600,
            certificate_days: vec![60, 30, 7],
        }
    }
}

/// Most numbers of days.
const MOST_DAYS: usize = 10;

/// Most parts of the outage limit.
const MOST_PERCENTS: usize = 10;

impl OwnEvents {
    /// What is wrong with it: the key and why.
    pub(super) fn fault(&self) -> Option<(&'static str, &'static str)> {
        let rules = [
            (self.check_seconds >= 1, "own_events.check_seconds", "must be at least 1"),
            (
                self.certificate_days.len() <= MOST_DAYS && !self.certificate_days.contains(&0),
                "own_events.certificate_days",
                "must be at most 10 numbers of 1 or more",
            ),
            (
                self.suspension_percent.len() <= MOST_PERCENTS
                    && self.suspension_percent.iter().all(|percent| (1..100).contains(percent)),
                "own_events.suspension_percent",
                "must be at most 10 numbers from 1 to 99",
            ),
        ];
        rules.into_iter().find(|(holds, ..)| !holds).map(|(_, key, why)| (key, why))
    }
}

impl Config {
    /// The declared kanalen, with the one of the gateway's own events when there are any.
    pub fn kanalen(&self) -> Vec<Kanaal> {
        let mut kanalen = self.kanaal.clone();
        if self.own_events.is_some() && !kanalen.iter().any(|kanaal| kanaal.naam == OWN_KANAAL) {
            kanalen.push(Kanaal { naam: OWN_KANAAL.to_owned(), ..Kanaal::default() });
        }
        kanalen
    }

    /// What a declaration of the kanaal of the gateway's own events must not have.
    pub(super) fn own_kanaal_fault(&self) -> Option<(&'static str, &'static str)> {
        self.own_events.as_ref()?;
        let declared = self.kanaal.iter().find(|kanaal| kanaal.naam == OWN_KANAAL)?;
        let why = "must be absent for the kanaal gateway, which carries the gateway's own events";
        let rules = [
            (declared.owner.is_none(), "kanaal.owner"),
            (declared.publishers.is_empty(), "kanaal.publishers"),
            (declared.type_routes.is_empty(), "kanaal.type_routes"),
        ];
        rules.into_iter().find(|(holds, _)| !holds).map(|(_, key)| (key, why))
    }
}

#[cfg(test)]
mod tests {
    use crate::config::parse;

    #[test]
    fn the_section_switches_own_events_on() {
        for (text, good) in [
            ("", true),
            ("[own_events]", true),
            ("[own_events]\ncheck_seconds = 0", false),
            ("[own_events]\ncertificate_days = [30, 0]", false),
            ("[own_events]\ncertificate_days = []", true),
            ("[own_events]\nsuspension_percent = [0]", false),
            ("[own_events]\nsuspension_percent = [100]", false),
            ("[own_events]\nsuspension_percent = [1,2,3,4,5,6,7,8,9,10,11]", false),
            ("[own_events]\nsuspension_percent = [1, 99]", true),
            ("[own_events]\nsuspension_percent = []", true),
            ("[own_events]\nunknown = 1", false),
            ("[own_events]\n[[kanaal]]\nnaam = \"gateway\"\nretention_days = 90", true),
            ("[own_events]\n[[kanaal]]\nnaam = \"gateway\"\nowner = \"a\"", false),
            ("[own_events]\n[[kanaal]]\nnaam = \"gateway\"\npublishers = []", true),
            ("[own_events]\n[[kanaal]]\nnaam = \"gateway\"\ntype_routes = [\"nl.x\"]", false),
            ("[[kanaal]]\nnaam = \"gateway\"\ntype_routes = [\"nl.x\"]", true),
        ] {
            assert_eq!(parse(text).is_ok(), good, "{text}");
        }
        assert!(parse("").unwrap().own_events.is_none());
        let names = |text: &str| -> Vec<String> {
            parse(text).unwrap().kanalen().into_iter().map(|kanaal| kanaal.naam).collect()
        };
        assert!(names("").is_empty());
        assert_eq!(names("[own_events]"), ["gateway"]);
        assert_eq!(names("[own_events]\n[[kanaal]]\nnaam = \"gateway\""), ["gateway"]);
    }
}
