//! One request to an Autorisaties API, `GET {root}/applicaties/consumer?clientId=…`, and the meaning of its response.
//!
//! Stateless; caching is in the parent module.

use std::time::Duration;

use egress::{Egress, Limits, Response};
use http::Method;
use model::{Timestamp, applicatie::Scope};
use serde::Deserialize;

use crate::auth::peer::Peer;

/// The longest response that is read, in bytes; an applicatie may have an autorisatie for every zaaktype.
const MAX_ANSWER: usize = 8 * 1024 * 1024;

/// The rights of an applicatie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rights {
    /// Its URL at the Autorisaties API.
    pub url: String,
    /// The scopes of the configured component.
    pub scopes: Vec<Scope>,
}

/// Why the rights of a client are not known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LookupError {
    /// The API cannot be reached, or fails.
    #[error("the Autorisaties API cannot be asked: {0}")]
    Unreachable(String),
    /// The API does not know our client, or our client lacks the scope.
    #[error("the Autorisaties API does not accept our own token: it answers {0}")]
    NotAuthenticated(u16),
    /// The response is no applicatie, or another one.
    #[error("the answer of the Autorisaties API cannot be used: {0}")]
    Unusable(String),
}

/// A request for the rights of one client.
pub struct RightsQuery<'a> {
    /// The Autorisaties API, and our identity there.
    pub peer: Peer<'a>,
    /// The client whose rights are requested.
    pub client_id: &'a str,
    /// The component whose autorisaties are used.
    pub component: &'a str,
}

impl RightsQuery<'_> {
    /// Sends the request; `None` when there is no such applicatie.
    pub async fn send(
        &self,
        egress: &Egress,
        now: Timestamp,
        timeout: Duration,
    ) -> Result<Option<Rights>, LookupError> {
        let path = format!("/applicaties/consumer?clientId={}", egress::url_part(self.client_id));
        let limits = Limits { total: timeout, idle: timeout, keep: MAX_ANSWER, drain: 0 };
        let answer = self.peer.send(egress, (Method::GET, &path, None), now, limits).await;
        let answer = answer.map_err(LookupError::Unreachable)?;
        self.read(&answer)
    }

    fn read(&self, answer: &Response) -> Result<Option<Rights>, LookupError> {
        match answer.status.as_u16() {
            200 if answer.truncated => Err(LookupError::Unusable("it is too long, or broke off".to_owned())),
            200 => {
                let applicatie: Applicatie =
                    serde_json::from_slice(&answer.body).map_err(|error| LookupError::Unusable(error.to_string()))?;
                // A proxy or a configuration error can lead to the wrong applicatie.
                if !applicatie.client_ids.iter().any(|id| id == self.client_id) {
                    return Err(LookupError::Unusable(format!("it is not about client_id {:?}", self.client_id)));
                }
                Ok(Some(applicatie.rights(self.component)))
            }
            404 => Ok(None),
            status @ (401 | 403) => Err(LookupError::NotAuthenticated(status)),
            status => Err(LookupError::Unreachable(format!("it answers {status}"))),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Applicatie {
    #[serde(default)]
    url: String,
    client_ids: Vec<String>,
    #[serde(default)]
    heeft_alle_autorisaties: bool,
    #[serde(default)]
    autorisaties: Vec<Autorisatie>,
}

#[derive(Deserialize)]
struct Autorisatie {
    component: String,
    #[serde(default)]
    scopes: Vec<String>,
}

impl Applicatie {
    /// `heeftAlleAutorisaties` grants the scopes of the Notificaties API; the scope beheer of this gateway must be named.
    fn rights(self, component: &str) -> Rights {
        let own = self.autorisaties.iter().filter(|autorisatie| autorisatie.component == component);
        let mut scopes: Vec<Scope> =
            own.flat_map(|autorisatie| &autorisatie.scopes).filter_map(|label| Scope::from_label(label)).collect();
        if self.heeft_alle_autorisaties {
            scopes.extend([Scope::Publiceren, Scope::Consumeren]);
        }
        scopes.sort_unstable();
        scopes.dedup();
        Rights { url: self.url, scopes }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{HeaderMap, StatusCode};
    use serde_json::json;

    use super::*;

    fn read(status: u16, body: &str, truncated: bool) -> Result<Option<Rights>, LookupError> {
        let question = RightsQuery {
            peer: Peer { root: "https://ac.nl", client_id: "nrc", secret: b"x" },
            client_id: "zaken",
            component: "nrc",
        };
        question.read(&Response {
            version: http::Version::HTTP_11,
            status: StatusCode::from_u16(status).unwrap(),
            headers: HeaderMap::new(),
            body: Bytes::copy_from_slice(body.as_bytes()),
            truncated,
            remote: None,
        })
    }

    #[test]
    fn scopes_of_the_component_count() {
        let (publish, consume) = (Scope::Publiceren, Scope::Consumeren);
        let of =
            |component: &str, scopes: &[&str]| json!({"component": component, "scopes": scopes, "maxVertrouw": ""});
        for (all, autorisaties, expected) in [
            (false, vec![], vec![]),
            (false, vec![of("nrc", &["notificaties.publiceren", "iets.anders"])], vec![publish]),
            (false, vec![of("zrc", &["notificaties.publiceren"])], vec![]),
            (
                false,
                vec![of("nrc", &["notificaties.consumeren"]), of("nrc", &["notificaties.publiceren"])],
                vec![publish, consume],
            ),
            (true, vec![of("zrc", &["x"])], vec![publish, consume]),
            (true, vec![of("nrc", &["notificaties.beheer"])], vec![publish, consume, Scope::Beheer]),
        ] {
            let body = json!({
                "url": "https://ac.nl/applicaties/1", "clientIds": ["andere", "zaken"], "label": "x",
                "heeftAlleAutorisaties": all, "autorisaties": autorisaties,
            });
            let rights = read(200, &body.to_string(), false).unwrap().unwrap();
            assert_eq!((&*rights.url, rights.scopes), ("https://ac.nl/applicaties/1", expected), "{body}");
        }
    }

    #[test]
    fn everything_else_is_told_apart() {
        assert_eq!(read(404, "", false), Ok(None));
        for (status, body, truncated) in
            [(200, "", false), (200, "[]", false), (200, r#"{"clientIds":["a"]}"#, false), (200, "{", true)]
        {
            assert!(matches!(read(status, body, truncated), Err(LookupError::Unusable(_))), "{body}");
        }
        for status in [401, 403] {
            assert_eq!(read(status, "{}", false), Err(LookupError::NotAuthenticated(status)));
        }
        for status in [302, 400, 429, 500, 503] {
            assert!(matches!(read(status, "{}", false), Err(LookupError::Unreachable(_))), "{status}");
        }
    }
}
