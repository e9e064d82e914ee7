//! Looks names up with the resolver of the system (`getaddrinfo`), in a bounded number of threads of its own and one
//! look-up per name at a time. It caches no addresses.
//!
//! `getaddrinfo` blocks, for 30 seconds and more while a DNS server is silent. So a name that took long has fewer threads
//! to use than one that is new, and that one fewer than a name that was found before: names that hang do not keep others
//! waiting.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::shortage::Shortage;

/// Most threads, and so most look-ups under way.
const THREADS: usize = 32;
/// Most look-ups under way for names of a rank and the ranks below it.
const SHARES: [usize; RANKS] = [THREADS, THREADS * 3 / 4, THREADS / 2];
const RANKS: usize = 3;
/// From this time on a look-up took long.
const SLOW: Duration = Duration::from_secs(1);
/// Most names that wait for a thread or are looked up.
const MAX_NAMES: usize = 4_096;
/// Most names whose last look-up is remembered.
const MAX_REMEMBERED: usize = 4_096;
/// How long a thread waits for work.
const IDLE: Duration = Duration::from_secs(10);

/// How a name was looked up the last time; the order is that of service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rank {
    /// The last look-up found it within a second.
    Found,
    /// It was never looked up, or the last look-up did not find it.
    New,
    /// The last look-up took a second or more.
    Slow,
}

/// Why there are no addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum LookupError {
    /// The gateway lacks a resource, such as a file descriptor.
    Own(Shortage),
    /// The text of the resolver's error.
    NotFound(String),
}

type Found = Result<Arc<[IpAddr]>, LookupError>;
type Lookup = dyn Fn(&str) -> io::Result<Vec<IpAddr>> + Send + Sync;

/// The look-ups of one client; cheap to clone.
#[derive(Clone)]
pub(crate) struct Resolver(Arc<Inner>);

struct Inner {
    lookup: Box<Lookup>,
    state: Mutex<State>,
    work: Condvar,
}

#[derive(Default)]
struct State {
    /// The callers that wait for a name that is queued or being looked up.
    waiting: HashMap<Arc<str>, Vec<oneshot::Sender<Found>>>,
    queues: [VecDeque<Arc<str>>; RANKS],
    running: [usize; RANKS],
    history: HashMap<Arc<str>, Rank>,
    threads: usize,
    idle: usize,
}

impl Resolver {
    /// A resolver that starts its threads when the first name is looked up.
    pub fn new() -> Self {
        Self::with(system_lookup)
    }

    /// Looks up with this function, which may block.
    pub fn with(lookup: impl Fn(&str) -> io::Result<Vec<IpAddr>> + Send + Sync + 'static) -> Self {
        Self(Arc::new(Inner { lookup: Box::new(lookup), state: Mutex::default(), work: Condvar::new() }))
    }

    /// The addresses of a name, in the order of the resolver. The caller bounds the time.
    pub async fn resolve(&self, name: &str) -> Found {
        let found = self.enqueue(name)?.await;
        // A thread that panicked has answered nobody.
        found.unwrap_or(Err(LookupError::Own(Shortage::Lookups)))
    }

    fn enqueue(&self, name: &str) -> Result<oneshot::Receiver<Found>, LookupError> {
        let (sender, receiver) = oneshot::channel();
        let mut state = self.0.lock();
        if let Some(waiters) = state.waiting.get_mut(name) {
            waiters.retain(|waiter| !waiter.is_closed());
            waiters.push(sender);
            return Ok(receiver);
        }
        if state.waiting.len() >= MAX_NAMES {
            return Err(LookupError::Own(Shortage::Lookups));
        }
        let name: Arc<str> = name.into();
        let rank = state.history.get(&name).copied().unwrap_or(Rank::New);
        state.queues[rank as usize].push_back(Arc::clone(&name));
        state.waiting.insert(name, vec![sender]);
        // A thread that is idle may already be woken for a name before this one.
        if state.idle < state.queue_length() && state.threads < THREADS {
            state.threads += 1;
            let inner = Arc::clone(&self.0);
            let started = thread::Builder::new().name("egress-lookup".into()).spawn(move || inner.work());
            state.threads -= usize::from(started.is_err());
            // Without a thread nobody would take the name.
            if state.threads == 0 {
                let name = state.queues[rank as usize].pop_back();
                name.map(|name| state.waiting.remove(&name));
                return Err(LookupError::Own(Shortage::Lookups));
            }
        }
        drop(state);
        self.0.work.notify_one();
        Ok(receiver)
    }
}

impl Inner {
    fn work(&self) {
        let mut state = self.lock();
        loop {
            if let Some((name, rank)) = state.next() {
                state.running[rank as usize] += 1;
                drop(state);
                let begin = Instant::now();
                let found = (self.lookup)(&name);
                let took = begin.elapsed();
                state = self.lock();
                state.running[rank as usize] -= 1;
                state.finish(&name, found, took);
                // A look-up of a lower rank may have waited for this one.
                self.work.notify_one();
                continue;
            }
            state.idle += 1;
            let (woken, timeout) = self.work.wait_timeout(state, IDLE).unwrap_or_else(PoisonError::into_inner);
            state = woken;
            state.idle -= 1;
            if timeout.timed_out() && state.queue_length() == 0 {
                state.threads -= 1;
                return;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The next name to look up; names for which nobody waits any more are dropped.
    fn next(&mut self) -> Option<(Arc<str>, Rank)> {
        for rank in [Rank::Found, Rank::New, Rank::Slow] {
            while self.running[rank as usize..].iter().sum::<usize>() < SHARES[rank as usize] {
                let Some(name) = self.queues[rank as usize].pop_front() else { break };
                if self.waiting.get(&name).is_some_and(|all| all.iter().any(|waiter| !waiter.is_closed())) {
                    return Some((name, rank));
                }
                self.waiting.remove(&name);
            }
        }
        None
    }

    /// How many names wait for a thread.
    fn queue_length(&self) -> usize {
        self.queues.iter().map(VecDeque::len).sum()
    }

    fn finish(&mut self, name: &Arc<str>, found: io::Result<Vec<IpAddr>>, took: Duration) {
        let rank = match &found {
            _ if took >= SLOW => Rank::Slow,
            Ok(_) => Rank::Found,
            Err(_) => Rank::New,
        };
        if rank == Rank::New {
            self.history.remove(name);
        } else {
            if self.history.len() >= MAX_REMEMBERED && !self.history.contains_key(name) {
                // Whatever is forgotten is new again, which costs little.
                let other = self.history.keys().next().cloned();
                other.map(|other| self.history.remove(&other));
            }
            self.history.insert(Arc::clone(name), rank);
        }
        let found = found.map(Arc::from).map_err(|error| failure(&error));
        for waiter in self.waiting.remove(name).unwrap_or_default() {
            // One that gave up does not need it.
            let _ = waiter.send(found.clone());
        }
    }
}

fn system_lookup(name: &str) -> io::Result<Vec<IpAddr>> {
    let mut found: Vec<IpAddr> = (name, 0).to_socket_addrs()?.map(|address: SocketAddr| address.ip()).collect();
    found.dedup();
    Ok(found)
}

fn failure(error: &io::Error) -> LookupError {
    // Without a descriptor the resolver reports no more than a temporary failure.
    let own = Shortage::of(error).or_else(|| {
        let socket = std::net::UdpSocket::bind((std::net::Ipv4Addr::LOCALHOST, 0));
        socket.err().as_ref().and_then(Shortage::of)
    });
    own.map_or_else(
        || {
            let text = error.to_string();
            let text = text.strip_prefix("failed to lookup address information: ").unwrap_or(&text);
            LookupError::NotFound(text.to_owned())
        },
        LookupError::Own,
    )
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// A gate that holds look-ups back until it is opened.
    #[derive(Default)]
    struct Gate(Mutex<bool>, Condvar);

    impl Gate {
        fn wait(&self) {
            let mut open = self.0.lock().unwrap();
            while !*open {
                open = self.1.wait(open).unwrap();
            }
        }

        fn open(&self) {
            *self.0.lock().unwrap() = true;
            self.1.notify_all();
        }
    }

    fn address() -> Vec<IpAddr> {
        vec!["192.0.2.1".parse().unwrap()]
    }

    async fn until(condition: impl Fn() -> bool) {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    #[tokio::test]
    async fn b5_names_that_hang_leave_threads_for_a_name_that_was_found() {
        let gate = Arc::new(Gate::default());
        let hanging = Arc::clone(&gate);
        let resolver = Resolver::with(move |name| {
            if name.starts_with("hangs") {
                hanging.wait();
            }
            Ok(address())
        });
        assert!(resolver.resolve("healthy.example").await.is_ok());
        let waiters: Vec<_> = (0..700)
            .map(|number| {
                let resolver = resolver.clone();
                tokio::spawn(async move { resolver.resolve(&format!("hangs-{number}.example")).await })
            })
            .collect();
        until(|| resolver.0.lock().running[Rank::New as usize] == SHARES[Rank::New as usize]).await;
        for _ in 0..10 {
            assert!(resolver.resolve("healthy.example").await.is_ok(), "while 700 others hang");
        }
        assert!(resolver.0.lock().threads <= THREADS);
        gate.open();
        for waiter in waiters {
            assert!(waiter.await.unwrap().is_ok());
        }
    }

    #[tokio::test]
    async fn b5_a_name_is_looked_up_once_for_all_who_wait() {
        let (gate, asked) = (Arc::new(Gate::default()), Arc::new(AtomicUsize::new(0)));
        let (hanging, counted) = (Arc::clone(&gate), Arc::clone(&asked));
        let resolver = Resolver::with(move |_| {
            counted.fetch_add(1, Ordering::Relaxed);
            hanging.wait();
            Ok(address())
        });
        let waiters: Vec<_> = (0..50)
            .map(|_| {
                let resolver = resolver.clone();
                tokio::spawn(async move { resolver.resolve("one.example").await })
            })
            .collect();
        let all = || resolver.0.lock().waiting.get("one.example").map_or(0, Vec::len) == 50;
        until(all).await;
        gate.open();
        for waiter in waiters {
            assert_eq!(waiter.await.unwrap().unwrap().as_ref(), address());
        }
        assert_eq!(asked.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn b5_an_idle_thread_is_counted_on_once() {
        let gate = Arc::new(Gate::default());
        let hanging = Arc::clone(&gate);
        let resolver = Resolver::with(move |name| {
            if name == "hangs.example" {
                hanging.wait();
            }
            Ok(address())
        });
        assert!(resolver.resolve("first.example").await.is_ok());
        until(|| resolver.0.lock().idle == 1).await;
        let (hung, other) = (resolver.enqueue("hangs.example").unwrap(), resolver.enqueue("other.example").unwrap());
        // The bound only keeps a failure short.
        let found = tokio::time::timeout(Duration::from_mins(1), other).await;
        gate.open();
        assert!(found.expect("a thread of its own").unwrap().is_ok());
        assert!(hung.await.unwrap().is_ok());
    }

    #[test]
    fn b5_a_name_that_took_long_has_fewer_threads() {
        let mut state = State::default();
        for (name, took, found, rank) in [
            ("quick", Duration::ZERO, Ok(address()), Some(Rank::Found)),
            ("hung", SLOW, Ok(address()), Some(Rank::Slow)),
            ("hung", SLOW, Err(io::ErrorKind::TimedOut.into()), Some(Rank::Slow)),
            ("hung", Duration::ZERO, Err(io::ErrorKind::NotFound.into()), None),
        ] {
            state.finish(&name.into(), found, took);
            assert_eq!(state.history.get(name).copied(), rank, "{name}");
        }
    }

    #[tokio::test]
    async fn b5_names_wait_in_a_bounded_queue_and_those_given_up_leave_it() {
        let resolver = Resolver::with(|_| Ok(address()));
        resolver.0.lock().threads = THREADS;
        let waiting: Vec<_> = (0..MAX_NAMES).map(|number| resolver.enqueue(&number.to_string()).unwrap()).collect();
        assert_eq!(resolver.enqueue("one more").err(), Some(LookupError::Own(Shortage::Lookups)));
        drop(waiting);
        assert!(resolver.0.lock().next().is_none());
        assert!(resolver.enqueue("one more").is_ok());
    }
}
