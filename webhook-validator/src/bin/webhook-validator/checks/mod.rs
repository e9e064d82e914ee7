//! The order of the checks: connection, handshake, and only with consent the events; or the two probes instead.

mod callback;
mod connection;
mod credentials;
mod delivery;
mod handshake;
mod probes;
mod problems;

use std::time::Duration;

use egress::{Policy, SendError, without_query};
use webhook_validator::Rate;

use crate::arguments::{Arguments, Format};
use crate::clauses;
use crate::clauses::Applies;
use crate::events::Events;
use crate::query;
use crate::report::{Report, Verdict};
use crate::session::Session;
use crate::text::Said;
use crate::wire::Wire;

/// Why checking stops before there is anything to say about events.
enum Stop {
    /// There is nothing to report: wrong usage, or no answer at all.
    Nothing(Said),
    /// The connection is not secure, which is a finding.
    Insecure(String),
}

/// Runs all checks. An error means that there is nothing to report.
pub async fn run(arguments: &Arguments) -> Result<Report, Said> {
    let policy = Policy { allow: arguments.allow.clone(), allow_http: arguments.allow.clone() };
    let url = policy.check_url(&arguments.url).map_err(|error| problems::url(&error))?;
    if query::token(&url).is_some() && arguments.authorization.is_some() {
        return Err(Said::new(
            "a token goes in the query or in --authorization, not in both",
            "een token hoort in de query of in --authorization, niet in allebei",
        ));
    }
    let mut events = Events::new(arguments)?;
    let mut wire = Wire::new(&policy, arguments).map_err(|error| Said::plain(error.to_string()))?;
    if let Some(value) = arguments.authorization.as_ref().and_then(|value| value.to_str().ok()) {
        wire.secrets.hide(value);
        wire.secrets.hide(value.split_once(' ').map_or(value, |(_, token)| token));
    }
    for (name, value) in query::pairs(&url).filter_map(|pair| pair.split_once('=')) {
        // Any parameter may hold a secret; hiding short ones would make a riddle of the report.
        if name == query::NAME || value.len() >= 6 {
            wire.secrets.hide(value);
        }
    }
    let applies = if arguments.format == Format::Legacy { Applies::Legacy } else { Applies::Consent };
    let report = Report::new(without_query(&url), applies);
    let mut session = Session::new(arguments, url, wire, report);
    match checks(&mut session, &mut events).await {
        Ok(()) => {}
        Err(Stop::Nothing(why)) => return Err(why),
        Err(Stop::Insecure(problem)) => {
            let report = &mut session.report;
            report.add(&clauses::connection::HTTPS, Verdict::Fail, None, Said::plain(problem));
            report.conclude(Said::new(
                "The connection is not secure, so nothing was sent and nothing would be.",
                "De verbinding is niet veilig, dus er is niets gestuurd en dat gebeurt ook niet.",
            ));
        }
    }
    Ok(session.report)
}

async fn checks(session: &mut Session<'_>, events: &mut Events) -> Result<(), Stop> {
    if session.arguments.format == Format::Legacy {
        if probes::run(session).await? {
            connection::run(session).await;
            delivery::notifications(session, events).await;
        }
        return Ok(());
    }
    let rate = handshake::run(session).await?;
    connection::run(session).await;
    let Some(rate) = rate else {
        delivery::skip(session);
        return Ok(());
    };
    session.pace(match rate {
        Rate::Unlimited => Duration::ZERO,
        Rate::PerMinute(number) => Duration::from_mins(1) / number.get(),
    });
    session.foretell();
    delivery::events(session, events).await;
    Ok(())
}

/// What the failure of the first request means.
fn first_failure(error: &SendError) -> Stop {
    match error {
        SendError::Tls(problem) => Stop::Insecure(problem.clone()),
        error => Stop::Nothing(problems::unreachable(error)),
    }
}
