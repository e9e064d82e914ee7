//! Examines what the topics of an installation hold, without changing them: whether every record can be read, and
//! whether progress and journal refer to records that exist. Nodes may run meanwhile.
//!
//! It reads every record once, so it takes as long as reading the topics; memory grows with the number of dead letters only.
//! Permissions and settings of topics are examined by [`super::inspect`].

use std::{collections::HashMap, sync::Arc};

use model::{KanaalName, Partition, Position, Registry, outcome::DeliveryKey};
use rdkafka::Offset;
use tokio::runtime::Handle;
use uuid::Uuid;

use super::{
    Kafka, cluster,
    consumer_pool::ConsumerPool,
    control, failure,
    inspect::{Finding, Findings, Severity},
    progress::{self, log_check::Place, log_check::StoredEntries},
};
use crate::{
    Error, encoding,
    journal::Entry,
    log::Record,
    progress::{Key, Shard},
};

/// Most positions that a finding names.
const MAX_POSITIONS: usize = 20;

/// Why a record holds no event; `Ok` when it does. Storage never parses an event.
pub type DecodeEvent = fn(&Record) -> Result<(), String>;

/// The ends of the partitions of all kanalen.
type Ends = HashMap<Place, u64>;

impl Kafka {
    /// Examines all topics. What cannot be read of them is a finding. Call inside a tokio runtime.
    ///
    /// # Errors
    /// `Unavailable` when the brokers are away, `Corrupt` when there is no installation with this prefix.
    pub async fn verify(&self, decode: DecodeEvent) -> Result<Vec<Finding>, Error> {
        let mut findings = Findings::default();
        findings.result("cluster", cluster::check(self).await.err().map(|error| error.to_string()));
        let verifier =
            Verifier { kafka: self.clone(), pool: ConsumerPool::checking(Arc::clone(&self.options)), decode };
        let runtime = Handle::current();
        let run = move || {
            let _entered = runtime.enter();
            verifier.run(&mut findings)?;
            Ok(findings.0)
        };
        tokio::task::spawn_blocking(run).await.map_err(failure::join)?
    }
}

/// Records that are wrong, of which some are named.
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

struct Verifier {
    kafka: Kafka,
    pool: ConsumerPool,
    decode: DecodeEvent,
}

impl Verifier {
    fn run(&self, findings: &mut Findings) -> Result<(), Error> {
        let topics = self.kafka.admin.partition_counts_blocking();
        let topics = topics.map_err(|error| failure::kafka("cannot fetch metadata", &error))?;
        if !topics.contains_key(&self.kafka.topics.internal("control")) {
            let prefix = &self.kafka.options.prefix;
            let reason = format!("there is no topic {prefix}.control");
            return Err(Error::Corrupt { kind: "prefix of topics", reason });
        }
        self.control(findings);
        let kanaal = |(topic, count): (&String, &u32)| Some((self.kafka.topics.kanaal_of(topic)?, *count));
        let mut kanalen: Vec<(KanaalName, u32)> = topics.iter().filter_map(kanaal).collect();
        kanalen.sort();
        for (kanaal, partitions) in &kanalen {
            for partition in (0..*partitions).map(Partition) {
                self.events(kanaal, partition, findings);
            }
        }
        self.progress(&kanalen, findings)?;
        self.outcomes(&kanalen, findings)?;
        self.dead_letters(&kanalen, findings)
    }

    /// The ends at this moment. Nodes append before they store what refers to it, so this is asked after that was read.
    fn ends(&self, kanalen: &[(KanaalName, u32)]) -> Result<Ends, Error> {
        let all = kanalen
            .iter()
            .flat_map(|(kanaal, partitions)| (0..*partitions).map(|partition| (kanaal.clone(), Partition(partition))));
        let places: Vec<Place> = all.collect();
        let point = |(kanaal, partition): &Place| ((self.kafka.topics.kanaal(kanaal), *partition), Offset::End);
        let points: Vec<_> = places.iter().map(point).collect();
        let ends = self.kafka.admin.offsets_each_blocking(&points)?;
        Ok(places.into_iter().zip(ends.into_iter().map(|end| end.unwrap_or(0))).collect())
    }

    fn control(&self, findings: &mut Findings) {
        let (mut registry, mut unread) = (Registry::default(), Wrong::default());
        let read = self.pool.examine(&self.kafka.topics.internal("control"), 0, |read| {
            match read.map(|stored| (stored.position.0, control::change_of(&stored))) {
                Ok((_, Ok(change))) => registry.apply(&change),
                Ok((offset, Err(error))) => unread.add(|| format!("{offset} ({error})")),
                Err(reason) => unread.add(|| reason),
            }
        });
        let kanalen = registry.kanalen().count();
        findings
            .result(&format!("kanalen ({kanalen}) and subscriptions"), failed(read).or_else(|| unread.problem(UNREAD)));
    }

    fn events(&self, kanaal: &KanaalName, partition: Partition, findings: &mut Findings) {
        let (mut records, mut unread) = (0_u64, Wrong::default());
        let read = self.pool.examine(&self.kafka.topics.kanaal(kanaal), partition.0 as i32, |read| {
            records += 1;
            match read {
                Ok(stored) => {
                    if let Err(reason) = (self.decode)(&stored.record) {
                        unread.add(|| format!("{} ({reason})", stored.position.0));
                    }
                }
                Err(reason) => unread.add(|| reason),
            }
        });
        let what = format!("kanaal {kanaal}, partition {}: {records} records", partition.0);
        findings.result(&what, failed(read).or_else(|| unread.problem(UNREAD)));
    }

    /// The marks and the unsettled deliveries of all shards, against the logs.
    fn progress(&self, kanalen: &[(KanaalName, u32)], findings: &mut Findings) -> Result<(), Error> {
        let topic = self.kafka.topics.internal(progress::TOPIC.0);
        let Some(shards) = self.kafka.admin.find_blocking(&topic)? else {
            findings.result("progress", Some(format!("topic {topic} does not exist")));
            return Ok(());
        };
        let (mut entries, mut unread) = (0, Wrong::default());
        let (mut marks, mut unsettled) = (Wrong::default(), Wrong::default());
        for shard in 0..shards {
            let stored = match StoredEntries::read(&self.pool, &topic, Shard(shard)) {
                Ok(stored) => stored,
                Err(error) => {
                    unread.add(|| format!("{shard} ({error})"));
                    continue;
                }
            };
            entries += stored.entries.len();
            for lost in stored.lost_logs(&self.kafka.topics, &self.kafka.admin, &HashMap::new())? {
                let (kanaal, partition) = &lost.place;
                marks.add(|| format!("{} of kanaal {kanaal}, partition {} (shard {shard})", lost.mark.0, partition.0));
            }
            let ends = self.ends(kanalen)?;
            for key in stored.entries.keys() {
                if let Key::Unsettled(DeliveryKey { subscription, kanaal, partition, position, .. }) = key {
                    let at = || format!("{}, for subscription {subscription}", at(kanaal, *partition, *position));
                    unsettled.add_if(is_beyond(kanaal, *partition, *position, &ends), at);
                }
            }
        }
        let problem = unread
            .problem("shards cannot be read")
            .or_else(|| marks.problem("marks are not of the present logs"))
            .or_else(|| unsettled.problem("unsettled deliveries are of records that do not exist"));
        findings.result(&format!("progress: {entries} entries of {shards} shards"), problem);
        Ok(())
    }

    fn outcomes(&self, kanalen: &[(KanaalName, u32)], findings: &mut Findings) -> Result<(), Error> {
        let topic = self.kafka.topics.internal("outcomes");
        let (mut records, mut unread) = (0_u64, Wrong::default());
        let mut furthest: HashMap<Place, Position> = HashMap::new();
        let read = self.pool.examine(&topic, 0, |read| {
            records += 1;
            let decoded = read.map(|stored| {
                let entry = encoding::journal::decode_entry(stored.record.value.unwrap_or_default());
                (stored.position.0, entry)
            });
            match decoded {
                Ok((_, Ok(entry))) => {
                    let Some((place, position)) = subject(entry) else { return };
                    let own = furthest.entry(place).or_insert(position);
                    *own = position.max(*own);
                }
                Ok((offset, Err(error))) => unread.add(|| format!("{offset} ({error})")),
                Err(reason) => unread.add(|| reason),
            }
        });
        let (ends, mut beyond) = (self.ends(kanalen)?, Wrong::default());
        for ((kanaal, partition), position) in &furthest {
            beyond.add_if(is_beyond(kanaal, *partition, *position, &ends), || at(kanaal, *partition, *position));
        }
        let problem = failed(read)
            .or_else(|| unread.problem(UNREAD))
            .or_else(|| beyond.problem("partitions have outcomes of records that do not exist, up to"));
        findings.result(&format!("outcomes: {records} records"), problem);
        Ok(())
    }

    fn dead_letters(&self, kanalen: &[(KanaalName, u32)], findings: &mut Findings) -> Result<(), Error> {
        let topic = self.kafka.topics.internal("dead-letters");
        let mut unread = Wrong::default();
        let mut letters: HashMap<Uuid, (KanaalName, Partition, Position)> = HashMap::new();
        let read = self.pool.examine(&topic, 0, |read| {
            let stored = match read {
                Ok(stored) => stored,
                Err(reason) => return unread.add(|| reason),
            };
            let offset = stored.position.0;
            let Ok(id) = Uuid::from_slice(&stored.record.key) else {
                return unread.add(|| format!("{offset} (its key is not an id)"));
            };
            match stored.record.value.map(|value| encoding::journal::decode_dead_letter(id, value)) {
                None => drop(letters.remove(&id)),
                Some(Ok(letter)) => {
                    let DeliveryKey { kanaal, partition, position, .. } = letter.delivery;
                    letters.insert(id, (kanaal, partition, position));
                }
                Some(Err(error)) => unread.add(|| format!("{offset} ({error})")),
            }
        });
        let (ends, mut beyond) = (self.ends(kanalen)?, Wrong::default());
        for (kanaal, partition, position) in letters.values() {
            beyond.add_if(is_beyond(kanaal, *partition, *position, &ends), || at(kanaal, *partition, *position));
        }
        let problem = failed(read)
            .or_else(|| unread.problem(UNREAD))
            .or_else(|| beyond.problem("are of records that do not exist"));
        findings.result(&format!("dead letters: {}", letters.len()), problem);
        Ok(())
    }
}

/// What is wrong with records that have no readable content.
const UNREAD: &str = "cannot be read, at offset";

/// Why a topic could not be read to its end.
fn failed(read: Result<(), Error>) -> Option<String> {
    read.err().map(|error| error.to_string())
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

/// Whether a position lies behind the end of its log. What retention removed lies before its beginning, and a kanaal
/// without a topic was deleted.
fn is_beyond(kanaal: &KanaalName, partition: Partition, position: Position, ends: &Ends) -> bool {
    ends.get(&(kanaal.clone(), partition)).is_some_and(|end| position.0 >= *end)
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
