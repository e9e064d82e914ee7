//! The machines of the delivery engine in simulated worlds. The driver is tested with a real channel, in
//! `channel-webhook`.

mod mailings;
#[cfg(feature = "planted")]
mod planted;
mod sim;
