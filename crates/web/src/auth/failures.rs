//! Wrong tokens: they are counted and logged, and a client that sends too many has to wait (429).
//!
//! What is counted is the pair of address and `client_id`, so that nobody can lock out a client from elsewhere, and the
//! address alone, for tokens of all clients together. A request with a token that was verified before always passes,
//! and so does a client without failures of its own behind an address that is locked. Failures are counted in a number
//! of buckets that is bounded: pairs that fall into the same bucket wait for each other. Not counted here: requests
//! without a token, and tokens that are signed well but too old.

use std::{
    hash::{BuildHasher, RandomState},
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use model::Timestamp;

use super::{certificates::CertificateError, jwt::TokenError};

/// Requests that were refused because of their token, by reason.
pub const FAILURES: &str = "gateway_auth_failures_total";

/// The reason of requests that were refused before their token was verified.
pub const LOCKED: &str = "locked";

/// The reason of access tokens of an OpenID Connect provider.
pub const ACCESS_TOKEN: &str = "access-token";

/// The reason of client certificates.
pub const CERTIFICATE: &str = "certificate";

/// The reason of headers of proxies that do not name one person.
pub const HEADER: &str = "header";

/// The target of log lines about who tried what.
const LOG_TARGET: &str = "audit";

/// The number of buckets in which failures are counted.
const BUCKETS: usize = 16_384;

/// How many times more failures an address has than one of its clients.
const ADDRESS_FACTOR: u32 = 5;

/// After how many failures a sender is locked out, and for how long.
#[derive(Debug, Clone, Copy)]
pub struct Lock {
    /// Failures of one client from one address; 0 for no bound.
    pub failures: u32,
    /// The time within which they count, and after which they are forgotten.
    pub period: Duration,
}

/// Counts wrong tokens by address and client, and locks senders out that send too many.
pub struct Failures {
    lock: Lock,
    hasher: RandomState,
    buckets: Mutex<Vec<Bucket>>,
}

/// The failures of those that share a bucket, as the time at which the last one is forgotten (a leaky bucket).
#[derive(Debug, Clone, Copy, Default)]
struct Bucket {
    forgotten: Timestamp,
}

/// The sender of a token: its address, and the client that the token names.
#[derive(Debug, Clone, Copy)]
pub struct Sender<'a> {
    /// Its address; `None` when it is not known.
    pub address: Option<IpAddr>,
    /// The applicatie that its token names, not verified; empty when the token names none that exists.
    pub client_id: &'a str,
}

impl Failures {
    /// A counter without failures.
    pub fn new(lock: Lock) -> Self {
        let buckets = if lock.failures == 0 { Vec::new() } else { vec![Bucket::default(); BUCKETS] };
        Self { lock, hasher: RandomState::new(), buckets: Mutex::new(buckets) }
    }

    /// How long a sender has to wait before its next token is verified; `None` when it need not.
    pub fn wait(&self, sender: Sender<'_>, now: Timestamp) -> Option<Duration> {
        if self.lock.failures == 0 {
            return None;
        }
        let buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let own = &buckets[self.bucket(sender.address, Some(sender.client_id))];
        let all = &buckets[self.bucket(sender.address, None)];
        // A client that made no mistake is not locked with its neighbours.
        let is_neighbour = !sender.client_id.is_empty() && own.forgotten <= now;
        let all_wait = self.lock_left(*all, self.lock.failures * ADDRESS_FACTOR, now).filter(|_| !is_neighbour);
        self.lock_left(*own, self.lock.failures, now).max(all_wait)
    }

    /// Counts a request that was refused before its token was verified.
    pub fn count_locked() {
        metrics::counter!(FAILURES, "reason" => LOCKED).increment(1);
    }

    /// Counts a failure, and logs it unless no token was sent.
    pub fn count(&self, sender: Sender<'_>, error: TokenError, now: Timestamp) {
        if error == TokenError::Absent {
            metrics::counter!(FAILURES, "reason" => reason(error)).increment(1);
            return;
        }
        self.record(sender, reason(error), is_guess(error), now);
    }

    /// Counts an access token of an OpenID Connect provider that is not valid, and logs it.
    pub fn count_access_token(&self, sender: Sender<'_>, now: Timestamp) {
        self.record(sender, ACCESS_TOKEN, true, now);
    }

    /// Counts a request that was refused because of its client certificate, and logs it. Certificates cannot be guessed, so that
    /// nobody is locked.
    pub fn count_certificate(
        address: Option<IpAddr>,
        error: CertificateError,
        fingerprint: Option<&str>,
        client_id: Option<&str>,
    ) {
        metrics::counter!(FAILURES, "reason" => CERTIFICATE).increment(1);
        let address = address.map(tracing::field::display);
        let reason = error.reason();
        tracing::warn!(target: LOG_TARGET, client_id, address, fingerprint, reason, "client certificate refused");
    }

    /// Counts a request whose header of a proxy does not name one person. A proxy that is listed sent it, so that nobody is locked.
    pub fn count_header(address: Option<IpAddr>) {
        metrics::counter!(FAILURES, "reason" => HEADER).increment(1);
        let address = address.map(tracing::field::display);
        tracing::warn!(target: LOG_TARGET, address, reason = HEADER, "header of a person refused");
    }

    fn record(&self, sender: Sender<'_>, reason: &'static str, is_guess: bool, now: Timestamp) {
        metrics::counter!(FAILURES, "reason" => reason).increment(1);
        let client_id = sender.client_id;
        let address = sender.address.map(tracing::field::display);
        tracing::warn!(target: LOG_TARGET, client_id, address, reason, "token refused");
        if self.lock.failures == 0 || !is_guess {
            return;
        }
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let all = self.lock.failures * ADDRESS_FACTOR;
        for (bucket, failures) in [
            (self.bucket(sender.address, Some(client_id)), self.lock.failures),
            (self.bucket(sender.address, None), all),
        ] {
            let bucket = &mut buckets[bucket];
            let before = self.lock_left(*bucket, failures, now).is_some();
            let step = self.lock.period / failures;
            // A clock that was set back does not lock for longer than a period.
            let latest = now + self.lock.period;
            bucket.forgotten = (bucket.forgotten.max(now).min(latest) + step).min(latest);
            if !before && self.lock_left(*bucket, failures, now).is_some() {
                tracing::warn!(target: LOG_TARGET, client_id, address, "too many wrong tokens: locked for a while");
            }
        }
    }

    /// How long a bucket stays locked; `None` when it is not locked.
    fn lock_left(&self, bucket: Bucket, failures: u32, now: Timestamp) -> Option<Duration> {
        let step = self.lock.period / failures;
        let left = bucket.forgotten.min(now + self.lock.period).since(now);
        // The sender may try again when one failure is forgotten.
        (left + step).checked_sub(self.lock.period).filter(|wait| !wait.is_zero())
    }

    fn bucket(&self, address: Option<IpAddr>, client_id: Option<&str>) -> usize {
        self.hasher.hash_one((address, client_id)) as usize % BUCKETS
    }
}

/// Whether the sender may be guessing: it does not know the secret.
fn is_guess(error: TokenError) -> bool {
    match error {
        TokenError::Decode
        | TokenError::NoClient
        | TokenError::UnknownClient
        | TokenError::Signature
        | TokenError::Algorithm => true,
        TokenError::Absent
        | TokenError::NoIat
        | TokenError::IatForm
        | TokenError::Expired
        | TokenError::Exp
        | TokenError::Nbf
        | TokenError::Ahead
        | TokenError::Audience
        | TokenError::Subject
        | TokenError::Jti
        | TokenError::Claim => false,
    }
}

/// The label of an error.
pub fn reason(error: TokenError) -> &'static str {
    match error {
        TokenError::Absent => "absent",
        TokenError::Decode => "no-jwt",
        TokenError::NoClient => "no-client",
        TokenError::UnknownClient => "unknown-client",
        TokenError::Signature => "signature",
        TokenError::Algorithm => "algorithm",
        TokenError::Expired | TokenError::Exp => "expired",
        TokenError::Nbf | TokenError::Ahead => "not-yet-valid",
        TokenError::Audience => "audience",
        TokenError::NoIat | TokenError::IatForm | TokenError::Subject | TokenError::Jti | TokenError::Claim => "claim",
    }
}

/// Every label of [`FAILURES`].
pub const REASONS: [&str; 13] = [
    ACCESS_TOKEN,
    CERTIFICATE,
    "absent",
    "no-jwt",
    "no-client",
    "unknown-client",
    "signature",
    "algorithm",
    "expired",
    "not-yet-valid",
    "audience",
    "claim",
    LOCKED,
];

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: Lock = Lock { failures: 10, period: Duration::from_mins(1) };

    fn sender<'a>(address: &str, client_id: &'a str) -> Sender<'a> {
        Sender { address: Some(address.parse().unwrap()), client_id }
    }

    #[test]
    fn c3_a_sender_of_wrong_tokens_waits_and_its_neighbours_do_not() {
        let failures = Failures::new(LOCK);
        let now = Timestamp::from_seconds(1_800_000_000);
        let guesser = sender("192.0.2.1", "zaken");
        for _ in 0..10 {
            assert_eq!(failures.wait(guesser, now), None);
            failures.count(guesser, TokenError::Signature, now);
        }
        assert_eq!(failures.wait(guesser, now), Some(Duration::from_secs(6)));
        assert_eq!(failures.wait(guesser, now + Duration::from_secs(6)), None, "one more");
        assert_eq!(failures.wait(sender("192.0.2.2", "zaken"), now), None, "the client elsewhere");
        assert_eq!(failures.wait(sender("192.0.2.1", "other"), now), None, "another client there");
        for _ in 0..100 {
            failures.count(sender("192.0.2.1", ""), TokenError::UnknownClient, now);
        }
        assert_eq!(failures.wait(sender("192.0.2.1", "other"), now), None, "it has not failed");
        assert!(failures.wait(sender("192.0.2.1", ""), now).is_some());
    }

    #[test]
    fn c3_old_tokens_do_not_lock_and_a_clock_set_back_does_not_lock_for_long() {
        let failures = Failures::new(LOCK);
        let now = Timestamp::from_seconds(1_800_000_000);
        let own = sender("192.0.2.1", "zaken");
        for _ in 0..100 {
            failures.count(own, TokenError::Expired, now);
        }
        assert_eq!(failures.wait(own, now), None);
        for _ in 0..100 {
            failures.count(own, TokenError::Signature, now);
        }
        let before = Timestamp::from_seconds(1_700_000_000);
        assert!(failures.wait(own, before).is_some_and(|wait| wait <= LOCK.period));
        assert_eq!(failures.wait(own, now + LOCK.period), None);
    }

    #[test]
    fn c3_without_a_bound_nobody_waits() {
        let failures = Failures::new(Lock { failures: 0, period: Duration::from_mins(1) });
        let now = Timestamp::from_seconds(1_800_000_000);
        for _ in 0..1_000 {
            failures.count(sender("192.0.2.1", "zaken"), TokenError::Signature, now);
        }
        assert_eq!(failures.wait(sender("192.0.2.1", "zaken"), now), None);
    }
}
