//! How many due messages may be under way while the relay fails: none until a wait is over, then one. It reads no clock.

use std::time::Duration;

use model::clock::Instant;

/// The first wait.
const FIRST: Duration = Duration::from_secs(1);
/// The longest wait.
const LONGEST: Duration = Duration::from_mins(1);

/// Whether the relay failed, and until when nothing is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Pause {
    /// It works, as far as is known.
    #[default]
    None,
    /// It failed.
    Until {
        /// When one message is tried.
        at: Instant,
        /// How long this wait is.
        wait: Duration,
    },
}

impl Pause {
    /// The most messages that may be under way; `slots` when the relay works.
    pub(crate) fn most(self, now: Instant, slots: usize) -> usize {
        match self {
            Self::None => slots,
            Self::Until { at, .. } => usize::from(now >= at),
        }
    }

    /// The relay failed. Failures before the end of a wait are of messages that were under way, and do not prolong it.
    pub(crate) fn failed(self, now: Instant) -> Self {
        match self {
            Self::None => Self::Until { at: now + FIRST, wait: FIRST },
            Self::Until { at, .. } if now < at => self,
            Self::Until { wait, .. } => {
                let wait = (wait * 2).min(LONGEST);
                Self::Until { at: now + wait, wait }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_a_minute_and_one_message_is_tried_after_each_ch_142() {
        let (mut pause, mut now) = (Pause::None, Instant::from_micros(1_000_000));
        assert_eq!(pause.most(now, 10), 10);
        for seconds in [1, 2, 4, 8, 16, 32, 60, 60] {
            pause = pause.failed(now);
            pause = pause.failed(now);
            assert_eq!(pause.most(now, 10), 0);
            now = now + Duration::from_secs(seconds);
            assert_eq!(pause.most(now, 10), 1, "{seconds}");
        }
    }
}
