//! The stored forms of the objects of control: one JSON object each, with `kind` and version `v` first.
//!
//! They are types of their own, so that the domain can change without changing stored data. A new version of a form
//! gets a reader beside the old one; tests keep samples of each. An unknown member is refused like a newer version: a
//! program that ignored it would drop it with the next change.

mod applicatie;
mod approval;
pub(crate) mod audit;
#[cfg(feature = "kafka")]
pub(crate) mod backfill;
#[cfg(feature = "kafka")]
pub(crate) mod command;
mod credential;
#[cfg(feature = "kafka")]
pub(crate) mod decision;
#[cfg(feature = "kafka")]
pub(crate) mod installation;
#[cfg(feature = "kafka")]
pub(crate) mod journal;
mod kanaal;
#[cfg(feature = "kafka")]
pub(crate) mod people;
pub(crate) mod progress;
mod revocation;
mod run;
mod schema;
mod selection;
#[cfg(feature = "kafka")]
pub(crate) mod source;
mod subscription;

use std::sync::Arc;

use model::{Timestamp, registry::Change};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::Error;

/// The version of all forms that have only one.
const VERSION: u32 = 1;

/// The newest known version of a form. A form is written in the oldest version that can represent its content, so that
/// older programs read what they understand and refuse the rest.
fn known(kind: &str) -> u32 {
    let newest = match kind {
        // 2: kanalen with an owner, rules, clearance or approval; subscriptions with approvals, a TLS profile, an
        // idempotency key, tokens or an expiry; and the commands about these or schemas. 3: subscriptions whose sink
        // has a kind, and commands about them. 4: subscriptions with sealed headers, or with an answer to the handshake
        // beside a pending callback, and commands about them. 5: subscriptions with a name, contact, description or FSC
        // contract, and commands about them or about revocations. 6: subscriptions with a filter on the payload, and commands
        // about them. 7: commands about forms that are handled once. 8: subscriptions whose credential was set after the
        // creation, and commands about them.
        "command" | "subscription" => 8,
        // 2 of revocations: forms that are handled once.
        "kanaal" | "revocation" => 2,
        // Lines of the audit trail have a version of their own (`audit`): nothing reads them to decide.
        _ => VERSION,
    };
    newest.min(ceiling())
}

/// The newest version that any form may have: tests lower it to simulate an older program.
#[cfg(feature = "suite")]
fn ceiling() -> u32 {
    static CEILING: std::sync::OnceLock<u32> = std::sync::OnceLock::new();
    *CEILING.get_or_init(|| {
        let limit = std::env::var("STORAGE_TEST_MAX_VERSION");
        limit.ok().and_then(|version| version.parse().ok()).unwrap_or(u32::MAX)
    })
}

#[cfg(not(feature = "suite"))]
const fn ceiling() -> u32 {
    u32::MAX
}

/// An object to store or to delete, by kind and id.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Row {
    /// The kind of object.
    pub(crate) kind: &'static str,
    /// The id, unique per kind.
    pub(crate) id: String,
    /// The stored form; `None` to delete the object.
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

/// The row that represents a change.
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
        Change::Revocation(revocation) => {
            let form = revocation::Revocation::from(&**revocation);
            ("revocation", revocation.what.to_string(), Some(write_as("revocation", form.version(), form)?))
        }
        Change::RevocationForgotten(what) => ("revocation", what.to_string(), None),
        Change::Declared { revision } => {
            ("declared", String::new(), Some(write("declared", Declared { revision: *revision })?))
        }
    };
    Ok(Row { kind, id, body })
}

/// The change for a deleted object.
///
/// # Errors
/// `Corrupt` for an unknown kind or an invalid id.
#[cfg(feature = "kafka")]
pub(crate) fn deletion_of(kind: &str, id: &str) -> Result<Change, Error> {
    let uuid = || id.parse().map_err(|_| corrupt("control record", format!("{id:?} is not an id")));
    Ok(match kind {
        "kanaal" => Change::KanaalDeleted(kanaal::name(id)?),
        "subscription" => Change::SubscriptionDeleted(model::SubscriptionId(uuid()?)),
        "applicatie" => Change::ApplicatieDeleted(id.to_owned()),
        "run" => Change::RunEnded(model::run::RunId(uuid()?)),
        "schema" => Change::SchemaDeleted(schema::name(id)?),
        "revocation" => Change::RevocationForgotten(revocation::what(id)?),
        other => return Err(corrupt("control record", format!("kind {other:?} cannot be deleted"))),
    })
}

/// The change that a stored form represents.
///
/// # Errors
/// `NewerVersion` or `Corrupt`.
pub(crate) fn from_body(body: &str) -> Result<Change, Error> {
    let head: Head = read("control record", body)?;
    let kind = match head.kind.as_str() {
        "kanaal" => "kanaal",
        "subscription" => "subscription",
        "applicatie" => "applicatie",
        "run" => "run",
        "schema" => "schema",
        "revocation" => "revocation",
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
        "revocation" => Change::Revocation(Arc::new(members::<revocation::Revocation>(kind, body)?.try_into()?)),
        _ => Change::Declared { revision: members::<Declared>(kind, body)?.revision },
    })
}

/// Decodes a form whose kind follows from where it is stored.
#[cfg(feature = "kafka")]
fn read_known<T: DeserializeOwned>(kind: &'static str, body: &str) -> Result<T, Error> {
    let head: Head = read(kind, body)?;
    if head.kind != kind {
        return Err(corrupt(kind, format!("unexpected kind {:?}", head.kind)));
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

/// Decodes the members other than `kind` and `v`; refuses unknown ones.
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

/// A timestamp in microseconds since 1970.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(transparent)]
struct Micros(i64);

impl From<Timestamp> for Micros {
    fn from(time: Timestamp) -> Self {
        Self(time.as_micros())
    }
}

impl From<Micros> for Timestamp {
    fn from(time: Micros) -> Self {
        Self::from_micros(time.0)
    }
}

#[cfg(test)]
mod tests;
