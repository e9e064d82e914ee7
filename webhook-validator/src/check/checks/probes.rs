//! Checks of a receiver of the Notificaties API: the two probes, which replace the handshake there.

use crate::probe::{Accepted, Next, Probe, first, next, request};

use super::{Stop, first_failure};
use crate::check::clauses::credentials::{PROBE_ACCEPTED, PROBE_GUARDED};
use crate::check::clauses::events::ACCEPTED;
use crate::check::session::Session;
use crate::check::text::{Said, Text};
use crate::check::wire::Way;

/// Sends the probes and reports; returns whether an abonnement would be accepted.
pub async fn run(session: &mut Session<'_>) -> Result<bool, Stop> {
    let mut probe = first(&session.url);
    let passed = loop {
        let authorization = session.options.authorization.as_ref();
        let (clause, purpose) = match probe {
            Probe::WithoutCredential => (
                &PROBE_GUARDED,
                Text { en: "first probe, without Authorization", nl: "eerste proef, zonder Authorization" },
            ),
            Probe::WithCredential => (&PROBE_ACCEPTED, Text { en: "second probe", nl: "tweede proef" }),
        };
        let exchange = session.send(request(probe, &session.url, authorization, None), purpose, Way::Usual).await;
        let status = match &exchange.outcome {
            Ok(response) => response.status.as_u16(),
            Err(error) => return Err(first_failure(error)),
        };
        let seen = || Said::plain(exchange.received.line());
        let following = next(probe, status, Accepted::default());
        session.report.add_check(clause, following.is_ok(), &exchange, seen());
        if probe == Probe::WithCredential {
            session.report.add_check(&ACCEPTED, matches!(status, 200 | 201 | 202 | 204), &exchange, seen());
        }
        match following {
            Ok(Next::Send(following)) => probe = following,
            Ok(Next::Passed) => break true,
            Err(_) => break false,
        }
    };
    if !passed && probe == Probe::WithoutCredential {
        let why = Said::new("the first probe failed", "de eerste proef mislukte");
        session.report.not_observed(&[&PROBE_ACCEPTED], &why);
    }
    session.report.conclude(if passed {
        Said::new("An abonnement on this URL would be accepted.", "Een abonnement op deze URL wordt geaccepteerd.")
    } else {
        Said::new("An abonnement on this URL would be refused.", "Een abonnement op deze URL wordt geweigerd.")
    });
    Ok(passed)
}
