//! What an event says to the mailings about it: the filter of its sender over the attributes of people (`addresseefilter`, CH-71), and
//! the moment before which they get nothing (`deliverafter`, CH-97). Both are context attributes, so they are on the log with their event.
//!
//! Not here: what they do, which is decided for each addressee and mailing.

use std::time::Duration;

use model::{
    Event, Kanaal, Timestamp,
    addressee::ADDRESSEE_FILTER,
    inbox::InboxKanalen,
    mailing::{self, DELIVER_AFTER},
};
use people_filter::Dialects;

use super::{NotAllowed, Refusal};

/// The rules of both, where there are people.
#[derive(Debug, Clone, Default)]
pub struct ForPeople {
    /// The clients that may filter, by `client_id`: they can find out what attributes people have.
    pub filter_senders: Vec<String>,
    /// The dialects of filters.
    pub dialects: Dialects,
    /// How long a kanaal keeps its events that says nothing about that.
    pub retention: Duration,
}

impl ForPeople {
    /// Checks both attributes of an event that is accepted at `now`.
    pub(crate) fn check(
        &self,
        publisher: &str,
        (event, kanaal): (&Event, &Kanaal),
        inbox: &InboxKanalen,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        self.check_due(event, kanaal, now)?;
        self.check_filter(publisher, (event, kanaal), inbox)
    }

    /// The event must still be on the log when it is due.
    fn check_due(&self, event: &Event, kanaal: &Kanaal, now: Timestamp) -> Result<(), Refusal> {
        if event.attribute(DELIVER_AFTER).is_none() {
            return Ok(());
        }
        let refused = |rule: String| Err(Refusal::ForPeople { member: DELIVER_AFTER, rule });
        let Some(due) = mailing::due(event) else {
            return refused("must be a moment as RFC 3339 writes it".to_owned());
        };
        let retention = kanaal.retention_seconds.map_or(self.retention, Duration::from_secs);
        if due >= now + retention {
            let hours = retention.as_secs() / 3_600;
            return refused(format!("must be within {hours} hours, after which this kanaal removes its events"));
        }
        Ok(())
    }

    fn check_filter(
        &self,
        publisher: &str,
        (event, kanaal): (&Event, &Kanaal),
        inbox: &InboxKanalen,
    ) -> Result<(), Refusal> {
        let refused = |rule: String| Refusal::ForPeople { member: ADDRESSEE_FILTER, rule };
        let Some(text) = event.attribute(ADDRESSEE_FILTER) else { return Ok(()) };
        if !self.filter_senders.iter().any(|own| own == publisher) {
            return Err(Refusal::NotAllowed(NotAllowed::AddresseeFilter));
        }
        if inbox.contains_key(&kanaal.naam) {
            let rule = "must not be given on a kanaal with an inbox, which has no attributes of people";
            return Err(refused(rule.to_owned()));
        }
        self.dialects.read(&text.canonical()).map(drop).map_err(refused)
    }
}

#[cfg(test)]
mod tests {
    use model::{AttributeName, KanaalName, Value, approval::Disclosure, data_filter::DataPath, inbox::InboxKanaal};

    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    fn event(more: Option<(&str, &str)>) -> Event {
        let attributes = [("id", "1"), ("source", "urn:a"), ("type", "nl.x")].into_iter().chain(more);
        let attributes =
            attributes.map(|(name, value)| (AttributeName::new(name).unwrap(), Value::text(value).unwrap()));
        Event::new(attributes.collect(), None).unwrap()
    }

    fn kanaal(naam: &str) -> Kanaal {
        Kanaal::new(uuid::Uuid::nil(), KanaalName::new(naam).unwrap(), NOW)
    }

    #[test]
    fn ch_71_a_filter_needs_its_right_and_can_be_read() {
        let rules = ForPeople { filter_senders: vec!["zaken".to_owned()], ..ForPeople::default() };
        let (weg, berichten) = (kanaal("weg"), kanaal("berichten"));
        let own = InboxKanaal {
            addressee: DataPath::new("/a").unwrap(),
            broadcast: DataPath::new("/b").unwrap(),
            disclosure: Disclosure::ALL,
        };
        let inbox = InboxKanalen::from([(berichten.naam.clone(), own)]);
        let check = |publisher, kanaal, filter: Option<&str>| {
            rules.check(publisher, (&event(filter.map(|filter| (ADDRESSEE_FILTER, filter))), kanaal), &inbox, NOW)
        };
        let not_valid = |refusal| matches!(refusal, Err(Refusal::ForPeople { member: ADDRESSEE_FILTER, .. }));
        for good in [None, Some("jmespath:starts_with(postcode, '12')"), Some("sql:wijk = 'centrum'")] {
            assert_eq!(check("zaken", &weg, good), Ok(()), "{good:?}");
        }
        assert_eq!(check("ander", &berichten, None), Ok(()));
        let other = check("ander", &weg, Some("sql:wijk = 'centrum'"));
        assert_eq!(other, Err(Refusal::NotAllowed(NotAllowed::AddresseeFilter)));
        assert!(not_valid(check("zaken", &berichten, Some("sql:wijk = 'centrum'"))));
        for bad in ["wijk == 'a'", "jmespath:wijk === 'a'", "jmespath:a == 'b'] || @ | [?`true`", "sql:wijk ="] {
            assert!(not_valid(check("zaken", &weg, Some(bad))), "{bad}");
        }
    }

    #[test]
    fn ch_97_the_moment_is_before_the_event_is_removed() {
        let rules = ForPeople { retention: Duration::from_hours(48), ..ForPeople::default() };
        let (weg, short) = (kanaal("weg"), Kanaal { retention_seconds: Some(3_600), ..kanaal("kort") });
        let check = |kanaal, due: Timestamp| {
            let event = event(Some((DELIVER_AFTER, &due.to_rfc3339())));
            rules.check("zaken", (&event, kanaal), &InboxKanalen::default(), NOW).is_ok()
        };
        let hours = Duration::from_hours;
        assert!(check(&weg, NOW + hours(47)) && check(&weg, Timestamp::from_seconds(0)));
        assert!(!check(&weg, NOW + hours(48)));
        assert!(check(&short, NOW + Duration::from_mins(59)) && !check(&short, NOW + hours(1)));
        let never = event(Some((DELIVER_AFTER, "morgen")));
        let refused = rules.check("zaken", (&never, &short), &InboxKanalen::default(), NOW);
        assert!(matches!(refused, Err(Refusal::ForPeople { member: DELIVER_AFTER, .. })));
    }
}
