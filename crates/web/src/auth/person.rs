//! Who a person is that calls for itself: issuer and `sub` of an access token of the provider of people, never another claim
//! (CH-124).
//!
//! Not here: people of the console, who have sessions, and applicaties ([`super::access_tokens`]).

use std::{fmt, sync::Arc, time::Duration};

use axum::extract::FromRequestParts;
use egress::Egress;
use http::request::Parts;
use model::Timestamp;

use super::{access_tokens::AccessTokenError, certificates::Shown, provider::TokenVerifier};
use crate::Problem;

/// Which tokens of people are accepted.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The provider, as `iss` names it.
    pub issuer: String,
    /// The name of this gateway in `aud`.
    pub audience: String,
    /// How far clocks may differ, in seconds.
    pub leeway: i64,
    /// Time limit of one request to the provider.
    pub timeout: Duration,
}

/// A person that calls; `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Person {
    /// The provider.
    pub issuer: String,
    /// `sub` of the token, which the provider gives to one person only.
    pub subject: String,
    /// When the token ends.
    pub until: Timestamp,
}

/// Verifies access tokens of people.
pub struct PersonTokens(TokenVerifier);

impl PersonTokens {
    /// A verifier that fetches the keys of the provider with the first token.
    pub fn new(own: Settings, egress: Arc<Egress>) -> Self {
        Self(TokenVerifier::new(own.issuer, own.audience, own.leeway, own.timeout, egress))
    }

    /// The person of a token at `now`.
    ///
    /// # Errors
    /// Why the token is refused; [`AccessTokenError::NoPerson`] for one of a program, which has the client itself as `sub` (RFC 9068
    /// section 5).
    pub async fn person(
        &self,
        token: &str,
        certificate: Option<&Shown>,
        now: Timestamp,
    ) -> Result<Person, AccessTokenError> {
        let claims = self.0.claims(token, certificate, now).await?;
        let subject = claims.text("sub").filter(|subject| !subject.is_empty() && claims.client() != Some(*subject));
        let subject = subject.ok_or(AccessTokenError::NoPerson)?;
        let until = claims.expires().unwrap_or(now);
        Ok(Person { issuer: self.0.issuer().to_owned(), subject: subject.to_owned(), until })
    }
}

impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Person(…)")
    }
}

impl<S: Sync> FromRequestParts<S> for Person {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(Problem::internal)
    }
}
