//! Checks of a receiver of the Notificaties API: the two probes, which stand in for the handshake there.

use http::Uri;
use webhook_validator::probe::{Accepted, Next, Probe, first, next, request};

use super::problems::unreachable;
use crate::arguments::Arguments;
use crate::clauses;
use crate::exchange::Wire;
use crate::report::Report;
use crate::text::Said;

/// Sends the probes and reports.
pub async fn run(wire: &mut Wire, url: &Uri, arguments: &Arguments, report: &mut Report) -> Result<(), Said> {
    let mut probe = first(url);
    let passed = loop {
        let authorization = arguments.authorization.as_ref();
        let (clause, note) = match probe {
            Probe::WithoutCredential => (&clauses::PROBE_GUARDED, "(no Authorization)"),
            Probe::WithCredential => (&clauses::PROBE_ACCEPTED, ""),
        };
        let exchange = wire.send(request(probe, url, authorization, None), note).await;
        let status = match &exchange.outcome {
            Ok(response) => response.status,
            Err(error) => return Err(unreachable(error)),
        };
        let seen = || Said::plain(status.as_u16().to_string());
        let following = next(probe, status.as_u16(), Accepted::default());
        report.judge(&clauses::NO_REDIRECT, !status.is_redirection(), &exchange, seen());
        report.judge(clause, following.is_ok(), &exchange, seen());
        report.keep(exchange);
        match following {
            Ok(Next::Send(following)) => probe = following,
            Ok(Next::Passed) => break true,
            Err(_) => break false,
        }
    };
    if !passed && probe == Probe::WithoutCredential {
        let why = Said::new("the first probe failed", "de eerste proef mislukte");
        report.not_observed(&[&clauses::PROBE_ACCEPTED], &why);
    }
    report.conclude(if passed {
        Said::new("An abonnement on this URL would be accepted.", "Een abonnement op deze URL wordt geaccepteerd.")
    } else {
        Said::new("An abonnement on this URL would be refused.", "Een abonnement op deze URL wordt geweigerd.")
    });
    Ok(())
}
