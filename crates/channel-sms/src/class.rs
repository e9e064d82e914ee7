//! The table of answers: whose trouble it is that a message was not sent. It is pure, and the only table of statuses of providers
//! of messages. Words and meaning are those of `channel-email`, so that a mailing treats all channels alike.

use egress::{Phase, SendError};

/// Whose trouble it is that a message was not accepted, or that it was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// The provider took the message.
    Accepted,
    /// The number is bad for good.
    AddresseeFailed,
    /// The provider refuses this message for this number for good. That does not show that the number is bad.
    AddresseeRefused,
    /// This number cannot be served now; it costs an attempt.
    AddresseeLater,
    /// The provider, the way to it, or its account: nothing is known of the addressee, and it costs no attempt.
    Provider,
    /// The sender or the content is refused: the message, its template or the configuration.
    Message,
    /// The gateway lacks a resource that it needs to connect. It costs no attempt.
    Gateway,
    /// The request was sent, and no answer shows whether the provider took the message (CH-36).
    Unknown,
}

impl Class {
    /// All, in the order above.
    pub const ALL: [Self; 8] = [
        Self::Accepted,
        Self::AddresseeFailed,
        Self::AddresseeRefused,
        Self::AddresseeLater,
        Self::Provider,
        Self::Message,
        Self::Gateway,
        Self::Unknown,
    ];

    /// A short fixed word for metrics, configuration and evidence.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::AddresseeFailed => "addressee_failed",
            Self::AddresseeRefused => "addressee_refused",
            Self::AddresseeLater => "addressee_later",
            Self::Provider => "provider",
            Self::Message => "message",
            Self::Gateway => "gateway",
            Self::Unknown => "unknown",
        }
    }

    /// The class of a word.
    pub fn of_label(label: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.label() == label)
    }
}

/// The class of a status that no rule of the provider names.
///
/// | status | class |
/// |---|---|
/// | 2xx | accepted |
/// | 401, 402, 403, 407 | the provider: credential or credit |
/// | 404, 405, 408, 421, 425, 429 and 3xx | the provider: address, time or rate |
/// | 410, 451 | refused for this addressee |
/// | other 4xx | the message |
/// | 504 | unknown: a proxy passed the request on and saw no answer |
/// | other 5xx | the provider |
/// | all others | unknown |
///
/// A refusal that is about one number is recognized by a code in the body, which the rules of a provider name.
pub const fn class_of_status(status: u16) -> Class {
    match status {
        200..=299 => Class::Accepted,
        300..=399 | 401..=403 | 404 | 405 | 407 | 408 | 421 | 425 | 429 => Class::Provider,
        410 | 451 => Class::AddresseeRefused,
        400..=499 => Class::Message,
        504 => Class::Unknown,
        500..=599 => Class::Provider,
        _ => Class::Unknown,
    }
}

/// The class of a message without an answer. Only what failed before the request was sent is known not to have been processed.
///
/// A failure of TLS counts as such: it comes with the handshake. Of a time-out, `egress` states the phase.
pub const fn class_without_answer(error: &SendError) -> Class {
    match error {
        SendError::Own(_) => Class::Gateway,
        SendError::Refused(_)
        | SendError::Url(_)
        | SendError::UnknownProfile(_)
        | SendError::Dns(_)
        | SendError::Connect(_)
        | SendError::Tls(_)
        | SendError::Timeout(Phase::Connect) => Class::Provider,
        SendError::Timeout(Phase::Answer) | SendError::Protocol(_) => Class::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use egress::Shortage;

    use super::*;

    #[test]
    fn every_status_has_one_class_ch_34_ch_143() {
        use Class as C;
        for (statuses, expected) in [
            (&[200, 201, 202, 204][..], C::Accepted),
            (&[301, 302, 307, 308], C::Provider),
            (&[401, 402, 403, 404, 405, 407, 408, 429], C::Provider),
            (&[410, 451], C::AddresseeRefused),
            (&[400, 409, 413, 415, 422], C::Message),
            (&[500, 502, 503, 599], C::Provider),
            (&[504], C::Unknown),
            (&[100, 199, 600], C::Unknown),
        ] {
            for status in statuses {
                assert_eq!(class_of_status(*status), expected, "{status}");
            }
        }
    }

    #[test]
    fn only_what_was_sent_is_in_doubt_ch_36() {
        for (error, expected) in [
            (SendError::Dns("x".into()), Class::Provider),
            (SendError::Connect("x".into()), Class::Provider),
            (SendError::Tls("x".into()), Class::Provider),
            (SendError::UnknownProfile("x".into()), Class::Provider),
            (SendError::Timeout(Phase::Connect), Class::Provider),
            (SendError::Own(Shortage::Descriptors), Class::Gateway),
            (SendError::Timeout(Phase::Answer), Class::Unknown),
            (SendError::Protocol("x".into()), Class::Unknown),
        ] {
            assert_eq!(class_without_answer(&error), expected, "{error}");
        }
    }

    #[test]
    fn every_class_is_found_by_its_word() {
        for class in Class::ALL {
            assert_eq!(Class::of_label(class.label()), Some(class));
        }
        assert_eq!(Class::of_label("relay"), None);
    }
}
