//! Domain types and decisions of the gateway: events, kanalen and subscriptions, which changes are allowed, and which
//! events a subscription selects.
//!
//! The crate is pure: no serde (stored forms are in `storage`, wire forms in `translator`), no async, no IO. Time and
//! randomness enter through the traits of [`clock`], whose system implementations are the only ones in the workspace.
//!
//! Ids such as CE-CTX-24, MAP-11 and NLG-SEC-01 are rows of `conformance/requirements.csv`.

pub mod actor;
pub mod addressee;
pub mod applicatie;
pub mod approval;
pub mod attribute;
pub mod audit;
pub mod clearance;
pub mod clock;
pub mod consent;
pub mod credential;
pub mod data_filter;
pub mod decide;
pub mod event;
pub mod facts;
pub mod filter;
pub mod id;
pub mod inbox;
pub mod kanaal;
pub mod mailing;
pub mod media_type;
pub mod outcome;
pub mod position;
pub mod profile;
pub mod registry;
pub mod revocation;
pub mod role;
pub mod run;
pub mod schema;
pub mod sealed;
pub mod selection;
pub mod sink;
pub mod subscription;

pub use actor::{Actor, Identity, Interface, Origin, Recorded};
pub use attribute::{AttributeName, Value};
pub use clock::{Clock, Random, Timestamp};
pub use event::{Data, Event};
pub use id::{KanaalName, RunId, SubscriptionId};
pub use kanaal::Kanaal;
pub use position::{Mark, Partition, Position};
pub use registry::Registry;
pub use role::{ExtraRight, Grants, Role};
pub use schema::{PayloadSchema, SchemaName};
pub use sink::Sink;
pub use subscription::Subscription;
