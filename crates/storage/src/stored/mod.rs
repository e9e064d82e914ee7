//! The stored forms of what control keeps: one JSON object per thing, with `kind` and `v` up front.
//!
//! They are types of their own, so that the domain can change without what is on disk changing along.
//! A new version of a form gets a new reader beside the old one; samples of each are kept as tests. A member that a
//! program does not know is refused as a newer version is: whoever left it out would drop it with the next change.

mod applicatie;
mod approval;
#[cfg(feature = "kafka")]
pub(crate) mod command;
mod credential;
#[cfg(feature = "kafka")]
pub(crate) mod decision;
#[cfg(feature = "kafka")]
pub(crate) mod intake;
#[cfg(feature = "kafka")]
pub(crate) mod journal;
mod kanaal;
pub(crate) mod progress;
mod run;
mod schema;
mod selection;
mod subscription;

use std::sync::Arc;

use model::{Timestamp, registry::Change};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::Error;

/// The version of every form that has one version only.
const VERSION: u32 = 1;

/// The newest version of a form. A form is written in the first version that can say what it says, so that older
/// programs read what they understand and stop at what they do not.
fn known(kind: &str) -> u32 {
    let newest = match kind {
        // Kanalen with an owner, rules, clearance or approval; subscriptions with approvals, a TLS profile, a key, tokens or an end; and
        // the commands about these or schemas.
        "kanaal" | "subscription" | "command" => 2,
        _ => VERSION,
    };
    newest.min(ceiling())
}

/// The newest version that anything may have: tests have a program stand for an older one.
#[cfg(feature = "suite")]
fn ceiling() -> u32 {
    static CEILING: std::sync::OnceLock<u32> = std::sync::OnceLock::new();
    *CEILING.get_or_init(|| {
        let told = std::env::var("STORAGE_SUITE_KNOWS");
        told.ok().and_then(|version| version.parse().ok()).unwrap_or(u32::MAX)
    })
}

#[cfg(not(feature = "suite"))]
const fn ceiling() -> u32 {
    u32::MAX
}

/// A thing to keep or to drop, by kind and id.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Row {
    /// What kind of thing.
    pub(crate) kind: &'static str,
    /// Which one.
    pub(crate) id: String,
    /// Its form; `None` when it is no more.
    pub(crate) body: Option<String>,
}

#[derive(Serialize)]
struct Written<'a, T> {
    kind: &'a str,
    v: u32,
    #[serde(flatten)]
    body: T,
}

#[derive(Deserialize)]
struct Head {
    kind: String,
    v: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Declared {
    revision: u64,
}

/// The row that a change comes down to.
pub(crate) fn to_row(change: &Change) -> Result<Row, Error> {
    let (kind, id, body) = match change {
        Change::Kanaal(kanaal) => {
            let form = kanaal::Kanaal::from(&**kanaal);
            ("kanaal", kanaal.naam.to_string(), Some(write_as("kanaal", form.version(), form)?))
        }
        Change::KanaalDeleted(naam) => ("kanaal", naam.to_string(), None),
        Change::Subscription(subscription) => {
            let form = subscription::Subscription::from(&**subscription);
            ("subscription", subscription.id.to_string(), Some(write_as("subscription", form.version(), form)?))
        }
        Change::SubscriptionDeleted(id) => ("subscription", id.to_string(), None),
        Change::Applicatie(applicatie) => {
            let form = applicatie::Applicatie::from(&**applicatie);
            ("applicatie", applicatie.client_id.clone(), Some(write("applicatie", form)?))
        }
        Change::ApplicatieDeleted(client_id) => ("applicatie", client_id.clone(), None),
        Change::Run(run) => ("run", run.id.to_string(), Some(write("run", run::Run::from(&**run))?)),
        Change::RunEnded(id) => ("run", id.to_string(), None),
        Change::Schema(schema) => {
            let form = schema::PayloadSchema::from(&**schema);
            ("schema", schema.name.to_string(), Some(write("schema", form)?))
        }
        Change::SchemaDeleted(name) => ("schema", name.to_string(), None),
        Change::Declared { revision } => {
            ("declared", String::new(), Some(write("declared", Declared { revision: *revision })?))
        }
    };
    Ok(Row { kind, id, body })
}

/// The change that the absence of a thing stands for.
#[cfg(feature = "kafka")]
pub(crate) fn end_of(kind: &str, id: &str) -> Result<Change, Error> {
    let uuid = || id.parse().map_err(|_| corrupt("control record", format!("{id:?} is not an id")));
    Ok(match kind {
        "kanaal" => Change::KanaalDeleted(kanaal::name(id)?),
        "subscription" => Change::SubscriptionDeleted(model::SubscriptionId(uuid()?)),
        "applicatie" => Change::ApplicatieDeleted(id.to_owned()),
        "run" => Change::RunEnded(model::run::RunId(uuid()?)),
        "schema" => Change::SchemaDeleted(schema::name(id)?),
        other => return Err(corrupt("control record", format!("kind {other:?} does not end"))),
    })
}

/// The change that a form stands for.
pub(crate) fn from_body(body: &str) -> Result<Change, Error> {
    let head: Head = read("control record", body)?;
    let kind = match head.kind.as_str() {
        "kanaal" => "kanaal",
        "subscription" => "subscription",
        "applicatie" => "applicatie",
        "run" => "run",
        "schema" => "schema",
        "declared" => "declared",
        other => return Err(corrupt("control record", format!("kind {other:?} is not known"))),
    };
    if head.v > known(kind) {
        return Err(Error::NewerVersion { kind, found: head.v, known: known(kind) });
    }
    Ok(match kind {
        "kanaal" => Change::Kanaal(Arc::new(members::<kanaal::Kanaal>(kind, body)?.try_into()?)),
        "subscription" => {
            Change::Subscription(Arc::new(members::<subscription::Subscription>(kind, body)?.try_into()?))
        }
        "applicatie" => Change::Applicatie(Arc::new(members::<applicatie::Applicatie>(kind, body)?.try_into()?)),
        "run" => Change::Run(Arc::new(members::<run::Run>(kind, body)?.try_into()?)),
        "schema" => Change::Schema(Arc::new(members::<schema::PayloadSchema>(kind, body)?.try_into()?)),
        _ => Change::Declared { revision: members::<Declared>(kind, body)?.revision },
    })
}

/// Reads a form whose kind the place it stands in gives.
#[cfg(feature = "kafka")]
fn read_known<T: DeserializeOwned>(kind: &'static str, body: &str) -> Result<T, Error> {
    let head: Head = read(kind, body)?;
    if head.kind != kind {
        return Err(corrupt(kind, format!("kind {:?} stands in its place", head.kind)));
    }
    if head.v > known(kind) {
        return Err(Error::NewerVersion { kind, found: head.v, known: known(kind) });
    }
    members(kind, body)
}

fn write<T: Serialize>(kind: &'static str, body: T) -> Result<String, Error> {
    write_as(kind, VERSION, body)
}

fn write_as<T: Serialize>(kind: &'static str, v: u32, body: T) -> Result<String, Error> {
    if v > known(kind) {
        return Err(Error::NewerVersion { kind, found: v, known: known(kind) });
    }
    serde_json::to_string(&Written { kind, v, body }).map_err(|error| corrupt(kind, error.to_string()))
}

fn read<T: DeserializeOwned>(kind: &'static str, body: &str) -> Result<T, Error> {
    serde_json::from_str(body).map_err(|error| corrupt(kind, error.to_string()))
}

/// What a form says beside its kind and version; nothing else may stand there.
fn members<T: DeserializeOwned>(kind: &'static str, body: &str) -> Result<T, Error> {
    let mut members: serde_json::Map<String, serde_json::Value> = read(kind, body)?;
    for head in ["kind", "v"] {
        members.remove(head);
    }
    serde_json::from_value(members.into()).map_err(|error| corrupt(kind, error.to_string()))
}

fn corrupt(kind: &'static str, reason: impl Into<String>) -> Error {
    Error::Corrupt { kind, reason: reason.into() }
}

/// A moment as microseconds since the epoch.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(transparent)]
struct Moment(i64);

impl From<Timestamp> for Moment {
    fn from(moment: Timestamp) -> Self {
        Self(moment.as_micros())
    }
}

impl From<Moment> for Timestamp {
    fn from(moment: Moment) -> Self {
        Self::from_micros(moment.0)
    }
}

#[cfg(test)]
mod tests;
