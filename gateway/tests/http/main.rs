//! The gateway over HTTP: a real listener on a free port, storage in a directory of its own, real sinks.

mod support;

mod consent;
mod dead_letters;
mod events;
mod kanalen;
mod openapi;
mod subscriptions;
