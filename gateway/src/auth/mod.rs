//! Who asks, and what they may do: ZGW tokens of declared applicaties, and their scopes, declared as well or known to an
//! Autorisaties API.
//!
//! [`jwt`] judges one token, [`tokens`] remembers verdicts, [`autorisaties`] rights, [`guard`] stands before every route. Ownership of single
//! resources is the handlers' business.

pub mod autorisaties;
mod dutch;
pub mod guard;
pub mod jwt;
pub mod outbound;
pub mod tokens;

use axum::extract::FromRequestParts;
use compact_str::CompactString;
use http::request::Parts;
use model::applicatie::Scope;

pub use autorisaties::Autorisaties;
pub use guard::Access;
pub use tokens::Tokens;

use crate::problem::Problem;

/// The applicatie behind a request, as its token proved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Its `client_id`.
    pub client_id: CompactString,
    /// What it may do.
    pub scopes: Vec<Scope>,
}

impl Caller {
    /// Whether it has the scope; beheer has them all.
    pub fn may(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope) || self.is_beheer()
    }

    /// Whether it may administer everything.
    pub fn is_beheer(&self) -> bool {
        self.scopes.contains(&Scope::Beheer)
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(Problem::internal)
    }
}
