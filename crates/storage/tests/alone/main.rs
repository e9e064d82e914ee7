//! Tests that kill processes, fail disks or stop brokers. They run alone because each of them would slow down or starve
//! tests beside it.

#[cfg(feature = "kafka")]
mod failover;
mod faults;
mod kill;
