//! Reads the sink of a light subscription.

use message::address::{Address, EmailAddress, Region};

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

/// The address that a person typed into the field of a page, without white space around it.
///
/// # Errors
/// The rule that it breaks, without any part of the address.
pub fn parse_address(typed: &str) -> Result<EmailAddress, String> {
    EmailAddress::parse(typed.trim()).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

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
