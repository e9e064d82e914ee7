//! One secret that was sent to an address, and what is decided when somebody presents one: a bounded number of tries, a bounded
//! time, and the same work whether the secret is right, wrong, void or unknown (CH-45, CH-49).

use std::time::Duration;

use model::{SubscriptionId, Timestamp};

use super::{Code, LinkToken};
use crate::digest::{Digest, DigestKey, Purpose};

/// A secret that is presented or sent.
#[derive(Debug, Clone, Copy)]
pub enum Secret<'a> {
    /// A code that is typed over.
    Code(&'a Code),
    /// The token of a link.
    Link(&'a LinkToken),
}

/// How often and how long a secret may be tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// After this many wrong tries the secret is void; `None`: any number, for secrets that cannot be guessed.
    pub tries: Option<u8>,
    /// How long it is valid; `None`: as long as its subscription.
    pub valid: Option<Duration>,
}

impl Limits {
    /// Of a confirmation code: five tries within ten minutes (CH-45).
    pub const CODE: Self = Self { tries: Some(5), valid: Some(Duration::from_mins(10)) };
    /// Of the link of a confirmation: 24 hours (CH-45).
    pub const LINK: Self = Self { tries: None, valid: Some(Duration::from_hours(24)) };
    /// Of the link to unsubscribe (CH-55).
    pub const UNSUBSCRIBE: Self = Self { tries: None, valid: None };
}

/// The state of a secret that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Challenge {
    /// Nobody has presented it.
    Waiting {
        /// The digest of the secret, bound to its subscription.
        digest: Digest,
        /// How many wrong tries are left before it is void; `None`: any number.
        tries_left: Option<u8>,
        /// From this moment on it is void; `None`: it does not expire.
        until: Option<Timestamp>,
    },
    /// It was presented.
    Confirmed {
        /// The digest of the secret: presenting it again is success without effect (CH-48).
        digest: Digest,
        /// When it was presented first.
        at: Timestamp,
    },
    /// It is not accepted any more.
    Void(VoidReason),
}

/// Why a secret is void.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VoidReason {
    /// Too many wrong tries.
    Tries,
    /// Its time is over.
    Expired,
    /// A newer one was sent (CH-45).
    Replaced,
}

/// What is decided. To the outside [`Answer::Wrong`] and [`Answer::Void`] are one answer, and that of an unknown subscription
/// (CH-49, CH-58); the difference is for counters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It is the secret, for the first time: the address is confirmed.
    Confirmed,
    /// It is the secret again: nothing changes.
    AlreadyConfirmed,
    /// It is another one.
    Wrong,
    /// There is no secret to present any more, whether this was it or not.
    Void(VoidReason),
}

impl Challenge {
    /// A secret that is sent at `now` for a subscription.
    pub fn new(
        key: &DigestKey,
        subscription: SubscriptionId,
        secret: Secret<'_>,
        limits: Limits,
        now: Timestamp,
    ) -> Self {
        let (purpose, bytes) = secret.parts();
        Self::Waiting {
            digest: key.digest(purpose, &[subscription.0.as_bytes(), bytes]),
            tries_left: limits.tries,
            until: limits.valid.map(|valid| now + valid),
        }
    }

    /// What presenting `secret` at `now` leads to: the next state, which must be durable before the answer is given, and the
    /// answer.
    #[must_use]
    pub fn answer(
        self,
        key: &DigestKey,
        subscription: SubscriptionId,
        secret: Secret<'_>,
        now: Timestamp,
    ) -> (Self, Answer) {
        let is_secret = self.matches(key, subscription, secret);
        match self {
            Self::Void(reason) => (self, Answer::Void(reason)),
            Self::Confirmed { .. } if is_secret => (self, Answer::AlreadyConfirmed),
            Self::Waiting { until: Some(until), .. } if now >= until => void(VoidReason::Expired),
            Self::Waiting { tries_left: Some(0), .. } => void(VoidReason::Tries),
            Self::Waiting { digest, .. } if is_secret => (Self::Confirmed { digest, at: now }, Answer::Confirmed),
            Self::Confirmed { .. } | Self::Waiting { tries_left: None, .. } => (self, Answer::Wrong),
            Self::Waiting { tries_left: Some(1), .. } => (Self::Void(VoidReason::Tries), Answer::Wrong),
            Self::Waiting { digest, tries_left: Some(tries), until } => {
                (Self::Waiting { digest, tries_left: Some(tries.saturating_sub(1)), until }, Answer::Wrong)
            }
        }
    }

    /// A new secret was sent: the old one is void unless it was used.
    #[must_use]
    pub fn replaced(self) -> Self {
        match self {
            Self::Waiting { .. } => Self::Void(VoidReason::Replaced),
            Self::Confirmed { .. } | Self::Void(_) => self,
        }
    }

    /// Does the work of [`Self::answer`] for a subscription that does not exist, so that the time of the answer does not
    /// reveal it (CH-49).
    pub fn answer_unknown(key: &DigestKey, subscription: SubscriptionId, secret: Secret<'_>) -> Answer {
        let _ = Self::Void(VoidReason::Replaced).matches(key, subscription, secret);
        Answer::Wrong
    }

    /// Whether it is the secret, in constant time; also a void state costs one comparison.
    fn matches(&self, key: &DigestKey, subscription: SubscriptionId, secret: Secret<'_>) -> bool {
        let (digest, is_void) = match self {
            Self::Waiting { digest, .. } | Self::Confirmed { digest, .. } => (*digest, false),
            Self::Void(_) => (Digest([0; 32]), true),
        };
        let (purpose, bytes) = secret.parts();
        key.verify(purpose, &[subscription.0.as_bytes(), bytes], &digest) && !is_void
    }
}

fn void(reason: VoidReason) -> (Challenge, Answer) {
    (Challenge::Void(reason), Answer::Void(reason))
}

impl<'a> Secret<'a> {
    fn parts(self) -> (Purpose, &'a [u8]) {
        match self {
            Self::Code(code) => (Purpose::Code, code.expose().as_bytes()),
            Self::Link(token) => (Purpose::LinkToken, token.bytes()),
        }
    }
}

#[cfg(test)]
mod tests {
    use model::clock::SeededRandom;
    use uuid::Uuid;

    use super::*;
    use crate::code::Pattern;

    const SUBSCRIPTION: SubscriptionId = SubscriptionId(Uuid::from_u128(1));
    const START: Timestamp = Timestamp::from_seconds(1_000_000);

    struct Sent {
        key: DigestKey,
        pattern: Pattern,
        code: Code,
        challenge: Challenge,
    }

    fn send() -> Sent {
        let key = DigestKey::new(&[5; 32]);
        let pattern = Pattern::parse("\\d{6}").unwrap();
        let code = pattern.generate(&SeededRandom::new(1));
        let challenge = Challenge::new(&key, SUBSCRIPTION, Secret::Code(&code), Limits::CODE, START);
        Sent { key, pattern, code, challenge }
    }

    impl Sent {
        fn present(&mut self, code: &Code, at: Timestamp) -> Answer {
            let (next, answer) = self.challenge.answer(&self.key, SUBSCRIPTION, Secret::Code(code), at);
            self.challenge = next;
            answer
        }

        fn wrong(&self) -> Code {
            let other = if self.code.expose() == "000000" { "000001" } else { "000000" };
            self.pattern.typed(other)
        }
    }

    #[test]
    fn ch_45_five_wrong_tries_void_the_code() {
        for tries in 0..8 {
            let mut sent = send();
            let (right, wrong) = (sent.code.clone(), sent.wrong());
            for _ in 0..tries.min(5) {
                assert_eq!(sent.present(&wrong, START), Answer::Wrong);
            }
            for _ in 5..tries {
                assert_eq!(sent.present(&wrong, START), Answer::Void(VoidReason::Tries));
            }
            let expected = if tries < 5 { Answer::Confirmed } else { Answer::Void(VoidReason::Tries) };
            assert_eq!(sent.present(&right, START), expected, "after {tries} wrong tries");
        }
    }

    #[test]
    fn ch_45_ten_minutes_end_a_code_and_a_day_ends_a_link() {
        let ten_minutes = START + Duration::from_mins(10);
        for (at, expected) in [
            (ten_minutes - Duration::from_micros(1), Answer::Confirmed),
            (ten_minutes, Answer::Void(VoidReason::Expired)),
            (START + Duration::from_mins(11), Answer::Void(VoidReason::Expired)),
        ] {
            let mut sent = send();
            let right = sent.code.clone();
            assert_eq!(sent.present(&right, at), expected, "{at}");
        }
        let key = DigestKey::new(&[5; 32]);
        let token = LinkToken::generate(&SeededRandom::new(2));
        let link = |limits| Challenge::new(&key, SUBSCRIPTION, Secret::Link(&token), limits, START);
        let answer = |challenge: Challenge, hours| {
            challenge.answer(&key, SUBSCRIPTION, Secret::Link(&token), START + Duration::from_hours(hours)).1
        };
        assert_eq!(answer(link(Limits::LINK), 23), Answer::Confirmed);
        assert_eq!(answer(link(Limits::LINK), 24), Answer::Void(VoidReason::Expired));
        assert_eq!(answer(link(Limits::UNSUBSCRIBE), 24 * 365 * 10), Answer::Confirmed);
    }

    #[test]
    fn ch_45_a_new_code_voids_the_old_one() {
        let mut sent = send();
        let right = sent.code.clone();
        sent.challenge = sent.challenge.replaced();
        assert_eq!(sent.present(&right, START), Answer::Void(VoidReason::Replaced));
    }

    #[test]
    fn ch_48_the_secret_again_is_success_without_effect() {
        let mut sent = send();
        let (right, wrong) = (sent.code.clone(), sent.wrong());
        assert_eq!(sent.present(&right, START), Answer::Confirmed);
        let confirmed = sent.challenge;
        let later = START + Duration::from_hours(100);
        assert_eq!(sent.present(&right, later), Answer::AlreadyConfirmed);
        assert_eq!(sent.present(&wrong, later), Answer::Wrong);
        assert_eq!(sent.challenge.replaced(), confirmed);
    }

    #[test]
    fn ch_58_a_secret_of_another_subscription_purpose_or_key_is_wrong() {
        let sent = send();
        let other = SubscriptionId(Uuid::from_u128(2));
        let answer = |challenge: Challenge, key: &DigestKey, subscription| {
            challenge.answer(key, subscription, Secret::Code(&sent.code), START).1
        };
        assert_eq!(answer(sent.challenge, &sent.key, other), Answer::Wrong);
        assert_eq!(answer(sent.challenge, &DigestKey::new(&[6; 32]), SUBSCRIPTION), Answer::Wrong);
        assert_eq!(Challenge::answer_unknown(&sent.key, other, Secret::Code(&sent.code)), Answer::Wrong);
        let token = LinkToken::generate(&SeededRandom::new(3));
        let (next, answer) = sent.challenge.answer(&sent.key, SUBSCRIPTION, Secret::Link(&token), START);
        assert_eq!(answer, Answer::Wrong);
        assert!(matches!(next, Challenge::Waiting { tries_left: Some(4), .. }));
    }

    #[test]
    fn ch_55_guesses_of_a_link_confirm_nothing_and_void_nothing() {
        let key = DigestKey::new(&[5; 32]);
        let random = SeededRandom::new(4);
        let token = LinkToken::generate(&random);
        let mut challenge = Challenge::new(&key, SUBSCRIPTION, Secret::Link(&token), Limits::UNSUBSCRIBE, START);
        for _ in 0..1_000 {
            let guess = LinkToken::generate(&random);
            let (next, answer) = challenge.answer(&key, SUBSCRIPTION, Secret::Link(&guess), START);
            assert_eq!(answer, Answer::Wrong);
            challenge = next;
        }
        assert_eq!(challenge.answer(&key, SUBSCRIPTION, Secret::Link(&token), START).1, Answer::Confirmed);
    }

    #[test]
    fn ch_44_debug_of_a_challenge_shows_no_secret() {
        let sent = send();
        let shown = format!("{:?} {:?}", sent.challenge, Secret::Code(&sent.code));
        assert!(!shown.contains(sent.code.expose()), "{shown}");
    }
}
