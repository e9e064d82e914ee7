//! Consent of webhook receivers from outside the crate: the handshake as a state machine, its HTTP driver on real
//! sockets, and the program `webhook-validator` against receivers with known faults.

mod driver;
mod handshake;
mod program;
