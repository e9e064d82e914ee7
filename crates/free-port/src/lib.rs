//! Ports on 127.0.0.1 for the programs that tests start. For tests and benchmarks only: the gateway does not use it.
//!
//! A test that binds port 0 and closes the socket again learns a port from the range that the system also gives to outgoing
//! connections. Until the started program binds it, which takes a Kafka broker some seconds, any connection of another test may
//! take it. The ports of this crate are below that range.

use std::{collections::hash_map::RandomState, hash::BuildHasher, net::TcpListener};

/// The range, below the first port that Linux gives to outgoing connections (32768).
const FIRST: u16 = 10_000;
const COUNT: u16 = 20_000;

/// A random port on 127.0.0.1, 10000 to 29999, on which nothing listens now. It also stays free for a program that is stopped and
/// started again.
///
/// # Panics
/// When 1,000 tries found none.
pub fn free_port() -> u16 {
    in_a_row(1)
}

/// The first of `count` such ports in a row.
///
/// # Panics
/// As [`free_port`].
pub fn in_a_row(count: u16) -> u16 {
    let random = || RandomState::new().hash_one(0_u8);
    (0..1_000)
        .map(|_| FIRST + (random() % u64::from(COUNT - count)) as u16)
        .find(|first| (*first..first + count).all(|port| TcpListener::bind(("127.0.0.1", port)).is_ok()))
        .expect("a free port")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_outside_the_range_of_connections_and_can_be_bound() {
        let first = in_a_row(3);
        assert!((FIRST..FIRST + COUNT).contains(&first));
        for port in first..first + 3 {
            TcpListener::bind(("127.0.0.1", port)).expect("it is free");
        }
    }
}
