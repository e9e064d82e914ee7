//! Compact binary encoding for data that is stored often: a version byte followed by the fields.
//!
//! Numbers are LEB128, texts and byte strings have a length prefix, timestamps are eight bytes (microseconds, little
//! endian). The encoding has no schema: encoder and decoder of a form are side by side, and tests keep samples of every
//! version.

use bytes::{Buf, Bytes};
use model::{KanaalName, Timestamp};
use uuid::Uuid;

use crate::{Error, log::Record};

/// The version of every form in this encoding that has only one.
const VERSION: u8 = 1;

/// Encodes one form.
#[derive(Debug)]
pub(crate) struct Encoder(Vec<u8>);

impl Encoder {
    pub(crate) fn new(capacity: usize) -> Self {
        Self::of_version(VERSION, capacity)
    }

    pub(crate) fn of_version(version: u8, capacity: usize) -> Self {
        let mut bytes = Vec::with_capacity(capacity + 1);
        bytes.push(version);
        Self(bytes)
    }

    pub(crate) fn byte(&mut self, byte: u8) -> &mut Self {
        self.0.push(byte);
        self
    }

    pub(crate) fn number(&mut self, mut number: u64) -> &mut Self {
        while number >= 0x80 {
            self.0.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.byte(number as u8)
    }

    pub(crate) fn raw(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.extend_from_slice(bytes);
        self
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.number(bytes.len() as u64).raw(bytes)
    }

    pub(crate) fn timestamp(&mut self, timestamp: Timestamp) -> &mut Self {
        self.raw(&timestamp.as_micros().to_le_bytes())
    }

    pub(crate) fn optional<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T) -> &mut Self) -> &mut Self {
        match value {
            None => self.byte(0),
            Some(value) => {
                self.byte(1);
                write(self, value)
            }
        }
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.0
    }
}

/// Decodes one form; the results share its memory.
#[derive(Debug)]
pub(crate) struct Decoder {
    kind: &'static str,
    rest: Bytes,
}

impl Decoder {
    /// Starts to decode a form of this kind.
    ///
    /// # Errors
    /// `NewerVersion` for a version that this program does not know, `Corrupt` for version 0.
    pub(crate) fn new(kind: &'static str, bytes: Bytes) -> Result<Self, Error> {
        Self::up_to(VERSION, kind, bytes)
    }

    /// Starts to decode a form of this kind, of which versions up to `known` are known.
    ///
    /// # Errors
    /// `NewerVersion` for a newer one, `Corrupt` for version 0.
    pub(crate) fn up_to(known: u8, kind: &'static str, bytes: Bytes) -> Result<Self, Error> {
        let mut decoder = Self { kind, rest: bytes };
        match decoder.byte()? {
            0 => Err(decoder.corrupt("version 0")),
            found if found <= known => Ok(decoder),
            found => Err(Error::NewerVersion { kind, found: found.into(), known: known.into() }),
        }
    }

    pub(crate) fn corrupt(&self, reason: &str) -> Error {
        Error::Corrupt { kind: self.kind, reason: reason.to_owned() }
    }

    pub(crate) fn byte(&mut self) -> Result<u8, Error> {
        if self.rest.is_empty() {
            return Err(self.corrupt("it is truncated"));
        }
        Ok(self.rest.get_u8())
    }

    pub(crate) fn number(&mut self) -> Result<u64, Error> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(self.corrupt("a number is too long"))
    }

    pub(crate) fn small(&mut self) -> Result<u32, Error> {
        let number = self.number()?;
        u32::try_from(number).map_err(|_| self.corrupt("a number is too large"))
    }

    fn take(&mut self, length: u64) -> Result<Bytes, Error> {
        match usize::try_from(length) {
            Ok(length) if length <= self.rest.len() => Ok(self.rest.split_to(length)),
            _ => Err(self.corrupt("it is truncated")),
        }
    }

    pub(crate) fn bytes(&mut self) -> Result<Bytes, Error> {
        let length = self.number()?;
        self.take(length)
    }

    pub(crate) fn text(&mut self) -> Result<String, Error> {
        let bytes = self.bytes()?;
        String::from_utf8(bytes.into()).map_err(|_| self.corrupt("a text is not UTF-8"))
    }

    pub(crate) fn kanaal(&mut self) -> Result<KanaalName, Error> {
        let text = self.text()?;
        KanaalName::new(&text).ok_or_else(|| self.corrupt("not a name of a kanaal"))
    }

    pub(crate) fn uuid(&mut self) -> Result<Uuid, Error> {
        let bytes = self.take(16)?;
        Uuid::from_slice(&bytes).map_err(|_| self.corrupt("not an id"))
    }

    pub(crate) fn timestamp(&mut self) -> Result<Timestamp, Error> {
        let mut bytes = self.take(8)?;
        Ok(Timestamp::from_micros(bytes.get_i64_le()))
    }

    pub(crate) fn optional<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Error>) -> Result<Option<T>, Error> {
        match self.byte()? {
            0 => Ok(None),
            1 => read(self).map(Some),
            _ => Err(self.corrupt("a presence flag is neither 0 nor 1")),
        }
    }

    /// The bytes that were not decoded yet.
    pub(crate) fn rest(self) -> Bytes {
        self.rest
    }

    /// Ends the form.
    ///
    /// # Errors
    /// `Corrupt` if bytes are left.
    pub(crate) fn end(self) -> Result<(), Error> {
        if self.rest.is_empty() { Ok(()) } else { Err(self.corrupt("bytes are left over")) }
    }
}

/// The size of a record that counts against limits, in bytes.
pub(crate) fn record_bytes(record: &Record) -> usize {
    record.bytes()
}

/// A record as one byte string: headers, key, then the value to the end.
pub(crate) fn encode_record(record: &Record) -> Bytes {
    let mut encoder = Encoder::new(record_bytes(record) + 4 * record.headers.len() + 16);
    encoder.number(record.headers.len() as u64);
    for (name, value) in &record.headers {
        encoder.bytes(name).bytes(value);
    }
    encoder.bytes(&record.key);
    match &record.value {
        None => encoder.byte(0),
        Some(value) => encoder.byte(1).raw(value),
    };
    encoder.finish().into()
}

/// The record in a byte string; shares its memory.
pub(crate) fn decode_record(bytes: Bytes) -> Result<Record, Error> {
    let length = bytes.len();
    let mut decoder = Decoder::new("record", bytes)?;
    let count = decoder.number()?;
    if count > length as u64 {
        return Err(decoder.corrupt("more headers than bytes"));
    }
    let mut headers = Vec::with_capacity(count as usize);
    for _ in 0..count {
        headers.push((decoder.bytes()?, decoder.bytes()?));
    }
    let key = decoder.bytes()?;
    let value = match decoder.byte()? {
        0 => {
            decoder.end()?;
            None
        }
        1 => Some(decoder.rest()),
        _ => return Err(decoder.corrupt("neither a value nor none")),
    };
    Ok(Record { key, headers, value })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(headers: &[(&'static str, &'static str)], value: Option<&'static str>) -> Record {
        let headers = headers.iter().map(|(name, value)| (Bytes::from(*name), Bytes::from(*value))).collect();
        Record { key: Bytes::from("sleutel"), headers, value: value.map(Bytes::from) }
    }

    #[test]
    fn records_survive() {
        for original in [
            Record::default(),
            record(&[], None),
            record(&[], Some("")),
            record(&[("ce_id", "1"), ("ce_id", "2"), ("", "")], Some("{}")),
            Record { value: Some(vec![7; 70_000].into()), ..record(&[("a", "é")], None) },
        ] {
            assert_eq!(decode_record(encode_record(&original)).unwrap(), original);
        }
    }

    #[test]
    fn every_cut_is_noticed_or_shortens_the_value() {
        let whole = encode_record(&record(&[("ce_id", "1")], Some("{}")));
        for length in 0..whole.len() - 2 {
            assert!(matches!(decode_record(whole.slice(..length)), Err(Error::Corrupt { .. })), "cut at {length}");
        }
    }

    #[test]
    fn newer_versions_are_refused() {
        let mut bytes = encode_record(&Record::default()).to_vec();
        bytes[0] = 2;
        let error = decode_record(bytes.into()).unwrap_err();
        assert!(matches!(error, Error::NewerVersion { kind: "record", found: 2, known: 1 }), "{error}");
    }

    /// The sample was written by the first version and must not change.
    #[test]
    fn version_1_is_read_and_written() {
        let sample = include_bytes!("../tests/stored/v1/record.bin");
        let original = Record {
            key: Bytes::from("zaak-1"),
            headers: [("ce_id", "1"), ("ce_id", "2"), ("", ""), ("ce_subject", "\u{e9}")]
                .map(|(name, value)| (Bytes::from(name), Bytes::from(value)))
                .into(),
            value: Some(Bytes::from("{\"a\":1}".repeat(20))),
        };
        assert_eq!(decode_record(Bytes::from_static(sample)).unwrap(), original);
        assert_eq!(encode_record(&original), &sample[..]);
    }

    #[test]
    fn numbers_survive() {
        for number in [0, 1, 127, 128, 300, u64::from(u32::MAX), u64::MAX] {
            let mut encoder = Encoder::new(10);
            encoder.number(number);
            let mut decoder = Decoder::new("number", encoder.finish().into()).unwrap();
            assert_eq!(decoder.number().unwrap(), number);
            decoder.end().unwrap();
        }
    }
}
