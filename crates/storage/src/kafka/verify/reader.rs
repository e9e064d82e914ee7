//! Reads partitions for [`Kafka::verify`](crate::kafka::Kafka::verify): from the first to the last offset of one moment,
//! with the checksum of every batch compared, and past batches that cannot be read.
//!
//! It ends whatever the topics hold: offsets are bounded, as are the damaged places of a partition and the time in which
//! brokers return nothing. It does not interpret records.

use std::{sync::Arc, time::Duration};

use rdkafka::{Offset, TopicPartitionList, consumer::Consumer, error::KafkaError, types::RDKafkaErrorCode};

use crate::{
    kafka::{
        Options,
        client::{self, AssignedConsumer, ReaderContext},
        failure, record,
    },
    log::Stored,
};

/// How long one poll waits.
const POLL: Duration = Duration::from_millis(100);
/// How long brokers may return nothing, over all partitions of one verification together.
const PATIENCE: Duration = Duration::from_secs(20);
/// Most damaged places of a partition; what lies behind them is not read.
const MAX_DAMAGED: usize = 100;
/// Most bytes of one fetch.
const FETCH_BYTES: u32 = 1 << 20;

/// What of a partition is read.
#[derive(Debug, Clone)]
pub(super) struct Extent {
    pub(super) topic: String,
    pub(super) partition: u32,
    /// The oldest offset.
    pub(super) first: u64,
    /// The offset behind the newest committed record.
    pub(super) end: u64,
}

/// What is at an offset.
#[derive(Debug)]
pub(super) enum Read {
    Record(Stored),
    /// Nothing from the first offset up to the second, which is not included, can be read, for this reason.
    Damaged(u64, u64, String),
}

/// What the brokers returned.
enum Step {
    Record(Stored),
    /// There is no record before the end of the extent.
    End,
    Damaged(String),
}

/// Why the rest of a partition was not read.
struct Stopped(String);

/// The reader of one verification.
pub(super) struct Reader {
    options: Arc<Options>,
    patience: Duration,
}

/// One partition that is being read, by a consumer of its own.
struct Reading<'a> {
    extent: &'a Extent,
    consumer: AssignedConsumer,
    options: &'a Options,
    patience: &'a mut Duration,
}

impl Reader {
    pub(super) fn new(options: &Arc<Options>) -> Self {
        Self { options: Arc::clone(options), patience: PATIENCE }
    }

    /// Passes what an extent holds on to `each`, in order. Blocks.
    ///
    /// # Errors
    /// From which offset on nothing was read, and why.
    pub(super) fn read(&mut self, extent: &Extent, each: impl FnMut(Read)) -> Result<(), String> {
        let mut next = extent.first;
        if next >= extent.end {
            return Ok(());
        }
        let read = self.start(extent).and_then(|mut reading| reading.read(&mut next, each));
        read.map_err(|Stopped(reason)| format!("not read from offset {next} on: {reason}"))
    }

    fn start<'a>(&'a mut self, extent: &'a Extent) -> Result<Reading<'a>, Stopped> {
        let mut config = client::reader_config(&self.options);
        config
            .set("check.crcs", "true")
            .set("fetch.message.max.bytes", FETCH_BYTES.to_string())
            .set("queued.max.messages.kbytes", (4 * FETCH_BYTES / 1024).to_string());
        let made = client::create(&self.options, &config, ReaderContext::new(&self.options));
        let consumer: AssignedConsumer = made.map_err(|error| Stopped(error.to_string()))?;
        let mut list = TopicPartitionList::new();
        let placed = list.add_partition_offset(&extent.topic, extent.partition as i32, offset(extent.first));
        let placed = placed.and_then(|()| consumer.assign(&list));
        placed.map_err(|error| Stopped(error.to_string()))?;
        Ok(Reading { extent, consumer, options: &self.options, patience: &mut self.patience })
    }
}

fn offset(number: u64) -> Offset {
    Offset::Offset(i64::try_from(number).unwrap_or(i64::MAX))
}

impl Reading<'_> {
    /// Reads to the end. `next` is the offset before which everything was read.
    fn read(&mut self, next: &mut u64, mut each: impl FnMut(Read)) -> Result<(), Stopped> {
        let end = self.extent.end;
        let mut damaged = 0;
        // A batch that cannot be read, until it is known where the next one begins.
        let mut pending: Option<String> = None;
        while *next < end {
            let step = self.step(*next)?;
            let begins = match &step {
                Step::Record(stored) => Some(stored.position.0.min(end)),
                Step::End => Some(end),
                // The client passes over a damaged batch only within what it has fetched.
                Step::Damaged(_) => None,
            };
            if let Some(begins) = begins
                && let Some(reason) = pending.take()
            {
                each(Read::Damaged(*next, begins, reason));
                *next = begins;
            }
            match step {
                Step::Record(stored) if stored.position.0 < end => {
                    *next = stored.position.0 + 1;
                    each(Read::Record(stored));
                }
                Step::Record(_) | Step::End => *next = end,
                Step::Damaged(reason) if pending.is_none() => {
                    damaged += 1;
                    if damaged > MAX_DAMAGED {
                        return Err(Stopped(format!("there are more than {MAX_DAMAGED} damaged places before")));
                    }
                    pending = Some(reason);
                }
                Step::Damaged(reason) => {
                    let begins = self.readable_again(*next)?;
                    each(Read::Damaged(*next, begins, reason));
                    (*next, pending) = (begins, None);
                    if begins < end {
                        self.seek(begins)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// The first offset behind a damaged one from which records can be read; the end of the extent if there is none.
    ///
    /// Brokers return the whole batch that an offset lies in, and how long a damaged one is cannot be known from it: the
    /// distance is doubled until something can be read, then halved. Records between two damaged batches may be passed over
    /// as well.
    fn readable_again(&mut self, damaged: u64) -> Result<u64, Stopped> {
        let end = self.extent.end;
        let (mut bad, mut distance) = (damaged, 1_u64);
        let mut good = loop {
            let at = damaged.saturating_add(distance).min(end);
            if at == end || self.is_readable(at)? {
                break at;
            }
            (bad, distance) = (at, distance.saturating_mul(2));
        };
        while bad + 1 < good {
            let middle = bad + (good - bad) / 2;
            if self.is_readable(middle)? {
                good = middle;
            } else {
                bad = middle;
            }
        }
        Ok(good)
    }

    fn is_readable(&mut self, at: u64) -> Result<bool, Stopped> {
        self.seek(at)?;
        Ok(!matches!(self.step(at)?, Step::Damaged(_)))
    }

    fn seek(&self, to: u64) -> Result<(), Stopped> {
        let (topic, partition) = (&self.extent.topic, self.extent.partition as i32);
        let sought = self.consumer.seek(topic, partition, offset(to), self.options.deadline);
        sought.map_err(|error| Stopped(error.to_string()))
    }

    /// What the brokers return next, when everything before `next` was returned.
    fn step(&mut self, next: u64) -> Result<Step, Stopped> {
        let mut confirmed = false;
        while !self.patience.is_zero() {
            match self.consumer.poll(POLL) {
                Some(Ok(message)) => return Ok(Step::Record(record::from_message(&message))),
                Some(Err(KafkaError::PartitionEOF(_))) if confirmed => return Ok(Step::End),
                // Transaction markers have offsets and no records; a leader that is new may not know all records yet.
                Some(Err(KafkaError::PartitionEOF(_))) => {
                    confirmed = self.knows_all()?;
                    self.seek(next)?;
                }
                Some(Err(error)) if is_damage(&error) => return Ok(Step::Damaged(error.to_string())),
                Some(Err(error)) if !failure::is_transient(&error) => return Err(Stopped(error.to_string())),
                // The client repeats the request by itself.
                Some(Err(_)) | None => *self.patience = self.patience.saturating_sub(POLL),
            }
        }
        Err(Stopped(format!("the brokers returned nothing for {} seconds altogether", PATIENCE.as_secs())))
    }

    /// Whether the present leader knows that everything in the extent is committed.
    fn knows_all(&mut self) -> Result<bool, Stopped> {
        let (topic, partition) = (&self.extent.topic, self.extent.partition as i32);
        match self.consumer.fetch_watermarks(topic, partition, self.options.deadline) {
            Ok((_, high)) if u64::try_from(high).is_ok_and(|high| high >= self.extent.end) => Ok(true),
            Ok(_) => {
                std::thread::sleep(POLL);
                *self.patience = self.patience.saturating_sub(POLL);
                Ok(false)
            }
            Err(error) if failure::is_transient(&error) => {
                *self.patience = self.patience.saturating_sub(self.options.deadline);
                Ok(false)
            }
            Err(error) => Err(Stopped(error.to_string())),
        }
    }
}

/// Whether the records at an offset, rather than a connection, a right or the whole topic, are what cannot be read.
fn is_damage(error: &KafkaError) -> bool {
    use RDKafkaErrorCode as Code;
    let code = error.rdkafka_error_code();
    matches!(
        code,
        Some(
            Code::BadMessage
                | Code::BadCompression
                | Code::NotImplemented
                | Code::InvalidMessage
                | Code::InvalidMessageSize
                | Code::MessageSizeTooLarge
                | Code::Unknown
        )
    )
}
