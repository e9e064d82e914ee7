//! The credential of a declared subscription, with its secrets read from the configuration, files or environment.

use base64::{Engine, engine::general_purpose::STANDARD};
use management::subscriptions::{
    CredentialRequest, EndpointRequest,
    rules::{CLIENT_AUTHENTICATIONS, CheckUrl, HEADER_TEXT, MAX_SECRET, MAX_TEXT, check_length, is_header_text},
};

use super::faults::Faults;
use crate::config::{Credential, Secret};

/// Reads a credential; `secret` gives the text of a secret of a member.
///
/// # Errors
/// Why a secret cannot be read.
pub fn read(
    credential: &Credential,
    faults: &Faults,
    check_url: CheckUrl<'_>,
    secret: &dyn Fn(&str, &Secret) -> Result<String, String>,
) -> Result<CredentialRequest, String> {
    let own_secret = |own: &Secret| {
        let text = secret("credential.secret", own)?;
        faults.check("credential.secret", check_length(&text, MAX_SECRET));
        Ok::<_, String>(text)
    };
    let text = |name: &str, text: Option<&String>| {
        let member = format!("credential.{name}");
        let text = faults.text(&member, text.map(String::as_str))?;
        faults.check(&member, check_length(&text, MAX_TEXT));
        Some(text)
    };
    let name = |name: &str, text: &str| {
        let member = format!("credential.{name}");
        faults.required(&member, Some(text));
        faults.check(&member, check_length(text, MAX_SECRET));
        text.to_owned()
    };
    Ok(match credential {
        Credential::Authorization { authorization } => {
            let text = secret("credential.authorization", authorization)?;
            if !is_header_text(&text) {
                faults.add("credential.authorization", HEADER_TEXT);
            }
            faults.check("credential.authorization", check_length(&text, MAX_SECRET));
            CredentialRequest::Authorization(text)
        }
        Credential::Basic { identifier, secret: own } => {
            let (identifier, password) = (name("identifier", identifier), own_secret(own)?);
            if identifier.contains(':') {
                faults.add("credential.identifier", "must not hold a colon");
            }
            CredentialRequest::Authorization(format!("Basic {}", STANDARD.encode(format!("{identifier}:{password}"))))
        }
        Credential::Zgw { client_id, secret: own } => {
            CredentialRequest::Zgw { client_id: name("client_id", client_id), secret: own_secret(own)? }
        }
        Credential::OAuth2 { token_url, client_id, secret: own, authentication, scope, audience, tls } => {
            let rule = check_length(token_url, MAX_TEXT).and_then(|()| check_url(token_url));
            faults.check("credential.token_url", rule);
            let word = authentication.as_deref();
            let endpoint = EndpointRequest {
                url: token_url.clone(),
                client_id: text("client_id", Some(client_id)),
                secret: own.as_ref().map(own_secret).transpose()?,
                authentication: faults
                    .word("credential.authentication", word, &CLIENT_AUTHENTICATIONS)
                    .unwrap_or_default(),
                tls: text("tls", tls.as_ref()),
            };
            CredentialRequest::OAuth2 {
                endpoint,
                scope: text("scope", scope.as_ref()),
                audience: text("audience", audience.as_ref()),
            }
        }
    })
}
