//! Stored forms of what a node has the owner of people do, and of the answer. Addressees, due messages and evidence in them are the rows
//! that they make in an empty file ([`sqlite::carried`](crate::sqlite::carried)).

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use model::{
    Timestamp,
    addressee::{AddresseeId, Digest, Evidence, FilterId, FilterText},
    inbox::{Change, MessageId},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Micros, corrupt, read_known, write};
use crate::{
    Error,
    audience::{self, Put, Version},
    sqlite::{carried, replica::Row},
};

const COMMAND: &str = "people-command";
const ANSWER: &str = "people-answer";

/// What a node has the owner do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Command {
    /// Stores addressees.
    Put(Vec<Put>),
    /// Returns the number of a filter.
    Filter(FilterText),
    /// Erases an address.
    Erase(Digest, Timestamp),
    /// Stores evidence.
    Record(Vec<Evidence>),
    /// Changes the state of a message of the inbox.
    Change { person: Digest, id: MessageId, change: Change, now: Timestamp, undo: Duration },
    /// Erases what the inbox has of a person.
    ErasePerson(Digest),
}

/// What the owner answers.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// It is done, with a number where there is one.
    Done(u64),
    /// There is no such message.
    NoMessage,
    /// The deletion cannot be undone any more.
    UndoOver,
    /// It is not done.
    Refused(audience::Error),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
enum CommandForm {
    Put { seen: Vec<Option<u64>>, alone: Vec<bool>, rows: Vec<RowForm> },
    Filter(String),
    Erase { digest: String, at: Micros },
    Record(Vec<RowForm>),
    Change { person: String, id: Uuid, change: ChangeForm, now: Micros, undo_seconds: u64 },
    ErasePerson(String),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
enum AnswerForm {
    Done(u64),
    NoMessage,
    UndoOver,
    Conflict(Uuid),
    UnknownFilter(u32),
    TooManyOfAddress(Uuid),
    Unavailable { reason: String, retry_seconds: u64 },
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum ChangeForm {
    Read,
    Unread,
    Delete,
    Restore,
}

/// The key and the value of a row, in base64.
#[derive(Serialize, Deserialize)]
struct RowForm(String, Option<String>);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CommandBody {
    command: CommandForm,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AnswerBody {
    answer: AnswerForm,
}

/// The form of a command.
///
/// # Errors
/// What the port says of addressees that no file could store.
pub(crate) fn to_body(command: &Command) -> Result<String, audience::Error> {
    let digest = |digest: &Digest| BASE64.encode(digest.0);
    let command = match command {
        Command::Put(puts) => CommandForm::Put {
            seen: puts.iter().map(|put| put.seen.map(|seen| seen.0)).collect(),
            alone: puts.iter().map(|put| put.alone).collect(),
            rows: forms(carried::of_puts(puts)?),
        },
        Command::Filter(text) => CommandForm::Filter(text.as_str().to_owned()),
        Command::Erase(address, at) => CommandForm::Erase { digest: digest(address), at: (*at).into() },
        Command::Record(evidence) => CommandForm::Record(forms(carried::of_evidence(evidence)?)),
        Command::Change { person, id, change, now, undo } => CommandForm::Change {
            person: digest(person),
            id: id.0,
            change: match change {
                Change::Read => ChangeForm::Read,
                Change::Unread => ChangeForm::Unread,
                Change::Delete => ChangeForm::Delete,
                Change::Restore => ChangeForm::Restore,
            },
            now: (*now).into(),
            undo_seconds: undo.as_secs(),
        },
        Command::ErasePerson(person) => CommandForm::ErasePerson(digest(person)),
    };
    Ok(write(COMMAND, CommandBody { command })?)
}

/// The command of a form.
pub(crate) fn from_body(body: &str) -> Result<Command, Error> {
    Ok(match read_known::<CommandBody>(COMMAND, body)?.command {
        CommandForm::Put { seen, alone, rows } => {
            let found = carried::puts(&read_rows(rows)?)?;
            if found.len() != seen.len() || found.len() != alone.len() {
                return Err(corrupt(COMMAND, "its parts have different lengths"));
            }
            let put = |((put, seen), alone): ((Put, Option<u64>), bool)| Put { seen: seen.map(Version), alone, ..put };
            Command::Put(found.into_iter().zip(seen).zip(alone).map(put).collect())
        }
        CommandForm::Filter(text) => {
            Command::Filter(FilterText::new(text).ok_or_else(|| corrupt(COMMAND, "not a filter"))?)
        }
        CommandForm::Erase { digest, at } => Command::Erase(read_digest(&digest)?, at.into()),
        CommandForm::Record(rows) => Command::Record(carried::evidence(&read_rows(rows)?)?),
        CommandForm::Change { person, id, change, now, undo_seconds } => Command::Change {
            person: read_digest(&person)?,
            id: MessageId(id),
            change: match change {
                ChangeForm::Read => Change::Read,
                ChangeForm::Unread => Change::Unread,
                ChangeForm::Delete => Change::Delete,
                ChangeForm::Restore => Change::Restore,
            },
            now: now.into(),
            undo: Duration::from_secs(undo_seconds),
        },
        CommandForm::ErasePerson(person) => Command::ErasePerson(read_digest(&person)?),
    })
}

/// The form of an answer.
pub(crate) fn to_answer(answer: &Answer) -> Result<String, Error> {
    let answer = match answer {
        Answer::Done(number) => AnswerForm::Done(*number),
        Answer::NoMessage => AnswerForm::NoMessage,
        Answer::UndoOver => AnswerForm::UndoOver,
        Answer::Refused(error) => match error {
            audience::Error::Conflict(id) => AnswerForm::Conflict(id.0),
            audience::Error::UnknownFilter(id) => AnswerForm::UnknownFilter(id.0),
            audience::Error::TooManyOfAddress(id) => AnswerForm::TooManyOfAddress(id.0),
            audience::Error::Storage(Error::Unavailable { reason, retry_after }) => {
                AnswerForm::Unavailable { reason: reason.clone(), retry_seconds: retry_after.as_secs() }
            }
            audience::Error::Storage(error) => AnswerForm::Unavailable { reason: error.to_string(), retry_seconds: 1 },
        },
    };
    write(ANSWER, AnswerBody { answer })
}

/// The answer of a form.
pub(crate) fn from_answer(body: &str) -> Result<Answer, Error> {
    use audience::Error as Refusal;
    Ok(match read_known::<AnswerBody>(ANSWER, body)?.answer {
        AnswerForm::Done(number) => Answer::Done(number),
        AnswerForm::NoMessage => Answer::NoMessage,
        AnswerForm::UndoOver => Answer::UndoOver,
        AnswerForm::Conflict(id) => Answer::Refused(Refusal::Conflict(AddresseeId(id))),
        AnswerForm::UnknownFilter(id) => Answer::Refused(Refusal::UnknownFilter(FilterId(id))),
        AnswerForm::TooManyOfAddress(id) => Answer::Refused(Refusal::TooManyOfAddress(AddresseeId(id))),
        AnswerForm::Unavailable { reason, retry_seconds } => {
            let retry_after = Duration::from_secs(retry_seconds);
            Answer::Refused(Refusal::Storage(Error::Unavailable { reason, retry_after }))
        }
    })
}

fn forms(rows: Vec<Row>) -> Vec<RowForm> {
    let form = |row: Row| RowForm(BASE64.encode(row.key), row.value.map(|value| BASE64.encode(value)));
    rows.into_iter().map(form).collect()
}

fn read_rows(forms: Vec<RowForm>) -> Result<Vec<Row>, Error> {
    let row = |RowForm(key, value): RowForm| {
        let value = value.map(|value| bytes(&value)).transpose()?;
        Ok(Row { key: bytes(&key)?, value })
    };
    forms.into_iter().map(row).collect()
}

fn read_digest(text: &str) -> Result<Digest, Error> {
    bytes(text)?.try_into().map(Digest).map_err(|_| corrupt(COMMAND, "not a digest"))
}

fn bytes(text: &str) -> Result<Vec<u8>, Error> {
    BASE64.decode(text).map_err(|_| corrupt(COMMAND, "not base64"))
}

#[cfg(test)]
mod tests {
    use model::addressee::{EventReference, Outcome};

    use super::*;
    use crate::{
        audience::{Outgoing, OutgoingId},
        suite::{
            audience::{addressee, digest, of_every_kind},
            sample,
        },
    };

    fn commands() -> Vec<Command> {
        let at = Timestamp::from_seconds(1_800_000_000);
        let due = Outgoing {
            id: OutgoingId(Uuid::from_u128(77)),
            message: model::addressee::Message::Confirmation,
            secret: Some(sample::sealed()),
            created: at,
        };
        let mut puts: Vec<Put> = of_every_kind().into_iter().map(Put::new).collect();
        puts.push(Put { seen: Some(Version(3)), ..Put::new(addressee(900, "weg")).with_due(due) });
        puts.push(Put { alone: true, ..Put::new(addressee(901, "weg")) });
        let evidence = |number, outcome| Evidence {
            event: EventReference { kanaal: sample::name("weg"), source: "urn:s".into(), id: "1".into() },
            digest: digest(number),
            addressee: Some(AddresseeId(Uuid::from_u128(number))),
            accepted: at,
            tried: Some((1, at)),
            outcome,
            read: None,
        };
        let change = |change| Command::Change {
            person: digest(7),
            id: MessageId(Uuid::from_u128(8)),
            change,
            now: at,
            undo: Duration::from_secs(100),
        };
        vec![
            Command::Put(puts),
            Command::Put(Vec::new()),
            Command::Filter(FilterText::new("a = 'b'".into()).unwrap()),
            Command::Erase(digest(5), at),
            Command::Record(vec![evidence(1, None), evidence(2, Some((Outcome::Sent, at)))]),
            change(Change::Read),
            change(Change::Unread),
            change(Change::Delete),
            change(Change::Restore),
            Command::ErasePerson(digest(6)),
        ]
    }

    #[test]
    fn commands_and_answers_are_read_back() {
        for command in commands() {
            assert_eq!(from_body(&to_body(&command).unwrap()).unwrap(), command);
        }
        let refused = audience::Error::TooManyOfAddress(AddresseeId(Uuid::from_u128(1)));
        for answer in [Answer::Done(7), Answer::NoMessage, Answer::UndoOver, Answer::Refused(refused)] {
            let read = from_answer(&to_answer(&answer).unwrap()).unwrap();
            assert_eq!(format!("{read:?}"), format!("{answer:?}"));
        }
    }

    #[test]
    fn what_is_newer_is_refused() {
        let newer = from_body(r#"{"kind":"people-command","v":2}"#).unwrap_err();
        assert!(matches!(newer, Error::NewerVersion { found: 2, known: 1, .. }), "{newer}");
    }
}
