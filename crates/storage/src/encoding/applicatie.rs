//! Stored forms of an applicatie and of a sealed secret.

use base64::{Engine, engine::general_purpose::STANDARD};
use model::{applicatie, sealed};
use serde::{Deserialize, Serialize};

use super::corrupt;
use crate::Error;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Applicatie {
    client_id: String,
    secrets: Vec<Sealed>,
    scopes: Vec<String>,
    source: Option<String>,
}

/// A sealed secret; the ciphertext is base64.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sealed {
    key: String,
    ciphertext: String,
}

impl From<&sealed::Sealed> for Sealed {
    fn from(sealed: &sealed::Sealed) -> Self {
        Self { key: sealed.key_id.clone(), ciphertext: STANDARD.encode(&sealed.ciphertext) }
    }
}

impl TryFrom<Sealed> for sealed::Sealed {
    type Error = Error;

    fn try_from(form: Sealed) -> Result<Self, Error> {
        let ciphertext = STANDARD.decode(&form.ciphertext).map_err(|error| corrupt("secret", error.to_string()))?;
        Ok(Self { key_id: form.key, ciphertext })
    }
}

impl From<&applicatie::Applicatie> for Applicatie {
    fn from(applicatie: &applicatie::Applicatie) -> Self {
        Self {
            client_id: applicatie.client_id.clone(),
            secrets: applicatie.secrets.iter().map(Sealed::from).collect(),
            scopes: applicatie.scopes.iter().map(|scope| scope.label().to_owned()).collect(),
            source: applicatie.source.clone(),
        }
    }
}

impl TryFrom<Applicatie> for applicatie::Applicatie {
    type Error = Error;

    fn try_from(form: Applicatie) -> Result<Self, Error> {
        let scope = |label: String| {
            applicatie::Scope::from_label(&label)
                .ok_or_else(|| corrupt("applicatie", format!("scope {label:?} is not known")))
        };
        Ok(Self {
            client_id: form.client_id,
            secrets: form.secrets.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?,
            scopes: form.scopes.into_iter().map(scope).collect::<Result<_, _>>()?,
            source: form.source,
        })
    }
}
