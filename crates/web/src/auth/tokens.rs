//! A cache of verified tokens: clients send the same token with thousands of requests.
//!
//! A result is stored under the SHA-256 of the token, until the token expires or its applicatie changes; the number of
//! results is bounded.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use compact_str::CompactString;
use model::{
    Timestamp,
    applicatie::{Applicatie, Scope},
};
use ring::digest;
use secrets::Secrets;
use storage::control::SharedRegistry;

use super::{
    Caller,
    jwt::{self, TokenError, Validity},
};

/// The maximum number of cached results.
const CAPACITY: usize = 4_096;

type Hash = [u8; digest::SHA256_OUTPUT_LEN];

struct Verified {
    applicatie: Arc<Applicatie>,
    caller: Caller,
    until: Timestamp,
}

/// Verifies tokens and caches the results.
pub struct Tokens {
    registry: SharedRegistry,
    secrets: Arc<Secrets>,
    validity: Validity,
    cache: Mutex<HashMap<Hash, Verified>>,
}

impl Tokens {
    /// A verifier over the applicaties of the registry.
    pub fn new(registry: SharedRegistry, secrets: Arc<Secrets>, validity: Validity) -> Self {
        Self { registry, secrets, validity, cache: Mutex::new(HashMap::new()) }
    }

    /// The caller that a token authenticates at `now`. It is verified, also when [`Self::cached_caller`] knows it.
    ///
    /// # Errors
    /// Why the token is not valid.
    pub fn caller(&self, token: &str, now: Timestamp) -> Result<Caller, TokenError> {
        let read = jwt::read(token)?;
        let applicatie = self.applicatie(read.client_id()).ok_or(TokenError::UnknownClient)?;
        let secrets: Vec<Vec<u8>> = applicatie
            .secrets
            .iter()
            .filter_map(|sealed| {
                self.secrets
                    .open(sealed)
                    .inspect_err(|error| tracing::error!(client_id = %applicatie.client_id, %error, "no secret"))
                    .ok()
            })
            .collect();
        let until = read.verify(&secrets, now, self.validity)?;
        let mut caller = Caller::new(CompactString::new(&applicatie.client_id), applicatie.scopes.clone());
        caller.asked = read.scope().and_then(asked_scopes);
        self.remember(hash(token), Verified { applicatie, caller: caller.clone(), until }, now);
        Ok(caller)
    }

    /// The applicatie with a `client_id`.
    pub fn applicatie(&self, client_id: &str) -> Option<Arc<Applicatie>> {
        self.registry.read().applicatie(client_id).cloned()
    }

    /// The applicatie that a token names, if there is one. The token is not verified.
    pub fn claimed_client(&self, token: &str) -> Option<CompactString> {
        let read = jwt::read(token).ok()?;
        let client_id = read.client_id();
        self.registry.read().applicatie(client_id).map(|_| CompactString::new(client_id))
    }

    /// The caller of a token that was verified before and is still valid at `now`.
    pub fn cached_caller(&self, token: &str, now: Timestamp) -> Option<Caller> {
        if token.len() > jwt::MAX_TOKEN {
            return None;
        }
        let hash = hash(token);
        let (applicatie, caller) = {
            let cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
            let verified = cache.get(&hash).filter(|verified| now < verified.until)?;
            (Arc::clone(&verified.applicatie), verified.caller.clone())
        };
        let registry = self.registry.read();
        registry
            .applicatie(&caller.client_id)
            .is_some_and(|present| Arc::ptr_eq(present, &applicatie))
            .then_some(caller)
    }

    fn remember(&self, hash: Hash, verified: Verified, now: Timestamp) {
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        if cache.len() >= CAPACITY {
            cache.retain(|_, verified| now < verified.until);
            if cache.len() >= CAPACITY {
                cache.clear();
            }
        }
        cache.insert(hash, verified);
    }
}

/// The scopes of the gateway that a claim `scope` names (RFC 8693 section 4.2: words between spaces); `None` when it names none, since
/// other words are not meant for the gateway.
fn asked_scopes(claim: &str) -> Option<Vec<Scope>> {
    let scopes: Vec<Scope> = claim.split(' ').filter_map(Scope::from_label).collect();
    (!scopes.is_empty()).then_some(scopes)
}

fn hash(token: &str) -> Hash {
    let mut hash = Hash::default();
    hash.copy_from_slice(digest::digest(&digest::SHA256, token.as_bytes()).as_ref());
    hash
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use model::{Registry, registry::Change};

    use super::*;

    fn applicatie(secrets: &Secrets, secret: &str) -> Change {
        Change::Applicatie(Arc::new(Applicatie {
            client_id: "zaken".into(),
            secrets: vec![secrets.seal(secret.as_bytes()).unwrap()],
            scopes: vec![Scope::Publiceren],
            source: None,
        }))
    }

    #[test]
    fn a_remembered_token_ends_with_its_time_and_with_its_secret() {
        let dir = tempfile::tempdir().unwrap();
        let secrets = Arc::new(Secrets::open_file(&dir.path().join("key")).unwrap());
        let registry = SharedRegistry::new(Registry::default());
        let tokens = Tokens::new(registry.clone(), Arc::clone(&secrets), Validity { leeway: 0, max_age: 3_600 });
        let now = Timestamp::from_seconds(1_800_000_000);
        let token = jwt::mint("zaken", b"een", now);
        assert_eq!(tokens.caller(&token, now), Err(TokenError::UnknownClient));
        registry.apply(&[applicatie(&secrets, "een")]);
        assert_eq!(tokens.cached_caller(&token, now), None);
        assert_eq!(tokens.caller(&token, now).unwrap().client_id, "zaken");
        assert_eq!(tokens.cached_caller(&token, now).unwrap().client_id, "zaken");
        assert_eq!(tokens.cached_caller(&token, now + Duration::from_hours(1)), None);
        assert_eq!(tokens.caller(&token, now + Duration::from_hours(1)), Err(TokenError::Expired));
        registry.apply(&[applicatie(&secrets, "twee")]);
        assert_eq!(tokens.cached_caller(&token, now), None);
        assert_eq!(tokens.caller(&token, now), Err(TokenError::Signature));
        registry.apply(&[Change::ApplicatieDeleted("zaken".into())]);
        assert_eq!(tokens.caller(&token, now), Err(TokenError::UnknownClient));
    }

    #[test]
    fn the_number_remembered_is_bounded() {
        let dir = tempfile::tempdir().unwrap();
        let secrets = Arc::new(Secrets::open_file(&dir.path().join("key")).unwrap());
        let registry = SharedRegistry::new(Registry::default());
        registry.apply(&[applicatie(&secrets, "een")]);
        let tokens = Tokens::new(registry, secrets, Validity { leeway: 0, max_age: 3_600 });
        for at in 0..(CAPACITY as i64 + 100) {
            let now = Timestamp::from_seconds(1_800_000_000 + at / 10_000);
            let token = jwt::mint("zaken", b"een", Timestamp::from_seconds(1_800_000_000 - at % 3_000 + at / 3_000));
            assert!(tokens.caller(&token, now).is_ok());
        }
        assert!(tokens.cache.lock().unwrap().len() <= CAPACITY);
    }
}
