//! The gateway on Apache Kafka, as processes on a real broker: guarantees when nodes are killed, stopped, restarted and
//! called concurrently, and when the broker is down. Every test prints what it counted.

mod altered;
mod brokers;
mod catch_up;
mod control;
mod feeds;
mod handover;
#[cfg(feature = "console")]
mod inbox;
mod migrate;
mod nodes;
mod oauth;
mod outage;
mod own_events;
mod pace;
mod people;
mod people_moved;
mod rolling;
mod runs;
#[cfg(feature = "console")]
mod sessions;
mod stopped;
mod support;
mod verify;
