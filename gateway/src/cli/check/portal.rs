//! The verdict on the portal: where people reach it, and whether somebody can enter.

use model::Role;

use crate::config::{CheckResult, Config};

/// The verdict; `None` without a portal.
pub fn check(config: &Config) -> Option<CheckResult> {
    let (own, console) = (config.portaal.as_ref()?, config.console.as_ref()?);
    let address = own.address(config);
    let (en, nl) = (format!("portal at {address}/portaal"), format!("portaal op {address}/portaal"));
    let admits = |role: Role| console.claims.grants.get(role.label()).is_some_and(|names| !names.is_empty());
    if console.oidc.is_some() && !admits(Role::Afnemer) && !admits(Role::Kanaaleigenaar) {
        let found = (
            format!("{en}: nobody enters by the identity provider"),
            format!("{nl}: niemand komt binnen met de identity provider"),
        );
        let remedy = (
            "name afnemer or kanaaleigenaar in [console.claims.grants]",
            "noem afnemer of kanaaleigenaar in [console.claims.grants]",
        );
        return Some(CheckResult::advice("portaal", found, remedy));
    }
    Some(CheckResult::good("portaal", (en, nl)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Severity, parse};

    #[test]
    fn a_portal_that_nobody_can_enter_gets_advice() {
        let oidc = "[console.oidc]\nissuer = \"https://i.example\"\nclient_id = \"g\"\nclient_secret = \"s\"\n";
        let check = |text: &str| check(&parse(text).unwrap());
        assert_eq!(check("[console]\n"), None);
        let of = |grants: &str| {
            let text = format!("[console]\n[portaal]\n{oidc}[console.claims.grants]\n{grants} = [\"gw\"]\n");
            check(&text).unwrap()
        };
        assert_eq!(of("lezer").severity, Severity::Advice);
        assert_eq!(of("afnemer").severity, Severity::Pass);
        assert_eq!(of("kanaaleigenaar").severity, Severity::Pass);
        let result = check("[console]\n[portaal]\nlisten = \"127.0.0.1:1\"\n").unwrap();
        assert_eq!(
            (result.severity, result.text.en.as_str()),
            (Severity::Pass, "portal at http://127.0.0.1:1/portaal")
        );
    }
}
