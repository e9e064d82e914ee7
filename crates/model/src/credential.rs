//! The credential of a sink: a fixed text, or what is needed to create or obtain a token.
//!
//! Every secret is sealed; nothing here opens a secret or obtains a token.

use crate::{Timestamp, sealed::Sealed};

/// The credential that authenticates the gateway to a sink.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    /// No credential.
    None,
    /// This text as the value of `Authorization` (CE-WHA-03).
    Authorization(Sealed),
    /// This token in the query parameter `access_token` (CE-WHA-06).
    QueryToken(Sealed),
    /// A token that expires; nothing is sent with it afterwards (CE-SUB-20).
    AccessToken(AccessToken),
    /// A token that is renewed at an endpoint before it expires (CE-SUB-20, RFC 6749 section 6).
    RefreshToken(Box<RefreshToken>),
    /// A ZGW token, created for each delivery.
    Zgw(ZgwClient),
    /// A token obtained with the gateway's own id and secret (RFC 6749 section 4.4).
    OAuth2(Box<OAuth2Client>),
}

/// A bearer token with its expiry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessToken {
    /// The token.
    pub token: Sealed,
    /// The part of the request that contains the token.
    pub place: TokenPlace,
    /// When it stops being used.
    pub expires: Timestamp,
}

/// The part of a request that contains the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TokenPlace {
    /// `Authorization: Bearer` (CE-WHA-03).
    #[default]
    Header,
    /// The query parameter `access_token` (CE-WHA-06).
    Query,
}

/// A token with the refresh token that renews it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshToken {
    /// The current token.
    pub access: AccessToken,
    /// The refresh token; the endpoint may replace it.
    pub refresh_token: Sealed,
    /// The endpoint that renews the token.
    pub endpoint: TokenEndpoint,
}

/// A token endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenEndpoint {
    /// An absolute http(s) URL.
    pub url: String,
    /// The client at that endpoint; optional for a refresh token.
    pub client: Option<TokenClient>,
    /// The name of the TLS profile; absent: the profile named like the destination, else the general one.
    pub tls: Option<String>,
}

/// The identity of the gateway at a token endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenClient {
    /// `client_id`.
    pub id: String,
    /// Its secret; absent for a client with a certificate, or a public one.
    pub secret: Option<Sealed>,
    /// How the secret is sent.
    pub authentication: ClientAuthentication,
}

/// How a client sends its secret (RFC 6749 section 2.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ClientAuthentication {
    /// In `Authorization`, as HTTP Basic.
    #[default]
    Basic,
    /// In the request body.
    Post,
}

/// The inputs of ZGW tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZgwClient {
    /// The claims `iss` and `client_id`.
    pub client_id: String,
    /// The signing secret.
    pub secret: Sealed,
}

/// The inputs of the client credentials grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OAuth2Client {
    /// The token endpoint, with a client.
    pub endpoint: TokenEndpoint,
    /// `scope`, if it is sent.
    pub scope: Option<String>,
    /// `audience`, if it is sent.
    pub audience: Option<String>,
}

impl Credential {
    /// All secrets of the credential.
    pub fn sealed(&self) -> Vec<&Sealed> {
        match self {
            Self::None => vec![],
            Self::Authorization(secret) | Self::QueryToken(secret) => vec![secret],
            Self::AccessToken(access) => vec![&access.token],
            Self::Zgw(client) => vec![&client.secret],
            Self::OAuth2(client) => client.endpoint.secret().into_iter().collect(),
            Self::RefreshToken(refresh) => {
                let own = [&refresh.access.token, &refresh.refresh_token];
                own.into_iter().chain(refresh.endpoint.secret()).collect()
            }
        }
    }
}

impl TokenEndpoint {
    fn secret(&self) -> Option<&Sealed> {
        self.client.as_ref()?.secret.as_ref()
    }
}
