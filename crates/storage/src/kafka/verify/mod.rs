//! Examines what the topics of an installation hold, without changing them: whether every record can be read, and
//! whether progress and journal refer to records that exist. Nodes may run meanwhile.
//!
//! It reads every record once that was there when it began, and waits for nothing that the metadata of the brokers shows to
//! be absent: a topic that is missing, a partition without a leader and a damaged batch are findings. Memory grows with the
//! number of entries of progress and of dead letters only. Permissions and settings of topics are examined by
//! [`super::inspect`].

mod books;
mod extents;
mod reader;
mod stored_registry;

use std::collections::{HashMap, HashSet};

use model::{KanaalName, Partition, Position, Registry, outcome::DeliveryKey};
use rdkafka::Offset;
use tokio::runtime::Handle;
use uuid::Uuid;

use self::{
    extents::Extents,
    reader::{Read, Reader},
};
use super::{
    Kafka, cluster, control, failure,
    inspect::{Finding, Findings, Severity, internal_topics},
    progress::{self, log_check::Place, log_check::StoredEntries},
};
use crate::{
    Error, encoding,
    encoding::progress::{decode_key, decode_value},
    journal::Entry,
    log::{Record, Stored},
    progress::Key,
};

/// Most positions that a finding names.
const MAX_POSITIONS: usize = 20;

/// Why a record holds no event; `Ok` when it does. Storage never parses an event.
pub type DecodeEvent = fn(&Record) -> Result<(), String>;

impl Kafka {
    /// Examines all topics. What cannot be read of them is a finding. Call inside a tokio runtime.
    ///
    /// # Errors
    /// `Unavailable` when the brokers are away, `Corrupt` when there is no installation with this prefix.
    pub async fn verify(&self, decode: DecodeEvent) -> Result<Vec<Finding>, Error> {
        let (kafka, runtime) = (self.clone(), Handle::current());
        let run = move || {
            let _entered = runtime.enter();
            let extents = extents::find(&kafka)?;
            if extents.is_empty() {
                let reason = format!("there is no topic {}", kafka.topics.internal("control"));
                return Err(Error::Corrupt { kind: "prefix of topics", reason });
            }
            let reader = Reader::new(&kafka.options);
            let mut verifier = Verifier { kafka, decode, reader, extents, findings: Findings::default() };
            verifier.cluster(&runtime);
            verifier.run();
            Ok(verifier.findings.0)
        };
        tokio::task::spawn_blocking(run).await.map_err(failure::join)?
    }
}

/// Things that are wrong, of which some are named.
#[derive(Debug, Default)]
struct Wrong {
    count: u64,
    examples: Vec<String>,
}

impl Wrong {
    fn add(&mut self, what: impl FnOnce() -> String) {
        self.count += 1;
        if self.examples.len() < MAX_POSITIONS {
            self.examples.push(what());
        }
    }

    fn add_if(&mut self, wrong: bool, what: impl FnOnce() -> String) {
        if wrong {
            self.add(what);
        }
    }

    fn problem(self, what: &str) -> Option<String> {
        (self.count > 0).then(|| format!("{} {what}: {}", self.count, self.examples.join(", ")))
    }
}

/// The present ends of the partitions of all kanalen.
#[derive(Debug, Default)]
struct Ends {
    ends: HashMap<Place, u64>,
    /// Kanalen whose topic does not exist. A kanaal that was deleted is none of them.
    absent: HashSet<KanaalName>,
}

impl Ends {
    /// Whether a position lies behind the end of its log. What retention removed lies before its beginning.
    fn is_beyond(&self, kanaal: &KanaalName, partition: Partition, position: Position) -> bool {
        let end = self.ends.get(&(kanaal.clone(), partition));
        self.absent.contains(kanaal) || end.is_some_and(|end| position.0 >= *end)
    }
}

struct Verifier {
    kafka: Kafka,
    decode: DecodeEvent,
    reader: Reader,
    extents: Extents,
    findings: Findings,
}

impl Verifier {
    fn run(&mut self) {
        let registry = self.control();
        self.kanalen(&registry);
        self.progress(&registry);
        self.outcomes(&registry);
        self.dead_letters(&registry);
        let interpreted = ["control", progress::TOPIC.0, "outcomes", "dead-letters"];
        for name in internal_topics().map(|(name, _)| name).filter(|name| !interpreted.contains(name)) {
            self.read(&self.kafka.topics.internal(name), name, |_, _| Ok(()));
        }
    }

    fn cluster(&mut self, runtime: &Handle) {
        let topic = self.kafka.topics.internal(cluster::TOPIC.0);
        // Without it nothing is compared; without a leader it cannot be.
        if self.extents.get(&topic).is_none_or(|partitions| partitions.iter().all(Result::is_ok)) {
            let problem = runtime.block_on(cluster::check(&self.kafka)).err();
            self.findings.result("cluster", problem.map(|error| error.to_string()));
        }
    }

    /// Reads all partitions of a topic, and adds a finding for each. `each` gets the number of the partition and a record, and
    /// returns why it does not hold what it should.
    fn read(&mut self, topic: &str, what: &str, mut each: impl FnMut(u32, Stored) -> Result<(), String>) {
        let Some(partitions) = self.extents.get(topic) else {
            return self.findings.result(what, Some(format!("topic {topic} does not exist")));
        };
        for (number, extent) in (0_u32..).zip(partitions) {
            let (mut records, mut unread) = (0_u64, Wrong::default());
            let read = extent.as_ref().map_err(String::clone).and_then(|extent| {
                self.reader.read(extent, |read| match read {
                    Read::Damaged(from, until, reason) if from + 1 == until => {
                        unread.add(|| format!("{from} ({reason})"));
                    }
                    Read::Damaged(from, until, reason) => unread.add(|| format!("{from} to {} ({reason})", until - 1)),
                    Read::Record(stored) => {
                        records += 1;
                        let offset = stored.position.0;
                        if let Err(reason) = each(number, stored) {
                            unread.add(|| format!("{offset} ({reason})"));
                        }
                    }
                })
            });
            let problems: Vec<String> =
                unread.problem("cannot be read, at offset").into_iter().chain(read.err()).collect();
            let problem =
                (!problems.is_empty()).then(|| format!("topic {topic}, partition {number}: {}", problems.join("; ")));
            self.findings.result(&format!("{what}, partition {number}: {records} records"), problem);
        }
    }

    fn control(&mut self) -> Registry {
        let mut registry = Registry::default();
        self.read(&self.kafka.topics.internal("control"), "control", |_, stored| {
            let change = control::change_of(&stored).map_err(|error| error.to_string())?;
            registry.apply(&change);
            Ok(())
        });
        registry
    }

    fn kanalen(&mut self, registry: &Registry) {
        let of_topic = |topic: &String| Some((topic.clone(), self.kafka.topics.kanaal_of(topic)?));
        let mut topics: Vec<(String, KanaalName)> = self.extents.keys().filter_map(of_topic).collect();
        topics.sort();
        let decode = self.decode;
        for (topic, kanaal) in topics {
            self.read(&topic, &format!("kanaal {kanaal}"), |_, stored| decode(&stored.record));
        }
        let (kanalen, absent) = (registry.kanalen().count(), self.absent(registry).len());
        self.findings.result(&format!("kanalen: {kanalen}, of which {absent} have no topic yet"), None);
    }

    /// The kanalen without a topic, as those are that got no event yet.
    fn absent(&self, registry: &Registry) -> HashSet<KanaalName> {
        let all = registry.kanalen().map(|kanaal| kanaal.naam.clone());
        all.filter(|kanaal| !self.extents.contains_key(&self.kafka.topics.kanaal(kanaal))).collect()
    }

    /// The ends at this moment. Nodes append before they store what refers to it, so this is asked after that was read.
    fn ends(&mut self, registry: &Registry) -> Ends {
        let of_extents = |(topic, partitions): (&String, &Vec<Result<reader::Extent, String>>)| {
            let kanaal = self.kafka.topics.kanaal_of(topic)?;
            let places = partitions.iter().flatten().map(|extent| (kanaal.clone(), Partition(extent.partition)));
            Some(places.collect::<Vec<Place>>())
        };
        let places: Vec<Place> = self.extents.iter().filter_map(of_extents).flatten().collect();
        let point = |(kanaal, partition): &Place| ((self.kafka.topics.kanaal(kanaal), *partition), Offset::End);
        let points: Vec<_> = places.iter().map(point).collect();
        let absent = self.absent(registry);
        match self.kafka.admin.offsets_each_blocking(&points) {
            Ok(ends) => {
                let known = |(place, end): (Place, Option<u64>)| Some((place, end?));
                Ends { ends: places.into_iter().zip(ends).filter_map(known).collect(), absent }
            }
            Err(error) => {
                self.findings.result("ends of the logs", Some(error.to_string()));
                Ends { ends: HashMap::new(), absent }
            }
        }
    }

    /// The marks and the unsettled deliveries of all shards, against the logs.
    fn progress(&mut self, registry: &Registry) {
        let mut shards: HashMap<u32, StoredEntries> = HashMap::new();
        self.read(&self.kafka.topics.internal(progress::TOPIC.0), "progress", |shard, stored| {
            let entry = decode_key(stored.record.key)
                .and_then(|key| Ok((key, stored.record.value.map(decode_value).transpose()?)));
            let (key, value) = entry.map_err(|error| error.to_string())?;
            shards.entry(shard).or_default().apply(key, value, stored.appended);
            Ok(())
        });
        let ends = self.ends(registry);
        let (mut entries, mut marks, mut unsettled) = (0, Wrong::default(), Wrong::default());
        let mut uncompared = None;
        for (shard, stored) in &mut shards {
            entries += stored.entries.len();
            for key in stored.entries.keys() {
                if let Key::Unsettled(DeliveryKey { subscription, kanaal, partition, position, .. }) = key {
                    let at = || format!("{}, for subscription {subscription}", at(kanaal, *partition, *position));
                    unsettled.add_if(ends.is_beyond(kanaal, *partition, *position), at);
                }
            }
            // Brokers return nothing about partitions without a leader, which have a finding already.
            stored.entries.retain(|key, _| match key {
                Key::Reader(kanaal, partition) | Key::Subscription(_, kanaal, partition) => {
                    let place = (kanaal.clone(), *partition);
                    ends.ends.contains_key(&place) || !self.extents.contains_key(&self.kafka.topics.kanaal(kanaal))
                }
                _ => false,
            });
            match stored.lost_logs(&self.kafka.topics, &self.kafka.admin, &HashMap::new()) {
                Ok(lost) => lost.into_iter().for_each(|lost| {
                    let (kanaal, partition) = &lost.place;
                    marks.add(|| {
                        format!("{} of kanaal {kanaal}, partition {} (shard {shard})", lost.mark.0, partition.0)
                    });
                }),
                Err(error) => uncompared = Some(format!("marks cannot be compared with the logs: {error}")),
            }
        }
        let problem = marks
            .problem("marks are not of the present logs")
            .or_else(|| unsettled.problem("unsettled deliveries are of records that do not exist"))
            .or(uncompared);
        self.findings.result(&format!("progress: {entries} entries of {} shards", shards.len()), problem);
    }

    fn outcomes(&mut self, registry: &Registry) {
        let mut furthest: HashMap<Place, Position> = HashMap::new();
        self.read(&self.kafka.topics.internal("outcomes"), "outcomes", |_, stored| {
            let entry = encoding::journal::decode_entry(stored.record.value.unwrap_or_default());
            if let Some((place, position)) = subject(entry.map_err(|error| error.to_string())?) {
                let own = furthest.entry(place).or_insert(position);
                *own = position.max(*own);
            }
            Ok(())
        });
        let (ends, mut beyond) = (self.ends(registry), Wrong::default());
        for ((kanaal, partition), position) in &furthest {
            beyond.add_if(ends.is_beyond(kanaal, *partition, *position), || at(kanaal, *partition, *position));
        }
        let problem = beyond.problem("partitions have outcomes of records that do not exist, up to");
        self.findings.result("outcomes and logs", problem);
    }

    fn dead_letters(&mut self, registry: &Registry) {
        let mut letters: HashMap<Uuid, (KanaalName, Partition, Position)> = HashMap::new();
        self.read(&self.kafka.topics.internal("dead-letters"), "dead letters", |_, stored| {
            let id = Uuid::from_slice(&stored.record.key).map_err(|_| "its key is not an id".to_owned())?;
            match stored.record.value.map(|value| encoding::journal::decode_dead_letter(id, value)).transpose() {
                Ok(None) => drop(letters.remove(&id)),
                Ok(Some(letter)) => {
                    let DeliveryKey { kanaal, partition, position, .. } = letter.delivery;
                    letters.insert(id, (kanaal, partition, position));
                }
                Err(error) => return Err(error.to_string()),
            }
            Ok(())
        });
        let (ends, mut beyond) = (self.ends(registry), Wrong::default());
        for (kanaal, partition, position) in letters.values() {
            beyond.add_if(ends.is_beyond(kanaal, *partition, *position), || at(kanaal, *partition, *position));
        }
        let problem = beyond.problem("are of records that do not exist");
        self.findings.result(&format!("dead letters and logs: {} letters", letters.len()), problem);
    }
}

/// The last record that an entry of the journal is about; `None` for the progress of a run.
fn subject(entry: Entry) -> Option<(Place, Position)> {
    Some(match entry {
        Entry::Run(_) => return None,
        Entry::Attempt { delivery, .. } | Entry::Settled { delivery, .. } => {
            ((delivery.kanaal, delivery.partition), delivery.position)
        }
        Entry::SettledRange { kanaal, partition, until, .. } => {
            ((kanaal, partition), Position(until.0.saturating_sub(1)))
        }
        Entry::Event(row) => ((row.kanaal, row.partition), row.position),
    })
}

fn at(kanaal: &KanaalName, partition: Partition, position: Position) -> String {
    format!("{} of kanaal {kanaal}, partition {}", position.0, partition.0)
}

impl Findings {
    fn result(&mut self, what: &str, problem: Option<String>) {
        match problem {
            None => self.add(Severity::Pass, what.to_owned()),
            Some(problem) => self.add(Severity::Failure, format!("{what}: {problem}")),
        }
    }
}
