//! The machine of the delivery engine in simulated worlds. The driver is tested with a real channel, in
//! `channel-webhook`.

mod sim;
