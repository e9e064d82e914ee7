//! What the HTTP APIs of the gateway share: the bounds of requests ([`edge`], [`message`], [`body`], [`query`],
//! [`accept`], lists as CSV ([`csv`]), [`cors`], [`rate`], [`overload`]), problem documents ([`problem`]), callers and their rights ([`auth`]), the forms in which refusals are
//! answered ([`Face`]), and the table of routes ([`route`]).
//!
//! An API exports its [`Route`]s. Each names its requirements: the right of the caller, the face of its refusals, the types of
//! its answers, and how fresh the state it shows must be. [`route::router`] puts the guard and the edge around them, so that
//! no handler decides on these. All of it works with one [`Context`], made from the configuration by `gateway`.
//!
//! Not here: resources and their JSON (crates of the APIs), use cases (`management`, `publishing`), listeners, and the
//! configuration file.

pub mod accept;
pub mod audit;
pub mod audit_csv;
pub mod auth;
pub mod body;
pub mod client;
pub mod contact;
pub mod context;
pub mod cors;
pub mod csv;
pub mod document;
pub mod edge;
mod event_stream;
pub mod face;
mod kanaal_header;
pub mod language;
pub mod message;
pub mod metrics;
pub mod overload;
pub mod person_export;
pub mod prefix;
pub mod problem;
pub mod public_url;
pub mod query;
pub mod rate;
pub mod route;
mod streaming;
mod trace;

pub use self::{
    accept::Produces,
    contact::Contact,
    context::{Context, Limits, Settings},
    cors::Cors,
    event_stream::{LAST_EVENT_ID, event_stream},
    face::Face,
    kanaal_header::kanaal_header,
    person_export::PersonExport,
    problem::{Problem, ProblemType},
    public_url::PublicUrl,
    route::{Freshness, Role, Route},
    streaming::Streaming,
};
