//! The wait before the next attempt of a delivery: factor * base^n, capped, shortened at random by jitter.

use std::time::Duration;

use model::subscription::RetryPolicy;

/// The wait before the retry that follows `made` earlier ones (0 before the first), with 64 random bits for the jitter.
/// At most `policy.cap`.
pub fn wait(policy: &RetryPolicy, made: u32, bits: u64) -> Duration {
    let cap = policy.cap.as_secs_f64();
    let exact = policy.factor.as_f64() * policy.base.as_f64().powi(i32::try_from(made).unwrap_or(i32::MAX));
    let capped = if exact.is_finite() { exact.min(cap) } else { cap };
    let part = (bits >> 11) as f64 / (1_u64 << 53) as f64;
    let spread = 1.0 - policy.jitter.as_f64().clamp(0.0, 1.0) * part;
    Duration::try_from_secs_f64(capped * spread).unwrap_or(policy.cap)
}

#[cfg(test)]
mod tests {
    use model::subscription::Thousandths;

    use super::*;

    #[test]
    fn the_default_ladder_ce_wh_23() {
        let policy = RetryPolicy::default();
        for (made, seconds) in [(0, 3), (1, 6), (2, 12), (3, 24), (4, 48), (5, 48), (5_000, 48), (u32::MAX, 48)] {
            assert_eq!(wait(&policy, made, 0), Duration::from_secs(seconds), "{made}");
        }
    }

    #[test]
    fn jitter_only_shortens() {
        let policy = RetryPolicy { jitter: Thousandths(500), ..RetryPolicy::default() };
        assert_eq!(wait(&policy, 1, 0), Duration::from_secs(6));
        let shortest = wait(&policy, 1, u64::MAX);
        assert!(shortest >= Duration::from_secs(3) && shortest < Duration::from_millis(3_001), "{shortest:?}");
    }

    #[test]
    fn odd_policies_stay_in_bounds() {
        for (factor, base) in [(0, 0), (0, 2_000), (3_000, 0), (u32::MAX, u32::MAX)] {
            let policy = RetryPolicy { factor: Thousandths(factor), base: Thousandths(base), ..RetryPolicy::default() };
            for made in [0, 1, 7, 1_000] {
                assert!(wait(&policy, made, 1) <= policy.cap);
            }
        }
    }
}
