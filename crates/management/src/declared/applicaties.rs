//! Declares applicaties, and withdraws those that are no longer declared.

use model::{
    applicatie::{Applicatie, Scope},
    decide::Command,
};

use super::{Declaration, DeclareError};

/// An applicatie as configuration declares it.
#[derive(Clone, PartialEq, Eq)]
pub struct DeclaredApplicatie {
    /// Its `client_id`.
    pub client_id: String,
    /// Its secrets, as they are in the file or the configuration.
    pub secrets: Vec<Vec<u8>>,
    /// The scopes it is granted.
    pub scopes: Vec<Scope>,
    /// `source` of its events, see [`Applicatie`].
    pub source: Option<String>,
}

impl std::fmt::Debug for DeclaredApplicatie {
    /// Leaves the secrets out.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DeclaredApplicatie").field("client_id", &self.client_id).finish_non_exhaustive()
    }
}

impl Declaration<'_> {
    /// Checks that the key of this node opens the stored secrets.
    pub(super) fn check_key(&self) -> Result<(), DeclareError> {
        let registry = self.control.registry();
        let registry = registry.read();
        let sealed = registry.applicaties().flat_map(|applicatie| &applicatie.secrets);
        let sealed = sealed.chain(registry.subscriptions().map(|subscription| &subscription.callback_secret));
        for sealed in sealed {
            if let Err(error @ secrets::Error::UnknownKey(_)) = self.secrets.open(sealed) {
                return Err(DeclareError::OtherKey(error));
            }
        }
        Ok(())
    }

    pub(super) async fn declare_applicaties(&self, declared: &[DeclaredApplicatie]) -> Result<(), DeclareError> {
        let registry = self.control.registry();
        for applicatie in declared {
            let present = registry.read().applicatie(&applicatie.client_id).cloned();
            if !present.map(|present| self.is_same(&present, applicatie)).transpose()?.unwrap_or(false) {
                self.submit(Command::DeclareApplicatie(self.seal(applicatie)?)).await?;
            }
        }
        let withdrawn: Vec<String> = registry
            .read()
            .applicaties()
            .map(|present| present.client_id.clone())
            .filter(|client_id| !declared.iter().any(|declared| declared.client_id == *client_id))
            .collect();
        for client_id in withdrawn {
            tracing::info!(%client_id, "applicatie is no longer declared");
            self.submit(Command::DeleteApplicatie(client_id)).await?;
        }
        Ok(())
    }

    /// Whether the stored applicatie is the declared one. Secrets are compared opened, since sealing never gives the
    /// same twice.
    fn is_same(&self, present: &Applicatie, declared: &DeclaredApplicatie) -> Result<bool, DeclareError> {
        let secrets: Result<Vec<Vec<u8>>, _> = present.secrets.iter().map(|sealed| self.secrets.open(sealed)).collect();
        if let Err(error @ secrets::Error::UnknownKey(_)) = secrets {
            return Err(DeclareError::OtherKey(error));
        }
        Ok(present.scopes == declared.scopes
            && present.source == declared.source
            && secrets.is_ok_and(|secrets| secrets == declared.secrets))
    }

    fn seal(&self, declared: &DeclaredApplicatie) -> Result<Applicatie, secrets::Error> {
        Ok(Applicatie {
            client_id: declared.client_id.clone(),
            secrets: declared.secrets.iter().map(|secret| self.secrets.seal(secret)).collect::<Result<_, _>>()?,
            scopes: declared.scopes.clone(),
            source: declared.source.clone(),
        })
    }
}
