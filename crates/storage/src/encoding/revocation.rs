//! Stored form of a revocation: what no longer holds, from when on, and when that may be forgotten.

use model::revocation::{self, Revoked};
use serde::{Deserialize, Serialize};

use super::{Micros, corrupt};
use crate::Error;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Revocation {
    what: String,
    at: Micros,
    until: Micros,
}

impl Revocation {
    /// The oldest version that can represent it.
    pub(super) fn version(&self) -> u32 {
        if is_form(&self.what) { 2 } else { 1 }
    }
}

/// Whether a key is about a form.
pub(super) fn is_form(key: &str) -> bool {
    matches!(Revoked::parse(key), Some(Revoked::Form(_)))
}

/// What a key is about.
pub(super) fn what(key: &str) -> Result<Revoked, Error> {
    Revoked::parse(key).ok_or_else(|| corrupt("revocation", "it names nothing that can be revoked"))
}

impl From<&revocation::Revocation> for Revocation {
    fn from(own: &revocation::Revocation) -> Self {
        Self { what: own.what.to_string(), at: own.at.into(), until: own.until.into() }
    }
}

impl TryFrom<Revocation> for revocation::Revocation {
    type Error = Error;

    fn try_from(form: Revocation) -> Result<Self, Error> {
        Ok(Self { what: what(&form.what)?, at: form.at.into(), until: form.until.into() })
    }
}
