//! Mail that came back for a light subscription: bounces, complaints, and mails to unsubscribe (CH-63, CH-111 to CH-116). Whose it
//! is follows from the address that it came to, which the gateway made ([`message::verp`]); what it is from the report. Receiving
//! and parsing it is elsewhere.

use management::addressees::Bounced;
use message::{
    bounce::{Report, Verdict},
    verp::{Delivery, Mailbox},
};
use model::{
    SubscriptionId,
    addressee::{Addressee, AddresseeId, Digest, Evidence, LeftBy, Outcome, bounce::Threshold},
};
use storage::audience::EvidencePage;

use crate::{Error, People};

/// Rows of evidence that are read at a time.
const PAGE: u32 = 1_000;
/// Pages of evidence of an address in which an event is searched; a bounce of an older one is counted without.
const PAGES: u64 = 10;

/// What became of a mail that came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Returned {
    /// A hard bounce was counted, or nobody of the address is confirmed any more.
    HardBounce,
    /// A bounce reached the threshold of its kind: so many light subscriptions ended (CH-113, CH-114).
    Undeliverable(usize),
    /// A bounce of the same mail was counted before.
    Repeated,
    /// The mail is late, or was given up for a reason that may pass.
    SoftBounce,
    /// A report of success.
    Passed,
    /// A complaint ended the light subscription (CH-116); false when it had ended before, or was not confirmed.
    Complaint(bool),
    /// The addressee reports that the mail is wanted.
    NotSpam,
    /// A mail to unsubscribe (CH-63); false when the light subscription had ended before.
    Unsubscribed(bool),
    /// An automatic reply, which does not count (CH-112).
    AutomaticReply,
    /// No known form of a bounce (CH-112), or a report that has no place at this address.
    Unclear,
    /// A bounce of a mail to an address that the addressee does not have any more.
    OtherAddress,
    /// There is no such light subscription any more.
    Unknown,
}

impl Returned {
    /// The words of [`Self::label`].
    pub const LABELS: [&'static str; 12] = [
        "hard_bounce",
        "undeliverable",
        "repeated",
        "soft_bounce",
        "passed",
        "complaint",
        "not_spam",
        "unsubscribed",
        "automatic_reply",
        "unclear",
        "other_address",
        "unknown",
    ];

    /// The word for metrics.
    pub const fn label(self) -> &'static str {
        match self {
            Self::HardBounce => "hard_bounce",
            Self::Undeliverable(_) => "undeliverable",
            Self::Repeated => "repeated",
            Self::SoftBounce => "soft_bounce",
            Self::Passed => "passed",
            Self::Complaint(_) => "complaint",
            Self::NotSpam => "not_spam",
            Self::Unsubscribed(_) => "unsubscribed",
            Self::AutomaticReply => "automatic_reply",
            Self::Unclear => "unclear",
            Self::OtherAddress => "other_address",
            Self::Unknown => "unknown",
        }
    }
}

impl People {
    /// Does what follows from a mail that came back; durable when this returns. The caller has read `mailbox` and `delivery` from
    /// the authentic recipient address.
    ///
    /// # Errors
    /// `Busy`, `Storage`: the mail is to come again.
    pub async fn returned(
        &self,
        mailbox: Mailbox,
        delivery: &Delivery,
        report: &Report,
        threshold: Threshold,
    ) -> Result<Returned, Error> {
        let id = AddresseeId(delivery.subscription.0);
        let done = match (mailbox, report) {
            (_, Report::Complaint(complaint)) if !complaint.kind.ends_subscription() => Ok(Returned::NotSpam),
            (_, Report::Complaint(_)) => self.complained(id).await,
            // A mail to this address is from a person, who took it from the header of a message; a notification about a mail is not.
            (Mailbox::Unsubscribe, Report::Delivery(_)) | (Mailbox::Bounce, Report::Unclear) => Ok(Returned::Unclear),
            (Mailbox::Unsubscribe, Report::AutomaticReply | Report::Unclear) => {
                self.leave(id, LeftBy::Mail, None).await.map(Returned::Unsubscribed)
            }
            (Mailbox::Bounce, Report::AutomaticReply) => Ok(Returned::AutomaticReply),
            (Mailbox::Bounce, Report::Delivery(_)) => self.bounced(id, delivery, report, threshold).await,
        };
        match done {
            Err(Error::Unknown) => Ok(Returned::Unknown),
            done => done,
        }
    }

    async fn complained(&self, id: AddresseeId) -> Result<Returned, Error> {
        let ended = self.addressees.complained(id).await;
        ended.map(Returned::Complaint).map_err(|error| Error::at(error, self.clock.now()))
    }

    pub(crate) async fn bounced(
        &self,
        id: AddresseeId,
        delivery: &Delivery,
        report: &Report,
        threshold: Threshold,
    ) -> Result<Returned, Error> {
        let addressee = self.audience.get(id).await?.ok_or(Error::Unknown)?.addressee;
        let evidence = self.evidence_of(&addressee, delivery).await?;
        let verdict = report.verdict();
        match (verdict, &evidence) {
            (Verdict::Passed, _) => Ok(Returned::Passed),
            (Verdict::Unclear, _) => Ok(Returned::Unclear),
            (Verdict::Soft, _) => {
                if !report.is_final() || evidence.is_none() {
                    return Ok(Returned::SoftBounce);
                }
                self.failed(evidence, Outcome::TemporaryFailure).await?;
                self.soft_bounced(&addressee).await
            }
            (Verdict::Hard, Some(known)) if known.outcome.is_some_and(|(outcome, _)| !outcome.is_open()) => {
                Ok(Returned::Repeated)
            }
            // Evidence belongs to an address. Without it, the mail may have gone to an address of before.
            (Verdict::Hard, None) if addressee.generation > 1 => Ok(Returned::OtherAddress),
            (Verdict::Hard, _) => {
                let bounced = self.addressees.hard_bounce(id, threshold).await;
                let bounced = bounced.map_err(|error| Error::at(error, self.clock.now()))?;
                self.failed(evidence, Outcome::PermanentFailure).await?;
                Ok(match bounced {
                    Bounced::Nothing | Bounced::Counted => Returned::HardBounce,
                    Bounced::Ended(number) => Returned::Undeliverable(number),
                })
            }
        }
    }

    /// The evidence of the event that a mail was about; `None` for a due message, and before the mailing has stored it.
    pub(crate) async fn evidence_of(
        &self,
        addressee: &Addressee,
        delivery: &Delivery,
    ) -> Result<Option<Evidence>, Error> {
        let key = &self.keys.digest;
        let is_meant = |evidence: &Evidence| {
            let (source, id) = (&evidence.event.source, &evidence.event.id);
            evidence.addressee == Some(addressee.id)
                && Delivery::new(key, SubscriptionId(addressee.id.0), source, id).event == delivery.event
        };
        // The last time that it was sent is behind those before.
        Ok(self.evidence_of_address(addressee.digest).await?.into_iter().rfind(is_meant))
    }

    /// The evidence of an address, at most 10,000 rows.
    pub(crate) async fn evidence_of_address(&self, digest: Digest) -> Result<Vec<Evidence>, Error> {
        let mut all = Vec::new();
        for page in 0..PAGES {
            let page = EvidencePage { offset: page * u64::from(PAGE), limit: PAGE };
            let found = self.audience.evidence(digest, page).await?;
            let is_last = found.len() < PAGE as usize;
            all.extend(found);
            if is_last {
                break;
            }
        }
        Ok(all)
    }

    /// Stores the late outcome of a mail.
    pub(crate) async fn failed(&self, evidence: Option<Evidence>, outcome: Outcome) -> Result<(), Error> {
        let Some(known) = evidence else { return Ok(()) };
        let late = Evidence { outcome: Some((outcome, self.clock.now())), ..known };
        Ok(self.audience.record(vec![late]).await?)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use message::bounce::{Complaint, ComplaintKind, Recipient};
    use model::{
        KanaalName, Timestamp,
        addressee::{EventReference, StateKind},
    };

    use super::*;
    use crate::tests::{World, world};

    fn report(verdict: Verdict) -> Report {
        Report::Delivery(vec![Recipient { verdict, status: None, is_final: true }])
    }

    fn complaint(kind: ComplaintKind) -> Report {
        Report::Complaint(Complaint { kind, envelope_sender: None })
    }

    fn delivery(world: &World, id: AddresseeId, event: &str) -> Delivery {
        Delivery::new(&world.people.keys().digest, SubscriptionId(id.0), "urn:a", event)
    }

    /// A mail about an event was sent.
    async fn sent(world: &World, id: AddresseeId, event: &str) {
        sent_at(world, id, event, Timestamp::from_seconds(1_700_000_000)).await;
    }

    async fn sent_at(world: &World, id: AddresseeId, event: &str, at: Timestamp) {
        let digest = world.audience.get(id).await.unwrap().unwrap().addressee.digest;
        let kanaal = KanaalName::new("weg").unwrap();
        let event = EventReference { kanaal, source: "urn:a".to_owned(), id: event.to_owned() };
        let outcome = Some((Outcome::Sent, at));
        let sent =
            Evidence { event, digest, addressee: Some(id), accepted: at, tried: Some((1, at)), outcome, read: None };
        world.audience.record(vec![sent]).await.unwrap();
    }

    async fn outcomes(world: &World, id: AddresseeId) -> Vec<Outcome> {
        let digest = world.audience.get(id).await.unwrap().unwrap().addressee.digest;
        let evidence = world.audience.evidence(digest, EvidencePage { offset: 0, limit: 10 }).await.unwrap();
        evidence.into_iter().filter_map(|one| one.outcome.map(|(outcome, _)| outcome)).collect()
    }

    async fn returned(world: &World, mailbox: Mailbox, delivery: &Delivery, report: &Report) -> Returned {
        world.people.returned(mailbox, delivery, report, Threshold::default()).await.unwrap()
    }

    #[tokio::test]
    async fn the_third_hard_bounce_ends_all_of_the_address_ch_111_ch_113() {
        let world = world();
        let weg = world.confirmed("an@x.nl", "weg").await;
        let raad = world.confirmed("an@x.nl", "raad").await;
        let other = world.confirmed("bo@x.nl", "weg").await;
        let outbox = world.outbox().await.len();
        let hard = report(Verdict::Hard);
        for event in ["1", "2", "3"] {
            sent(&world, weg, event).await;
            let expected = if event == "3" { Returned::Undeliverable(2) } else { Returned::HardBounce };
            let delivery = delivery(&world, weg, event);
            assert_eq!(returned(&world, Mailbox::Bounce, &delivery, &hard).await, expected);
            // The relay sends the same bounce again.
            assert_eq!(returned(&world, Mailbox::Bounce, &delivery, &hard).await, Returned::Repeated);
        }
        assert_eq!(outcomes(&world, weg).await, [Outcome::PermanentFailure; 3]);
        let states = [world.state(weg).await, world.state(raad).await, world.state(other).await];
        assert_eq!(states, [StateKind::Ended, StateKind::Ended, StateKind::Confirmed]);
        assert_eq!(world.outbox().await.len(), outbox, "no acknowledgement after a bounce (CH-61)");
    }

    #[tokio::test]
    async fn what_is_not_a_hard_bounce_ends_nothing_ch_111_ch_112() {
        let world = world();
        let id = world.confirmed("an@x.nl", "weg").await;
        let late = Report::Delivery(vec![Recipient { verdict: Verdict::Soft, status: None, is_final: false }]);
        for (event, report, expected, outcome) in [
            ("1", report(Verdict::Soft), Returned::SoftBounce, Outcome::TemporaryFailure),
            ("2", late, Returned::SoftBounce, Outcome::Sent),
            ("3", report(Verdict::Passed), Returned::Passed, Outcome::Sent),
            ("4", report(Verdict::Unclear), Returned::Unclear, Outcome::Sent),
            ("5", Report::Unclear, Returned::Unclear, Outcome::Sent),
            ("6", Report::AutomaticReply, Returned::AutomaticReply, Outcome::Sent),
            ("7", complaint(ComplaintKind::NotSpam), Returned::NotSpam, Outcome::Sent),
        ] {
            sent(&world, id, event).await;
            for _ in 0..4 {
                let delivery = delivery(&world, id, event);
                assert_eq!(returned(&world, Mailbox::Bounce, &delivery, &report).await, expected, "{event}");
            }
            assert_eq!(outcomes(&world, id).await.last(), Some(&outcome), "{event}");
        }
        assert_eq!(world.state(id).await, StateKind::Confirmed);
    }

    #[tokio::test]
    async fn soft_bounces_end_an_address_unless_a_mail_arrived_since_ch_114() {
        let world = world();
        let soft = report(Verdict::Soft);
        for (address, kanaal, arrived, expected) in [
            ("an@x.nl", "weg", None, StateKind::Ended),
            // The fourth mail was accepted and did not come back.
            ("bo@x.nl", "raad", Some(3), StateKind::Confirmed),
        ] {
            let id = world.confirmed(address, kanaal).await;
            let other = world.confirmed(address, "afval").await;
            let mut last = Returned::Unknown;
            for number in 0..6 {
                // Each mail is sent five days after the one before.
                world.wait(Duration::from_hours(24 * 5));
                let event = number.to_string();
                sent_at(&world, id, &event, world.now()).await;
                if arrived != Some(number) {
                    let delivery = delivery(&world, id, &event);
                    last = returned(&world, Mailbox::Bounce, &delivery, &soft).await;
                    let again = returned(&world, Mailbox::Bounce, &delivery, &soft).await;
                    assert_eq!(again, Returned::SoftBounce, "twice is once, and what ended stays as it is");
                }
                if last != Returned::SoftBounce {
                    break;
                }
            }
            let undeliverable = expected == StateKind::Ended;
            assert_eq!(last, if undeliverable { Returned::Undeliverable(2) } else { Returned::SoftBounce });
            assert_eq!([world.state(id).await, world.state(other).await], [expected; 2]);
        }
    }

    #[tokio::test]
    async fn a_complaint_ends_one_without_a_message_and_a_mail_to_unsubscribe_with_one_ch_61_ch_63_ch_116() {
        let world = world();
        let weg = world.confirmed("an@x.nl", "weg").await;
        let raad = world.confirmed("an@x.nl", "raad").await;
        let open = world.subscribed("bo@x.nl", "weg").await;
        let outbox = world.outbox().await.len();
        let abuse = complaint(ComplaintKind::Abuse);
        let of_weg = delivery(&world, weg, "1");
        assert_eq!(returned(&world, Mailbox::Bounce, &of_weg, &abuse).await, Returned::Complaint(true));
        assert_eq!(returned(&world, Mailbox::Bounce, &of_weg, &abuse).await, Returned::Complaint(false));
        assert_eq!(world.outbox().await.len(), outbox);
        let of_raad = delivery(&world, raad, "1");
        let bounce = report(Verdict::Hard);
        assert_eq!(returned(&world, Mailbox::Unsubscribe, &of_raad, &bounce).await, Returned::Unclear);
        let left = returned(&world, Mailbox::Unsubscribe, &of_raad, &Report::Unclear).await;
        assert_eq!(left, Returned::Unsubscribed(true));
        let again = returned(&world, Mailbox::Unsubscribe, &of_raad, &Report::AutomaticReply).await;
        assert_eq!(again, Returned::Unsubscribed(false));
        assert_eq!(world.outbox().await.len(), outbox + 1, "the acknowledgement");
        for (id, report) in [(open, &Report::Unclear), (AddresseeId(uuid::Uuid::nil()), &Report::Unclear)] {
            let delivery = delivery(&world, id, "1");
            assert_eq!(returned(&world, Mailbox::Unsubscribe, &delivery, report).await, Returned::Unknown);
        }
        assert_eq!(world.state(open).await, StateKind::Unconfirmed);
    }

    #[test]
    fn every_result_has_a_word_of_the_list() {
        for returned in [Returned::Undeliverable(1), Returned::Unsubscribed(true), Returned::OtherAddress] {
            assert!(Returned::LABELS.contains(&returned.label()));
        }
    }
}
