//! Searches the attributes of the newest events for what somebody pasted: the index has only some of them.
//!
//! A search reads at most 5,000 records and 16 MiB, spread over the partitions, for at most 2 seconds. What is not disclosed to
//! the actor is not searched.

use std::time::Duration;

use event_reader::{StoredEvent, disclosure_for};
use model::{Actor, KanaalName, Mark, Partition, Subscription};
use storage::{
    journal::EventRow,
    log::{Point, Stored},
};
use uuid::Uuid;

use super::row::row_of;
use crate::{Error, Management};

/// Most records that one search reads.
const MOST_SEARCHED: u64 = 5_000;
/// Records of one read.
const CHUNK: u64 = 200;
/// Most bytes of records that one search reads.
const MAX_BYTES: usize = 16 << 20;
/// The longest time of one search.
const MAX_TIME: Duration = Duration::from_secs(2);

/// What is sought in attributes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sought {
    text: String,
    /// The id at the end of a URL or URN, with hyphens in lower case.
    uuid: Option<String>,
    /// The trace-id of a `traceparent` (W3C Trace Context).
    trace: Option<String>,
}

impl Sought {
    /// What a pasted text is about: the text itself, the UUID that it is, and the trace-id that it is or contains.
    pub fn of(text: &str) -> Self {
        let parts: Vec<&str> = text.split('-').collect();
        let trace = match parts.as_slice() {
            [_, trace, _, _] => *trace,
            _ => text,
        };
        let is_trace = trace.len() == 32 && trace.bytes().all(|byte| byte.is_ascii_hexdigit());
        Self {
            text: text.to_owned(),
            uuid: text.parse::<Uuid>().ok().map(|id| id.hyphenated().to_string()),
            trace: is_trace.then(|| trace.to_ascii_lowercase()),
        }
    }

    /// Whether it is an id or a URL, not a word.
    pub fn is_reference(&self) -> bool {
        self.uuid.is_some() || self.trace.is_some() || self.text.contains("://")
    }

    fn is_in(&self, name: &str, value: &str) -> bool {
        if value == self.text {
            return true;
        }
        if name == "traceparent" {
            return self.trace.as_deref().is_some_and(|trace| value.split('-').nth(1) == Some(trace));
        }
        let last = value.trim_end_matches('/').rsplit(['/', ':']).next().unwrap_or_default();
        self.uuid.as_deref().is_some_and(|id| last.eq_ignore_ascii_case(id))
    }
}

impl Management {
    /// The newest events that have what is sought in an attribute, at most `most`, newest first.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub async fn search_attributes(&self, actor: &Actor, sought: &Sought, most: usize) -> Result<Vec<EventRow>, Error> {
        let own = self.visible_subscriptions(actor);
        let kanalen: Vec<KanaalName> = self.list_kanalen().iter().map(|kanaal| kanaal.naam.clone()).collect();
        let sees_all = |naam: &KanaalName| actor.sees_all() || self.is_kanaaleigenaar(actor, naam.as_str());
        let covering = |naam: &KanaalName| -> Vec<&Subscription> {
            let gets = |own: &&Subscription| own.selection.covers(naam) && own.is_admitted(naam);
            own.iter().map(AsRef::as_ref).filter(gets).collect()
        };
        let kanalen = kanalen.into_iter().filter(|naam| sees_all(naam) || !covering(naam).is_empty()).collect();
        let partitions = self.log.partitions_of(kanalen).await?;
        let ends = self.log.marks(&partitions, Point::End).await?;
        let share = (MOST_SEARCHED / (partitions.len() as u64).max(1)).max(1);
        let deadline = self.clock.instant() + MAX_TIME;
        let (mut found, mut bytes, mut left) = (Vec::new(), MAX_BYTES, MOST_SEARCHED);
        for ((naam, partition), end) in partitions.iter().zip(ends) {
            let (sees_all, covering) = (sees_all(naam), covering(naam));
            let (mut end, mut of_partition) = (end, share.min(left));
            while end > Mark::BEGINNING && of_partition > 0 && bytes > 0 && self.clock.instant() < deadline {
                let number = of_partition.min(CHUNK);
                let start = Mark(end.0.saturating_sub(number));
                let (records, oldest) = self.between(naam, *partition, start, end).await?;
                of_partition -= number;
                left = left.saturating_sub(number);
                for stored in records {
                    bytes = bytes.saturating_sub(stored.record.bytes());
                    let Some(event) = disclosed(naam, *partition, stored, sees_all, &covering) else { continue };
                    if has(&event, sought) {
                        found.push(row_of(&event));
                    }
                }
                if oldest >= start {
                    break;
                }
                end = start;
                tokio::task::yield_now().await;
            }
        }
        found.sort_by_key(|event: &EventRow| std::cmp::Reverse(event.appended));
        found.truncate(most);
        Ok(found)
    }
}

/// The event of a record without what is not disclosed; `None` when nothing of it is, or when it cannot be read.
fn disclosed(
    naam: &KanaalName,
    partition: Partition,
    stored: Stored,
    sees_all: bool,
    covering: &[&Subscription],
) -> Option<StoredEvent> {
    let event = StoredEvent::decode(naam.clone(), partition, stored).ok()?;
    if sees_all {
        return Some(event);
    }
    let disclosure = disclosure_for(&event, covering.iter().copied())?;
    Some(event.disclose(&disclosure))
}

fn has(event: &StoredEvent, sought: &Sought) -> bool {
    let attributes = event.accepted.event.attributes();
    attributes.iter().any(|(name, value)| sought.is_in(name.as_str(), &value.canonical()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "9c5b94b1-35ad-49bb-b118-8e8fc24abf80";
    const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

    #[test]
    fn a_pasted_text_is_found_as_value_uuid_or_trace() {
        let parent = format!("00-{TRACE}-b7ad6b7169203331-01");
        let other = format!("00-{TRACE}-00f067aa0ba902b7-00");
        let url = format!("https://zaken.example/zaken/{ID}");
        let (slash, status) = (format!("{url}/"), format!("{url}/status"));
        let (simple, upper) = (ID.replace('-', ""), TRACE.to_uppercase());
        let (parent, other, url) = (parent.as_str(), other.as_str(), url.as_str());
        for (text, name, value, found) in [
            ("ZAAK-1", "zaaknummer", "ZAAK-1", true),
            ("ZAAK-1", "zaaknummer", "ZAAK-10", false),
            (ID, "hoofdobject", url, true),
            (ID, "subject", "urn:uuid:9C5B94B1-35AD-49BB-B118-8E8FC24ABF80", true),
            (simple.as_str(), "hoofdobject", slash.as_str(), true),
            (ID, "hoofdobject", status.as_str(), false),
            (url, "hoofdobject", url, true),
            (url, "subject", ID, false),
            (TRACE, "traceparent", parent, true),
            (upper.as_str(), "traceparent", parent, true),
            (parent, "traceparent", other, true),
            ("b7ad6b7169203331", "traceparent", parent, false),
        ] {
            assert_eq!(Sought::of(text).is_in(name, value), found, "{text} in {name} {value}");
        }
        for (text, is_reference) in [(ID, true), (TRACE, true), (parent, true), (url, true), ("zaken", false)] {
            assert_eq!(Sought::of(text).is_reference(), is_reference, "{text}");
        }
    }
}
