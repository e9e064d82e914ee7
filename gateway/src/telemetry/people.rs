//! What there is of people, for metrics and readiness: numbers of addressees, due messages, and the state of the providers
//! (CH-133). Nothing here has an address (I10).

use mailer::RelayState;
use serde_json::{Value, json};
use storage::{Audience, audience::OutboxCounts};

use super::samples::Series;
use crate::{app::App, mail::Mail};

/// Addressees by `kanaal`, `channel` and `state`.
pub const ADDRESSEES: &str = "gateway_people_addressees";
/// Due messages that were not sent, by `state`.
pub const OUTBOX: &str = "gateway_people_outbox_messages";
/// How long the oldest of them has waited.
pub const OLDEST: &str = "gateway_people_outbox_oldest_seconds";
/// Whether the provider of mails fails.
pub const RELAY_FAILING: &str = "gateway_people_relay_failing";
/// Whether the provider of text messages fails.
pub const SMS_FAILING: &str = "gateway_people_sms_failing";

/// The samples of these five metrics; all empty without people, or when storage fails.
pub async fn series(app: &App) -> [Series; 5] {
    let Some(audience) = &app.audience else { return [const { Vec::new() }; 5] };
    let failing = |channel: Option<&Mail>| -> Series {
        let is_failing = |channel: &Mail| u64::from(matches!(channel.relay.state(), RelayState::Failing { .. }));
        channel.map(|channel| (String::new(), is_failing(channel))).into_iter().collect()
    };
    let (relay, sms) = (failing(app.mail.as_ref()), failing(app.sms.as_ref()));
    let [mut outbox, mut oldest] = [const { Vec::new() }; 2];
    if let Some(counts) = outbox_counts(audience.as_ref()).await {
        outbox = vec![
            ("{state=\"waiting\"}".to_owned(), counts.waiting),
            ("{state=\"given_up\"}".to_owned(), counts.given_up),
        ];
        oldest = vec![(String::new(), oldest_seconds(app, counts).unwrap_or(0))];
    }
    [addressees(audience.as_ref()).await, outbox, oldest, relay, sms]
}

/// The due messages and the state of the providers; `None` without people. A provider that fails does not make the node unready.
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
    body["relay"] = state(app.mail.as_ref());
    if app.sms.is_some() {
        body["sms"] = state(app.sms.as_ref());
    }
    if let Some(inbound) = &app.inbound_mail {
        body["inbound"] = match inbound.deferring() {
            None => json!({ "state": "listening" }),
            Some(since) => json!({ "state": "deferring", "since": since.to_string() }),
        };
    }
    Some(body)
}

/// The state of the provider of a channel.
fn state(channel: Option<&Mail>) -> Value {
    match channel.map(|channel| channel.relay.state()) {
        None => json!({ "state": "absent" }),
        Some(RelayState::Unknown) => json!({ "state": "unknown" }),
        Some(RelayState::Working) => json!({ "state": "working" }),
        Some(RelayState::Failing { since, reason }) => {
            json!({ "state": "failing", "since": since.to_string(), "reason": reason })
        }
    }
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
        let state = count.state.label();
        let (kanaal, channel) = (count.kanaal, count.channel.label());
        let kanaal = kanaal.as_str().replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        (format!("{{kanaal=\"{kanaal}\",channel=\"{channel}\",state=\"{state}\"}}"), count.addressees)
    });
    series.collect()
}
