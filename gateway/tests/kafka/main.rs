//! The gateway on Apache Kafka, as processes on a real broker: what holds when nodes are killed, stopped, restarted and
//! asked things at once, and when the broker is away. Every test prints what it counted.

mod brokers;
mod catch_up;
mod control;
mod handover;
mod migrate;
mod nodes;
mod oauth;
mod outage;
mod pace;
mod rolling;
mod stopped;
mod support;
