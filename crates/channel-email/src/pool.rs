//! The open sessions with a relay: a bounded number in use, and those that wait for the next mail, which are ended after an idle
//! time. Where the relay accepts fewer, the number is lowered for that time. It opens none.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, sleep_until};

use crate::session::{Session, State};

/// The sessions of a client.
pub(crate) struct Pool {
    permits: Semaphore,
    /// How many permits there are, with those that are in use.
    size: AtomicUsize,
    idle_time: Duration,
    idle: Mutex<Idle>,
}

/// The sessions that wait, the one that has waited longest first.
#[derive(Default)]
struct Idle {
    sessions: Vec<(Instant, Session)>,
    /// Whether a task ends those that have waited too long.
    watched: bool,
}

impl Pool {
    /// A pool for at most this many sessions in use, each of which may wait for `idle_time`.
    pub fn new(sessions: usize, idle_time: Duration) -> Arc<Self> {
        let sessions = sessions.min(Semaphore::MAX_PERMITS);
        let (permits, size) = (Semaphore::new(sessions), AtomicUsize::new(sessions));
        Arc::new(Self { permits, size, idle_time, idle: Mutex::default() })
    }

    /// Waits until another session may be in use. Callers are served in their order.
    pub async fn permit(&self) -> Option<SemaphorePermit<'_>> {
        // It is never closed.
        self.permits.acquire().await.ok()
    }

    /// Withdraws a permit for the idle time: the relay takes no other connection now. Returns whether it did; then the caller waits
    /// for another permit. It does not when there is no other session to wait for.
    pub fn withdraw(self: &Arc<Self>, permit: SemaphorePermit<'_>) -> bool {
        let in_use = self.size.load(Ordering::Relaxed).saturating_sub(self.permits.available_permits());
        if in_use <= 1 && self.lock().sessions.is_empty() {
            return false;
        }
        let lower = |size: usize| (size > 1).then(|| size - 1);
        if self.size.fetch_update(Ordering::Relaxed, Ordering::Relaxed, lower).is_err() {
            return false;
        }
        permit.forget();
        let (pool, at) = (Arc::downgrade(self), Instant::now() + self.idle_time);
        tokio::spawn(async move {
            sleep_until(at).await;
            if let Some(pool) = pool.upgrade() {
                pool.size.fetch_add(1, Ordering::Relaxed);
                pool.permits.add_permits(1);
            }
        });
        true
    }

    /// A session that waits and is usable, the one used last: the others get to their idle time.
    pub fn take(&self) -> Option<Session> {
        let now = Instant::now();
        loop {
            let (since, mut session) = self.lock().sessions.pop()?;
            if now.duration_since(since) < self.idle_time && session.is_usable() {
                return Some(session);
            }
        }
    }

    /// Keeps a session for the next mail, unless it is over.
    pub fn put(self: &Arc<Self>, session: Session) {
        if session.state == State::Over {
            return;
        }
        let now = Instant::now();
        let mut idle = self.lock();
        idle.sessions.push((now, session));
        if !std::mem::replace(&mut idle.watched, true) {
            tokio::spawn(watch(Arc::downgrade(self), now + self.idle_time));
        }
    }

    /// Ends the sessions that wait.
    pub async fn close(&self) {
        let sessions = std::mem::take(&mut self.lock().sessions);
        for (_, session) in sessions {
            session.quit().await;
        }
    }

    /// How many sessions may be in use now.
    #[cfg(test)]
    pub fn size(&self) -> usize {
        self.size.load(Ordering::Relaxed)
    }

    /// How many sessions wait.
    #[cfg(test)]
    pub fn waiting(&self) -> usize {
        self.lock().sessions.len()
    }

    /// The sessions that have waited too long, and when the next will have.
    fn expired(&self, now: Instant) -> (Vec<Session>, Option<Instant>) {
        let mut idle = self.lock();
        let fresh = idle.sessions.iter().position(|(since, _)| now.duration_since(*since) < self.idle_time);
        let count = fresh.unwrap_or(idle.sessions.len());
        let expired = idle.sessions.drain(..count).map(|(_, session)| session).collect();
        let next = idle.sessions.first().map(|(since, _)| *since + self.idle_time);
        idle.watched = next.is_some();
        (expired, next)
    }

    fn lock(&self) -> MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends sessions that have waited too long, until none waits.
async fn watch(pool: Weak<Pool>, mut next: Instant) {
    loop {
        sleep_until(next).await;
        let Some(pool) = pool.upgrade() else { return };
        let (expired, later) = pool.expired(Instant::now());
        drop(pool);
        for session in expired {
            session.quit().await;
        }
        match later {
            Some(later) => next = later,
            None => return,
        }
    }
}
