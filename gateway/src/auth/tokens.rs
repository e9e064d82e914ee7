//! Verdicts on tokens, remembered: the same token comes with thousands of requests.
//!
//! A verdict is kept under the SHA-256 of the token, as long as the token is good and its applicatie was not
//! changed; the number kept is bounded.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use compact_str::CompactString;
use model::{Timestamp, applicatie::Applicatie};
use ring::digest;
use storage::control::SharedRegistry;

use super::{
    Caller,
    jwt::{self, TokenError, Validity},
};
use crate::secrets::Secrets;

/// Most verdicts that are remembered.
const CAPACITY: usize = 4_096;

type Hash = [u8; digest::SHA256_OUTPUT_LEN];

struct Verdict {
    applicatie: Arc<Applicatie>,
    caller: Caller,
    until: Timestamp,
}

/// The judge of tokens.
pub struct Tokens {
    registry: SharedRegistry,
    secrets: Arc<Secrets>,
    validity: Validity,
    remembered: Mutex<HashMap<Hash, Verdict>>,
}

impl Tokens {
    /// A judge over the applicaties of the registry.
    pub fn new(registry: SharedRegistry, secrets: Arc<Secrets>, validity: Validity) -> Self {
        Self { registry, secrets, validity, remembered: Mutex::new(HashMap::new()) }
    }

    /// Who made this token, if it is good now.
    pub fn caller(&self, token: &str, now: Timestamp) -> Result<Caller, TokenError> {
        if token.len() > jwt::MAX_TOKEN {
            return Err(TokenError::Decode);
        }
        let mut hash = Hash::default();
        hash.copy_from_slice(digest::digest(&digest::SHA256, token.as_bytes()).as_ref());
        if let Some(caller) = self.remembered(&hash, now) {
            return Ok(caller);
        }
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
        let caller = Caller { client_id: CompactString::new(&applicatie.client_id), scopes: applicatie.scopes.clone() };
        self.remember(hash, Verdict { applicatie, caller: caller.clone(), until }, now);
        Ok(caller)
    }

    fn applicatie(&self, client_id: &str) -> Option<Arc<Applicatie>> {
        self.registry.read().applicatie(client_id).cloned()
    }

    fn remembered(&self, hash: &Hash, now: Timestamp) -> Option<Caller> {
        let (applicatie, caller) = {
            let remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
            let verdict = remembered.get(hash).filter(|verdict| now < verdict.until)?;
            (Arc::clone(&verdict.applicatie), verdict.caller.clone())
        };
        let registry = self.registry.read();
        registry
            .applicatie(&caller.client_id)
            .is_some_and(|present| Arc::ptr_eq(present, &applicatie))
            .then_some(caller)
    }

    fn remember(&self, hash: Hash, verdict: Verdict, now: Timestamp) {
        let mut remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        if remembered.len() >= CAPACITY {
            remembered.retain(|_, verdict| now < verdict.until);
            if remembered.len() >= CAPACITY {
                remembered.clear();
            }
        }
        remembered.insert(hash, verdict);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use model::{Registry, applicatie::Scope, registry::Change};

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
        for _ in 0..2 {
            assert_eq!(tokens.caller(&token, now).unwrap().client_id, "zaken");
        }
        assert_eq!(tokens.caller(&token, now + Duration::from_hours(1)), Err(TokenError::Expired));
        registry.apply(&[applicatie(&secrets, "twee")]);
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
        assert!(tokens.remembered.lock().unwrap().len() <= CAPACITY);
    }
}
