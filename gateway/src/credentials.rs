//! What proves to a sink that it is us: opens the sealed credential of a subscription for the delivery engine.
//!
//! Nothing is kept here; the engine keeps an opened credential as long as its subscription stays as it is.

use std::sync::Arc;

use async_trait::async_trait;
use delivery::{Authorization, CredentialError, Credentials};
use model::{Subscription, sealed::Sealed, subscription::Credential};

use crate::secrets::Secrets;

/// Opens credentials with the gateway's keys.
pub struct Opener(Arc<Secrets>);

impl Opener {
    /// An opener with these keys.
    pub fn new(secrets: Arc<Secrets>) -> Self {
        Self(secrets)
    }

    fn open(&self, sealed: &Sealed) -> Result<String, CredentialError> {
        let opened = self.0.open(sealed).map_err(|error| CredentialError(error.to_string()))?;
        String::from_utf8(opened).map_err(|_| CredentialError("it is not text".to_owned()))
    }
}

#[async_trait]
impl Credentials for Opener {
    async fn authorization(&self, subscription: &Subscription) -> Result<Authorization, CredentialError> {
        Ok(match &subscription.credential {
            Credential::None => Authorization::None,
            Credential::Authorization(sealed) => Authorization::Header(self.open(sealed)?),
            Credential::QueryToken(sealed) => Authorization::QueryToken(self.open(sealed)?),
        })
    }
}
