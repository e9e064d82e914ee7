//! Black-box conformance suite for CloudEvents over HTTP, webhooks, the NL GOV profile and the Notificaties API.
//!
//! The parts: a [`scenario`] file lists, by requirement id, the requests to send and the expected results; the
//! [`runner`] runs it against a [`target`] (any HTTP server) with scriptable subscribers, the [`receiver`];
//! [`every_request`] checks every request that a subscriber got during the run; the [`report`] gives each row of
//! [`requirements`] a verdict. No code of the gateway is used here, so that a bug in it cannot hide itself.

pub mod broker;
pub mod clock;
pub mod every_request;
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
pub mod scenario_run;
pub mod script;
pub mod suite;
pub mod target;
pub mod token;
