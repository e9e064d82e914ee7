//! Reads the sink of a light subscription.

use message::address::{Address, EmailAddress, PhoneNumber, Region};
use model::addressee::Channel;

/// The address of a `mailto:` without headers (CH-14).
///
/// # Errors
/// The rule that it breaks, to be read after the member; without any part of the address.
pub fn parse_mailto(sink: &str) -> Result<EmailAddress, String> {
    match Address::parse_sink(sink, Region::Netherlands) {
        Ok(Address::Email(address)) => Ok(address),
        Ok(Address::Phone(_)) => Err("must be mailto: with one e-mail address".to_owned()),
        Err(error) => Err(format!("must be mailto: with one e-mail address: {error}")),
    }
}

/// The address that a person typed into the field of a page, without white space around it: for text messages a number, which is
/// Dutch when it is national.
///
/// # Errors
/// The rule that it breaks, without any part of the address.
pub fn parse_address(typed: &str, channel: Channel) -> Result<Address, String> {
    let typed = typed.trim();
    match channel {
        Channel::Sms => {
            PhoneNumber::parse(typed, Region::Netherlands).map(Address::Phone).map_err(|error| error.to_string())
        }
        Channel::Email | Channel::Inbox => {
            EmailAddress::parse(typed).map(Address::Email).map_err(|error| error.to_string())
        }
    }
}

/// The number of an `sms:` or `tel:`. National numbers are Dutch (CH-31).
///
/// # Errors
/// The rule that it breaks, to be read after the member; without any part of the number.
pub fn parse_sms(sink: &str) -> Result<PhoneNumber, String> {
    match Address::parse_sink(sink, Region::Netherlands) {
        Ok(Address::Phone(number)) => Ok(number),
        Ok(Address::Email(_)) => Err("must be sms: with one number, such as sms:+31612345678".to_owned()),
        Err(error) => Err(format!("must be sms: with one number, such as sms:+31612345678: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ch_31_a_sink_is_one_number_and_its_fault_does_not_repeat_it() {
        for sink in ["sms:+31612345678", "sms:06%2012345678", "tel:0031612345678"] {
            assert_eq!(parse_sms(sink).expect("a number").expose(), "+31612345678");
        }
        for sink in ["sms:09001234567", "sms:14020", "sms:+31612345678?body=x", "mailto:an@x.nl", "+31612345678"] {
            let rule = parse_sms(sink).expect_err("refused");
            assert!(!rule.contains("0900123") && !rule.contains("an@"), "{rule}");
        }
    }

    #[test]
    fn ch_51_what_a_person_typed_is_an_address_of_the_channel() {
        for (typed, channel, expected) in [
            (" an@x.nl ", Channel::Email, Some("an@x.nl")),
            ("06 12345678", Channel::Sms, Some("+31612345678")),
            ("an@x.nl", Channel::Sms, None),
            ("0612345678", Channel::Email, None),
            ("0900 1234", Channel::Sms, None),
        ] {
            let found = parse_address(typed, channel).ok().map(|address| address.expose().to_owned());
            assert_eq!(found.as_deref(), expected, "{typed}");
        }
    }

    #[test]
    fn ch_14_a_sink_is_one_address_and_its_fault_does_not_repeat_it() {
        assert_eq!(parse_mailto("mailto:An@x.nl").expect("an address").expose(), "An@x.nl");
        for sink in
            ["mailto:geheim@x.nl?cc=y@x.nl", "mailto:geheim", "sms:0612345678", "https://geheim.nl", "geheim@x.nl"]
        {
            let rule = parse_mailto(sink).expect_err("refused");
            assert!(!rule.contains("geheim"), "{rule}");
        }
    }
}
