//! What this process or machine lacks when it cannot open a connection: a shortage of the gateway itself, which says
//! nothing about the destination. Errors of the destination and of the network are not here.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// How long a shortage is reported after it was last met.
const REPORTED: Duration = Duration::from_secs(10);

/// Numbers of errors of Linux that have no kind of their own in `std`.
const ENFILE: i32 = 23;
const EMFILE: i32 = 24;
const ENOBUFS: i32 = 105;

/// A resource that is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shortage {
    /// File descriptors, of this process or of the machine.
    Descriptors,
    /// Local ports for connections to one destination.
    Ports,
    /// Memory of the kernel for sockets, or of this process.
    Memory,
    /// Places for look-ups of names: too many names take long, or no thread can be started.
    Lookups,
}

impl Shortage {
    /// The shortage that an error of the operating system reports.
    pub(crate) fn of(error: &io::Error) -> Option<Self> {
        match (error.raw_os_error(), error.kind()) {
            (Some(EMFILE | ENFILE), _) => Some(Self::Descriptors),
            (Some(ENOBUFS), _) | (_, io::ErrorKind::OutOfMemory) => Some(Self::Memory),
            _ => None,
        }
    }

    /// The shortage for which a connection to `address` failed. Without IPv6 on this machine every connection to an IPv6
    /// address fails like one without a free port, so that error counts only for IPv4.
    pub(crate) fn of_connecting(address: SocketAddr, error: &io::Error) -> Option<Self> {
        let no_port = address.is_ipv4() && error.kind() == io::ErrorKind::AddrNotAvailable;
        Self::of(error).or(no_port.then_some(Self::Ports))
    }
}

impl fmt::Display for Shortage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Descriptors => {
                "no file descriptor is free: raise the limit of open files of the gateway (LimitNOFILE, ulimit -n)"
            }
            Self::Ports => {
                "no local port is free for this destination: widen net.ipv4.ip_local_port_range, or lower the number of \
                 connections (delivery.max_in_flight)"
            }
            Self::Memory => "the system has no memory for another connection: give the gateway more",
            Self::Lookups => {
                "too many look-ups of names are waiting for an answer: check the DNS servers of this machine"
            }
        })
    }
}

/// The most recent shortage, with its time.
#[derive(Debug, Default)]
pub(crate) struct LastShortage(Mutex<Option<(Shortage, Instant)>>);

impl LastShortage {
    /// Stores a shortage as the most recent one.
    pub fn set(&self, shortage: Shortage, now: Instant) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((shortage, now));
    }

    /// The shortage of the last ten seconds, if there was one.
    pub fn get(&self, now: Instant) -> Option<Shortage> {
        let last = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.filter(|(_, at)| now.duration_since(*at) < REPORTED).map(|(shortage, _)| shortage)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b6_shortages_are_told_from_failures_of_the_destination() {
        let (v4, v6) = ("192.0.2.1:443".parse().unwrap(), "[2001:db8::1]:443".parse().unwrap());
        for (number, address, expected) in [
            (EMFILE, v4, Some(Shortage::Descriptors)),
            (ENFILE, v6, Some(Shortage::Descriptors)),
            (ENOBUFS, v4, Some(Shortage::Memory)),
            (12, v4, Some(Shortage::Memory)),
            (99, v4, Some(Shortage::Ports)),
            (99, v6, None),
            (111, v4, None),
            (113, v4, None),
            (101, v6, None),
        ] {
            let error = io::Error::from_raw_os_error(number);
            assert_eq!(Shortage::of_connecting(address, &error), expected, "{error}");
        }
    }

    #[test]
    fn b6_a_shortage_is_reported_for_a_bounded_time() {
        let (last, start) = (LastShortage::default(), Instant::now());
        assert_eq!(last.get(start), None);
        last.set(Shortage::Descriptors, start);
        assert_eq!(last.get(start), Some(Shortage::Descriptors));
        assert_eq!(last.get(start + REPORTED), None);
    }
}
