//! The rules: which events are due. Pure; the time is a parameter.

use std::{collections::HashSet, time::Duration};

use delivery::Cause;
use model::{Timestamp, approval::ApprovalState, consent::Consent, kanaal::KanaalName, subscription::Status};
use serde_json::json;
use storage::mailings::EndedMailing;

use crate::{
    announced::{Announced, Last, Topic},
    event::OwnEvent,
    facts::{CertificateEnd, Facts, SubscriptionFacts, Undeliverable},
    kind::Kind,
    settings::Settings,
};

const DAY: Duration = Duration::from_hours(24);

/// The events that are due at `now`: what is so according to `facts` and was not announced.
pub fn due(facts: &Facts, announced: &Announced, settings: &Settings, now: Timestamp) -> Vec<OwnEvent> {
    let context = Context { announced, settings, now };
    let own = KanaalName::own();
    let all = || facts.subscriptions.iter();
    let receiving = all().filter(|one| one.subscription.selection.names(&own));
    // An event about a sink that gets these events would have to be delivered there as well.
    let receivers: HashSet<&str> = receiving.map(|one| one.subscription.sink.key()).collect();
    let others = all().filter(|one| !receivers.contains(one.subscription.sink.key()));
    let about_subscriptions = others.flat_map(|one| context.about(one));
    let about_certificates = facts.certificates.iter().filter_map(|one| context.certificate(one));
    // In the order in which they ended.
    let about_mailings = facts.mailings.iter().rev().filter_map(|one| context.mailing(one));
    let about_people = facts.undeliverable.iter().filter_map(|one| context.undeliverable(one));
    about_subscriptions.chain(about_certificates).chain(about_mailings).chain(about_people).collect()
}

struct Context<'a> {
    announced: &'a Announced,
    settings: &'a Settings,
    now: Timestamp,
}

impl Context<'_> {
    fn about(&self, one: &SubscriptionFacts) -> Vec<OwnEvent> {
        let single = [
            self.outage(one),
            self.suspension(one),
            self.suspended(one),
            self.consent(one),
            self.dead_letters(one),
            self.retention(one),
        ];
        single.into_iter().flatten().chain(self.approvals(one)).collect()
    }

    fn last(&self, one: &SubscriptionFacts, topic: Topic) -> Option<Last> {
        self.announced.last(&one.subscription.id.to_string(), topic)
    }

    fn is_over(&self, quiet: Duration, last: Option<Last>) -> bool {
        last.is_none_or(|last| last.at + quiet <= self.now)
    }

    fn outage(&self, one: &SubscriptionFacts) -> Option<OwnEvent> {
        let subscription = &one.subscription;
        let last = self.last(one, Topic::Outage);
        // A suspension ends what was announced about an outage.
        let suspended = self.last(one, Topic::Status);
        let open = last
            .filter(|last| last.kind == Kind::OutageBegun && suspended.is_none_or(|suspended| suspended.at < last.at));
        match (one.outage, open) {
            (Some(outage), None) if subscription.status == Status::Active => {
                let lasts = self.now.since(outage.since) >= self.settings.outage_after;
                if !lasts || !self.is_over(self.settings.outage_quiet, last) {
                    return None;
                }
                let data = json!({"since": outage.since.to_rfc3339(), "reason": reason(outage.cause)});
                Some(OwnEvent::about(subscription, Kind::OutageBegun, outage.since, outage.since, data))
            }
            (None, Some(Last { since: Some(since), .. }))
                if matches!(subscription.status, Status::Active | Status::Paused) =>
            {
                let data = json!({"since": since.to_rfc3339(), "until": self.now.to_rfc3339()});
                Some(OwnEvent::about(subscription, Kind::OutageEnded, self.now, since, data))
            }
            _ => None,
        }
    }

    /// An outage reached one of the configured parts of its limit. Of several that it passed meanwhile, the last counts.
    fn suspension(&self, one: &SubscriptionFacts) -> Option<OwnEvent> {
        let outage = one.outage.filter(|_| one.subscription.status == Status::Active)?;
        let limit = self.settings.outage_limit;
        let lasts = self.now.since(outage.since);
        let passed = self.settings.suspension_percent.iter().copied().filter(|percent| lasts >= limit * *percent / 100);
        let percent = passed.max()?;
        // An event of before the outage began is about another one.
        let last = self.last(one, Topic::Suspension).filter(|last| last.at >= outage.since);
        if last.is_some_and(|last| last.percent >= u64::from(percent)) {
            return None;
        }
        let since = outage.since.to_rfc3339();
        let occasion = format!("{since}:{percent}");
        let ends = (outage.since + limit).to_rfc3339();
        let data = json!({"since": since, "percent": percent, "suspendedFrom": ends});
        let reached = outage.since + limit * percent / 100;
        Some(OwnEvent::about(&one.subscription, Kind::SuspensionNear, reached, occasion, data))
    }

    fn suspended(&self, one: &SubscriptionFacts) -> Option<OwnEvent> {
        let (at, reason) = match &one.subscription.status {
            Status::Suspended { at, .. } => (*at, "outage-limit"),
            Status::Gone { at } => (*at, "gone"),
            Status::Active | Status::Paused | Status::Expired { .. } => return None,
        };
        let data = json!({"since": at.to_rfc3339(), "reason": reason});
        let is_new = !is_announced(self.last(one, Topic::Status), at);
        is_new.then(|| OwnEvent::about(&one.subscription, Kind::Suspended, at, at, data))
    }

    fn consent(&self, one: &SubscriptionFacts) -> Option<OwnEvent> {
        let Consent::Refused { at, .. } = &one.subscription.consent else { return None };
        let kind = if one.had_consent { Kind::ConsentLost } else { Kind::ConsentRefused };
        let data = json!({"since": at.to_rfc3339()});
        let is_new = !is_announced(self.last(one, Topic::Consent), *at);
        is_new.then(|| OwnEvent::about(&one.subscription, kind, *at, at, data))
    }

    fn dead_letters(&self, one: &SubscriptionFacts) -> Option<OwnEvent> {
        let counted = one.dead_letters?;
        let is_due = self.is_over(self.settings.dead_letters_quiet, self.last(one, Topic::DeadLetters));
        let data = json!({"count": counted.letters, "since": counted.since.to_rfc3339()});
        is_due.then(|| OwnEvent::about(&one.subscription, Kind::DeadLetters, self.now, counted.since, data))
    }

    fn retention(&self, one: &SubscriptionFacts) -> Option<OwnEvent> {
        let risk = one.retention.as_ref().filter(|risk| !risk.kanaal.is_own())?;
        let is_due = self.is_over(self.settings.retention_quiet, self.last(one, Topic::Retention));
        let data = json!({
            "kanaal": risk.kanaal.as_str(),
            "records": risk.records,
            "removedFrom": risk.removed_from.to_rfc3339(),
        });
        is_due.then(|| OwnEvent::about(&one.subscription, Kind::RetentionNear, self.now, self.now, data))
    }

    fn approvals(&self, one: &SubscriptionFacts) -> Vec<OwnEvent> {
        let subscription = &one.subscription;
        if subscription.status.end().is_some() {
            return Vec::new();
        }
        let awaited = subscription.approvals.iter().filter(|entry| entry.state == ApprovalState::Awaiting);
        let is_due = |entry: &&model::approval::Approval| {
            let last = self.last(one, Topic::Approval(entry.kanaal.to_string()));
            !is_announced(last, subscription.changed) && self.is_over(self.settings.approval_quiet, last)
        };
        let asked = awaited.filter(is_due).map(|entry| {
            let (kanaal, since) = (entry.kanaal.as_str(), subscription.changed);
            let data = json!({"kanaal": kanaal, "since": since.to_rfc3339()});
            OwnEvent::about(subscription, Kind::ApprovalAsked, since, format!("{kanaal}:{since}"), data)
        });
        asked.collect()
    }

    /// Those that ended since the last event about the kanaal, together.
    fn undeliverable(&self, one: &Undeliverable) -> Option<OwnEvent> {
        let last = self.announced.last(&OwnEvent::subject_of_kanaal(&one.kanaal), Topic::Undeliverable);
        let new: Vec<Timestamp> = one.ended.iter().copied().filter(|at| !is_announced(last, *at)).collect();
        let is_due = self.is_over(self.settings.undeliverable_quiet, last);
        let (since, until) = (*new.first()?, *new.last()?);
        is_due.then(|| OwnEvent::about_people(one, new.len(), (since, until)))
    }

    /// Once for each. One of the kanaal of these events would cause another, and so on; one of long ago ended before somebody asked
    /// for these events.
    fn mailing(&self, one: &EndedMailing) -> Option<OwnEvent> {
        let is_own = one.start.event.kanaal.is_own();
        let is_old = one.ended + DAY < self.now;
        let last = self.announced.last(&OwnEvent::subject_of_mailing(one.id), Topic::Mailing);
        (!is_own && !is_old && !is_announced(last, one.ended)).then(|| OwnEvent::about_mailing(one))
    }

    fn certificate(&self, one: &CertificateEnd) -> Option<OwnEvent> {
        let near = |days: &u32| one.expires < self.now + DAY * *days;
        let days = if one.expires <= self.now {
            0
        } else {
            self.settings.certificate_days.iter().copied().filter(near).min()?
        };
        let last = self.announced.last(&one.item, Topic::Certificate);
        // Another end belongs to another certificate.
        let same = last.filter(|last| is_announced(Some(*last), one.expires) && last.since <= Some(one.expires));
        let is_new = same.is_none_or(|last| u64::from(days) < last.days);
        is_new.then(|| OwnEvent::about_certificate(&one.item, one.expires, days, self.now))
    }
}

/// Whether the newest event is about this moment or a later one, in milliseconds.
fn is_announced(last: Option<Last>, moment: Timestamp) -> bool {
    last.and_then(|last| last.since).is_some_and(|since| since.as_millis() >= moment.as_millis())
}

/// The word for what a failure is attributed to. An outage is attributed to the first three only.
fn reason(cause: Cause) -> &'static str {
    match cause {
        Cause::Connection => "connection",
        Cause::EventOrSink => "event-or-sink",
        Cause::Sink | Cause::Event | Cause::Gateway => "sink",
    }
}
