//! Claims of an ID token to what a person is granted.

use model::{ExtraRight, Grants, Role};
use oidc::Claims;

/// Most clients that a person acts for, and most characters of one; a cookie has to hold them.
const MAX_CLIENTS: usize = 20;
const MAX_CLIENT: usize = 100;

/// The longest name that is shown, in characters.
const MAX_NAME: usize = 100;

/// What a name in a claim grants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Granted {
    /// A role.
    Role(Role),
    /// A right beside the roles.
    Extra(ExtraRight),
}

impl Granted {
    /// The name of the role or right.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Role(role) => role.label(),
            Self::Extra(right) => right.label(),
        }
    }
}

/// A claim by which a person acts for clients that it does not name itself.
#[derive(Debug, Clone)]
pub struct ClientClaim {
    /// The path of the claim.
    pub path: Vec<String>,
    /// The values that count. One that ends in `*` covers every value that begins with what is before it.
    pub values: Vec<String>,
    /// The clients.
    pub client_ids: Vec<String>,
}

impl ClientClaim {
    fn covers(&self, claims: &Claims) -> bool {
        let found = claims.texts(&path(&self.path));
        self.values.iter().any(|value| found.iter().any(|text| covers(value, text)))
    }
}

/// How claims are read.
#[derive(Debug, Clone, Default)]
pub struct ClaimSettings {
    /// The path of the claim with names of roles or groups.
    pub roles: Vec<String>,
    /// The path of the claim with the clients that the person acts for.
    pub client_ids: Vec<String>,
    /// Other claims by which a person acts for clients.
    pub clients: Vec<ClientClaim>,
    /// The claim with the name that is shown to the person.
    pub name: String,
    /// What each name grants. A name that ends in `*` covers every name that begins with what is before it.
    pub granted: Vec<(String, Granted)>,
}

impl ClaimSettings {
    /// What the claims grant; without roles when no name is known.
    pub fn grants(&self, claims: &Claims) -> Grants {
        let names = claims.texts(&path(&self.roles));
        let mut grants = Grants::default();
        for (_, granted) in self.granted.iter().filter(|(pattern, _)| names.iter().any(|name| covers(pattern, name))) {
            match granted {
                Granted::Role(role) if !grants.has(*role) => grants.roles.push(*role),
                Granted::Extra(right) if !grants.has_extra(*right) => grants.extra.push(*right),
                Granted::Role(_) | Granted::Extra(_) => {}
            }
        }
        let named = claims.texts(&path(&self.client_ids)).into_iter().filter(|client| client.len() <= MAX_CLIENT);
        for client in named.chain(self.mapped(claims).flat_map(|own| own.client_ids.iter().map(String::as_str))) {
            if grants.client_ids.len() < MAX_CLIENTS && !grants.client_ids.iter().any(|own| own == client) {
                grants.client_ids.push(client.to_owned());
            }
        }
        grants
    }

    /// The other claims by which this person acts for clients.
    fn mapped(&self, claims: &Claims) -> impl Iterator<Item = &ClientClaim> {
        self.clients.iter().filter(move |own| own.covers(claims))
    }

    /// Which configured names of the claim gave roles and rights, for the audit trail: `roles: gw-beheer (beheerder)`. Names that
    /// arrived and are not configured are not in it. Clients by another claim follow: `groups: zaaksysteem`, without the value of the
    /// claim, which may be a person's address.
    pub fn grounds(&self, claims: &Claims) -> String {
        let names = claims.texts(&path(&self.roles));
        let granted = self.granted.iter().filter(|(pattern, _)| names.iter().any(|name| covers(pattern, name)));
        let granted: Vec<String> =
            granted.map(|(pattern, granted)| format!("{pattern} ({})", granted.label())).collect();
        let mut grounds = format!("{}: {}", self.roles.join("."), granted.join(", "));
        for own in self.mapped(claims) {
            let (path, clients) = (own.path.join("."), own.client_ids.join(", "));
            grounds = format!("{grounds}; {path}: {clients}");
        }
        grounds
    }

    /// The name that is shown to the person; its id when there is no name.
    pub fn name(&self, claims: &Claims, subject: &str) -> String {
        claims.text(&self.name).filter(|name| !name.is_empty()).unwrap_or(subject).chars().take(MAX_NAME).collect()
    }
}

fn path(names: &[String]) -> Vec<&str> {
    names.iter().map(String::as_str).collect()
}

fn covers(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => pattern == name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_cover_names() {
        for (pattern, name, covered) in [
            ("gw-beheer", "gw-beheer", true),
            ("gw-beheer", "gw-beheerder", false),
            ("gw-*", "gw-lezer", true),
            ("gw-*", "GW-lezer", false),
            ("*", "", true),
        ] {
            assert_eq!(covers(pattern, name), covered, "{pattern} {name}");
        }
    }
}
