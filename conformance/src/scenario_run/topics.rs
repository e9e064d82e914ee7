//! Steps about the broker behind the target: waiting for records on a topic, checking that there are no others, producing
//! a record, checking the settings of a topic.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use super::ScenarioRun;
use crate::broker::{self, Reader, Record};
use crate::clock::instant;
use crate::evidence::{Fault, cut, shown_record};
use crate::expect::Facts;
use crate::message;
use crate::placeholder;
use crate::scenario::Step;
use crate::target::file::Kafka;

/// The topics that the scenario has read from so far, by name.
#[derive(Default)]
pub struct Topics {
    open: BTreeMap<String, Topic>,
}

struct Topic {
    reader: Reader,
    /// Records that were read and that no step has checked.
    waiting: Vec<Record>,
    /// Partition and offset of the records that a step has checked.
    checked: BTreeSet<(i32, i64)>,
}

impl ScenarioRun<'_> {
    pub(super) async fn record(&mut self, step: &Step, topic: &str) -> Result<(), Fault> {
        let topic = self.text(topic)?;
        let about = step.about.as_deref().map(|about| self.text(about)).transpose()?.unwrap_or_default();
        let mut positions = vec![];
        for number in 1..=step.count {
            let record = self.next_record(&topic, &about).await?;
            self.record_exchange(&format!("record on {topic}"), shown_record(&record));
            let body = record.value.as_deref().unwrap_or_default();
            let facts = Facts { record: Some(&record), ..Facts::of(&record.headers, body) };
            let wrong = self.differences(&step.expect, facts, number)?;
            if !wrong.is_empty() {
                return Err(Fault { what: wrong.join("; "), evidence: shown_record(&record) });
            }
            self.save(&step.save, &record.headers, body)?;
            positions.extend(record.position);
        }
        let partitions: BTreeSet<_> = positions.into_iter().map(|(partition, _)| partition).collect();
        if step.expect.one_partition && partitions.len() > 1 {
            return Err(Fault::new(format!("they are in the partitions {partitions:?}")));
        }
        Ok(())
    }

    async fn next_record(&mut self, name: &str, about: &str) -> Result<Record, Fault> {
        let deadline = instant() + self.suite.patience;
        let kafka = broker_of(self.suite.target.kafka.as_ref())?;
        let topic = match self.topics.open.entry(name.to_owned()) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => {
                let reader = Reader::open(kafka, name, self.suite.patience).await?;
                entry.insert(Topic { reader, waiting: vec![], checked: BTreeSet::new() })
            }
        };
        loop {
            if let Some(found) = topic.waiting.iter().position(|record| record.mentions(about)) {
                let record = topic.waiting.remove(found);
                topic.checked.extend(record.position);
                return Ok(record);
            }
            let Some(record) = topic.reader.next(deadline.saturating_duration_since(instant())).await? else {
                let others: Vec<_> = topic.waiting.iter().map(shown_record).collect();
                return Err(Fault { what: format!("no such record on {name}"), evidence: cut(&others.join("\n\n")) });
            };
            topic.waiting.push(record);
        }
    }

    pub(super) async fn no_record(&mut self, topic: &str) -> Result<(), Fault> {
        let topic = self.text(topic)?;
        let kafka = broker_of(self.suite.target.kafka.as_ref())?;
        let records = broker::everything(kafka, &topic, self.suite.patience).await?;
        let checked = self.topics.open.get(&topic).map(|topic| &topic.checked);
        let known =
            |record: &Record| checked.zip(record.position).is_some_and(|(known, position)| known.contains(&position));
        match records.iter().find(|record| !known(record)) {
            None => Ok(()),
            Some(more) => Err(Fault { what: format!("one more record on {topic}"), evidence: shown_record(more) }),
        }
    }

    pub(super) async fn topic(&mut self, step: &Step, topic: &str) -> Result<(), Fault> {
        let topic = self.text(topic)?;
        let kafka = broker_of(self.suite.target.kafka.as_ref())?;
        let settings = serde_json::to_string(&broker::settings(kafka, &topic, self.suite.patience).await?)?;
        self.record_exchange(&format!("settings of {topic}"), cut(&settings));
        let wrong = self.differences(&step.expect, Facts::of(&vec![], settings.as_bytes()), 1)?;
        if wrong.is_empty() { Ok(()) } else { Err(Fault { what: wrong.join("; "), evidence: cut(&settings) }) }
    }

    pub(super) async fn produce(&mut self, step: &Step, topic: &str) -> Result<(), Fault> {
        let topic = self.text(topic)?;
        let filled = placeholder::fill(&self.with_case(&step.message), &|name| self.lookup(name, 1))?;
        let (headers, value) = message::record(&filled)?;
        let key = step.key.as_deref().map(|key| self.text(key)).transpose()?.map(String::into_bytes);
        let record = Record { key, headers, value: Some(value).filter(|_| !step.tombstone), position: None };
        self.record_exchange(&format!("the suite puts on {topic}"), shown_record(&record));
        let kafka = broker_of(self.suite.target.kafka.as_ref())?;
        Ok(broker::produce(kafka, &topic, &record, self.suite.patience).await?)
    }
}

fn broker_of(kafka: Option<&Kafka>) -> Result<&Kafka, Fault> {
    kafka.ok_or_else(|| Fault::new("the suite was not told of a broker"))
}
