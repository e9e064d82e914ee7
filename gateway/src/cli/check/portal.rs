//! The verdicts on the portal: where people reach it, and whether somebody can enter; and on the claims by which people act for
//! clients.

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

/// The verdict on `[[console.afnemer]]`; `None` without one.
pub fn check_clients(config: &Config) -> Option<CheckResult> {
    let console = config.console.as_ref().filter(|own| !own.afnemer.is_empty())?;
    let number = console.afnemer.len();
    let item = "console.afnemer";
    let (en, nl) = (
        format!("clients by other claims of people ({number})"),
        format!("applicaties bij andere claims van personen ({number})"),
    );
    let has_role = [Role::Afnemer, Role::Kanaaleigenaar]
        .iter()
        .any(|role| console.claims.grants.get(role.label()).is_some_and(|names| !names.is_empty()));
    if !has_role {
        let found = (
            format!("{en}: nobody is an afnemer or kanaaleigenaar, so they have no effect"),
            format!("{nl}: niemand is afnemer of kanaaleigenaar, dus ze doen niets"),
        );
        let remedy = (
            "name afnemer or kanaaleigenaar in [console.claims.grants]",
            "noem afnemer of kanaaleigenaar in [console.claims.grants]",
        );
        return Some(CheckResult::advice(item, found, remedy));
    }
    let is_known = |client: &&String| config.applicatie.iter().any(|own| own.client_id == **client);
    let unknown = console.afnemer.iter().flat_map(|own| &own.client_ids).find(|client| !is_known(client));
    if let Some(client) = unknown {
        let found = (format!("{en}: there is no applicatie {client}"), format!("{nl}: er is geen applicatie {client}"));
        let remedy =
            ("correct client_ids, or add the [[applicatie]]", "verbeter client_ids, of voeg de [[applicatie]] toe");
        return Some(CheckResult::advice(item, found, remedy));
    }
    Some(CheckResult::good(item, (en, nl)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Severity, parse};

    #[test]
    fn clients_by_a_claim_have_a_role_and_exist() {
        let oidc = "[console.oidc]\nissuer = \"https://i.example\"\nclient_id = \"g\"\nclient_secret = \"s\"\n";
        let check = |role: &str, more: &str| {
            let text = format!(
                "{oidc}[console.claims.grants]\n{role} = [\"gw\"]\n[[console.afnemer]]\nclaim = [\"groups\"]\n\
                 values = [\"lev\"]\nclient_ids = [\"zaken\"]\n{more}"
            );
            check_clients(&parse(&text).unwrap()).unwrap()
        };
        let applicatie = "[[applicatie]]\nclient_id = \"zaken\"\nsecret = \"x\"\n";
        for (role, more, severity, part) in [
            ("lezer", applicatie, Severity::Advice, "no effect"),
            ("afnemer", "", Severity::Advice, "no applicatie zaken"),
            ("kanaaleigenaar", applicatie, Severity::Pass, "(1)"),
        ] {
            let result = check(role, more);
            assert_eq!(result.severity, severity, "{role} {more}: {result}");
            assert!(result.text.en.contains(part), "{role} {more}: {result}");
        }
        assert_eq!(check_clients(&parse("[console]\n").unwrap()), None);
    }

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
