//! Stored form of a decision: the answer to the sender of a command.

use model::{SubscriptionId, decide, registry::Change, run::RunId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Row, deletion_of, from_body as change_of, kanaal::name, read_known, schema, write};
use crate::{Error, control::Decision};

const ANSWER: &str = "answer";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
enum Answer {
    Accepted {
        /// Kind, id and stored form of each change.
        changes: Vec<(String, String, Option<String>)>,
        /// The offset behind the last change on the topic `control`.
        until: u64,
    },
    Rejected(Rejection),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    answer: Answer,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
enum Rejection {
    KanaalExists(String),
    UnknownKanaal(String),
    KanaalInUse { naam: String, by: Uuid },
    SubscriptionExists(Uuid),
    UnknownSubscription(Uuid),
    Conflict(Uuid),
    OutOfDate(Uuid),
    Gone(Uuid),
    Expired(Uuid),
    CreateKeyTaken(Uuid),
    NotCovered { id: Uuid, naam: String },
    UnknownRun(Uuid),
    OlderRevision { declared: u64, given: u64 },
    SchemaExists(String),
    SchemaTaken { what: String, by: String },
    TooManySchemas,
    UnknownSchema(String),
    AlreadyUsed,
    TooManyRevocations,
}

/// The answer to an accepted command; `until` is the offset behind its changes.
pub(crate) fn accepted(rows: Vec<Row>, until: u64) -> Result<String, Error> {
    let changes = rows.into_iter().map(|row| (row.kind.to_owned(), row.id, row.body)).collect();
    write(ANSWER, Form { answer: Answer::Accepted { changes, until } })
}

/// The answer to a rejected command.
pub(crate) fn rejected(rejection: &decide::Rejection) -> Result<String, Error> {
    write(ANSWER, Form { answer: Answer::Rejected(rejection.into()) })
}

/// The decision in an answer, and the offset up to which `control` must be folded.
pub(crate) fn from_body(body: &str) -> Result<(Decision, u64), Error> {
    Ok(match read_known::<Form>(ANSWER, body)?.answer {
        Answer::Accepted { changes, until } => {
            let change = |(kind, id, body): (String, String, Option<String>)| match body {
                Some(body) => change_of(&body),
                None => deletion_of(&kind, &id),
            };
            (Ok(changes.into_iter().map(change).collect::<Result<Vec<Change>, Error>>()?), until)
        }
        Answer::Rejected(rejection) => (Err(rejection.try_into()?), 0),
    })
}

impl From<&decide::Rejection> for Rejection {
    fn from(rejection: &decide::Rejection) -> Self {
        use decide::Rejection as From;
        match rejection {
            From::KanaalExists(naam) => Self::KanaalExists(naam.to_string()),
            From::UnknownKanaal(naam) => Self::UnknownKanaal(naam.to_string()),
            From::KanaalInUse { naam, by } => Self::KanaalInUse { naam: naam.to_string(), by: by.0 },
            From::SubscriptionExists(id) => Self::SubscriptionExists(id.0),
            From::UnknownSubscription(id) => Self::UnknownSubscription(id.0),
            From::Conflict(id) => Self::Conflict(id.0),
            From::OutOfDate(id) => Self::OutOfDate(id.0),
            From::Gone(id) => Self::Gone(id.0),
            From::Expired(id) => Self::Expired(id.0),
            From::CreateKeyTaken(id) => Self::CreateKeyTaken(id.0),
            From::NotCovered { id, naam } => Self::NotCovered { id: id.0, naam: naam.to_string() },
            From::UnknownRun(id) => Self::UnknownRun(id.0),
            From::OlderRevision { declared, given } => Self::OlderRevision { declared: *declared, given: *given },
            From::SchemaExists(name) => Self::SchemaExists(name.to_string()),
            From::SchemaTaken { what, by } => Self::SchemaTaken { what: what.clone(), by: by.to_string() },
            From::TooManySchemas => Self::TooManySchemas,
            From::UnknownSchema(name) => Self::UnknownSchema(name.to_string()),
            From::AlreadyUsed => Self::AlreadyUsed,
            From::TooManyRevocations => Self::TooManyRevocations,
        }
    }
}

impl TryFrom<Rejection> for decide::Rejection {
    type Error = Error;

    fn try_from(form: Rejection) -> Result<Self, Error> {
        Ok(match form {
            Rejection::KanaalExists(naam) => Self::KanaalExists(name(&naam)?),
            Rejection::UnknownKanaal(naam) => Self::UnknownKanaal(name(&naam)?),
            Rejection::KanaalInUse { naam, by } => Self::KanaalInUse { naam: name(&naam)?, by: SubscriptionId(by) },
            Rejection::SubscriptionExists(id) => Self::SubscriptionExists(SubscriptionId(id)),
            Rejection::UnknownSubscription(id) => Self::UnknownSubscription(SubscriptionId(id)),
            Rejection::Conflict(id) => Self::Conflict(SubscriptionId(id)),
            Rejection::OutOfDate(id) => Self::OutOfDate(SubscriptionId(id)),
            Rejection::Gone(id) => Self::Gone(SubscriptionId(id)),
            Rejection::Expired(id) => Self::Expired(SubscriptionId(id)),
            Rejection::CreateKeyTaken(id) => Self::CreateKeyTaken(SubscriptionId(id)),
            Rejection::NotCovered { id, naam } => Self::NotCovered { id: SubscriptionId(id), naam: name(&naam)? },
            Rejection::UnknownRun(id) => Self::UnknownRun(RunId(id)),
            Rejection::OlderRevision { declared, given } => Self::OlderRevision { declared, given },
            Rejection::SchemaExists(name) => Self::SchemaExists(schema::name(&name)?),
            Rejection::SchemaTaken { what, by } => Self::SchemaTaken { what, by: schema::name(&by)? },
            Rejection::TooManySchemas => Self::TooManySchemas,
            Rejection::UnknownSchema(name) => Self::UnknownSchema(schema::name(&name)?),
            Rejection::AlreadyUsed => Self::AlreadyUsed,
            Rejection::TooManyRevocations => Self::TooManyRevocations,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{encoding::to_row, suite::sample};

    fn rejections() -> Vec<decide::Rejection> {
        use decide::Rejection as R;
        let (naam, id) = (sample::name("zaken \u{e9}"), SubscriptionId(Uuid::from_u128(5)));
        vec![
            R::KanaalExists(naam.clone()),
            R::UnknownKanaal(naam.clone()),
            R::KanaalInUse { naam, by: id },
            R::SubscriptionExists(id),
            R::UnknownSubscription(id),
            R::Conflict(id),
            R::OutOfDate(id),
            R::Gone(id),
            R::UnknownRun(RunId(Uuid::from_u128(6))),
            R::OlderRevision { declared: 7, given: 6 },
        ]
    }

    /// Schemas are newer than the samples of version 1.
    #[test]
    fn answers_on_schemas_are_read_back() {
        let by = model::SchemaName::new("zaak").unwrap();
        for rejection in [
            decide::Rejection::SchemaExists(by.clone()),
            decide::Rejection::SchemaTaken { what: "urn:x".into(), by: by.clone() },
            decide::Rejection::TooManySchemas,
            decide::Rejection::UnknownSchema(by.clone()),
        ] {
            assert_eq!(from_body(&rejected(&rejection).unwrap()).unwrap(), (Err(rejection), 0));
        }
        let changes = vec![Change::Schema(sample::schema("zaak").into()), Change::SchemaDeleted(by)];
        let rows = changes.iter().map(|change| to_row(change).unwrap()).collect();
        assert_eq!(from_body(&accepted(rows, 5).unwrap()).unwrap(), (Ok(changes), 5));
    }

    fn changes() -> Vec<Change> {
        let id = SubscriptionId(Uuid::from_u128(5));
        vec![
            Change::Kanaal(sample::kanaal(1, "zaken").into()),
            Change::KanaalDeleted(sample::name("weg")),
            Change::SubscriptionDeleted(id),
            Change::ApplicatieDeleted("weg".into()),
            Change::RunEnded(RunId(Uuid::from_u128(6))),
            Change::Declared { revision: 7 },
        ]
    }

    /// The samples were written by the first version and must not change.
    #[test]
    fn version_1_is_read_and_written() {
        let samples = include_str!("../../tests/stored/v1/answers.jsonl");
        let rows = || changes().iter().map(|change| to_row(change).unwrap()).collect::<Vec<Row>>();
        let mut written = vec![accepted(rows(), 300).unwrap()];
        written.extend(rejections().iter().map(|rejection| rejected(rejection).unwrap()));
        assert_eq!(written, samples.lines().collect::<Vec<_>>());
        let read: Vec<(Decision, u64)> = samples.lines().map(|sample| from_body(sample).unwrap()).collect();
        let mut expected = vec![(Ok(changes()), 300)];
        expected.extend(rejections().into_iter().map(|rejection| (Err(rejection), 0)));
        assert_eq!(read, expected);
    }
}
