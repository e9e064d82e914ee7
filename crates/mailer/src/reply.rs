//! The table from the class of a reply of the relay to the reply of a mailing. It is the only one; what follows from a reply is
//! decided by `delivery::mailing`.

use channel_email::Class;
use delivery::mailing::Reply;

/// What a class means for a mailing.
///
/// A mail that is refused for one addressee ends that addressee as a permanent failure, like a bad address. Only a bad address
/// also ends the light subscription (CH-110); [`Class::AddresseeFailed`] alone shows that.
pub fn reply_of(class: Class) -> Reply {
    match class {
        Class::Accepted => Reply::Accepted,
        Class::AddresseeFailed | Class::AddresseeRefused => Reply::AddresseeFailed,
        Class::AddresseeLater => Reply::AddresseeLater,
        Class::Relay | Class::Gateway => Reply::ProviderFailed { retry_after: None },
        Class::Message => Reply::MessageRefused,
        Class::Unknown => Reply::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_has_its_reply_ch_26_ch_110_ch_142_ch_143() {
        let failed = Reply::ProviderFailed { retry_after: None };
        for (class, reply) in [
            (Class::Accepted, Reply::Accepted),
            (Class::AddresseeFailed, Reply::AddresseeFailed),
            (Class::AddresseeRefused, Reply::AddresseeFailed),
            (Class::AddresseeLater, Reply::AddresseeLater),
            (Class::Relay, failed),
            (Class::Gateway, failed),
            (Class::Message, Reply::MessageRefused),
            (Class::Unknown, Reply::Unknown),
        ] {
            assert_eq!(reply_of(class), reply, "{class:?}");
        }
    }
}
