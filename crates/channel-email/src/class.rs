//! The table of replies: whose trouble a reply of the relay is, or the lack of one (CH-26, CH-110, CH-142, CH-143). It is the only
//! table of SMTP codes, and pure. What follows from a class is for the caller.

use crate::outcome::Fault;
use crate::place::Place;
use crate::status::EnhancedStatus;

/// Whose trouble it is that a mail was not accepted, or that it was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// The relay took the responsibility for the mail.
    Accepted,
    /// The address of the addressee is bad for good (CH-110).
    AddresseeFailed,
    /// The relay refuses this mail for this addressee for good. That does not show that the address is bad: it may be policy, a
    /// full mailbox, or a relay that refuses every addressee.
    AddresseeRefused,
    /// This addressee, or this mail, cannot be served now; it costs an attempt (CH-142).
    AddresseeLater,
    /// The relay, or the path to it: nothing is known of the addressee, and it costs no attempt (CH-26, CH-142).
    Relay,
    /// The sender or the content is refused: the message, its template or the provider (CH-143).
    Message,
    /// The gateway lacks a resource that it needs to connect. It costs no attempt.
    Gateway,
    /// The mail was sent and the reply did not arrive: the relay may have accepted it.
    Unknown,
}

impl Class {
    /// A short fixed word for metrics and the journal.
    pub fn label(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::AddresseeFailed => "addressee_failed",
            Self::AddresseeRefused => "addressee_refused",
            Self::AddresseeLater => "addressee_later",
            Self::Relay => "relay",
            Self::Message => "message",
            Self::Gateway => "gateway",
            Self::Unknown => "unknown",
        }
    }
}

/// What a reply means for the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Meaning {
    /// The next command follows.
    Next,
    /// The mail has ended in this class.
    Ended(Class),
}

/// The meaning of a reply at a place of the session.
///
/// | place | reply | meaning |
/// |---|---|---|
/// | any | 421 | the relay |
/// | any | 530, 534, 535, 538 | the relay: it wants other authentication |
/// | connect, EHLO, STARTTLS, AUTH, RSET | all but the expected | the relay |
/// | MAIL | 4yz, 521 | the relay |
/// | MAIL | other 5yz | the message: its sender is refused |
/// | RCPT, DATA, end of the content | 4yz | this addressee later |
/// | RCPT, DATA, end of the content | 5yz with 5.1.7 or 5.1.8 | the message: relays check the sender at RCPT |
/// | RCPT, DATA, end of the content | 5yz with another 5.1.x, or 5.2.1 | this addressee has failed |
/// | RCPT | 556 (the domain takes no mail, RFC 7504) | this addressee has failed |
/// | RCPT | other 5yz | refused for this addressee |
/// | DATA, end of the content | 5yz with another 5.2.x | refused for this addressee |
/// | DATA, end of the content | other 5yz | the message |
/// | end of the content | 2yz | accepted |
/// | end of the content | no valid code | unknown |
/// | all others | no valid code | the relay |
///
/// A mail has one addressee, so an enhanced status after the content is about that one.
pub fn meaning(place: Place, code: u16, status: Option<EnhancedStatus>) -> Meaning {
    if continues(place, code) {
        return Meaning::Next;
    }
    let class = match (place, code) {
        (Place::Body, 200..=299) => Class::Accepted,
        (_, 421 | 530 | 534 | 535 | 538)
        | (Place::Connect | Place::Ehlo | Place::StartTls | Place::Auth | Place::Reset, _)
        | (Place::Mail, 521) => Class::Relay,
        (Place::Mail, 500..=599) => Class::Message,
        (Place::Rcpt | Place::Data | Place::Content | Place::Body, 400..=499) => Class::AddresseeLater,
        (Place::Rcpt | Place::Data | Place::Content | Place::Body, 500..=599) => refusal(place, code, status),
        (Place::Body, _) => Class::Unknown,
        (Place::Mail | Place::Rcpt | Place::Data | Place::Content, _) => Class::Relay,
    };
    Meaning::Ended(class)
}

/// Whether a reply is the one after which the session goes on.
fn continues(place: Place, code: u16) -> bool {
    match place {
        Place::Data => code / 100 == 3,
        Place::Content | Place::Body => false,
        _ => code / 100 == 2,
    }
}

/// The class of a 5yz reply to RCPT or what follows it.
fn refusal(place: Place, code: u16, status: Option<EnhancedStatus>) -> Class {
    let status = |rule: fn(EnhancedStatus) -> bool| status.is_some_and(rule);
    if status(EnhancedStatus::is_bad_sender) {
        Class::Message
    } else if status(EnhancedStatus::is_bad_address) || (place, code) == (Place::Rcpt, 556) {
        Class::AddresseeFailed
    } else if place == Place::Rcpt || status(EnhancedStatus::is_mailbox_refusal) {
        Class::AddresseeRefused
    } else {
        Class::Message
    }
}

/// The class of a mail for which the relay gave no reply at a place.
///
/// The relay may have accepted a mail whose end was sent. Silence from RCPT on costs an attempt: the relay has answered MAIL, so
/// others can be served meanwhile (CH-92). So does a connection that is lost there: the client has tried other connections
/// before. All before is the relay's.
pub fn class_without_reply(place: Place, fault: &Fault) -> Class {
    match (place, fault) {
        (_, Fault::Gateway(_)) => Class::Gateway,
        (Place::Body, _) => Class::Unknown,
        (Place::Rcpt | Place::Data | Place::Content, Fault::Timeout | Fault::Closed) => Class::AddresseeLater,
        _ => Class::Relay,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEFORE_MAIL: [Place; 5] = [Place::Connect, Place::Ehlo, Place::StartTls, Place::Auth, Place::Reset];

    fn status(text: &str, code: u16) -> Option<EnhancedStatus> {
        let found = EnhancedStatus::at_start(text.as_bytes(), code);
        assert_eq!(found.is_some(), !text.is_empty(), "{text}");
        found
    }

    #[test]
    fn every_reply_has_one_class_ch_26_ch_110_ch_142_ch_143() {
        use Class as C;
        use Place as P;
        let both = [P::Data, P::Body];
        for (places, code, text, expected) in [
            (&[P::Body][..], 250, "2.0.0", C::Accepted),
            (&[P::Body], 251, "", C::Accepted),
            (&BEFORE_MAIL, 421, "4.7.0", C::Relay),
            (&[P::Mail, P::Rcpt, P::Data, P::Body], 421, "4.3.2", C::Relay),
            (&BEFORE_MAIL, 554, "", C::Relay),
            (&BEFORE_MAIL, 454, "4.7.0", C::Relay),
            (&BEFORE_MAIL, 354, "", C::Relay),
            (&[P::Auth], 535, "5.7.8", C::Relay),
            (&[P::Mail, P::Rcpt, P::Data, P::Body], 530, "5.7.0", C::Relay),
            (&[P::Mail], 451, "4.3.0", C::Relay),
            (&[P::Mail], 452, "4.3.1", C::Relay),
            (&[P::Mail], 521, "5.3.2", C::Relay),
            (&[P::Mail], 550, "5.7.1", C::Message),
            (&[P::Mail], 552, "5.3.4", C::Message),
            (&[P::Mail], 501, "5.1.7", C::Message),
            (&[P::Mail], 354, "", C::Relay),
            (&[P::Rcpt], 450, "", C::AddresseeLater),
            (&[P::Rcpt], 451, "4.7.1", C::AddresseeLater),
            (&[P::Rcpt], 452, "4.2.2", C::AddresseeLater),
            (&both, 451, "4.7.1", C::AddresseeLater),
            (&both, 452, "4.3.1", C::AddresseeLater),
            (&[P::Rcpt], 550, "5.1.1", C::AddresseeFailed),
            (&[P::Rcpt], 550, "5.1.2", C::AddresseeFailed),
            (&[P::Rcpt], 550, "5.2.1", C::AddresseeFailed),
            (&[P::Rcpt], 556, "5.1.10", C::AddresseeFailed),
            (&[P::Rcpt], 556, "", C::AddresseeFailed),
            (&both, 550, "5.1.1", C::AddresseeFailed),
            (&[P::Rcpt], 550, "5.1.8", C::Message),
            (&[P::Rcpt], 553, "5.1.7", C::Message),
            (&[P::Rcpt], 550, "", C::AddresseeRefused),
            (&[P::Rcpt], 552, "5.2.2", C::AddresseeRefused),
            (&[P::Rcpt], 554, "5.7.1", C::AddresseeRefused),
            (&both, 552, "5.2.2", C::AddresseeRefused),
            (&both, 554, "5.7.1", C::Message),
            (&both, 552, "5.3.4", C::Message),
            (&both, 554, "", C::Message),
            (&[P::Rcpt, P::Data], 200 - 1, "", C::Relay),
            (&[P::Data], 250, "", C::Relay),
            (&[P::Body], 354, "", C::Unknown),
            (&[P::Body], 600, "", C::Unknown),
        ] {
            for place in places {
                assert_eq!(
                    meaning(*place, code, status(text, code)),
                    Meaning::Ended(expected),
                    "{place} {code} {text}"
                );
            }
        }
        for (place, code) in [
            (P::Connect, 220),
            (P::Ehlo, 250),
            (P::StartTls, 220),
            (P::Auth, 235),
            (P::Reset, 250),
            (P::Mail, 250),
            (P::Rcpt, 250),
            (P::Rcpt, 251),
            (P::Rcpt, 252),
            (P::Data, 354),
        ] {
            assert_eq!(meaning(place, code, None), Meaning::Next, "{place} {code}");
        }
    }

    #[test]
    fn without_a_reply_only_the_end_of_the_content_is_in_doubt_ch_26_ch_92() {
        use Class as C;
        use Place as P;
        for (places, fault, expected) in [
            (&BEFORE_MAIL[..], Fault::Closed, C::Relay),
            (&BEFORE_MAIL, Fault::Timeout, C::Relay),
            (&[P::Mail], Fault::Closed, C::Relay),
            (&[P::Mail], Fault::Timeout, C::Relay),
            (&[P::Rcpt, P::Data, P::Content], Fault::Timeout, C::AddresseeLater),
            (&[P::Rcpt, P::Data, P::Content], Fault::Closed, C::AddresseeLater),
            (&[P::Rcpt, P::Data], Fault::Malformed, C::Relay),
            (&[P::Body], Fault::Closed, C::Unknown),
            (&[P::Body], Fault::Timeout, C::Unknown),
            (&[P::Body], Fault::Malformed, C::Unknown),
            (&[P::Body], Fault::TooLong, C::Unknown),
            (&[P::Connect], Fault::Gateway(String::new()), C::Gateway),
        ] {
            for place in places {
                assert_eq!(class_without_reply(*place, &fault), expected, "{place} {fault:?}");
            }
        }
    }
}
