//! `sinkcredential`: what proves to the sink that it is us. It is written and never shown (CE-SUB-14, CE-SUB-19,
//! CE-WHA-03, CE-WHA-05).

use base64::{Engine, engine::general_purpose::STANDARD};
use http::HeaderValue;
use model::subscription::Credential;

use crate::{
    api::v1::members::Members,
    secrets::{Error, Secrets},
};

/// Longest secret, in bytes.
const MAX_SECRET: usize = 8_192;

/// What proves to the sink that it is us.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the member in the OpenAPI document; it is read member by member")]
pub struct SinkCredential {
    /// `ACCESSTOKEN`, `PLAIN` (HTTP Basic) or `AUTHORIZATION`.
    credentialtype: String,
    /// Of an ACCESSTOKEN.
    accesstoken: Option<String>,
    /// Of an ACCESSTOKEN: `bearer`.
    accesstokentype: Option<String>,
    /// Of an ACCESSTOKEN: `header` (default) or `query`.
    r#in: Option<String>,
    /// Of PLAIN.
    identifier: Option<String>,
    /// Of PLAIN.
    secret: Option<String>,
    /// Of AUTHORIZATION: the header value as it is to be sent.
    authorization: Option<String>,
}

/// A credential in the clear; it lives only while its request is handled.
#[derive(Clone, PartialEq, Eq)]
pub enum CredentialInput {
    /// Nothing.
    None,
    /// The value of `Authorization`.
    Authorization(String),
    /// The query parameter `access_token`.
    QueryToken(String),
}

impl std::fmt::Debug for CredentialInput {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CredentialInput(..)")
    }
}

impl CredentialInput {
    /// Seals it.
    pub fn seal(&self, secrets: &Secrets) -> Result<Credential, Error> {
        Ok(match self {
            Self::None => Credential::None,
            Self::Authorization(text) => Credential::Authorization(secrets.seal(text.as_bytes())?),
            Self::QueryToken(token) => Credential::QueryToken(secrets.seal(token.as_bytes())?),
        })
    }
}

/// Reads `sinkcredential`; `None` when the body does not name it, [`CredentialInput::None`] when it is null.
pub fn read(top: &Members<'_>) -> Option<CredentialInput> {
    if !top.names("sinkcredential") {
        return None;
    }
    if top.value("sinkcredential").is_none() {
        return Some(CredentialInput::None);
    }
    let credential = top.object("sinkcredential")?;
    if credential.value("credentialtype").is_none() {
        credential.fault("credentialtype", "is required");
        return None;
    }
    let kinds = [("ACCESSTOKEN", 0), ("PLAIN", 1), ("AUTHORIZATION", 2)];
    match credential.word("credentialtype", &kinds)? {
        0 => access_token(&credential),
        1 => {
            credential.only(&["credentialtype", "identifier", "secret"]);
            let (identifier, secret) = (secret(&credential, "identifier"), secret(&credential, "secret"));
            let identifier = identifier?;
            if identifier.contains(':') {
                credential.fault("identifier", "must not hold a colon");
            }
            Some(CredentialInput::Authorization(format!(
                "Basic {}",
                STANDARD.encode(format!("{identifier}:{}", secret?))
            )))
        }
        _ => {
            credential.only(&["credentialtype", "authorization"]);
            header(&credential, "authorization", secret(&credential, "authorization")?.to_owned())
        }
    }
}

fn access_token(credential: &Members<'_>) -> Option<CredentialInput> {
    credential.only(&["credentialtype", "accesstoken", "accesstokenexpiresutc", "accesstokentype", "in"]);
    if credential.value("accesstokenexpiresutc").is_some() {
        credential.fault("accesstokenexpiresutc", "tokens that lapse are not supported: leave it out or null");
    }
    if credential.text("accesstokentype").is_some_and(|kind| !kind.eq_ignore_ascii_case("bearer")) {
        credential.fault("accesstokentype", "must be bearer");
    }
    let in_query = credential.word("in", &[("header", false), ("query", true)]).unwrap_or(false);
    let token = secret(credential, "accesstoken")?;
    if in_query {
        return Some(CredentialInput::QueryToken(token.to_owned()));
    }
    header(credential, "accesstoken", format!("Bearer {token}"))
}

fn secret<'a>(credential: &Members<'a>, name: &str) -> Option<&'a str> {
    let text = credential.required(name)?;
    if text.len() > MAX_SECRET {
        credential.fault(name, format!("has more than {MAX_SECRET} characters"));
        return None;
    }
    Some(text)
}

fn header(credential: &Members<'_>, name: &str, value: String) -> Option<CredentialInput> {
    let visible = value.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
    if !visible || HeaderValue::from_str(&value).is_err() || value.trim() != value {
        credential.fault(name, "must hold only visible ASCII characters");
        return None;
    }
    Some(CredentialInput::Authorization(value))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::{api::v1::members::Faults, problem::Problem};

    fn parse(credential: Value) -> Result<Option<CredentialInput>, Problem> {
        let body = json!({ "sinkcredential": credential });
        let faults = Faults::default();
        let read = read(&Members::new(body.as_object().unwrap(), &faults));
        faults.check(read)
    }

    #[test]
    fn credentials_become_headers_ce_wha_03_05_06() {
        let header = |text: &str| Some(CredentialInput::Authorization(text.to_owned()));
        for (credential, expected) in [
            (json!(null), Some(CredentialInput::None)),
            (json!({"credentialtype": "ACCESSTOKEN", "accesstoken": "t"}), header("Bearer t")),
            (
                json!({"credentialtype": "ACCESSTOKEN", "accesstoken": "t", "accesstokentype": "Bearer", "in": "query"}),
                Some(CredentialInput::QueryToken("t".into())),
            ),
            (json!({"credentialtype": "PLAIN", "identifier": "me", "secret": "pw"}), header("Basic bWU6cHc=")),
            (json!({"credentialtype": "AUTHORIZATION", "authorization": "Token abc"}), header("Token abc")),
        ] {
            assert_eq!(parse(credential.clone()).unwrap(), expected, "{credential}");
        }
    }

    #[test]
    fn what_is_missing_or_wrong_is_named_ce_sub_19() {
        for (credential, member) in [
            (json!({}), "credentialtype"),
            (json!({"credentialtype": "x"}), "credentialtype"),
            (json!({"credentialtype": "ACCESSTOKEN"}), "accesstoken"),
            (json!({"credentialtype": "ACCESSTOKEN", "accesstoken": "t", "in": "body"}), "in"),
            (json!({"credentialtype": "ACCESSTOKEN", "accesstoken": "t\n"}), "accesstoken"),
            (json!({"credentialtype": "ACCESSTOKEN", "accesstoken": "t", "accesstokentype": "mac"}), "accesstokentype"),
            (json!({"credentialtype": "PLAIN", "secret": "x"}), "identifier"),
            (json!({"credentialtype": "PLAIN", "identifier": "x"}), "secret"),
            (json!({"credentialtype": "AUTHORIZATION"}), "authorization"),
        ] {
            let problem = parse(credential.clone()).expect_err(&credential.to_string());
            assert_eq!(problem.errors[0].member, format!("sinkcredential.{member}"), "{credential}");
        }
    }
}
