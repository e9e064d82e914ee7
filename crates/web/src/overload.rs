//! Early refusal when events arrive faster than they can be stored: a request that would wait longer than a target for its turn
//! gets 503 immediately, so that the latency of those that are accepted and the memory they hold stay bounded.
//!
//! The expected wait of a request is the number of requests before it, divided by the number that is answered per second (Little's
//! law). A request counts from the arrival of its whole body, so that slow clients do not count as a queue. Requests are not
//! reordered or delayed here.

use std::{
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, HttpBody},
    extract::Request,
};
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::time::Instant;

use crate::{Context as Web, Problem, ProblemType};

/// Requests that were refused to keep the queue short.
pub const SHED: &str = "gateway_requests_shed_total";

/// The number of requests that are always admitted: with fewer under way the measured rate is too uncertain.
const FEW: usize = 128;

/// The largest number of requests under way.
const MOST: usize = 10_000;

/// Most bytes of bodies of requests under way.
const MOST_BYTES: usize = 256 * 1024 * 1024;

/// The shortest time over which the rate is measured.
const WINDOW: Duration = Duration::from_millis(100);

/// The time over which measurements of the rate are averaged.
const MEMORY: Duration = Duration::from_millis(500);

/// The lowest rate, in requests a second, for a store that answers nothing.
const LEAST_RATE: f64 = 0.001;

/// The longest `Retry-After`.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// The queue of requests that publish events.
#[derive(Debug)]
pub struct Overload {
    target: Option<Duration>,
    waiting: AtomicUsize,
    bytes: AtomicUsize,
    created: Instant,
    /// The start of the present measurement, in microseconds after `created`.
    since: AtomicU64,
    /// Requests answered since then.
    done: AtomicUsize,
    /// Requests answered per second, as the bits of a float; 0 is unknown, until the queue has not been empty for a while.
    rate: AtomicU64,
    measuring: Mutex<()>,
}

impl Overload {
    /// Refuses what is expected to wait longer than `target`; `None` refuses nothing.
    pub fn new(target: Option<Duration>) -> Self {
        Self {
            target,
            waiting: AtomicUsize::new(0),
            bytes: AtomicUsize::new(0),
            created: Instant::now(),
            since: AtomicU64::new(0),
            done: AtomicUsize::new(0),
            rate: AtomicU64::new(0),
            measuring: Mutex::new(()),
        }
    }

    /// A slot for a request that arrives at `now`.
    ///
    /// # Errors
    /// The wait after which the client should try again.
    pub fn admit(self: &Arc<Self>, now: Instant) -> Result<Arc<Slot>, Duration> {
        if let Some(target) = self.target {
            self.measure(now);
            let waiting = self.waiting.load(Ordering::Relaxed);
            let full = waiting >= MOST || self.bytes.load(Ordering::Relaxed) >= MOST_BYTES;
            if full || waiting >= FEW {
                let wait = self.expected_wait(waiting);
                if full || wait > target {
                    return Err(wait.saturating_sub(target).clamp(Duration::from_secs(1), LONGEST_WAIT));
                }
            }
        }
        Ok(Arc::new(Slot { overload: Arc::clone(self), waits: AtomicBool::new(false), bytes: AtomicUsize::new(0) }))
    }

    fn enter(&self, now: Instant) {
        if self.waiting.fetch_add(1, Ordering::Relaxed) == 0 {
            self.rate.store(0, Ordering::Relaxed);
            self.start_measurement(now);
        }
    }

    fn leave(&self, now: Instant) {
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        self.done.fetch_add(1, Ordering::Relaxed);
        self.measure(now);
    }

    fn start_measurement(&self, now: Instant) {
        let micros = now.saturating_duration_since(self.created).as_micros();
        self.since.store(u64::try_from(micros).unwrap_or(u64::MAX), Ordering::Relaxed);
        self.done.store(0, Ordering::Relaxed);
    }

    /// Ends the present measurement when it has lasted long enough. Counters are read one by one: the rate is an estimate.
    fn measure(&self, now: Instant) {
        let elapsed = || {
            let since = Duration::from_micros(self.since.load(Ordering::Relaxed));
            now.saturating_duration_since(self.created).saturating_sub(since)
        };
        if elapsed() < WINDOW {
            return;
        }
        let Ok(_measuring) = self.measuring.try_lock() else { return };
        let past = elapsed();
        if past < WINDOW || self.waiting.load(Ordering::Relaxed) == 0 {
            return;
        }
        let measured = self.done.load(Ordering::Relaxed) as f64 / past.as_secs_f64();
        let weight = (past.as_secs_f64() / MEMORY.as_secs_f64()).min(1.0);
        let rate = self.rate().map_or(measured, |before| before + (measured - before) * weight);
        self.rate.store(rate.max(LEAST_RATE).to_bits(), Ordering::Relaxed);
        self.start_measurement(now);
    }

    fn rate(&self) -> Option<f64> {
        Some(self.rate.load(Ordering::Relaxed)).filter(|bits| *bits != 0).map(f64::from_bits)
    }

    fn expected_wait(&self, waiting: usize) -> Duration {
        let Some(rate) = self.rate() else { return Duration::ZERO };
        Duration::from_secs_f64((waiting as f64 / rate).min(LONGEST_WAIT.as_secs_f64()))
    }
}

/// The slot of a request: from its arrival, and in the queue from the arrival of its whole body until it is answered.
#[derive(Debug)]
pub struct Slot {
    overload: Arc<Overload>,
    waits: AtomicBool,
    bytes: AtomicUsize,
}

impl Slot {
    /// Counts a request whose body is complete.
    fn enter(&self, now: Instant) {
        if !self.waits.swap(true, Ordering::Relaxed) {
            self.overload.enter(now);
        }
    }

    /// Counts a request that was answered.
    fn leave(&self, now: Instant) {
        self.overload.bytes.fetch_sub(self.bytes.swap(0, Ordering::Relaxed), Ordering::Relaxed);
        if self.waits.swap(false, Ordering::Relaxed) {
            self.overload.leave(now);
        }
    }

    fn hold(&self, bytes: usize) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.overload.bytes.fetch_add(bytes, Ordering::Relaxed);
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.leave(Instant::now());
    }
}

/// Leaves the queue when the handler ends, also when its client has gone.
pub(crate) struct LeaveOnDrop(Arc<Slot>);

impl Drop for LeaveOnDrop {
    fn drop(&mut self) {
        self.0.leave(Instant::now());
    }
}

/// A body that starts the count of its slot when it is complete.
struct CountedBody {
    body: Body,
    slot: Arc<Slot>,
}

impl HttpBody for CountedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.body).poll_frame(context);
        match &polled {
            Poll::Ready(Some(Ok(frame))) => this.slot.hold(frame.data_ref().map_or(0, Bytes::len)),
            Poll::Ready(_) => this.slot.enter(Instant::now()),
            Poll::Pending => return Poll::Pending,
        }
        if this.body.is_end_stream() {
            this.slot.enter(Instant::now());
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Admits a request of a route that publishes, until what is returned is dropped.
///
/// # Errors
/// 503 when it would wait too long.
pub(crate) fn admit(context: &Web, request: &mut Request) -> Result<LeaveOnDrop, Problem> {
    let slot = context.overload.admit(Instant::now()).map_err(|wait| {
        metrics::counter!(SHED).increment(1);
        let detail = "More events arrive than can be stored now. Nothing was accepted.";
        Problem::new(ProblemType::Overloaded, detail).with_retry_after(wait)
    })?;
    let body = std::mem::take(request.body_mut());
    if body.is_end_stream() {
        slot.enter(Instant::now());
    }
    *request.body_mut() = Body::new(CountedBody { body, slot: Arc::clone(&slot) });
    Ok(LeaveOnDrop(slot))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Feeds a server that answers `rate` requests a second with `offered` a second for `seconds`; the longest wait and the
    /// number of those that were refused.
    fn run(overload: &Arc<Overload>, rate: usize, offered: usize, seconds: usize) -> (Duration, usize) {
        let start = Instant::now();
        let mut queue = std::collections::VecDeque::new();
        let (mut longest, mut refused) = (Duration::ZERO, 0);
        for tick in 0..seconds * 1_000 {
            let now = start + Duration::from_millis(tick as u64);
            for _ in 0..offered / 1_000 {
                match overload.admit(now) {
                    Ok(slot) => {
                        slot.enter(now);
                        queue.push_back((now, slot));
                    }
                    Err(_) => refused += 1,
                }
            }
            for _ in 0..rate / 1_000 {
                if let Some((since, slot)) = queue.pop_front() {
                    slot.leave(now);
                    longest = longest.max(now - since);
                }
            }
        }
        for (_, slot) in queue {
            slot.leave(start + Duration::from_secs(seconds as u64));
        }
        (longest, refused)
    }

    #[test]
    fn h9_the_wait_of_accepted_requests_stays_near_the_target() {
        for times in [2, 5] {
            let overload = Arc::new(Overload::new(Some(Duration::from_millis(500))));
            let (longest, refused) = run(&overload, 2_000, 2_000 * times, 10);
            assert!(longest < Duration::from_millis(700), "{times}: {longest:?}");
            let surplus = 2_000 * (times - 1) * 10;
            assert!(refused > surplus * 8 / 10 && refused <= surplus, "{times}: {refused}");
        }
    }

    #[test]
    fn h9_nothing_is_refused_below_capacity_or_without_a_target() {
        let overload = Arc::new(Overload::new(Some(Duration::from_millis(500))));
        assert_eq!(run(&overload, 5_000, 4_000, 5).1, 0);
        let overload = Arc::new(Overload::new(None));
        assert_eq!(run(&overload, 1_000, 3_000, 2).1, 0);
    }

    #[test]
    fn h9_a_store_that_answers_nothing_is_noticed() {
        let overload = Arc::new(Overload::new(Some(Duration::from_millis(500))));
        let (_, refused) = run(&overload, 0, 1_000, 2);
        assert!(refused > 1_000, "{refused}");
    }
}
