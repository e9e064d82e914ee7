//! Black-box conformance suite for CloudEvents over HTTP, webhooks, the NL GOV profile and the Notificaties API.
//!
//! The cast: a [`scenario`] file says, by requirement id, which requests go in and what must come out; the
//! [`runner`] plays it against a [`target`] (any HTTP server) with a scriptable subscriber, the [`receiver`];
//! [`standing`] looks at every delivery of the whole run; the [`report`] gives each row of the
//! [`requirements`] a verdict. Not here: any code of the gateway. A bug there must not be able to pass twice.

pub mod broker;
pub mod clock;
pub mod evidence;
pub mod expect;
pub mod http1;
pub mod identity;
pub mod json;
pub mod library;
pub mod message;
pub mod openapi;
pub mod options;
pub mod placeholder;
pub mod progress;
pub mod receiver;
pub mod report;
pub mod requirements;
pub mod runner;
pub mod scenario;
pub mod script;
pub mod stage;
pub mod standing;
pub mod target;
pub mod token;
