//! Domain types and decisions of the gateway: what an event, a kanaal and a subscription are, which
//! changes are allowed, which events a subscription wants.
//!
//! It is pure: no serde (stored and wire forms live in `storage` and `translator`), no async, no IO.
//! Time and randomness enter through the traits of [`clock`], whose system implementations are the
//! only place in the workspace that reads them.

pub mod applicatie;
pub mod approval;
pub mod attribute;
pub mod clearance;
pub mod clock;
pub mod consent;
pub mod credential;
pub mod decide;
pub mod event;
pub mod facts;
pub mod filter;
pub mod kanaal;
pub mod media_type;
pub mod outcome;
pub mod position;
pub mod profile;
pub mod registry;
pub mod run;
pub mod schema;
pub mod sealed;
pub mod selection;
pub mod subscription;

pub use attribute::{AttributeName, Value};
pub use clock::{Clock, Random, Timestamp};
pub use event::{Data, Event};
pub use kanaal::{Kanaal, KanaalName};
pub use position::{Mark, Partition, Position};
pub use registry::Registry;
pub use schema::{PayloadSchema, SchemaName};
pub use subscription::{Subscription, SubscriptionId};
