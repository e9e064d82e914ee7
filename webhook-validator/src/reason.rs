//! Why a receiver has no consent on record, in words its owner can act on. It decides nothing.

/// The rule that stands between a receiver and its first event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// A redirect is never followed and never consent (CE-WHV-14).
    #[error("the receiver answered the handshake with a redirect ({status}), which is never followed")]
    Redirect {
        /// The status.
        status: u16,
    },
    /// No `WebHook-Allowed-Origin`, and no way to consent later (CE-WHV-02, CE-WHV-13).
    #[error("the receiver answered {status} without WebHook-Allowed-Origin, so it did not consent")]
    NotSupported {
        /// The status.
        status: u16,
    },
    /// More than one `WebHook-Allowed-Origin` (CE-WHV-16).
    #[error("the answer has more than one WebHook-Allowed-Origin line")]
    OriginRepeated,
    /// `WebHook-Allowed-Origin` is neither our origin nor `*` (CE-WHV-15).
    #[error("WebHook-Allowed-Origin is `{got}` instead of `{asked}` or `*`")]
    OtherOrigin {
        /// What it said.
        got: String,
        /// What was asked.
        asked: String,
    },
    /// A rate was asked for and none was given (CE-WHV-17).
    #[error("a rate was asked for, but the answer has no WebHook-Allowed-Rate")]
    RateMissing,
    /// More than one `WebHook-Allowed-Rate` (CE-WHV-19).
    #[error("the answer has more than one WebHook-Allowed-Rate line")]
    RateRepeated,
    /// `WebHook-Allowed-Rate` is neither `*` nor a positive integer (CE-WHV-19).
    #[error("WebHook-Allowed-Rate is `{got}` instead of `*` or a positive whole number")]
    BadRate {
        /// What it said.
        got: String,
    },
    /// All tries failed.
    #[error("the handshake was tried {tries} times without an answer; last: {last}")]
    Unreachable {
        /// Requests made.
        tries: u32,
        /// What the last one met.
        last: String,
    },
    /// The URL may not be called at all.
    #[error("the receiver cannot be called: {0}")]
    Impossible(String),
    /// The time for consent by callback is over (CE-WHV-09).
    #[error("the receiver did not consent by callback in time")]
    CallbackExpired,
    /// The owner of the data said no.
    #[error("the request for events was rejected")]
    Rejected,
}
