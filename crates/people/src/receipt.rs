//! What a provider reports after it took a message (CH-37, CH-117), and replies of people by text message (CH-40). Receiving and
//! parsing it is elsewhere.

use message::{
    address::{Address, PhoneNumber},
    bounce::{Recipient, Report, Verdict},
    keyword::Keywords,
    verp::Delivery,
};
use model::addressee::{AddresseeId, Channel, LeftBy, Outcome, StateKind, bounce::Threshold, leave::Kanalen};

use crate::{Error, People, Returned};

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receipt {
    /// It arrived.
    Delivered,
    /// The address does not exist, or refuses for good: it counts as a hard bounce.
    PermanentFailure,
    /// It did not arrive in time.
    TemporaryFailure,
    /// The provider failed.
    TechnicalFailure,
}

/// What a receipt changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receipted {
    /// It is in the evidence.
    Stored,
    /// The message had its outcome before.
    Repeated,
    /// There is no evidence of the message: it was no notification, or its evidence is not stored yet.
    NoEvidence,
    /// There is no such light subscription any more.
    Unknown,
}

impl People {
    /// Stores what became of a message; durable when this returns. The caller has read `delivery` from the authentic reference of
    /// the message. A final outcome stays, so the same again, or in another order, changes nothing.
    ///
    /// # Errors
    /// `Busy`, `Storage`: the receipt is to come again.
    pub async fn receipt(
        &self,
        delivery: &Delivery,
        receipt: Receipt,
        threshold: Threshold,
    ) -> Result<Receipted, Error> {
        let id = AddresseeId(delivery.subscription.0);
        let Some(addressee) = self.addressee(id).await? else { return Ok(Receipted::Unknown) };
        let outcome = match receipt {
            Receipt::Delivered => Outcome::Delivered,
            Receipt::TemporaryFailure => Outcome::TemporaryFailure,
            Receipt::TechnicalFailure => Outcome::TechnicalFailure,
            Receipt::PermanentFailure => {
                let hard = Recipient { verdict: Verdict::Hard, status: None, is_final: true };
                return match self.bounced(id, delivery, &Report::Delivery(vec![hard]), threshold).await? {
                    Returned::HardBounce | Returned::Undeliverable(_) => Ok(Receipted::Stored),
                    Returned::OtherAddress => Ok(Receipted::NoEvidence),
                    _ => Ok(Receipted::Repeated),
                };
            }
        };
        let Some(known) = self.evidence_of(&addressee, delivery).await? else { return Ok(Receipted::NoEvidence) };
        if known.outcome.is_some_and(|(outcome, _)| !outcome.is_open()) {
            return Ok(Receipted::Repeated);
        }
        self.failed(Some(known), outcome).await?;
        Ok(Receipted::Stored)
    }

    /// Ends all light subscriptions by text message of a number if its reply is a keyword, such as `STOP`; the person gets one
    /// acknowledgement. Returns one of them, if any was confirmed.
    ///
    /// # Errors
    /// `Busy`, `Storage`: the reply is to come again.
    pub async fn reply(&self, from: &PhoneNumber, text: &str) -> Result<Option<AddresseeId>, Error> {
        if !Keywords::default().is_unsubscribe(text) {
            return Ok(None);
        }
        let digest = self.keys.digest_of_address(&Address::Phone(from.clone()));
        let all = self.audience.of_address(digest).await?;
        let is_confirmed = |found: &&storage::audience::Stored| {
            found.addressee.channel == Channel::Sms && found.addressee.state.kind() == StateKind::Confirmed
        };
        let Some(first) = all.iter().find(is_confirmed) else { return Ok(None) };
        let id = first.addressee.id;
        self.leave(id, LeftBy::Keyword, Some(Kanalen::All)).await?;
        Ok(Some(id))
    }
}

#[cfg(test)]
mod tests {
    use message::address::Region;
    use model::{
        KanaalName, SubscriptionId, Timestamp,
        addressee::{EventReference, Evidence},
    };
    use storage::audience::EvidencePage;

    use super::*;
    use crate::{
        ImportLine, Imported,
        tests::{World, world},
    };

    async fn subscribed(world: &World, number: &str, kanaal: &str) -> AddresseeId {
        let address = Address::parse_sink(&format!("sms:{number}"), Region::Netherlands).expect("a number");
        let digest = world.people.keys().digest_of_address(&address);
        let line = ImportLine {
            address,
            kanaal: KanaalName::new(kanaal).expect("a name"),
            filter: None,
            attributes: model::addressee::Attributes::default(),
            language: model::addressee::Language::Dutch,
            confirmed: Timestamp::from_seconds(1_600_000_000),
            old: None,
        };
        assert_eq!(world.people.import(vec![line], false).await.expect("imported"), [Imported::Added]);
        let all = world.audience.of_address(digest).await.expect("read");
        all.into_iter().find(|one| one.addressee.kanaal.as_str() == kanaal).expect("stored").addressee.id
    }

    async fn sent(world: &World, id: AddresseeId, event: &str) -> Delivery {
        let digest = world.audience.get(id).await.unwrap().unwrap().addressee.digest;
        let kanaal = KanaalName::new("weg").unwrap();
        let at = Timestamp::from_seconds(1_700_000_000);
        let reference = EventReference { kanaal, source: "urn:a".to_owned(), id: event.to_owned() };
        let outcome = Some((Outcome::Sent, at));
        let tried = Some((1, at));
        let sent = Evidence { event: reference, digest, addressee: Some(id), accepted: at, tried, outcome, read: None };
        world.audience.record(vec![sent]).await.unwrap();
        Delivery::new(&world.people.keys().digest, SubscriptionId(id.0), "urn:a", event)
    }

    async fn outcomes(world: &World, id: AddresseeId) -> Vec<Outcome> {
        let digest = world.audience.get(id).await.unwrap().unwrap().addressee.digest;
        let evidence = world.audience.evidence(digest, EvidencePage { offset: 0, limit: 10 }).await.unwrap();
        evidence.into_iter().filter_map(|one| one.outcome.map(|(outcome, _)| outcome)).collect()
    }

    #[tokio::test]
    async fn ch_37_ch_117_a_receipt_is_evidence_once_and_permanent_ones_count_as_bounces() {
        let world = world();
        let id = subscribed(&world, "0612345678", "weg").await;
        let threshold = Threshold::default();
        let first = sent(&world, id, "1").await;
        for (receipt, expected) in [
            (Receipt::Delivered, Receipted::Stored),
            (Receipt::Delivered, Receipted::Repeated),
            (Receipt::PermanentFailure, Receipted::Repeated),
            (Receipt::TemporaryFailure, Receipted::Repeated),
        ] {
            assert_eq!(
                world.people.receipt(&first, receipt, threshold).await.expect("stored"),
                expected,
                "{receipt:?}"
            );
        }
        assert_eq!(outcomes(&world, id).await, [Outcome::Delivered]);
        let other = Delivery::new(&world.people.keys().digest, SubscriptionId(id.0), "urn:a", "unknown");
        let found = world.people.receipt(&other, Receipt::Delivered, threshold).await.expect("read");
        assert_eq!(found, Receipted::NoEvidence);
        let nobody = Delivery { subscription: SubscriptionId(uuid::Uuid::from_u128(7)), ..first };
        let found = world.people.receipt(&nobody, Receipt::PermanentFailure, threshold).await.expect("read");
        assert_eq!(found, Receipted::Unknown);
        for event in ["2", "3", "4"] {
            assert_eq!(world.state(id).await, StateKind::Confirmed);
            let delivery = sent(&world, id, event).await;
            world.people.receipt(&delivery, Receipt::PermanentFailure, threshold).await.expect("stored");
        }
        assert_eq!(world.state(id).await, StateKind::Ended);
    }

    #[tokio::test]
    async fn ch_40_a_keyword_ends_every_subscription_of_the_number_and_of_nobody_else() {
        let world = world();
        let weg = subscribed(&world, "0612345678", "weg").await;
        let raad = subscribed(&world, "0612345678", "raad").await;
        let other = subscribed(&world, "0612345679", "weg").await;
        let from = PhoneNumber::parse("+31612345678", Region::International).expect("a number");
        for text in ["Wanneer is de weg open?", "niet stoppen aub", ""] {
            assert_eq!(world.people.reply(&from, text).await.expect("read"), None, "{text}");
        }
        assert!(world.people.reply(&from, " Stop. ").await.expect("left").is_some());
        let states = [world.state(weg).await, world.state(raad).await, world.state(other).await];
        assert_eq!(states, [StateKind::Ended, StateKind::Ended, StateKind::Confirmed]);
        assert_eq!(world.outbox().await.len(), 1, "one acknowledgement");
        assert_eq!(world.people.reply(&from, "STOP").await.expect("again"), None);
    }
}
