//! Stored form of a credential. An older program refuses the file if it does not know the kind of credential.

use model::credential;
use serde::{Deserialize, Serialize};

use super::{Micros, applicatie::Sealed};
use crate::Error;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) enum Credential {
    None,
    Authorization(Sealed),
    QueryToken(Sealed),
    AccessToken(AccessToken),
    RefreshToken { access: AccessToken, refresh_token: Sealed, endpoint: TokenEndpoint },
    Zgw { client_id: String, secret: Sealed },
    Oauth2 { endpoint: TokenEndpoint, scope: Option<String>, audience: Option<String> },
}

impl Credential {
    /// The oldest version that can represent this credential.
    pub(super) fn version(&self) -> u32 {
        if matches!(self, Self::None | Self::Authorization(_) | Self::QueryToken(_)) { 1 } else { 2 }
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AccessToken {
    token: Sealed,
    in_query: bool,
    expires: Micros,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TokenEndpoint {
    url: String,
    client: Option<TokenClient>,
    tls: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenClient {
    id: String,
    secret: Option<Sealed>,
    in_body: bool,
}

impl From<&credential::Credential> for Credential {
    fn from(from: &credential::Credential) -> Self {
        use credential::Credential as From;
        match from {
            From::None => Self::None,
            From::Authorization(sealed) => Self::Authorization(sealed.into()),
            From::QueryToken(sealed) => Self::QueryToken(sealed.into()),
            From::AccessToken(token) => Self::AccessToken(token.into()),
            From::RefreshToken(token) => Self::RefreshToken {
                access: (&token.access).into(),
                refresh_token: (&token.refresh_token).into(),
                endpoint: (&token.endpoint).into(),
            },
            From::Zgw(client) => Self::Zgw { client_id: client.client_id.clone(), secret: (&client.secret).into() },
            From::OAuth2(client) => Self::Oauth2 {
                endpoint: (&client.endpoint).into(),
                scope: client.scope.clone(),
                audience: client.audience.clone(),
            },
        }
    }
}

impl TryFrom<Credential> for credential::Credential {
    type Error = Error;

    fn try_from(form: Credential) -> Result<Self, Error> {
        Ok(match form {
            Credential::None => Self::None,
            Credential::Authorization(sealed) => Self::Authorization(sealed.try_into()?),
            Credential::QueryToken(sealed) => Self::QueryToken(sealed.try_into()?),
            Credential::AccessToken(token) => Self::AccessToken(token.try_into()?),
            Credential::RefreshToken { access, refresh_token, endpoint } => {
                Self::RefreshToken(Box::new(credential::RefreshToken {
                    access: access.try_into()?,
                    refresh_token: refresh_token.try_into()?,
                    endpoint: endpoint.try_into()?,
                }))
            }
            Credential::Zgw { client_id, secret } => {
                Self::Zgw(credential::ZgwClient { client_id, secret: secret.try_into()? })
            }
            Credential::Oauth2 { endpoint, scope, audience } => {
                let endpoint = endpoint.try_into()?;
                Self::OAuth2(Box::new(credential::OAuth2Client { endpoint, scope, audience }))
            }
        })
    }
}

impl From<&credential::AccessToken> for AccessToken {
    fn from(token: &credential::AccessToken) -> Self {
        Self {
            token: (&token.token).into(),
            in_query: token.place == credential::TokenPlace::Query,
            expires: token.expires.into(),
        }
    }
}

impl TryFrom<AccessToken> for credential::AccessToken {
    type Error = Error;

    fn try_from(form: AccessToken) -> Result<Self, Error> {
        let place = if form.in_query { credential::TokenPlace::Query } else { credential::TokenPlace::Header };
        Ok(Self { token: form.token.try_into()?, place, expires: form.expires.into() })
    }
}

impl From<&credential::TokenEndpoint> for TokenEndpoint {
    fn from(endpoint: &credential::TokenEndpoint) -> Self {
        let client = endpoint.client.as_ref().map(|client| TokenClient {
            id: client.id.clone(),
            secret: client.secret.as_ref().map(Into::into),
            in_body: client.authentication == credential::ClientAuthentication::Post,
        });
        Self { url: endpoint.url.clone(), client, tls: endpoint.tls.clone() }
    }
}

impl TryFrom<TokenEndpoint> for credential::TokenEndpoint {
    type Error = Error;

    fn try_from(form: TokenEndpoint) -> Result<Self, Error> {
        let client = |client: TokenClient| {
            let authentication = if client.in_body {
                credential::ClientAuthentication::Post
            } else {
                credential::ClientAuthentication::Basic
            };
            let secret = client.secret.map(TryInto::try_into).transpose()?;
            Ok::<_, Error>(credential::TokenClient { id: client.id, secret, authentication })
        };
        Ok(Self { url: form.url, client: form.client.map(client).transpose()?, tls: form.tls })
    }
}
