//! The clients of the target that the suite acts as: each has a name and the credential it sends; scenarios can ask for
//! tokens with other claims. Makes header values; sends nothing.

use serde::Deserialize;

use crate::token::{self, TokenOptions};

/// Name of the client that sends requests by default; it has all scopes.
pub const MAIN: &str = "main";

/// The credential that a client sends.
#[derive(Clone, PartialEq, Eq)]
pub enum Credential {
    /// A token of ZGW, made per run from client id and secret.
    Zgw {
        /// The client id, in the claims `iss` and `client_id`.
        id: String,
        /// The secret that signs its tokens.
        secret: String,
    },
    /// A bearer token, sent unchanged.
    Bearer(String),
    /// A value of the Authorization header, sent unchanged.
    Header(String),
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Credential::Zgw { id, .. } => write!(f, "Zgw({id})"),
            Credential::Bearer(_) => f.write_str("Bearer"),
            Credential::Header(_) => f.write_str("Header"),
        }
    }
}

impl Credential {
    /// Value of the Authorization header at `now` (seconds since 1970).
    pub fn authorization(&self, now: u64) -> String {
        match self {
            Credential::Zgw { .. } | Credential::Bearer(_) => format!("Bearer {}", self.token(now)),
            Credential::Header(value) => value.clone(),
        }
    }

    /// The token without its scheme; of a header value, the text after the first space.
    pub fn token(&self, now: u64) -> String {
        match self {
            Credential::Zgw { id, secret } => {
                token::mint(id, secret, now, &TokenOptions::default()).unwrap_or_default()
            }
            Credential::Bearer(token) => token.clone(),
            Credential::Header(value) => value.split_once(' ').map_or(value.as_str(), |(_, token)| token).to_owned(),
        }
    }

    /// Secret texts, which must not be in any report.
    pub fn secrets(&self) -> Vec<&str> {
        match self {
            Credential::Zgw { secret, .. } => vec![secret],
            Credential::Bearer(value) | Credential::Header(value) => vec![value],
        }
    }
}

/// A client as a target file writes it: `client_id` with `secret`, `bearer` or `header`; each of the three secret
/// ones may be named `…_env` instead, the environment variable that holds it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Declared {
    client_id: Option<String>,
    secret: Option<String>,
    secret_env: Option<String>,
    bearer: Option<String>,
    bearer_env: Option<String>,
    header: Option<String>,
    header_env: Option<String>,
}

impl Declared {
    /// The credential; the error is what is wrong with the declaration, in words.
    pub fn credential(&self, environment: &dyn Fn(&str) -> Option<String>) -> Result<Credential, String> {
        let given = |value: &Option<String>, variable: &Option<String>| match (value, variable) {
            (Some(value), None) => Ok(Some(value.clone())),
            (None, Some(name)) => match environment(name) {
                Some(value) => Ok(Some(value)),
                None => Err(format!("the environment variable {name} is not set")),
            },
            (None, None) => Ok(None),
            (Some(_), Some(_)) => Err("a secret is given twice, as a value and by environment variable".to_owned()),
        };
        let secret = given(&self.secret, &self.secret_env)?;
        let bearer = given(&self.bearer, &self.bearer_env)?;
        let header = given(&self.header, &self.header_env)?;
        match (&self.client_id, secret, bearer, header) {
            (Some(id), Some(secret), None, None) => Ok(Credential::Zgw { id: id.clone(), secret }),
            (None, None, Some(token), None) => Ok(Credential::Bearer(token)),
            (None, None, None, Some(value)) => Ok(Credential::Header(value)),
            _ => Err("a client is client_id with secret, or bearer, or header".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_is_declared_in_one_of_three_ways() {
        let environment = |name: &str| (name == "SET").then(|| "geheim".to_owned());
        for (text, shown) in [
            ("client_id = \"a\"\nsecret = \"b\"", Ok("Zgw(a)")),
            ("client_id = \"a\"\nsecret_env = \"SET\"", Ok("Zgw(a)")),
            ("bearer_env = \"SET\"", Ok("Bearer")),
            ("header = \"Basic eDp5\"", Ok("Header")),
            ("client_id = \"a\"", Err("client_id with secret")),
            ("client_id = \"a\"\nsecret = \"b\"\nbearer = \"c\"", Err("client_id with secret")),
            ("secret = \"b\"\nsecret_env = \"SET\"", Err("given twice")),
            ("bearer_env = \"UNSET\"", Err("UNSET is not set")),
        ] {
            let declared: Declared = toml::from_str(text).unwrap();
            match (declared.credential(&environment), shown) {
                (Ok(credential), Ok(shown)) => assert_eq!(format!("{credential:?}"), shown, "{text}"),
                (Err(what), Err(part)) => assert!(what.contains(part), "{what}"),
                (found, _) => panic!("{text}: {found:?}"),
            }
        }
    }

    #[test]
    fn a_credential_becomes_a_header() {
        assert_eq!(Credential::Bearer("t".to_owned()).authorization(0), "Bearer t");
        let basic = Credential::Header("Basic eDp5".to_owned());
        assert_eq!((basic.authorization(0), basic.token(0)), ("Basic eDp5".to_owned(), "eDp5".to_owned()));
    }
}
