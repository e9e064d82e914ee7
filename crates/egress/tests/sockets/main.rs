//! The client against real sockets on the loopback interface: policy, bounds, TLS and reuse of connections.

mod bounds;
mod peer;
mod refusals;
mod reuse;
mod tls;
