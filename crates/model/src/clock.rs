//! Time and randomness, the two inputs that are not reproducible, as parameters.
//!
//! Only [`SystemClock`] and [`SystemRandom`] read those of the machine; all other code takes a [`Clock`] or a
//! [`Random`], so that a simulation can supply both.

use std::{
    fmt,
    ops::{Add, Sub},
    sync::Mutex,
    time::Duration,
};

use uuid::Uuid;

/// A timestamp: microseconds since 1970-01-01T00:00:00Z, without leap seconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The timestamp `micros` microseconds after 1970 (negative: before it).
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// The timestamp `millis` milliseconds after 1970.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis.saturating_mul(1_000))
    }

    /// The timestamp `seconds` whole seconds after 1970.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1_000_000))
    }

    /// Microseconds since 1970.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// Milliseconds since 1970, rounded down.
    pub const fn as_millis(self) -> i64 {
        self.0.div_euclid(1_000)
    }

    /// The duration from `earlier` to this timestamp; zero if it is not later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// The RFC 3339 text in UTC with microseconds, as in the APIs.
    pub fn to_rfc3339(self) -> String {
        let nanos = i128::from(self.0) * 1_000;
        time::OffsetDateTime::from_unix_timestamp_nanos(nanos)
            .ok()
            .and_then(|moment| moment.format(&time::format_description::well_known::Rfc3339).ok())
            .unwrap_or_else(|| format!("{}us", self.0))
    }

    /// Parses an RFC 3339 text with an offset; digits beyond microseconds are dropped.
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        let moment = time::OffsetDateTime::parse(text, &time::format_description::well_known::Rfc3339).ok()?;
        i64::try_from(moment.unix_timestamp_nanos().div_euclid(1_000)).ok().map(Self)
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, wait: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(wait.as_micros()).unwrap_or(i64::MAX)))
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Self;

    fn sub(self, wait: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(wait.as_micros()).unwrap_or(i64::MAX)))
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_rfc3339())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_rfc3339())
    }
}

/// A point on the monotonic timeline of this process, in microseconds. It is no time of day: setting the clock of the
/// machine does not move it, and it means nothing to another process or after a restart. What the process waits for is an
/// `Instant`; what it stores, shows or compares with others' times is a [`Timestamp`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Instant(i64);

impl Instant {
    /// The instant `micros` microseconds after the start of the timeline (negative: before it).
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since the start of the timeline.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// The duration from `earlier` to this instant; zero if it is not later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

impl Add<Duration> for Instant {
    type Output = Self;

    fn add(self, wait: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(wait.as_micros()).unwrap_or(i64::MAX)))
    }
}

impl Sub<Duration> for Instant {
    type Output = Self;

    fn sub(self, wait: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(wait.as_micros()).unwrap_or(i64::MAX)))
    }
}

/// One moment on both timelines. It converts between them: the distance to another moment is the same on both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Now {
    /// The time of the monotonic clock, for waits.
    pub instant: Instant,
    /// The time of the wall clock, to store and show.
    pub wall: Timestamp,
}

impl Now {
    /// What the wall clock shows at an instant, if nobody sets it.
    pub fn wall_of(&self, at: Instant) -> Timestamp {
        self.wall + at.since(self.instant) - self.instant.since(at)
    }

    /// The instant of a stored time; now when that is in the future.
    pub fn instant_of_past(&self, at: Timestamp) -> Instant {
        self.instant - self.wall.since(at)
    }

    /// The instant until which to wait for a stored time: at most `longest` from now, whatever the wall clock shows.
    pub fn instant_within(&self, at: Timestamp, longest: Duration) -> Instant {
        self.instant + at.since(self.wall).min(longest)
    }
}

/// A moment on a wall clock that nobody sets: both timelines are one.
impl From<Timestamp> for Now {
    fn from(wall: Timestamp) -> Self {
        Self { instant: Instant(wall.0), wall }
    }
}

/// A source of the current time.
pub trait Clock: Send + Sync {
    /// The wall clock, for what is stored, shown or compared with others' times. It may be set back or forward at any
    /// moment, so nothing may wait for it.
    fn now(&self) -> Timestamp;

    /// The monotonic clock, for what is waited for and for durations. It never decreases.
    fn instant(&self) -> Instant;

    /// The time of both clocks.
    fn moment(&self) -> Now {
        Now { instant: self.instant(), wall: self.now() }
    }
}

/// A source of randomness.
pub trait Random: Send + Sync {
    /// A random (version 4) UUID.
    fn uuid(&self) -> Uuid;

    /// 64 random bits.
    fn bits(&self) -> u64 {
        self.uuid().as_u64_pair().1
    }
}

/// The machine's clocks.
#[derive(Debug, Default)]
pub struct SystemClock(());

/// The start of the monotonic timeline of this process, the same for every [`SystemClock`].
#[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
static START: std::sync::LazyLock<std::time::Instant> = std::sync::LazyLock::new(std::time::Instant::now);

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    fn now(&self) -> Timestamp {
        use std::time::SystemTime;
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }

    fn instant(&self) -> Instant {
        Instant(i64::try_from(START.elapsed().as_micros()).unwrap_or(i64::MAX))
    }
}

/// The machine's source of randomness.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemRandom;

impl Random for SystemRandom {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's randomness")]
    fn uuid(&self) -> Uuid {
        Uuid::new_v4()
    }
}

/// A clock that advances only on request, for tests and simulations.
#[derive(Debug)]
pub struct ManualClock(Mutex<Now>);

impl ManualClock {
    /// A clock with this time.
    pub fn new(start: Timestamp) -> Self {
        Self(Mutex::new(start.into()))
    }

    /// Advances the clock.
    pub fn advance(&self, by: Duration) {
        let mut now = self.lock();
        *now = Now { instant: now.instant + by, wall: now.wall + by };
    }

    /// Advances the clock to this time, unless it shows a later one.
    pub fn set(&self, to: Timestamp) {
        let by = to.since(self.now());
        self.advance(by);
    }

    /// Sets the wall clock back or forward; no time passes.
    pub fn step(&self, to: Timestamp) {
        self.lock().wall = to;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Now> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        self.lock().wall
    }

    fn instant(&self) -> Instant {
        self.lock().instant
    }
}

/// A reproducible sequence per seed (splitmix64), for tests and simulations; not for secrets.
#[derive(Debug)]
pub struct SeededRandom(std::sync::atomic::AtomicU64);

impl SeededRandom {
    /// The sequence of `seed`.
    pub fn new(seed: u64) -> Self {
        Self(std::sync::atomic::AtomicU64::new(seed))
    }
}

impl Random for SeededRandom {
    fn uuid(&self) -> Uuid {
        Uuid::from_u64_pair(self.bits(), self.bits())
    }

    fn bits(&self) -> u64 {
        const STEP: u64 = 0x9E37_79B9_7F4A_7C15;
        let mut z = self.0.fetch_add(STEP, std::sync::atomic::Ordering::Relaxed).wrapping_add(STEP);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc3339_texts_survive() {
        let moment = Timestamp::parse_rfc3339("2025-01-01T12:00:00.123456+01:00").unwrap();
        assert_eq!(moment.to_rfc3339(), "2025-01-01T11:00:00.123456Z");
        assert_eq!(Timestamp::parse_rfc3339("2025-01-01"), None);
    }

    #[test]
    fn a_manual_clock_never_goes_back() {
        let clock = ManualClock::new(Timestamp::from_seconds(10));
        clock.set(Timestamp::from_seconds(5));
        assert_eq!(clock.now(), Timestamp::from_seconds(10));
    }

    #[test]
    fn h4_a_step_of_the_wall_clock_moves_no_instant() {
        let clock = ManualClock::new(Timestamp::from_seconds(10_000));
        let until = clock.instant() + Duration::from_secs(7);
        clock.step(Timestamp::from_seconds(6_400));
        assert_eq!(until.since(clock.instant()), Duration::from_secs(7));
        assert_eq!(clock.moment().wall_of(until), Timestamp::from_seconds(6_407), "stored in the time that holds now");
        // Stored before the step: the wait bounds it.
        let stored = Timestamp::from_seconds(10_007);
        let longest = Duration::from_secs(48);
        assert_eq!(clock.moment().instant_within(stored, longest), clock.instant() + longest);
        assert_eq!(clock.moment().instant_of_past(stored), clock.instant());
        clock.step(Timestamp::from_seconds(20_000));
        assert_eq!(clock.moment().instant_within(stored, longest), clock.instant());
        let system = SystemClock::default();
        let before = system.instant();
        assert!(system.instant() >= before);
    }

    #[test]
    fn since_is_zero_for_the_future() {
        assert_eq!(Timestamp::from_seconds(1).since(Timestamp::from_seconds(2)), Duration::ZERO);
    }
}
