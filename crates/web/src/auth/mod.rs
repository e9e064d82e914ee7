//! The caller of a request and its rights: ZGW tokens of declared applicaties, access tokens of an OpenID Connect provider or
//! client certificates, with scopes from the configuration, from an Autorisaties API or from the access token.
//!
//! [`jwt`] verifies one ZGW token, [`tokens`] caches the results, [`access_tokens`] verifies access tokens with what
//! [`provider`] knows of their provider, [`certificates`] verifies client certificates, [`failures`] counts wrong tokens,
//! [`person`] identifies people by access tokens of their provider, [`trusted_header`] by a header of a proxy, [`addresses`] knows
//! clients by their address alone, [`identity_tokens`] reads what ID tokens say of an address, [`usage`] counts what clients did,
//! [`autorisaties`] requests rights, [`guard`] checks every request. Which scope grants which right is `management::rights`; whether
//! a single resource belongs to the caller is decided in the use cases.

pub mod access_tokens;
pub mod addresses;
pub mod autorisaties;
pub mod certificates;
pub mod failures;
pub mod guard;
pub mod identity_tokens;
pub mod peer;
pub mod person;
pub mod provider;
pub mod tokens;
pub mod trusted_header;
pub mod usage;

use axum::extract::FromRequestParts;
use compact_str::CompactString;
use http::request::Parts;
use management::Right;
use model::{Actor, Origin, Recorded, applicatie::Scope};

pub use access_tokens::AccessTokens;
pub use addresses::AddressEntry;
pub use autorisaties::Autorisaties;
pub use certificates::Certificates;
pub use guard::Access;
pub use identity_tokens::IdentityTokens;
pub use person::{Person, PersonTokens};
pub use tokens::Tokens;
pub use trusted_header::TrustedHeader;
pub use usage::Usage;
pub use zgw_token as jwt;

use crate::Problem;

/// The authenticated applicatie of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The `client_id` of the applicatie.
    pub client_id: CompactString,
    /// The scopes it was granted.
    pub scopes: Vec<Scope>,
    /// The only scopes that its token asks for; `None`: all that it was granted.
    pub asked: Option<Vec<Scope>>,
    /// Where its request came from.
    pub origin: Origin,
    /// Whether the audit trail has an entry about its request.
    pub recorded: Recorded,
}

impl Caller {
    /// A caller whose request is not known yet.
    pub fn new(client_id: CompactString, scopes: Vec<Scope>) -> Self {
        Self { client_id, scopes, asked: None, origin: Origin::default(), recorded: Recorded::default() }
    }

    /// Whether it has the scope; beheer has them all.
    pub fn may(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope) || self.is_beheer()
    }

    /// Gives up what its token does not ask for. It never gains a scope.
    pub fn lower(&mut self) {
        if let Some(mut asked) = self.asked.take() {
            asked.retain(|scope| self.may(*scope));
            self.scopes = asked;
        }
    }

    /// Whether one of its scopes grants the right.
    pub fn has(&self, right: Right) -> bool {
        right.scopes().iter().any(|scope| self.may(*scope))
    }

    /// The actor of its commands. Use cases know actors only, of which a person is another kind.
    pub fn actor(&self) -> Actor {
        Actor::applicatie(self.client_id.clone(), self.scopes.clone())
            .with_origin(self.origin)
            .with_recorded(self.recorded.clone())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_lowers_its_scopes_and_never_raises_them_ch_126() {
        use Scope::{Beheer, Consumeren, Publiceren};
        for (granted, asked, left) in [
            (vec![Publiceren, Consumeren], None, vec![Publiceren, Consumeren]),
            (vec![Publiceren, Consumeren], Some(vec![Consumeren]), vec![Consumeren]),
            (vec![Publiceren], Some(vec![Beheer]), vec![]),
            (vec![Publiceren], Some(vec![Beheer, Publiceren]), vec![Publiceren]),
            (vec![Beheer], Some(vec![Consumeren]), vec![Consumeren]),
            (vec![], Some(vec![Consumeren]), vec![]),
        ] {
            let mut caller = Caller { asked: asked.clone(), ..Caller::new("a".into(), granted.clone()) };
            caller.lower();
            assert_eq!(caller.scopes, left, "{granted:?} {asked:?}");
        }
    }
}
