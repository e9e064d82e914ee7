//! Conversion between consent as it is stored and the state of the handshake machine.

use model::{
    Timestamp,
    consent::{Consent, Rate},
};
use webhook_validator::{Micros, State};

/// The state of the machine for a stored consent.
pub fn from_model(consent: &Consent) -> State {
    match consent {
        Consent::Validating { attempts, not_before, last } => {
            State::Validating { attempts: *attempts, not_before: not_before.as_micros(), last: last.clone() }
        }
        Consent::PendingCallback { until, last } => {
            State::PendingCallback { until: until.as_micros(), last: last.clone() }
        }
        Consent::Granted { origin, rate, at } => match origin.parse() {
            Ok(origin) => State::Granted { origin, rate: rate_from_model(*rate), at: at.as_micros() },
            // The stored origin is not a valid name: request consent again.
            Err(_) => State::Validating { attempts: 0, not_before: at.as_micros(), last: None },
        },
        Consent::Refused { reason, at } => State::Refused { reason: reason.clone(), at: at.as_micros() },
    }
}

/// The consent to store for a state; `None` for those that are never stored here.
pub fn to_model(state: &State) -> Option<Consent> {
    Some(match state {
        State::Validating { attempts, not_before, last } => {
            Consent::Validating { attempts: *attempts, not_before: moment(*not_before), last: last.clone() }
        }
        State::PendingCallback { until, last } => {
            Consent::PendingCallback { until: moment(*until), last: last.clone() }
        }
        State::Granted { origin, rate, at } => {
            Consent::Granted { origin: origin.to_string(), rate: rate_to_model(*rate), at: moment(*at) }
        }
        State::Refused { reason, at } => Consent::Refused { reason: reason.clone(), at: moment(*at) },
        State::AwaitingApproval | State::Manual { .. } => return None,
    })
}

fn rate_from_model(rate: Rate) -> webhook_validator::Rate {
    match rate {
        Rate::Unlimited => webhook_validator::Rate::Unlimited,
        Rate::PerMinute(number) => webhook_validator::Rate::PerMinute(number),
    }
}

fn rate_to_model(rate: webhook_validator::Rate) -> Rate {
    match rate {
        webhook_validator::Rate::Unlimited => Rate::Unlimited,
        webhook_validator::Rate::PerMinute(number) => Rate::PerMinute(number),
    }
}

fn moment(moment: Micros) -> Timestamp {
    Timestamp::from_micros(moment)
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    #[test]
    fn stored_consent_survives_the_machine() {
        let at = Timestamp::from_micros(1_700_000_000_123_456);
        for consent in [
            Consent::fresh(at),
            Consent::Validating { attempts: 3, not_before: at, last: Some("timeout".into()) },
            Consent::PendingCallback { until: at, last: None },
            Consent::PendingCallback { until: at, last: Some("404".into()) },
            Consent::Granted { origin: "gw.example".into(), rate: Rate::Unlimited, at },
            Consent::Granted { origin: "GW.example".into(), rate: Rate::PerMinute(NonZeroU32::new(120).unwrap()), at },
            Consent::Refused { reason: "no".into(), at },
        ] {
            assert_eq!(to_model(&from_model(&consent)), Some(consent));
        }
        let odd = Consent::Granted { origin: "http://gw".into(), rate: Rate::Unlimited, at };
        assert!(matches!(from_model(&odd), State::Validating { .. }));
    }
}
