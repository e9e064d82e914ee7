//! The client against real sockets on the loopback interface: policy, bounds, TLS and reuse of connections.

mod again;
mod bounds;
mod http2;
mod lenient;
mod peer;
mod refusals;
mod reuse;
mod streams;
mod tls;
