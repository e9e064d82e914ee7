//! Whether the gateway can sign its mails, and where the DNS has the public key. It does not look in DNS.

use super::check_result;
use crate::{
    config::{CheckResult, Config},
    dkim,
};

/// The verdict; `None` without `[email.dkim]`.
pub(super) fn check(config: &Config) -> Option<CheckResult> {
    let email = config.email.as_ref()?;
    let own = email.dkim.as_ref()?;
    let place = format!("{}._domainkey.{}", own.selector, dkim::domain(own, &email.from));
    let what = (
        format!("key of DKIM signatures; its public key belongs in DNS as TXT record {place}"),
        format!("sleutel van DKIM-handtekeningen; de publieke sleutel hoort in DNS als TXT-record {place}"),
    );
    let remedy = (
        "name an RSA key of at least 2048 bits in PKCS #8, see docs/people.md",
        "noem een RSA-sleutel van minstens 2048 bits in PKCS #8, zie docs/people.md",
    );
    Some(check_result("email.dkim", what, dkim::signer(own, &email.from), remedy))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Severity, parse};

    #[test]
    fn a_key_that_cannot_be_read_is_a_failure_ch_30() {
        let email = "[people]\nurl = \"https://b.example\"\n\
                     [email]\nhost = \"relay.example\"\nfrom = \"noreply@b.example\"\nname = \"B\"\n";
        assert!(check(&parse(email).unwrap()).is_none());
        let signed = format!("{email}[email.dkim]\nselector = \"s1\"\nkey_file = \"/nowhere/key.pem\"\n");
        let result = check(&parse(&signed).unwrap()).unwrap();
        assert_eq!(result.severity, Severity::Failure);
        assert!(result.to_string().contains("s1._domainkey.b.example"), "{result}");
    }
}
