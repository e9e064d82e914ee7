//! Steps about the broker behind the target: a record appears on a topic, the suite puts one there.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::Stage;
use crate::broker::{self, Reader, Record};
use crate::clock::instant;
use crate::evidence::{Fault, shown_record};
use crate::expect::Facts;
use crate::message;
use crate::placeholder;
use crate::scenario::Step;
use crate::target::file::Kafka;

/// What the stage reads of topics.
#[derive(Default)]
pub struct Topics {
    open: BTreeMap<String, Topic>,
}

struct Topic {
    reader: Reader,
    /// Read, and looked at by no step.
    waiting: Vec<Record>,
}

impl Topics {
    async fn topic(&mut self, kafka: &Kafka, name: &str) -> Result<&mut Topic, broker::BrokerError> {
        match self.open.entry(name.to_owned()) {
            Entry::Occupied(entry) => Ok(entry.into_mut()),
            Entry::Vacant(entry) => {
                let reader = Reader::open(kafka, name).await?;
                Ok(entry.insert(Topic { reader, waiting: vec![] }))
            }
        }
    }
}

impl Stage<'_> {
    pub(super) async fn record(&mut self, step: &Step, topic: &str) -> Result<(), Fault> {
        let topic = self.text(topic)?;
        let about = step.about.as_deref().map(|about| self.text(about)).transpose()?.unwrap_or_default();
        for number in 1..=step.count {
            let record = self.next_record(&topic, &about).await?;
            self.keep(&format!("record on {topic}"), shown_record(&record));
            let body = record.value.as_deref().unwrap_or_default();
            let facts = Facts { record: Some(&record), ..Facts::of(&record.headers, body) };
            let wrong = self.judge(&step.expect, facts, number)?;
            if !wrong.is_empty() {
                return Err(Fault { what: wrong.join("; "), evidence: shown_record(&record) });
            }
            self.save(&step.save, &record.headers, body)?;
        }
        Ok(())
    }

    async fn next_record(&mut self, name: &str, about: &str) -> Result<Record, Fault> {
        let deadline = instant() + self.suite.patience;
        let topic = self.topics.topic(broker_of(self.suite.target.kafka.as_ref())?, name).await?;
        loop {
            if let Some(place) = topic.waiting.iter().position(|record| record.mentions(about)) {
                return Ok(topic.waiting.remove(place));
            }
            let Some(record) = topic.reader.next(deadline.saturating_duration_since(instant())).await? else {
                let others: Vec<_> = topic.waiting.iter().map(shown_record).collect();
                return Err(Fault { what: format!("no such record on {name}"), evidence: others.join("\n\n") });
            };
            topic.waiting.push(record);
        }
    }

    pub(super) async fn produce(&mut self, step: &Step, topic: &str) -> Result<(), Fault> {
        let topic = self.text(topic)?;
        let filled = placeholder::fill(&self.with_case(&step.message), &|name| self.lookup(name, 1))?;
        let (headers, value) = message::record(&filled)?;
        let key = step.key.as_deref().map(|key| self.text(key)).transpose()?.map(String::into_bytes);
        let record = Record { key, headers, value: Some(value).filter(|_| !step.tombstone) };
        self.keep(&format!("the suite puts on {topic}"), shown_record(&record));
        let kafka = broker_of(self.suite.target.kafka.as_ref())?;
        Ok(broker::produce(kafka, &topic, &record, self.suite.patience).await?)
    }
}

fn broker_of(kafka: Option<&Kafka>) -> Result<&Kafka, Fault> {
    kafka.ok_or_else(|| Fault::new("the suite was not told of a broker"))
}
