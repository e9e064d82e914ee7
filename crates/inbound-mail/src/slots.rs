//! How many connections are open, in all and by address. A slot is free again when it is dropped.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// The places for connections.
#[derive(Debug)]
pub(crate) struct Slots {
    most: usize,
    per_address: usize,
    /// The number of open connections by address; none has 0.
    open: Mutex<HashMap<IpAddr, usize>>,
}

/// The place of one connection.
#[derive(Debug)]
pub(crate) struct Slot {
    slots: Arc<Slots>,
    address: IpAddr,
}

impl Slots {
    pub fn new(most: usize, per_address: usize) -> Arc<Self> {
        Arc::new(Self { most, per_address, open: Mutex::default() })
    }

    /// A place for a connection of this address; `None` when there is none.
    pub fn take(self: &Arc<Self>, address: IpAddr) -> Option<Slot> {
        let address = network(address);
        let mut open = self.lock();
        if open.values().sum::<usize>() >= self.most {
            return None;
        }
        let of_address = open.entry(address).or_default();
        if *of_address >= self.per_address {
            return None;
        }
        *of_address += 1;
        drop(open);
        Some(Slot { slots: Arc::clone(self), address })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut open = self.slots.lock();
        if let Some(count) = open.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.address);
            }
        }
    }
}

/// The address, or in IPv6 its network of 64 bits, which one client has to itself.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_are_bounded_in_all_and_by_address_ch_115() {
        let slots = Slots::new(3, 2);
        let take = |address: &str| slots.take(address.parse().unwrap());
        let first = take("192.0.2.1");
        let second = take("::ffff:192.0.2.1");
        assert!(first.is_some() && second.is_some() && take("192.0.2.1").is_none());
        let third = take("2001:db8::1");
        assert!(third.is_some() && take("192.0.2.2").is_none());
        drop((first, second));
        let fourth = take("2001:db8::2:1");
        assert!(fourth.is_some() && take("2001:db8::3").is_none() && take("2001:db8:0:1::3").is_some());
        drop((third, fourth));
        assert!(slots.lock().is_empty());
    }
}
