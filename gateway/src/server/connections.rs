//! The open connections of one listener: at most so many in all and for each address. When there is no room the connection that
//! was idle for the longest time is closed; when none is idle, a few more connections are accepted for health alone. A connection
//! is idle when it has had no request for a second: of clients that send one request after the other none loses its connection to
//! another one, which would have to connect again and take the place of the next.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::Ordering},
    time::Duration,
};

use egress::Cidr;
use tokio::time::Instant;
use web::client::network;

use super::connection::{Connection, Kind};
use crate::telemetry::connections::{ended, opened};

/// How long a connection has had no request when it is closed to make room.
const IDLE: Duration = Duration::from_secs(1);

/// Connections for health beyond the bounds.
const RESERVE: usize = 64;

/// Idle connections that are looked up at once when there is no room: looking at all of them each time costs too much.
const CANDIDATES: usize = 256;

/// The bounds of a listener.
#[derive(Debug, Clone)]
pub struct Bounds {
    /// Most connections in all.
    pub total: usize,
    /// Most connections of one address (IPv6: network of 64 bits).
    pub per_address: usize,
    /// Proxies, whose connections are those of many clients: only `total` bounds them.
    pub proxies: Vec<Cidr>,
}

/// The open connections of a listener.
pub struct Connections {
    bounds: Bounds,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    last_id: u64,
    regular: HashMap<u64, Arc<Connection>>,
    reserve: HashMap<u64, Arc<Connection>>,
    by_address: HashMap<IpAddr, HashMap<u64, Arc<Connection>>>,
    /// Those that were idle for the longest time when they were looked up, the longest last.
    candidates: Vec<(Instant, Arc<Connection>)>,
}

/// The place of a connection, free again when it is dropped.
pub struct Slot {
    /// The connection in it.
    pub connection: Arc<Connection>,
    connections: Arc<Connections>,
}

impl Connections {
    /// No connections yet.
    pub fn new(bounds: Bounds) -> Self {
        Self { bounds, open: Mutex::default() }
    }

    /// A place for a connection from `address`; `None` when even the reserve has no room.
    pub fn admit(self: &Arc<Self>, address: IpAddr, now: Instant) -> Option<Slot> {
        let address = address.to_canonical();
        let bounded = !self.bounds.proxies.iter().any(|range| range.contains(address));
        let address = network(address);
        let mut open = self.lock();
        let kind = self.room(&mut open, address, bounded, now);
        if kind == Kind::Reserve && open.reserve.len() >= RESERVE && !open.close_idle_reserve() {
            ended("refused");
            return None;
        }
        open.last_id += 1;
        let connection = Arc::new(Connection::new(open.last_id, address, kind, now));
        open.insert(&connection);
        opened();
        Some(Slot { connection, connections: Arc::clone(self) })
    }

    /// The connection whose answers hold most bytes.
    pub fn heaviest(&self) -> Option<Arc<Connection>> {
        let open = self.lock();
        open.regular.values().max_by_key(|connection| connection.held().load(Ordering::Relaxed)).cloned()
    }

    /// Makes room if it can.
    fn room(&self, open: &mut Open, address: IpAddr, bounded: bool, now: Instant) -> Kind {
        let own = open.by_address.get(&address).map_or(0, HashMap::len);
        if bounded && own >= self.bounds.per_address {
            return if open.close_idle_of(address, now) { Kind::Regular } else { Kind::Reserve };
        }
        if open.regular.len() < self.bounds.total || open.close_idle(now) { Kind::Regular } else { Kind::Reserve }
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    fn insert(&mut self, connection: &Arc<Connection>) {
        let id = connection.id;
        if connection.kind == Kind::Reserve {
            self.reserve.insert(id, Arc::clone(connection));
            return;
        }
        self.regular.insert(id, Arc::clone(connection));
        self.by_address.entry(connection.address).or_default().insert(id, Arc::clone(connection));
    }

    /// Whether it was there.
    fn remove(&mut self, connection: &Connection) -> bool {
        if connection.kind == Kind::Reserve {
            return self.reserve.remove(&connection.id).is_some();
        }
        if let Some(own) = self.by_address.get_mut(&connection.address) {
            own.remove(&connection.id);
            if own.is_empty() {
                self.by_address.remove(&connection.address);
            }
        }
        self.regular.remove(&connection.id).is_some()
    }

    fn close(&mut self, connection: &Connection) {
        self.remove(connection);
        connection.close();
    }

    fn close_idle(&mut self, now: Instant) -> bool {
        for _ in 0..2 {
            while let Some((since, connection)) = self.candidates.pop() {
                if self.regular.contains_key(&connection.id) && connection.idle_since() == Some(since) {
                    self.close(&connection);
                    return true;
                }
            }
            self.look_up_candidates(now);
        }
        false
    }

    fn look_up_candidates(&mut self, now: Instant) {
        let idle = |connection: &Arc<Connection>| Some((idle_since(connection, now)?, Arc::clone(connection)));
        let mut found: Vec<_> = self.regular.values().filter_map(idle).collect();
        found.sort_unstable_by_key(|(since, connection)| (*since, connection.id));
        found.truncate(CANDIDATES);
        found.reverse();
        self.candidates = found;
    }

    fn close_idle_of(&mut self, address: IpAddr, now: Instant) -> bool {
        let own = self.by_address.get(&address).into_iter().flat_map(HashMap::values);
        self.close_longest(longest_idle(own.filter(|connection| idle_since(connection, now).is_some())))
    }

    fn close_idle_reserve(&mut self) -> bool {
        self.close_longest(longest_idle(self.reserve.values()))
    }

    fn close_longest(&mut self, found: Option<Arc<Connection>>) -> bool {
        found.is_some_and(|connection| {
            self.close(&connection);
            true
        })
    }
}

/// The moment since which a connection has had no request; `None` when that is not long ago at `now`.
fn idle_since(connection: &Connection, now: Instant) -> Option<Instant> {
    connection.idle_since().filter(|since| now.saturating_duration_since(*since) >= IDLE)
}

fn longest_idle<'a>(connections: impl Iterator<Item = &'a Arc<Connection>>) -> Option<Arc<Connection>> {
    let idle = connections.filter_map(|connection| Some((connection.idle_since()?, connection.id, connection)));
    idle.min_by_key(|(since, id, _)| (*since, *id)).map(|(_, _, connection)| Arc::clone(connection))
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.connections.lock().remove(&self.connection);
        crate::telemetry::connections::closed();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures_util::FutureExt;

    use super::*;

    fn connections(total: usize, per_address: usize) -> Arc<Connections> {
        let proxies = vec!["10.0.0.0/8".parse().unwrap()];
        Arc::new(Connections::new(Bounds { total, per_address, proxies }))
    }

    fn admit(connections: &Arc<Connections>, address: &str, at: Instant) -> Slot {
        connections.admit(address.parse().unwrap(), at).expect("a place")
    }

    fn is_closed(slot: &Slot) -> bool {
        slot.connection.closed().now_or_never().is_some()
    }

    #[test]
    fn c2_the_longest_idle_connection_makes_room() {
        let (connections, start) = (connections(3, 3), Instant::now());
        let at = |seconds| start + Duration::from_secs(seconds);
        let slots = [
            admit(&connections, "192.0.2.1", at(0)),
            admit(&connections, "192.0.2.2", at(1)),
            admit(&connections, "192.0.2.3", at(2)),
        ];
        let busy = slots[0].connection.begin();
        let late = admit(&connections, "192.0.2.4", at(3));
        assert_eq!(late.connection.kind, Kind::Regular);
        assert!(!is_closed(&slots[0]), "its request is under way");
        assert!(is_closed(&slots[1]) && !is_closed(&slots[2]));
        let others = [late.connection.begin(), slots[2].connection.begin()];
        assert_eq!(admit(&connections, "192.0.2.5", at(4)).connection.kind, Kind::Reserve, "none is idle");
        drop((busy, others));
        assert_eq!(admit(&connections, "192.0.2.5", at(4)).connection.kind, Kind::Regular);
    }

    #[test]
    fn c2_an_address_makes_room_for_itself_and_proxies_have_no_bound_of_their_own() {
        let (connections, start) = (connections(100, 2), Instant::now());
        let other = admit(&connections, "2001:db8:0:2::1", start);
        let first = admit(&connections, "2001:db8:0:1::1", start);
        let second = admit(&connections, "2001:db8:0:1::2", start);
        let third = admit(&connections, "2001:db8:0:1:f::3", start + IDLE);
        assert!(is_closed(&first) && !is_closed(&second) && !is_closed(&other));
        let busy = [second.connection.begin(), third.connection.begin()];
        assert_eq!(admit(&connections, "2001:db8:0:1::4", start + 2 * IDLE).connection.kind, Kind::Reserve);
        drop(busy);
        let proxied: Vec<Slot> = (0..10).map(|_| admit(&connections, "10.1.2.3", start)).collect();
        for slot in &proxied {
            assert!(!is_closed(slot));
        }
    }

    #[test]
    fn h9_connections_between_two_requests_keep_their_places() {
        for (total, per_address) in [(2, 100), (100, 2)] {
            let (connections, start) = (connections(total, per_address), Instant::now());
            let slots = [admit(&connections, "192.0.2.1", start), admit(&connections, "192.0.2.1", start)];
            let early = start + IDLE - Duration::from_millis(1);
            assert_eq!(admit(&connections, "192.0.2.1", early).connection.kind, Kind::Reserve);
            assert!(!is_closed(&slots[0]) && !is_closed(&slots[1]));
            assert_eq!(admit(&connections, "192.0.2.1", start + IDLE).connection.kind, Kind::Regular);
            assert!(is_closed(&slots[0]) && !is_closed(&slots[1]));
        }
    }

    #[test]
    fn c2_the_reserve_is_bounded_too() {
        let (connections, start) = (connections(1, 1), Instant::now());
        let regular = admit(&connections, "192.0.2.1", start);
        let _busy = regular.connection.begin();
        let reserve: Vec<Slot> = (0..RESERVE).map(|_| admit(&connections, "192.0.2.2", start)).collect();
        assert!(reserve.iter().all(|slot| slot.connection.kind == Kind::Reserve));
        let more = admit(&connections, "192.0.2.3", start);
        let _busy: Vec<_> = reserve.iter().chain([&more]).map(|slot| slot.connection.begin()).collect();
        assert!(connections.admit("192.0.2.4".parse().unwrap(), start).is_none());
    }
}
