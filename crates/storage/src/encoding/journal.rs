//! Stored forms of journal entries and dead letters: compact, with a version byte first (`codec`).
//!
//! Events have none: the index reads them from their logs.

use bytes::Bytes;
use model::{
    Mark, Partition, Position, SubscriptionId,
    outcome::{Attempt, AttemptResult, DeliveryKey, Outcome},
    run::{RunId, RunKind},
};

use crate::{
    Error,
    codec::{Decoder, Encoder, decode_record, encode_record, record_bytes},
    journal::{DeadLetter, Entry, RunProgress},
};

/// The newest version of an entry. 2: progress of runs; 3: attempts whose answer had `Retry-After`. All other entries are
/// written in version 1.
const ENTRY_VERSION: u8 = 3;

/// The version of progress of runs.
const RUN_VERSION: u8 = 2;

/// The stored form of an entry; `None` for an event.
pub(crate) fn encode_entry(entry: &Entry) -> Option<Vec<u8>> {
    let mut to = match entry {
        Entry::Attempt { attempt: made, .. } | Entry::Settled { last: Some(made), .. }
            if made.retry_after_seconds.is_some() =>
        {
            Encoder::of_version(ENTRY_VERSION, 128)
        }
        _ => Encoder::new(128),
    };
    match entry {
        Entry::Event(_) => return None,
        Entry::Attempt { delivery, number, attempt: made } => {
            write_delivery(to.byte(kind([0, 3, 6], Some(made))), delivery).number((*number).into());
            write_attempt(&mut to, made);
            write_additions(&mut to, Some(made));
        }
        Entry::Settled { delivery, outcome, attempts, last, at } => {
            write_delivery(to.byte(kind([1, 4, 7], last.as_ref())), delivery)
                .bytes(outcome.label().as_bytes())
                .number((*attempts).into());
            to.optional(last.as_ref(), write_attempt).timestamp(*at);
            write_additions(&mut to, last.as_ref());
        }
        Entry::SettledRange { subscription, kanaal, partition, from, until, outcome, at } => {
            to.byte(2).raw(subscription.0.as_bytes()).bytes(kanaal.as_str().as_bytes()).number(partition.0.into());
            to.number(from.0).number(until.0).bytes(outcome.label().as_bytes()).timestamp(*at);
        }
        Entry::Run(run) => return Some(encode_run(run)),
    }
    Some(to.finish())
}

/// The entry of a stored form.
pub(crate) fn decode_entry(bytes: Bytes) -> Result<Entry, Error> {
    let mut from = Decoder::up_to(ENTRY_VERSION, "journal entry", bytes)?;
    let entry = match from.byte()? {
        // 3 and 4 are 0 and 1 with the transaction id of FSC at the end; 6 and 7 with that, if there is one, and the seconds
        // of `Retry-After`.
        kind @ (0 | 3 | 6) => Entry::Attempt {
            delivery: read_delivery(&mut from)?,
            number: from.small()?,
            attempt: read_attempt(&mut from)?,
        }
        .with_additions(kind, &mut from)?,
        kind @ (1 | 4 | 7) => Entry::Settled {
            delivery: read_delivery(&mut from)?,
            outcome: read_outcome(&mut from)?,
            attempts: from.small()?,
            last: from.optional(read_attempt)?,
            at: from.timestamp()?,
        }
        .with_additions(kind, &mut from)?,
        2 => Entry::SettledRange {
            subscription: SubscriptionId(from.uuid()?),
            kanaal: from.kanaal()?,
            partition: Partition(from.small()?),
            from: Mark(from.number()?),
            until: Mark(from.number()?),
            outcome: read_outcome(&mut from)?,
            at: from.timestamp()?,
        },
        5 => Entry::Run(Box::new(read_run(&mut from)?)),
        _ => return Err(from.corrupt("it says something unknown")),
    };
    from.end()?;
    Ok(entry)
}

fn encode_run(run: &RunProgress) -> Vec<u8> {
    let mut to = Encoder::of_version(RUN_VERSION, 96 + run.asked_by.len());
    to.byte(5).raw(run.id.0.as_bytes()).raw(run.subscription.0.as_bytes());
    to.byte(match run.kind {
        RunKind::Replay => 0,
        RunKind::Records => 1,
    });
    to.bytes(run.asked_by.as_bytes()).timestamp(run.created).number(run.total).number(run.done).timestamp(run.at);
    to.optional(run.ended, Encoder::timestamp);
    to.finish()
}

fn read_run(from: &mut Decoder) -> Result<RunProgress, Error> {
    Ok(RunProgress {
        id: RunId(from.uuid()?),
        subscription: SubscriptionId(from.uuid()?),
        kind: match from.byte()? {
            0 => RunKind::Replay,
            1 => RunKind::Records,
            _ => return Err(from.corrupt("it is a run of an unknown kind")),
        },
        asked_by: from.text()?,
        created: from.timestamp()?,
        total: from.number()?,
        done: from.number()?,
        at: from.timestamp()?,
        ended: from.optional(Decoder::timestamp)?,
    })
}

/// The stored form of a dead letter without its id, which is the record key.
pub(crate) fn encode_dead_letter(letter: &DeadLetter) -> Vec<u8> {
    let mut to = Encoder::new(record_bytes(&letter.record) + letter.reason.len() + 256);
    write_delivery(&mut to, &letter.delivery);
    for text in [&letter.event_id, &letter.event_source, &letter.event_kind] {
        to.bytes(text.as_bytes());
    }
    to.bytes(letter.outcome.label().as_bytes()).bytes(letter.reason.as_bytes());
    to.optional(letter.last_code, |to, status| to.number(status.into())).number(letter.attempts.into());
    to.timestamp(letter.at).bytes(&encode_record(&letter.record));
    to.finish()
}

/// The dead letter with this id.
pub(crate) fn decode_dead_letter(id: uuid::Uuid, bytes: Bytes) -> Result<DeadLetter, Error> {
    let mut from = Decoder::new("dead letter", bytes)?;
    let letter = DeadLetter {
        id,
        delivery: read_delivery(&mut from)?,
        event_id: from.text()?,
        event_source: from.text()?,
        event_kind: from.text()?,
        outcome: read_outcome(&mut from)?,
        reason: from.text()?,
        last_code: from.optional(Decoder::small)?.map(|status| status as u16),
        attempts: from.small()?,
        at: from.timestamp()?,
        record: decode_record(from.bytes()?)?,
    };
    from.end()?;
    Ok(letter)
}

fn write_delivery<'a>(to: &'a mut Encoder, delivery: &DeliveryKey) -> &'a mut Encoder {
    to.raw(delivery.subscription.0.as_bytes())
        .bytes(delivery.kanaal.as_str().as_bytes())
        .number(delivery.partition.0.into())
        .number(delivery.position.0)
        .optional(delivery.run, |to, run| to.raw(run.0.as_bytes()))
}

fn read_delivery(from: &mut Decoder) -> Result<DeliveryKey, Error> {
    Ok(DeliveryKey {
        subscription: SubscriptionId(from.uuid()?),
        kanaal: from.kanaal()?,
        partition: Partition(from.small()?),
        position: Position(from.number()?),
        run: from.optional(|from| from.uuid().map(RunId))?,
    })
}

fn write_attempt<'a>(to: &'a mut Encoder, attempt: &Attempt) -> &'a mut Encoder {
    to.timestamp(attempt.at).number(attempt.duration_micros);
    match &attempt.result {
        AttemptResult::Code(status) => to.byte(0).number((*status).into()),
        AttemptResult::Failure(text) => to.byte(1).bytes(text.as_bytes()),
    };
    to.bytes(attempt.excerpt.as_bytes())
}

fn read_attempt(from: &mut Decoder) -> Result<Attempt, Error> {
    Ok(Attempt {
        at: from.timestamp()?,
        duration_micros: from.number()?,
        result: match from.byte()? {
            0 => AttemptResult::Code(from.small()? as u16),
            1 => AttemptResult::Failure(from.text()?),
            _ => return Err(from.corrupt("a request came to something unknown")),
        },
        excerpt: from.text()?.into(),
        fsc_transaction: None,
        retry_after_seconds: None,
    })
}

/// The kind of an entry with this attempt: without additions, with a transaction id only, or with `Retry-After`.
fn kind([plain, transaction, retry_after]: [u8; 3], attempt: Option<&Attempt>) -> u8 {
    match attempt {
        Some(Attempt { retry_after_seconds: Some(_), .. }) => retry_after,
        Some(Attempt { fsc_transaction: Some(_), .. }) => transaction,
        Some(_) | None => plain,
    }
}

/// Writes what the kind of the entry says that follows.
fn write_additions(to: &mut Encoder, attempt: Option<&Attempt>) {
    let Some(attempt) = attempt else { return };
    let id = attempt.fsc_transaction.as_ref();
    if let Some(seconds) = attempt.retry_after_seconds {
        to.optional(id, |to, id| to.raw(id.as_bytes())).number(seconds.into());
    } else if let Some(id) = id {
        to.raw(id.as_bytes());
    }
}

impl Entry {
    /// The entry with what follows in an entry of this kind.
    fn with_additions(mut self, kind: u8, from: &mut Decoder) -> Result<Self, Error> {
        if let Self::Attempt { attempt, .. } | Self::Settled { last: Some(attempt), .. } = &mut self {
            match kind {
                3 | 4 => attempt.fsc_transaction = Some(from.uuid()?),
                6 | 7 => {
                    attempt.fsc_transaction = from.optional(Decoder::uuid)?;
                    attempt.retry_after_seconds = Some(from.small()?);
                }
                _ => {}
            }
        }
        Ok(self)
    }
}

fn read_outcome(from: &mut Decoder) -> Result<Outcome, Error> {
    let label = from.text()?;
    Outcome::from_label(&label).ok_or_else(|| from.corrupt("its outcome is not known"))
}

#[cfg(test)]
mod tests {
    use model::Timestamp;
    use uuid::Uuid;

    use super::*;
    use crate::suite::sample;

    fn delivery(run: Option<u128>) -> DeliveryKey {
        DeliveryKey {
            subscription: SubscriptionId(Uuid::from_u128(10)),
            kanaal: sample::name("zaken \u{e9}"),
            partition: Partition(3),
            position: Position(u64::from(u32::MAX) + 5),
            run: run.map(|run| RunId(Uuid::from_u128(run))),
        }
    }

    fn attempt(result: AttemptResult) -> Attempt {
        let at = Timestamp::from_micros(-5);
        Attempt {
            at,
            duration_micros: 1_500,
            result,
            excerpt: "nee\u{20ac}".into(),
            fsc_transaction: None,
            retry_after_seconds: None,
        }
    }

    fn entries() -> Vec<Entry> {
        let at = Timestamp::from_micros(1_234_567);
        let last = Some(attempt(AttemptResult::Failure("connection refused".into())));
        let answered = attempt(AttemptResult::Code(503));
        let mut entries = vec![Entry::Attempt { delivery: delivery(None), number: 2, attempt: answered }];
        for (outcome, last) in Outcome::ALL.into_iter().zip([last, None].into_iter().cycle()) {
            entries.push(Entry::Settled { delivery: delivery(Some(9)), outcome, attempts: 3, last, at });
        }
        entries.push(Entry::SettledRange {
            subscription: SubscriptionId(Uuid::from_u128(10)),
            kanaal: sample::name("zaken"),
            partition: Partition(0),
            from: Mark(3),
            until: Mark(300),
            outcome: Outcome::Expired,
            at,
        });
        entries
    }

    fn letters() -> Vec<DeadLetter> {
        let letter = |status, run| DeadLetter {
            id: Uuid::from_u128(77),
            delivery: delivery(run),
            event_id: "id-1".into(),
            event_source: "urn:nld:x".into(),
            event_kind: "nl.overheid.zaken.zaak-gemaakt".into(),
            record: sample::record("zaak-1", "een"),
            outcome: Outcome::Refused,
            reason: "six times 500".into(),
            last_code: status,
            attempts: 6,
            at: Timestamp::from_micros(8),
        };
        vec![letter(Some(422), None), letter(None, Some(20))]
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
    }

    fn bytes(hex: &str) -> Bytes {
        let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
        (0..hex.len()).step_by(2).map(byte).collect()
    }

    /// The samples were written by the first version and must not change.
    #[test]
    fn version_1_is_read_and_written() {
        let samples = include_str!("../../tests/stored/v1/journal.hex");
        let written = entries().iter().map(|entry| hex(&encode_entry(entry).unwrap())).collect::<Vec<_>>();
        let written: Vec<String> =
            written.into_iter().chain(letters().iter().map(|letter| hex(&encode_dead_letter(letter)))).collect();
        assert_eq!(written, samples.lines().collect::<Vec<_>>());
        let samples: Vec<&str> = samples.lines().collect();
        let (first, last) = samples.split_at(entries().len());
        let read = first.iter().map(|sample| decode_entry(bytes(sample)).unwrap());
        assert_eq!(read.collect::<Vec<_>>(), entries());
        let read = last.iter().map(|sample| decode_dead_letter(Uuid::from_u128(77), bytes(sample)).unwrap());
        assert_eq!(read.collect::<Vec<_>>(), letters());
    }

    /// The entries of version 1 whose attempt has a transaction id of FSC.
    fn entries_over_fsc() -> Vec<Entry> {
        let id = Some(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001));
        let mut entries = entries();
        entries.truncate(2);
        for entry in &mut entries {
            let (Entry::Attempt { attempt, .. } | Entry::Settled { last: Some(attempt), .. }) = entry else { continue };
            attempt.fsc_transaction = id;
        }
        entries
    }

    #[test]
    fn transaction_ids_are_read_and_written() {
        let samples: Vec<&str> = include_str!("../../tests/stored/v5/journal-fsc.hex").lines().collect();
        let written: Vec<String> = entries_over_fsc().iter().map(|entry| hex(&encode_entry(entry).unwrap())).collect();
        assert_eq!(written, samples);
        let read: Vec<Entry> = samples.iter().map(|sample| decode_entry(bytes(sample)).unwrap()).collect();
        assert_eq!(read, entries_over_fsc());
    }

    /// Entries of version 3: with `Retry-After`, without and with a transaction id.
    fn entries_with_retry_after() -> Vec<Entry> {
        let mut entries: Vec<Entry> = entries().into_iter().take(2).chain(entries_over_fsc()).collect();
        for entry in &mut entries {
            let (Entry::Attempt { attempt, .. } | Entry::Settled { last: Some(attempt), .. }) = entry else { continue };
            attempt.retry_after_seconds = Some(30);
        }
        entries
    }

    /// The samples were written by the first program that keeps `Retry-After` and must not change.
    #[test]
    fn version_3_is_read_and_written() {
        let samples: Vec<&str> = include_str!("../../tests/stored/v3/journal.hex").lines().collect();
        let written: Vec<String> =
            entries_with_retry_after().iter().map(|entry| hex(&encode_entry(entry).unwrap())).collect();
        assert_eq!(written, samples);
        let read: Vec<Entry> = samples.iter().map(|sample| decode_entry(bytes(sample)).unwrap()).collect();
        assert_eq!(read, entries_with_retry_after());
    }

    fn runs() -> Vec<Entry> {
        let run = |kind, ended| {
            Entry::Run(Box::new(RunProgress {
                id: RunId(Uuid::from_u128(20)),
                subscription: SubscriptionId(Uuid::from_u128(10)),
                kind,
                asked_by: "open-zaak".into(),
                created: Timestamp::from_micros(1_000),
                total: 300,
                done: 299,
                at: Timestamp::from_micros(2_000),
                ended,
            }))
        };
        vec![run(RunKind::Replay, None), run(RunKind::Records, Some(Timestamp::from_micros(2_000)))]
    }

    /// The samples were written by the first program with progress of runs and must not change.
    #[test]
    fn version_2_is_read_and_written() {
        let samples: Vec<&str> = include_str!("../../tests/stored/v2/journal.hex").lines().collect();
        let written: Vec<String> = runs().iter().map(|entry| hex(&encode_entry(entry).unwrap())).collect();
        assert_eq!(written, samples);
        let read = samples.iter().map(|sample| decode_entry(bytes(sample)).unwrap());
        assert_eq!(read.collect::<Vec<_>>(), runs());
    }

    #[test]
    fn every_cut_is_noticed() {
        for whole in entries()
            .iter()
            .chain(&runs())
            .chain(&entries_over_fsc())
            .chain(&entries_with_retry_after())
            .filter_map(encode_entry)
        {
            for length in 0..whole.len() {
                let cut = Bytes::copy_from_slice(&whole[..length]);
                assert!(matches!(decode_entry(cut), Err(Error::Corrupt { .. })), "cut at {length}");
            }
        }
    }
}
