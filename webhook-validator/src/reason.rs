//! Why a receiver has not consented, in words that its owner can act on. This module decides nothing.

/// Why no event may be sent to a receiver.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// A redirect is neither followed nor consent (CE-WHV-14).
    #[error("the receiver answered the handshake with a redirect ({status}), which is never followed")]
    Redirect {
        /// The HTTP status.
        status: u16,
    },
    /// No `WebHook-Allowed-Origin`, and no way to consent later (CE-WHV-02, CE-WHV-13).
    #[error("{}, so it did not consent; {}", answer_text(*status), remedy(*status))]
    NotSupported {
        /// The HTTP status.
        status: u16,
    },
    /// More than one `WebHook-Allowed-Origin` (CE-WHV-16).
    #[error("the answer has more than one WebHook-Allowed-Origin line")]
    OriginRepeated,
    /// `WebHook-Allowed-Origin` is neither our origin nor `*` (CE-WHV-15).
    #[error("WebHook-Allowed-Origin is `{got}` instead of `{asked}` or `*`")]
    OtherOrigin {
        /// The value in the response.
        got: String,
        /// The requested origin.
        asked: String,
    },
    /// A rate was requested and none was granted (CE-WHV-17).
    #[error("a rate was asked for, but the answer has no WebHook-Allowed-Rate")]
    RateMissing,
    /// More than one `WebHook-Allowed-Rate` (CE-WHV-19).
    #[error("the answer has more than one WebHook-Allowed-Rate line")]
    RateRepeated,
    /// `WebHook-Allowed-Rate` is neither `*` nor a positive integer (CE-WHV-19).
    #[error("WebHook-Allowed-Rate is `{got}` instead of `*` or a positive whole number")]
    BadRate {
        /// The value in the response.
        got: String,
    },
    /// All attempts failed.
    #[error("the handshake was tried {tries} times without an answer; last: {last}")]
    Unreachable {
        /// The number of requests.
        tries: u32,
        /// The error of the last one.
        last: String,
    },
    /// The URL is refused by the address policy.
    #[error("the receiver cannot be called: {0}")]
    Impossible(String),
    /// The receiver did not call back in time (CE-WHV-09).
    #[error("the receiver did not consent by callback in time")]
    CallbackExpired,
    /// The owner of the data rejected the subscription.
    #[error("the request for events was rejected")]
    Rejected,
}

/// What the receiver answered to the handshake while it may still consent by callback, and what its owner can do; `None`
/// for a success, after which a callback is the regular way (CE-WHV-21).
pub(crate) fn awaiting_callback(status: u16) -> Option<String> {
    let waits = "consent is still possible by calling WebHook-Request-Callback";
    (!(200..300).contains(&status)).then(|| format!("{}; {}. Until then {waits}", answer_text(status), remedy(status)))
}

fn answer_text(status: u16) -> String {
    format!("the receiver answered {status} to OPTIONS, without WebHook-Allowed-Origin")
}

fn remedy(status: u16) -> &'static str {
    match status {
        401 | 403 => "the handshake carries no credential: the receiver must answer OPTIONS without one",
        404 | 410 => "check the path of the URL",
        405 | 501 => "the receiver must support OPTIONS on this URL, or have consent recorded by an administrator",
        200..=299 => "the receiver must answer OPTIONS with WebHook-Allowed-Origin",
        _ => "the receiver must answer OPTIONS with 200 and WebHook-Allowed-Origin",
    }
}
