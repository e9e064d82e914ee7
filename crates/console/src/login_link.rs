//! A login link: what it grants, sealed with the key file, until when, once.
//!
//! The command line makes one with nothing but the key file, also while the gateway runs. That it is used once is kept in
//! control (`management::sessions`), so on every node.

use std::time::Duration;

use model::{ExtraRight, Grants, Random, Role, Timestamp};
use secrets::{Purpose, Secrets};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{area::Area, session::cookie};

/// The longest time that a link may hold.
pub const LONGEST: Duration = Duration::from_hours(24);

/// The issuer of the identity of somebody who logged in with a link.
pub const ISSUER: &str = "login-link";

/// The path of the page that a link opens.
pub const PATH: &str = "/beheer/inloglink";

/// The parameter and the field with the sealed link.
pub const CODE: &str = "code";

const VERSION: u8 = 1;

/// A login link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginLink {
    /// Its id, the subject of the session.
    pub id: Uuid,
    /// The name that is shown in the session.
    pub name: String,
    /// What it grants.
    pub grants: Grants,
    /// When it no longer holds.
    pub expires: Timestamp,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    v: u8,
    id: Uuid,
    name: String,
    roles: Vec<String>,
    extra: Vec<String>,
    clients: Vec<String>,
    expires: i64,
}

impl LoginLink {
    /// A link that holds for `lasts` from `now` on, at most 24 hours.
    pub fn new(name: impl Into<String>, grants: Grants, lasts: Duration, now: Timestamp, random: &dyn Random) -> Self {
        Self { id: random.uuid(), name: name.into(), grants, expires: now + lasts.min(LONGEST) }
    }

    /// The link at an area of a gateway with this address; `None` when it cannot be sealed.
    pub fn url(&self, secrets: &Secrets, area: Area, public_url: &str) -> Option<String> {
        Some(format!("{public_url}{}?{CODE}={}", area.path(PATH), self.code(secrets)?))
    }

    /// The sealed link.
    pub fn code(&self, secrets: &Secrets) -> Option<String> {
        let form = Form {
            v: VERSION,
            id: self.id,
            name: self.name.clone(),
            roles: self.grants.roles.iter().map(|role| role.label().to_owned()).collect(),
            extra: self.grants.extra.iter().map(|right| right.label().to_owned()).collect(),
            clients: self.grants.client_ids.clone(),
            expires: self.expires.as_micros(),
        };
        cookie::seal(secrets, Purpose::LoginLink, &serde_json::to_vec(&form).ok()?)
    }

    /// The link in a code; `None` when it was not sealed with our keys or no longer holds at `now`.
    pub fn open(secrets: &Secrets, code: &str, now: Timestamp) -> Option<Self> {
        let form: Form = serde_json::from_slice(&cookie::open(secrets, Purpose::LoginLink, code)?).ok()?;
        let expires = Timestamp::from_micros(form.expires);
        if form.v != VERSION || now >= expires || expires > now + LONGEST {
            return None;
        }
        let roles = form.roles.iter().map(|role| Role::from_label(role)).collect::<Option<_>>()?;
        let extra = form.extra.iter().map(|right| ExtraRight::from_label(right)).collect::<Option<_>>()?;
        let grants = Grants { roles, extra, client_ids: form.clients };
        Some(Self { id: form.id, name: form.name, grants, expires })
    }
}
