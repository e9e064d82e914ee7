//! Logging in with an identity provider: the code flow of OpenID Connect over the layers that send requests.
//!
//! The protocol is in crate `oidc`, the requests in `web::auth::provider`; the pages are in `pages::provider`.

use std::sync::Arc;

use model::{Random, Timestamp};
use oidc::{Claims, Client, LoggedOut, Login, LoginTerms, end_session_url, id_token_of, logout_token};
use web::auth::provider::{Known, ProviderClient};

use crate::claims::ClaimSettings;

/// The path to which the provider sends the browser back.
pub const REDIRECT: &str = "/beheer/oidc/terug";

/// A provider to log in with.
pub struct LogInProvider {
    /// What it is called on the page to log in on.
    pub name: String,
    /// The gateway as its client.
    pub client: Client,
    /// Scopes beside `openid`, separated by spaces.
    pub scope: String,
    /// The authentication context that is demanded.
    pub acr: Option<String>,
    /// How claims are read.
    pub claims: ClaimSettings,
    /// Requests to it.
    pub requests: ProviderClient,
}

/// Why nobody was logged in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogInError {
    /// The provider, or what it says of itself, cannot be had now.
    #[error("the identity provider cannot be reached: {0}")]
    Unreachable(String),
    /// Its answer or token is refused.
    #[error(transparent)]
    Refused(#[from] oidc::Error),
}

impl LogInProvider {
    /// Where the browser goes to log in.
    pub(crate) async fn url(&self, login: &Login, redirect_uri: &str, now: Timestamp) -> Result<String, LogInError> {
        let known = self.known(now).await?;
        Ok(login.url(&known.provider, &self.terms(redirect_uri))?)
    }

    /// Who logged in: exchanges the code in the query with which the provider sent the browser back.
    pub(crate) async fn identity(
        &self,
        login: &Login,
        query: &str,
        redirect_uri: &str,
        now: Timestamp,
        random: &dyn Random,
    ) -> Result<Claims, LogInError> {
        let known = self.known(now).await?;
        let code = login.code(query, &known.provider)?;
        let request = self.client.token_request(&known.provider, login, &code, redirect_uri, now, random)?;
        let (status, body) = self.requests.send(request).await.map_err(LogInError::Unreachable)?;
        let token = id_token_of(status, &body)?;
        let terms = self.terms(redirect_uri);
        let check = |known: &Known| login.identity(&token, &known.provider, &known.keys, &terms, now);
        match check(&known) {
            Err(oidc::Error::UnknownKey) => Ok(check(&*self.other(&known, now).await?)?),
            result => Ok(result?),
        }
    }

    /// Whom the provider logged out, by the token of a back-channel logout.
    pub(crate) async fn logged_out(&self, token: &str, now: Timestamp) -> Result<LoggedOut, LogInError> {
        let known = self.known(now).await?;
        let check = |known: &Known| logout_token(token, &known.provider, &known.keys, &self.client.id, now);
        match check(&known) {
            Err(oidc::Error::UnknownKey) => Ok(check(&*self.other(&known, now).await?)?),
            result => Ok(result?),
        }
    }

    /// Where a browser goes to log out at the provider too; `None` when that has no such place or cannot be reached.
    pub(crate) async fn end_session_url(&self, back: &str, now: Timestamp) -> Option<String> {
        let known = self.requests.known(now).await?;
        end_session_url(&known.provider, &self.client.id, back)
    }

    fn terms<'a>(&'a self, redirect_uri: &'a str) -> LoginTerms<'a> {
        LoginTerms { client_id: &self.client.id, redirect_uri, scope: &self.scope, acr: self.acr.as_deref() }
    }

    async fn known(&self, now: Timestamp) -> Result<Arc<Known>, LogInError> {
        self.requests.known(now).await.ok_or_else(nothing_known)
    }

    async fn other(&self, before: &Arc<Known>, now: Timestamp) -> Result<Arc<Known>, LogInError> {
        self.requests.other(before, now).await.ok_or_else(nothing_known)
    }
}

fn nothing_known() -> LogInError {
    LogInError::Unreachable("its description is not known".to_owned())
}
