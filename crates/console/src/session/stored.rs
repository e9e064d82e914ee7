//! The form of a session inside its cookie. A cookie of another version is no session: its person logs in again.

use model::{ExtraRight, Grants, Role, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use web::language::Language;

use super::{LoggedInBy, Session};

const VERSION: u8 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    v: u8,
    id: Uuid,
    issuer: String,
    subject: String,
    name: String,
    roles: Vec<String>,
    extra: Vec<String>,
    clients: Vec<String>,
    link: bool,
    sid: Option<String>,
    dutch: Option<bool>,
    token: String,
    started: i64,
    seen: i64,
}

/// The bytes of a session.
pub(super) fn write(session: &Session) -> Vec<u8> {
    let (link, sid) = match &session.by {
        LoggedInBy::Link => (true, None),
        LoggedInBy::Provider { session } => (false, session.clone()),
    };
    let form = Form {
        v: VERSION,
        id: session.id,
        issuer: session.issuer.clone(),
        subject: session.subject.clone(),
        name: session.name.clone(),
        roles: session.grants.roles.iter().map(|role| role.label().to_owned()).collect(),
        extra: session.grants.extra.iter().map(|right| right.label().to_owned()).collect(),
        clients: session.grants.client_ids.clone(),
        link,
        sid,
        dutch: session.language.map(|language| language == Language::Dutch),
        token: session.token.clone(),
        started: session.started.as_micros(),
        seen: session.seen.as_micros(),
    };
    serde_json::to_vec(&form).unwrap_or_default()
}

/// The session in bytes that were sealed; `None` for anything else.
pub(super) fn read(bytes: &[u8]) -> Option<Session> {
    let form: Form = serde_json::from_slice(bytes).ok()?;
    if form.v != VERSION {
        return None;
    }
    let roles = form.roles.iter().map(|role| Role::from_label(role)).collect::<Option<_>>()?;
    let extra = form.extra.iter().map(|right| ExtraRight::from_label(right)).collect::<Option<_>>()?;
    Some(Session {
        id: form.id,
        issuer: form.issuer,
        subject: form.subject,
        name: form.name,
        grants: Grants { roles, extra, client_ids: form.clients },
        by: if form.link { LoggedInBy::Link } else { LoggedInBy::Provider { session: form.sid } },
        language: form.dutch.map(|dutch| if dutch { Language::Dutch } else { Language::English }),
        token: form.token,
        started: Timestamp::from_micros(form.started),
        seen: Timestamp::from_micros(form.seen),
    })
}
