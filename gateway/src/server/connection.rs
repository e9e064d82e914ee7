//! What the server knows of one open connection: when it was opened and last used, which requests and answers are under way,
//! and whether it is over time. It reads no bytes and closes nothing itself.

use std::{
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{sync::Notify, time::Instant};

use super::times::Times;

/// The number of bytes a second that a client must take of an answer, on top of the fixed time.
const LEAST_RATE: u64 = 16 * 1024;

/// What a connection may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Every request.
    Regular,
    /// Health only: the listener has no room for others.
    Reserve,
}

/// What to do with a connection now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing; look again at this moment.
    Keep(Instant),
    /// Close it for this reason.
    Close(&'static str),
    /// Announce its end, since no request is under way.
    Retire,
}

/// An open connection.
pub struct Connection {
    /// Number of the connection, unique for its listener.
    pub id: u64,
    /// The address (IPv6: the network of 64 bits) that it counts for.
    pub address: IpAddr,
    /// What it may be used for.
    pub kind: Kind,
    opened: Instant,
    /// Whether a complete request head has arrived.
    began: AtomicBool,
    /// Heads that arrived.
    requests: AtomicU64,
    /// Requests without a complete answer.
    under_way: AtomicUsize,
    /// Milliseconds from `opened` to the end of the last request.
    used: AtomicU64,
    /// Bytes of answers that are not written yet.
    held: AtomicUsize,
    /// When each answer must have been taken, by its number.
    deadlines: Mutex<Vec<(u64, Instant)>>,
    close: Notify,
}

impl Connection {
    /// A connection that was opened at `opened`.
    pub fn new(id: u64, address: IpAddr, kind: Kind, opened: Instant) -> Self {
        Self {
            id,
            address,
            kind,
            opened,
            began: AtomicBool::new(false),
            requests: AtomicU64::new(0),
            under_way: AtomicUsize::new(0),
            used: AtomicU64::new(0),
            held: AtomicUsize::new(0),
            deadlines: Mutex::default(),
            close: Notify::new(),
        }
    }

    /// Notes that a complete request head has arrived; returns its number, from 1.
    pub fn begin(self: &Arc<Self>) -> (u64, UnderWay) {
        self.began.store(true, Ordering::Relaxed);
        self.under_way.fetch_add(1, Ordering::Relaxed);
        let number = self.requests.fetch_add(1, Ordering::Relaxed) + 1;
        (number, UnderWay { connection: Arc::clone(self), number })
    }

    /// The moment since which no request is under way; `None` while one is.
    pub fn idle_since(&self) -> Option<Instant> {
        let idle = self.under_way.load(Ordering::Relaxed) == 0;
        idle.then(|| self.opened + Duration::from_millis(self.used.load(Ordering::Relaxed)))
    }

    /// Asks the task of the connection to close it.
    pub fn close(&self) {
        self.close.notify_one();
    }

    /// Returns when [`Self::close`] was called.
    pub async fn closed(&self) {
        self.close.notified().await;
    }

    fn deadlines(&self) -> MutexGuard<'_, Vec<(u64, Instant)>> {
        self.deadlines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The bytes of its answers that are not written yet.
    pub fn held(&self) -> &AtomicUsize {
        &self.held
    }

    /// When the first request must have arrived.
    pub fn first_request(&self, times: &Times) -> Instant {
        self.opened + times.first_request
    }

    /// Whether it is over time at `now`.
    pub fn check(&self, now: Instant, times: &Times) -> Verdict {
        if !self.began.load(Ordering::Relaxed) {
            let until = self.first_request(times);
            return if now < until { Verdict::Keep(until) } else { Verdict::Close("first-request") };
        }
        let due = self.deadlines().iter().map(|(_, until)| *until).min();
        match (due, self.idle_since()) {
            (Some(due), _) if due <= now => Verdict::Close("answer"),
            (Some(due), _) => Verdict::Keep(due.min(now + times.answer)),
            (None, Some(since)) if since + times.idle <= now => Verdict::Retire,
            (None, Some(since)) => Verdict::Keep((since + times.idle).min(now + times.answer)),
            (None, None) => Verdict::Keep(now + times.answer),
        }
    }
}

/// A request that has no complete answer yet; dropped when the last byte of the answer was written.
pub struct UnderWay {
    connection: Arc<Connection>,
    number: u64,
}

impl UnderWay {
    /// Its connection.
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Notes that an answer of so many bytes is ready at `now` and must be taken in time.
    pub fn answered(&self, now: Instant, bytes: u64, times: &Times) {
        let until = now + times.answer + Duration::from_secs(bytes / LEAST_RATE);
        let mut deadlines = self.connection.deadlines();
        match deadlines.iter_mut().find(|(number, _)| *number == self.number) {
            Some((_, deadline)) => *deadline = until,
            None => deadlines.push((self.number, until)),
        }
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let connection = &self.connection;
        connection.deadlines().retain(|(number, _)| *number != self.number);
        connection.used.store(connection.opened.elapsed().as_millis() as u64, Ordering::Relaxed);
        connection.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMES: Times =
        Times { first_request: Duration::from_secs(10), idle: Duration::from_mins(1), answer: Duration::from_secs(30) };

    #[test]
    fn c2_a_connection_is_over_time_before_its_first_request_when_idle_and_when_it_takes_no_answer() {
        let opened = Instant::now().checked_sub(Duration::from_secs(100)).unwrap();
        let connection = Arc::new(Connection::new(1, IpAddr::from([127, 0, 0, 1]), Kind::Regular, opened));
        let after = |seconds| opened + Duration::from_secs(seconds);
        assert_eq!(connection.check(after(9), &TIMES), Verdict::Keep(after(10)));
        assert_eq!(connection.check(after(10), &TIMES), Verdict::Close("first-request"));
        let (_, request) = connection.begin();
        assert_eq!(connection.check(after(100), &TIMES), Verdict::Keep(after(130)), "a handler may take its time");
        request.answered(after(100), 10 * LEAST_RATE, &TIMES);
        assert_eq!(connection.check(after(139), &TIMES), Verdict::Keep(after(140)));
        assert_eq!(connection.check(after(140), &TIMES), Verdict::Close("answer"));
        assert_eq!(connection.idle_since(), None);
        drop(request);
        let idle = connection.idle_since().unwrap();
        assert!(idle >= after(100));
        let until = idle + TIMES.idle;
        assert_eq!(connection.check(until - Duration::from_secs(1), &TIMES), Verdict::Keep(until));
        assert_eq!(connection.check(until, &TIMES), Verdict::Retire);
    }
}
