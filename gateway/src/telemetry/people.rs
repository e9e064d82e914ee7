//! What there is of people, for metrics and readiness: numbers of addressees, due messages, and the state of the mail relay
//! (CH-133). Nothing here has an address (I10).

use mailer::RelayState;
use model::addressee::StateKind;
use serde_json::{Value, json};
use storage::{Audience, audience::OutboxCounts};

use super::samples::Series;
use crate::app::App;

/// Addressees by `kanaal`, `channel` and `state`.
pub const ADDRESSEES: &str = "gateway_people_addressees";
/// Due messages that were not sent, by `state`.
pub const OUTBOX: &str = "gateway_people_outbox_messages";
/// How long the oldest of them has waited.
pub const OLDEST: &str = "gateway_people_outbox_oldest_seconds";
/// Whether the mail relay fails.
pub const RELAY_FAILING: &str = "gateway_people_relay_failing";

/// The samples of these four metrics; all empty without people, or when storage fails.
pub async fn series(app: &App) -> [Series; 4] {
    let Some(audience) = &app.audience else { return [const { Vec::new() }; 4] };
    let relay = app.mail.as_ref().map(|mail| mail.relay.state());
    let failing = relay.map(|state| (String::new(), u64::from(matches!(state, RelayState::Failing { .. }))));
    let failing = failing.into_iter().collect();
    let [mut outbox, mut oldest] = [const { Vec::new() }; 2];
    if let Some(counts) = outbox_counts(audience.as_ref()).await {
        outbox = vec![
            ("{state=\"waiting\"}".to_owned(), counts.waiting),
            ("{state=\"given_up\"}".to_owned(), counts.given_up),
        ];
        oldest = vec![(String::new(), oldest_seconds(app, counts).unwrap_or(0))];
    }
    [addressees(audience.as_ref()).await, outbox, oldest, failing]
}

/// The due messages and the state of the mail relay; `None` without people. A relay that fails does not make the node unready.
pub async fn health(app: &App) -> Option<Value> {
    let audience = app.audience.as_ref()?;
    let mut body = json!({});
    match outbox_counts(audience.as_ref()).await {
        Some(counts) => {
            body["outbox"] = json!({ "waiting": counts.waiting, "given_up": counts.given_up });
            if let Some(seconds) = oldest_seconds(app, counts) {
                body["outbox"]["oldest_seconds"] = json!(seconds);
            }
        }
        None => body["outbox"] = json!("cannot be read"),
    }
    body["relay"] = match app.mail.as_ref().map(|mail| mail.relay.state()) {
        None => json!({ "state": "absent" }),
        Some(RelayState::Unknown) => json!({ "state": "unknown" }),
        Some(RelayState::Working) => json!({ "state": "working" }),
        Some(RelayState::Failing { since, reason }) => {
            json!({ "state": "failing", "since": since.to_string(), "reason": reason })
        }
    };
    if let Some(inbound) = &app.inbound_mail {
        body["inbound"] = match inbound.deferring() {
            None => json!({ "state": "listening" }),
            Some(since) => json!({ "state": "deferring", "since": since.to_string() }),
        };
    }
    Some(body)
}

async fn outbox_counts(audience: &dyn Audience) -> Option<OutboxCounts> {
    let counts = audience.outbox_counts().await;
    counts.inspect_err(|error| tracing::debug!(%error, "due messages cannot be counted now")).ok()
}

fn oldest_seconds(app: &App, counts: OutboxCounts) -> Option<u64> {
    counts.oldest.map(|oldest| app.clock.now().since(oldest).as_secs())
}

async fn addressees(audience: &dyn Audience) -> Series {
    let counts = audience.counts(None).await;
    let counts = counts.inspect_err(|error| tracing::debug!(%error, "addressees cannot be counted now"));
    let series = counts.unwrap_or_default().into_iter().map(|count| {
        let state = match count.state {
            StateKind::Unconfirmed => "unconfirmed",
            StateKind::Confirmed => "confirmed",
            StateKind::Ended => "ended",
        };
        let (kanaal, channel) = (count.kanaal, count.channel.label());
        let kanaal = kanaal.as_str().replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        (format!("{{kanaal=\"{kanaal}\",channel=\"{channel}\",state=\"{state}\"}}"), count.addressees)
    });
    series.collect()
}
