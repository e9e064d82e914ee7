//! Stored forms of progress: compact keys and values with a version byte first (`codec`).

use bytes::Bytes;
use model::{Mark, Partition, Position, SubscriptionId, outcome::DeliveryKey, run::RunId};

use crate::{
    Error,
    codec::{Decoder, Encoder},
    progress::{Key, Value},
};

pub(crate) fn encode_key(key: &Key) -> Vec<u8> {
    let mut encoder = Encoder::new(64);
    match key {
        Key::Reader(kanaal, partition) => {
            encoder.byte(0).bytes(kanaal.as_str().as_bytes()).number(partition.0.into());
        }
        Key::Subscription(id, kanaal, partition) => {
            encoder.byte(1).raw(id.0.as_bytes()).bytes(kanaal.as_str().as_bytes()).number(partition.0.into());
        }
        Key::Unsettled(delivery) => {
            encoder
                .byte(2)
                .raw(delivery.subscription.0.as_bytes())
                .bytes(delivery.kanaal.as_str().as_bytes())
                .number(delivery.partition.0.into())
                .number(delivery.position.0)
                .optional(delivery.run, |encoder, run| encoder.raw(run.0.as_bytes()));
        }
        Key::Sink(url) => {
            encoder.byte(3).bytes(url.as_bytes());
        }
        Key::Run(id, kanaal, partition) => {
            encoder.byte(4).raw(id.0.as_bytes()).bytes(kanaal.as_str().as_bytes()).number(partition.0.into());
        }
    }
    encoder.finish()
}

pub(crate) fn decode_key(bytes: Bytes) -> Result<Key, Error> {
    let mut from = Decoder::new("progress key", bytes)?;
    let key = match from.byte()? {
        0 => Key::Reader(from.kanaal()?, Partition(from.small()?)),
        1 => Key::Subscription(SubscriptionId(from.uuid()?), from.kanaal()?, Partition(from.small()?)),
        2 => Key::Unsettled(DeliveryKey {
            subscription: SubscriptionId(from.uuid()?),
            kanaal: from.kanaal()?,
            partition: Partition(from.small()?),
            position: Position(from.number()?),
            run: from.optional(|from| from.uuid().map(RunId))?,
        }),
        3 => Key::Sink(from.text()?),
        4 => Key::Run(RunId(from.uuid()?), from.kanaal()?, Partition(from.small()?)),
        _ => return Err(from.corrupt("it is about something unknown")),
    };
    from.end()?;
    Ok(key)
}

pub(crate) fn encode_value(value: &Value) -> Vec<u8> {
    let mut encoder = Encoder::new(32);
    match value {
        Value::At(mark) => {
            encoder.byte(0).number(mark.0);
        }
        Value::Level => {
            encoder.byte(1);
        }
        Value::Unsettled { attempts, not_before } => {
            encoder.byte(2).number((*attempts).into()).timestamp(*not_before);
        }
        Value::Sink { not_before, outage_since, next_allowed } => {
            encoder.byte(3);
            for moment in [not_before, outage_since, next_allowed] {
                encoder.optional(*moment, |encoder, moment| encoder.timestamp(moment));
            }
        }
    }
    encoder.finish()
}

pub(crate) fn decode_value(bytes: Bytes) -> Result<Value, Error> {
    let mut from = Decoder::new("progress value", bytes)?;
    let value = match from.byte()? {
        0 => Value::At(Mark(from.number()?)),
        1 => Value::Level,
        2 => Value::Unsettled { attempts: from.small()?, not_before: from.timestamp()? },
        3 => Value::Sink {
            not_before: from.optional(Decoder::timestamp)?,
            outage_since: from.optional(Decoder::timestamp)?,
            next_allowed: from.optional(Decoder::timestamp)?,
        },
        _ => return Err(from.corrupt("it says something unknown")),
    };
    from.end()?;
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::progress::entries;

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
        let samples = include_str!("../../tests/stored/v1/progress.json");
        let samples: Vec<(String, String)> = serde_json::from_str(samples).unwrap();
        let written: Vec<(String, String)> =
            entries().iter().map(|(key, value)| (hex(&encode_key(key)), hex(&encode_value(value)))).collect();
        assert_eq!(written, samples);
        let read =
            samples.iter().map(|(key, value)| (decode_key(bytes(key)).unwrap(), decode_value(bytes(value)).unwrap()));
        assert_eq!(read.collect::<Vec<_>>(), entries());
    }
}
