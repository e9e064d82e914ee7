//! Reads what is stored in the topics of an installation for the accounts of deliveries. Nothing is changed.
//!
//! The outcomes are held in memory, some hundred bytes for each delivery that the topic `outcomes` still has.

use std::collections::HashMap;

use model::{Mark, Partition, Position, Registry};

use super::{
    extents::{self, Extents},
    reader::{Read, Reader},
};
use crate::{
    Error,
    books::Bookkeeper,
    encoding,
    encoding::progress::{decode_key, decode_value},
    journal::{Entry, RecordOutcome},
    kafka::{
        Kafka, control, failure,
        progress::{self, log_check::Place, log_check::StoredEntries},
    },
    log::Stored,
    progress::{Key, Value},
};

impl Kafka {
    /// Passes what the topics hold on to a bookkeeper, and returns it. Nodes may run meanwhile.
    ///
    /// # Errors
    /// `Unavailable` when the brokers are away, `Corrupt` when there is no installation with this prefix. What cannot be read of
    /// the topics is passed on.
    pub async fn read_books<B: Bookkeeper + 'static>(&self, mut books: B) -> Result<B, Error> {
        let kafka = self.clone();
        let read = move || {
            let extents = extents::find(&kafka)?;
            if extents.is_empty() {
                let reason = format!("there is no topic {}", kafka.topics.internal("control"));
                return Err(Error::Corrupt { kind: "prefix of topics", reason });
            }
            let mut source = Source { reader: Reader::new(&kafka.options), kafka, extents, unread: Vec::new() };
            books.start(source.registry(), source.progress());
            let outcomes = source.outcomes()?;
            source.records(&outcomes, &mut books);
            source.unread.into_iter().for_each(|place| books.unread(place));
            Ok(books)
        };
        tokio::task::spawn_blocking(read).await.map_err(failure::join)?
    }
}

struct Source {
    kafka: Kafka,
    reader: Reader,
    /// What there was at the start.
    extents: Extents,
    /// What cannot be read.
    unread: Vec<String>,
}

/// The outcomes of the records of one partition.
#[derive(Debug, Default)]
struct Outcomes {
    deliveries: HashMap<Position, Vec<RecordOutcome>>,
    /// Deliveries that ended without being examined one by one.
    ranges: Vec<(Mark, Mark, RecordOutcome)>,
}

impl Outcomes {
    fn of(&self, position: Position) -> Vec<RecordOutcome> {
        let mut found = self.deliveries.get(&position).cloned().unwrap_or_default();
        let holds = |(from, until, _): &&(Mark, Mark, RecordOutcome)| (*from..*until).contains(&position.mark());
        found.extend(self.ranges.iter().filter(holds).map(|(.., outcome)| *outcome));
        found
    }
}

impl Source {
    /// Reads a topic; `each` returns why a record does not hold what it should.
    fn read(&mut self, extents: &Extents, topic: &str, mut each: impl FnMut(u32, Stored) -> Result<(), String>) {
        let Some(partitions) = extents.get(topic) else {
            return self.unread.push(format!("topic {topic}, which does not exist"));
        };
        for (number, extent) in (0_u32..).zip(partitions) {
            let unread = &mut self.unread;
            let read = extent.as_ref().map_err(String::clone).and_then(|extent| {
                self.reader.read(extent, |read| {
                    let (from, until, reason) = match read {
                        Read::Damaged(from, until, reason) => (from, until, reason),
                        Read::Record(stored) => {
                            let offset = stored.position.0;
                            let Err(reason) = each(number, stored) else { return };
                            (offset, offset + 1, reason)
                        }
                    };
                    unread
                        .push(format!("topic {topic}, partition {number}, offset {from} to {} ({reason})", until - 1));
                })
            });
            if let Err(reason) = read {
                self.unread.push(format!("topic {topic}, partition {number} ({reason})"));
            }
        }
    }

    fn registry(&mut self) -> Registry {
        let mut registry = Registry::default();
        let (extents, topic) = (self.extents.clone(), self.kafka.topics.internal("control"));
        self.read(&extents, &topic, |_, stored| {
            registry.apply(&control::change_of(&stored).map_err(|error| error.to_string())?);
            Ok(())
        });
        registry
    }

    /// The entries of each shard.
    fn progress(&mut self) -> Vec<HashMap<Key, Value>> {
        let (extents, topic) = (self.extents.clone(), self.kafka.topics.internal(progress::TOPIC.0));
        let mut shards: Vec<StoredEntries> = Vec::new();
        shards.resize_with(extents.get(&topic).map_or(0, Vec::len), StoredEntries::default);
        self.read(&extents, &topic, |shard, stored| {
            let entry = decode_key(stored.record.key)
                .and_then(|key| Ok((key, stored.record.value.map(decode_value).transpose()?)));
            let (key, value) = entry.map_err(|error| error.to_string())?;
            if let Some(entries) = shards.get_mut(shard as usize) {
                entries.apply(key, value, stored.appended);
            }
            Ok(())
        });
        shards.into_iter().map(|shard| shard.entries).collect()
    }

    /// The outcomes up to now: those of what progress shows as settled are among them.
    fn outcomes(&mut self) -> Result<HashMap<Place, Outcomes>, Error> {
        let (extents, topic) = (extents::find(&self.kafka)?, self.kafka.topics.internal("outcomes"));
        let mut found: HashMap<Place, Outcomes> = HashMap::new();
        self.read(&extents, &topic, |_, stored| {
            let entry = encoding::journal::decode_entry(stored.record.value.unwrap_or_default());
            match entry.map_err(|error| error.to_string())? {
                Entry::Settled { delivery, outcome, attempts, at, .. } => {
                    let outcome = Some(outcome);
                    let (subscription, run) = (delivery.subscription, delivery.run);
                    let own = found.entry((delivery.kanaal, delivery.partition)).or_default();
                    let of_record = own.deliveries.entry(delivery.position).or_default();
                    of_record.push(RecordOutcome { subscription, run, outcome, attempts, at });
                }
                Entry::SettledRange { subscription, kanaal, partition, from, until, outcome, at } => {
                    let ended = RecordOutcome { subscription, run: None, outcome: Some(outcome), attempts: 0, at };
                    found.entry((kanaal, partition)).or_default().ranges.push((from, until, ended));
                }
                Entry::Attempt { .. } | Entry::Run(_) | Entry::Event(_) => {}
            }
            Ok(())
        });
        Ok(found)
    }

    fn records(&mut self, outcomes: &HashMap<Place, Outcomes>, books: &mut dyn Bookkeeper) {
        let extents = self.extents.clone();
        for topic in extents.keys() {
            let Some(kanaal) = self.kafka.topics.kanaal_of(topic) else { continue };
            self.read(&extents, topic, |number, stored| {
                let partition = Partition(number);
                let known = outcomes.get(&(kanaal.clone(), partition));
                let deliveries = known.map(|known| known.of(stored.position)).unwrap_or_default();
                books.record(&kanaal, partition, stored, &deliveries);
                Ok(())
            });
        }
    }
}
