//! The order of the checks: connection, handshake, and only with consent the events; or the two probes instead.

mod callback;
mod connection;
mod credentials;
mod delivery;
mod handshake;
mod probes;
mod problems;

use std::time::Duration;

use egress::{SendError, without_query};
use http::Uri;

use crate::Rate;
use crate::check::clauses;
use crate::check::clauses::Applies;
use crate::check::events::Events;
use crate::check::options::{Consent, Format, Options};
use crate::check::query;
use crate::check::report::{Report, Verdict};
use crate::check::session::Session;
use crate::check::text::Said;
use crate::check::wire::Wire;

pub use problems::unreachable;
pub use problems::url as unusable_url;

/// Why checking stops before any event.
enum Stop {
    /// No report is possible: wrong usage, or no response at all.
    Nothing(Said),
    /// The connection is not secure, which is a finding.
    Insecure(String),
}

/// Checks the receiver at `url`, which the policy of `wire` allows.
///
/// # Errors
/// The message when no report is possible: two tokens, an event that cannot be used, or no response at all.
pub async fn run(url: Uri, options: &Options, mut wire: Wire) -> Result<Report, Said> {
    if query::token(&url).is_some() && options.authorization.is_some() {
        return Err(Said::new(
            "a token goes in the query or in --authorization, not in both",
            "een token hoort in de query of in --authorization, niet in allebei",
        ));
    }
    let mut events = Events::new(options);
    if let Some(value) = options.authorization.as_ref().and_then(|value| value.to_str().ok()) {
        wire.secrets.hide(value);
        wire.secrets.hide(value.split_once(' ').map_or(value, |(_, token)| token));
    }
    for (name, value) in query::pairs(&url).filter_map(|pair| pair.split_once('=')) {
        // Any parameter may contain a secret; masking short ones would make the report unreadable.
        if name == query::NAME || value.len() >= 6 {
            wire.secrets.hide(value);
        }
    }
    let applies = if options.format == Format::Legacy { Applies::Legacy } else { Applies::Consent };
    let report = Report::new(without_query(&url), applies);
    let mut session = Session::new(options, url, wire, report);
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
    let legacy = session.options.format == Format::Legacy;
    if legacy && probes::run(session).await? {
        connection::run(session).await;
        delivery::notifications(session, events).await;
    }
    if legacy {
        return Ok(());
    }
    let rate = match session.options.consent {
        Consent::Agreed(rate) => {
            handshake::skip(session);
            Some(rate)
        }
        Consent::Handshake { .. } => handshake::run(session).await?,
    };
    connection::run(session).await;
    let Some(rate) = rate else {
        delivery::skip(session);
        return Ok(());
    };
    session.pace(match rate {
        Rate::Unlimited => Duration::ZERO,
        Rate::PerMinute(number) => Duration::from_mins(1) / number.get(),
    });
    session.announce_duration();
    delivery::events(session, events).await;
    Ok(())
}

/// What the failure of the first request means.
fn first_failure(error: &SendError) -> Stop {
    match error {
        SendError::Tls(problem) => Stop::Insecure(problem.clone()),
        error => Stop::Nothing(unreachable(error)),
    }
}
