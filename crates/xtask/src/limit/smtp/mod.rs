//! The least that mail takes on this machine: a relay that accepts everything and counts, and a loop that sends as fast as the
//! relay accepts. Both speak as much of RFC 5321 as the gateway's client does: one conversation for many mails, and PIPELINING.

mod push;
mod relay;

pub use push::run as push;
pub use relay::run as relay;
