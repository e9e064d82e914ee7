//! What authorises deliveries at a sink, before it is sealed (CE-SUB-19, CE-WHA-03, CE-WHA-05).
//!
//! Not here: reading it from a request or a file (the APIs and the configuration), and getting tokens with it (the
//! channels).

use std::fmt;

use model::{
    Sink, Subscription, Timestamp,
    credential::{
        AccessToken, ClientAuthentication, Credential, OAuth2Client, RefreshToken, TokenClient, TokenEndpoint,
        TokenPlace, ZgwClient,
    },
    sealed::Sealed,
};
use secrets::{Error, Secrets};

/// A credential in plain text. It is kept only while a request is handled.
#[derive(Clone, PartialEq, Eq)]
pub enum CredentialRequest {
    /// No credential.
    None,
    /// The value of the header `Authorization`.
    Authorization(String),
    /// The query parameter `access_token`.
    QueryToken(String),
    /// A token that expires.
    AccessToken(TokenRequest),
    /// A token that is renewed.
    RefreshToken {
        /// The present token.
        access: TokenRequest,
        /// The refresh token.
        refresh_token: String,
        /// Where it is renewed.
        endpoint: EndpointRequest,
    },
    /// A ZGW token, made for each delivery.
    Zgw {
        /// The claim `client_id`.
        client_id: String,
        /// The key that signs the token.
        secret: String,
    },
    /// A token of the OAuth 2.0 grant client credentials (RFC 6749 section 4.4).
    OAuth2 {
        /// Where tokens come from, with a client.
        endpoint: EndpointRequest,
        /// The parameter `scope`.
        scope: Option<String>,
        /// The parameter `audience`.
        audience: Option<String>,
    },
}

/// A token in plain text.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenRequest {
    /// The token.
    pub token: String,
    /// Where it is put in a request.
    pub place: TokenPlace,
    /// From when on it is not used.
    pub expires: Timestamp,
}

/// A token endpoint with its secret in plain text.
#[derive(Clone, PartialEq, Eq)]
pub struct EndpointRequest {
    /// Its URL, which [`crate::Receivers::check_url`] allows.
    pub url: String,
    /// The `client_id` of the gateway there.
    pub client_id: Option<String>,
    /// The secret of that client; `None` for a public client and one with a certificate.
    pub secret: Option<String>,
    /// How the secret is sent.
    pub authentication: ClientAuthentication,
    /// Name of the TLS profile; `None` for the default one.
    pub tls: Option<String>,
}

impl fmt::Debug for CredentialRequest {
    /// Writes no secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CredentialRequest(..)")
    }
}

impl CredentialRequest {
    /// Seals every secret in it.
    ///
    /// # Errors
    /// [`Error::Randomness`] when the system gives none.
    pub fn seal(&self, secrets: &Secrets) -> Result<Credential, Error> {
        let seal = |text: &String| secrets.seal(text.as_bytes());
        Ok(match self {
            Self::None => Credential::None,
            Self::Authorization(text) => Credential::Authorization(seal(text)?),
            Self::QueryToken(token) => Credential::QueryToken(seal(token)?),
            Self::AccessToken(token) => Credential::AccessToken(token.seal(secrets)?),
            Self::RefreshToken { access, refresh_token, endpoint } => {
                Credential::RefreshToken(Box::new(RefreshToken {
                    access: access.seal(secrets)?,
                    refresh_token: seal(refresh_token)?,
                    endpoint: endpoint.seal(secrets)?,
                }))
            }
            Self::Zgw { client_id, secret } => {
                Credential::Zgw(ZgwClient { client_id: client_id.clone(), secret: seal(secret)? })
            }
            Self::OAuth2 { endpoint, scope, audience } => Credential::OAuth2(Box::new(OAuth2Client {
                endpoint: endpoint.seal(secrets)?,
                scope: scope.clone(),
                audience: audience.clone(),
            })),
        })
    }

    /// What a change that names no credential leaves of the `present` one: another origin as the sink gets nothing of it.
    pub fn kept(present: &Subscription, sink: &Sink) -> Credential {
        if present.sink.is_same_origin(sink) { present.credential.clone() } else { Credential::None }
    }

    /// The TLS profile that it names for its token endpoint.
    pub fn tls(&self) -> Option<&str> {
        match self {
            Self::RefreshToken { endpoint, .. } | Self::OAuth2 { endpoint, .. } => endpoint.tls.as_deref(),
            Self::None | Self::Authorization(_) | Self::QueryToken(_) | Self::AccessToken(_) | Self::Zgw { .. } => None,
        }
    }

    /// Whether `stored` is this credential. Tokens that expire are not compared: they are renewed without their owner, and
    /// no configuration declares them.
    pub fn is_stored_as(&self, stored: &Credential, secrets: &Secrets) -> bool {
        let is = |sealed: &Sealed, text: &str| secrets.open(sealed).is_ok_and(|opened| opened == text.as_bytes());
        match (stored, self) {
            (Credential::None, Self::None) => true,
            (Credential::Authorization(sealed), Self::Authorization(text))
            | (Credential::QueryToken(sealed), Self::QueryToken(text)) => is(sealed, text),
            (Credential::Zgw(client), Self::Zgw { client_id, secret }) => {
                client.client_id == *client_id && is(&client.secret, secret)
            }
            (Credential::OAuth2(client), Self::OAuth2 { endpoint, scope, audience }) => {
                client.scope == *scope && client.audience == *audience && endpoint.is_stored_as(&client.endpoint, &is)
            }
            _ => false,
        }
    }
}

impl TokenRequest {
    fn seal(&self, secrets: &Secrets) -> Result<AccessToken, Error> {
        let token = secrets.seal(self.token.as_bytes())?;
        Ok(AccessToken { token, place: self.place, expires: self.expires })
    }
}

impl EndpointRequest {
    fn seal(&self, secrets: &Secrets) -> Result<TokenEndpoint, Error> {
        let secret = self.secret.as_ref().map(|secret| secrets.seal(secret.as_bytes())).transpose()?;
        let authentication = self.authentication;
        let client = self.client_id.clone().map(|id| TokenClient { id, secret, authentication });
        Ok(TokenEndpoint { url: self.url.clone(), client, tls: self.tls.clone() })
    }

    fn is_stored_as(&self, stored: &TokenEndpoint, is: &dyn Fn(&Sealed, &str) -> bool) -> bool {
        let Some(client) = &stored.client else { return false };
        let same_secret = match (&client.secret, &self.secret) {
            (Some(sealed), Some(text)) => is(sealed, text),
            (None, None) => true,
            _ => false,
        };
        same_secret
            && stored.url == self.url
            && stored.tls == self.tls
            && Some(&client.id) == self.client_id.as_ref()
            && client.authentication == self.authentication
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_credential_is_recognised_and_another_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let secrets = Secrets::open_file(&dir.path().join("key")).unwrap();
        let zgw = |secret: &str| CredentialRequest::Zgw { client_id: "us".into(), secret: secret.into() };
        let oauth2 = |secret: Option<&str>, scope: Option<&str>| CredentialRequest::OAuth2 {
            endpoint: EndpointRequest {
                url: "https://token.example/".into(),
                client_id: Some("us".into()),
                secret: secret.map(Into::into),
                authentication: ClientAuthentication::Basic,
                tls: None,
            },
            scope: scope.map(Into::into),
            audience: None,
        };
        let all = [
            CredentialRequest::None,
            CredentialRequest::Authorization("Token a".into()),
            CredentialRequest::Authorization("Token b".into()),
            CredentialRequest::QueryToken("a".into()),
            zgw("a"),
            zgw("b"),
            oauth2(None, None),
            oauth2(Some("a"), None),
            oauth2(Some("a"), Some("x")),
        ];
        for (at, one) in all.iter().enumerate() {
            let stored = one.seal(&secrets).unwrap();
            for (other, request) in all.iter().enumerate() {
                assert_eq!(request.is_stored_as(&stored, &secrets), at == other, "{at} {other}");
            }
        }
    }
}
