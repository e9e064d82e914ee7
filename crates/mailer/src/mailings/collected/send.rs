//! One attempt of a mail with collected events: what it contains is decided when its turn has come, it is sent, and how each event
//! ended is stored.

use std::{sync::Arc, time::Duration};

use delivery::mailing::Reply;
use event_reader::read_one;
use model::{
    Timestamp,
    addressee::{Addressee, Channel, Outcome},
};
use storage::audience::{Collected, Error, MAX_COLLECTED, Settlement, StoredOutgoing};

use super::{
    super::{
        MailingParts, bounce,
        letter::{Letter, LetterError},
    },
    Provider,
    end::Ends,
    mail::{self, Items},
};
use crate::{About, Kind, Message, Outlet, Priority, Texts, mailings::store::until_durable, outbox::DUE, relay::Turn};

/// How long a mail waits before its kanaal is looked at again that is paused or tried.
const HELD: Duration = Duration::from_mins(5);

/// What a mail is made of.
struct Contents {
    items: Items,
    /// The events in it.
    events: Vec<Collected>,
    /// Those that end now without being in it.
    ends: Ends,
    /// Whether there are more than it has room for.
    has_more: bool,
}

/// Tries a mail once and stores how that ended.
pub(super) async fn attempt(parts: &Arc<MailingParts>, outlet: &Outlet, due: &StoredOutgoing) -> Provider {
    match prepared(parts, outlet, due).await {
        Ok(provider) => provider,
        Err(error) => {
            tracing::warn!(%error, "a mail with collected events waits for storage");
            tokio::time::sleep(parts.settings.storage_retry).await;
            Provider::Unknown
        }
    }
}

async fn prepared(parts: &Arc<MailingParts>, outlet: &Outlet, due: &StoredOutgoing) -> Result<Provider, Error> {
    let Some(found) = parts.audience.get(due.addressee).await? else { return Ok(Provider::Unknown) };
    if parts.sendings.holds_collected(&found.addressee.kanaal) {
        let later = Settlement::Retry { at: parts.clock.now() + HELD, attempts: due.attempts };
        until_durable(parts, || parts.audience.settle(due.outgoing.id, later)).await;
        count("held");
        return Ok(Provider::Unknown);
    }
    let turn = outlet.relay.turn(Priority::Mailing(found.addressee.kanaal)).await;
    // Nothing lies between this reading and sending (CH-64).
    let events = parts.audience.collected(due.addressee, MAX_COLLECTED).await?;
    let Some(found) = parts.audience.get(due.addressee).await? else { return Ok(Provider::Unknown) };
    let (addressee, now) = (found.addressee, parts.clock.now());
    let next = parts.moments.next(addressee.frequency, now);
    if addressee.sendable(now).is_none() {
        let mut ends = Ends::new(&addressee);
        for event in &events {
            ends.add(event, (Outcome::Ended, now), None);
        }
        ends.store(parts, due, now).await;
        count("ended");
        return Ok(Provider::Unknown);
    }
    let contents = contents(parts, &addressee, events, now).await?;
    let next = if contents.has_more { now } else { next };
    if contents.items.is_empty() {
        contents.ends.store(parts, due, next).await;
        count("empty");
        return Ok(Provider::Unknown);
    }
    Ok(send((parts, outlet, turn), due, (&addressee, contents), next).await)
}

/// Reads the events, and leaves out those that are over.
async fn contents(
    parts: &Arc<MailingParts>,
    addressee: &Addressee,
    all: Vec<Collected>,
    now: Timestamp,
) -> Result<Contents, Error> {
    let has_more = all.len() >= MAX_COLLECTED as usize;
    let mut contents = Contents { items: Items::default(), events: Vec::new(), ends: Ends::new(addressee), has_more };
    for one in all {
        if one.is_stopped {
            contents.ends.leave_out(&one);
        } else if one.start.expires.is_some_and(|at| at <= now) {
            contents.ends.add(&one, (Outcome::Expired, now), None);
        } else if let Some(text) = text(parts, addressee, &one).await? {
            if !contents.items.add(text) {
                contents.has_more = true;
                break;
            }
            contents.events.push(one);
        } else {
            contents.ends.add(&one, (Outcome::TechnicalFailure, now), None);
        }
    }
    Ok(contents)
}

/// The text of an event; `None` when there is none, which is logged.
async fn text(parts: &MailingParts, addressee: &Addressee, one: &Collected) -> Result<Option<String>, Error> {
    let (start, mailing) = (&one.start, one.mailing.0);
    let kanaal = &start.event.kanaal;
    let Some(stored) = read_one(parts.log.as_ref(), kanaal, start.partition, start.position).await? else {
        tracing::error!(%kanaal, mailing, "a collected event is not on the log any more: keep events for longer than a week");
        return Ok(None);
    };
    let letter = match Letter::new(parts, start.event.clone(), stored.accepted.event) {
        Ok(letter) => letter,
        Err(error) => {
            tracing::error!(%kanaal, mailing, %error, "the built-in texts of a collected event cannot be used");
            return Ok(None);
        }
    };
    let made = mail::item(&letter, addressee);
    Ok(made.inspect_err(|error| tracing::error!(%kanaal, mailing, %error, "a collected event has no text")).ok())
}

async fn send(
    (parts, outlet, turn): (&Arc<MailingParts>, &Outlet, Turn),
    due: &StoredOutgoing,
    (addressee, contents): (&Addressee, Contents),
    next: Timestamp,
) -> Provider {
    let now = parts.clock.now();
    let Contents { items, events, mut ends, .. } = contents;
    let reply = match message(parts, outlet, addressee, (&items, &events), now) {
        Ok(message) => {
            let sent = turn.send(&message).await;
            if sent.is_bad_address {
                bounce::address_failed(parts, addressee.digest, Channel::Email).await;
            }
            sent.reply
        }
        Err(error) => {
            tracing::error!(addressee = %addressee.id, %error, "a mail with collected events cannot be made");
            Reply::MessageRefused
        }
    };
    let attempts = due.attempts.saturating_add(1);
    let since = if due.attempts == 0 { Duration::ZERO } else { now.since(due.outgoing.created) };
    let wait = parts.settings.mailing.ladder.wait(attempts, since);
    let outcome = match (reply, wait) {
        (Reply::ProviderFailed { .. }, _) => {
            count("waits");
            return Provider::Fails;
        }
        (Reply::Accepted, _) => Outcome::Sent,
        (Reply::AddresseeFailed, _) => Outcome::PermanentFailure,
        (Reply::AddresseeLater | Reply::MessageRefused | Reply::Untranslatable | Reply::Unknown, Some(wait)) => {
            count("retried");
            let retry = Settlement::Retry { at: now + wait, attempts };
            until_durable(parts, || parts.audience.settle(due.outgoing.id, retry)).await;
            return provider(reply);
        }
        (Reply::AddresseeLater, None) => Outcome::TemporaryFailure,
        (Reply::MessageRefused | Reply::Untranslatable, None) => Outcome::TechnicalFailure,
        (Reply::Unknown, None) => Outcome::InDoubt,
    };
    for event in &events {
        ends.add(event, (outcome, now), Some((attempts, now)));
    }
    ends.store(parts, due, next).await;
    count(if outcome == Outcome::Sent { "sent" } else { "given_up" });
    provider(reply)
}

fn provider(reply: Reply) -> Provider {
    match reply {
        Reply::ProviderFailed { .. } => Provider::Fails,
        Reply::Unknown | Reply::Untranslatable => Provider::Unknown,
        Reply::Accepted | Reply::AddresseeFailed | Reply::AddresseeLater | Reply::MessageRefused => Provider::Works,
    }
}

/// The mail. It is known by its first event, so that what comes back about it ends as evidence of that one.
fn message(
    parts: &MailingParts,
    outlet: &Outlet,
    addressee: &Addressee,
    (items, events): (&Items, &[Collected]),
    now: Timestamp,
) -> Result<Message, LetterError> {
    let to = parts.keys.open(addressee.address.as_ref().ok_or(LetterError::NoAddress)?)?;
    let first = &events.first().ok_or(LetterError::NoAddress)?.start.event;
    let about = About { source: &first.source, id: &first.id, addressee: addressee.id };
    let (subject, text) = mail::texts(parts, addressee, items)?;
    let leave = parts.links.leave(addressee.id);
    let kind = Kind::Mailing { kanaal: &addressee.kanaal, leave: &leave };
    Ok(outlet.composer.compose(&to, about, Texts::Mail { subject: &subject, text: &text, html: None, kind }, now)?)
}

fn count(result: &'static str) {
    metrics::counter!(DUE, "message" => "collected", "result" => result).increment(1);
}
