//! What proves to a sink that it is us: a fixed text, or what is needed to make or get a token.
//!
//! Every secret is sealed; nothing here opens one, makes a token or asks for one.

use crate::{Timestamp, sealed::Sealed};

/// What proves to a sink that it is us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    /// Nothing.
    None,
    /// This text as the value of `Authorization` (CE-WHA-03).
    Authorization(Sealed),
    /// This token in the query parameter `access_token` (CE-WHA-06).
    QueryToken(Sealed),
    /// A token that lapses; nothing is sent with it afterwards (CE-SUB-20).
    AccessToken(AccessToken),
    /// A token that is renewed at an endpoint when it lapses (CE-SUB-20, RFC 6749 section 6).
    RefreshToken(Box<RefreshToken>),
    /// A ZGW token, made for each delivery.
    Zgw(ZgwClient),
    /// A token got with our own id and secret (RFC 6749 section 4.4).
    OAuth2(Box<OAuth2Client>),
}

/// A bearer token with its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessToken {
    /// The token.
    pub token: Sealed,
    /// Where it goes.
    pub place: TokenPlace,
    /// From when on it is not used.
    pub expires: Timestamp,
}

/// Where a token goes in a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TokenPlace {
    /// `Authorization: Bearer` (CE-WHA-03).
    #[default]
    Header,
    /// The query parameter `access_token` (CE-WHA-06).
    Query,
}

/// A token and what renews it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshToken {
    /// The present token.
    pub access: AccessToken,
    /// What renews it; the endpoint may give another one along.
    pub refresh_token: Sealed,
    /// Where.
    pub endpoint: TokenEndpoint,
}

/// Where tokens come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenEndpoint {
    /// An absolute http(s) URL.
    pub url: String,
    /// Who we are there; a refresh token may do without.
    pub client: Option<TokenClient>,
    /// Name of the TLS profile; absent: the one named like the destination, else the general one.
    pub tls: Option<String>,
}

/// Who we are at a token endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenClient {
    /// `client_id`.
    pub id: String,
    /// Its secret; absent for a client that is known by its certificate, or public.
    pub secret: Option<Sealed>,
    /// How the secret is shown.
    pub authentication: ClientAuthentication,
}

/// How a client shows its secret (RFC 6749 section 2.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ClientAuthentication {
    /// HTTP Basic.
    #[default]
    Basic,
    /// In the body.
    Post,
}

/// What ZGW tokens are made with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZgwClient {
    /// The claims `iss` and `client_id`.
    pub client_id: String,
    /// What they are signed with.
    pub secret: Sealed,
}

/// What tokens of the client credentials grant are got with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OAuth2Client {
    /// Where; with a client.
    pub endpoint: TokenEndpoint,
    /// `scope`, when it is to be sent.
    pub scope: Option<String>,
    /// `audience`, when it is to be sent.
    pub audience: Option<String>,
}

impl Credential {
    /// Every secret in it.
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
