//! Reading the Notificaties API of a running Open Notificaties: its kanalen and abonnementen.
//!
//! It only reads. The API does not return the credentials of abonnementen, so those stay unknown.

use std::time::Duration;

use egress::{Egress, Limits};
use http::Method;
use model::Timestamp;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::source::{Abonnement, Auth, Client, Kanaal, Pairs, Source};
use web::auth::peer::Peer;

/// The longest answer that is read, in bytes.
const MAX_BYTES: usize = 16 * 1024 * 1024;

/// Why an API cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum RestError {
    /// The API gave no response.
    #[error("{url}: geen antwoord: {why}")]
    NoAnswer {
        /// The URL of the request.
        url: String,
        /// The reason.
        why: String,
    },
    /// An answer that is no success.
    #[error("{url}: antwoord {status}: {text}")]
    Status {
        /// The URL of the request.
        url: String,
        /// The status of the response.
        status: u16,
        /// The start of its text.
        text: String,
    },
    /// Not the list that was expected.
    #[error("{url}: geen lijst van de Notificaties API: {why}")]
    Form {
        /// The URL of the request.
        url: String,
        /// The error of the JSON reader.
        why: String,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct KanaalItem {
    url: String,
    naam: String,
    #[serde(default)]
    documentatie_link: String,
    #[serde(default)]
    filters: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AbonnementItem {
    url: String,
    callback_url: String,
    #[serde(default)]
    kanalen: Vec<KanaalFilter>,
    #[serde(default)]
    send_cloudevents: bool,
    #[serde(default)]
    cloudevent_filters: Vec<TypeFilter>,
}

#[derive(Deserialize)]
struct KanaalFilter {
    naam: String,
    #[serde(default)]
    filters: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TypeFilter {
    type_substring: String,
    #[serde(default)]
    filters: Map<String, Value>,
}

/// Reads the API at `root` (`https://…/api/v1`) as this client, with tokens issued at `now`.
pub async fn read(egress: &Egress, root: &str, client: &Client, now: Timestamp) -> Result<Source, RestError> {
    let root = root.trim_end_matches('/');
    let peer = Peer { root, client_id: &client.client_id, secret: client.secret.as_bytes() };
    let kanalen: Vec<KanaalItem> = list(egress, peer, "/kanaal", now).await?;
    let url = format!("{root}/abonnement");
    let abonnementen: Vec<AbonnementItem> = list(egress, peer, "/abonnement", now).await?;
    let kanalen = kanalen.into_iter().map(|item| Kanaal {
        uuid: uuid(&item.url),
        naam: item.naam,
        documentatie_link: item.documentatie_link,
        filters: item.filters,
    });
    let abonnementen = abonnementen.into_iter().map(|item| {
        let no_uuid = || RestError::Form { url: url.clone(), why: format!("{:?} eindigt niet op een UUID", item.url) };
        Ok(Abonnement {
            uuid: uuid(&item.url).ok_or_else(no_uuid)?,
            callback_url: item.callback_url,
            auth: Auth::Unknown,
            send_cloudevents: item.send_cloudevents,
            kanalen: item.kanalen.into_iter().map(|entry| (entry.naam, pairs(&entry.filters))).collect(),
            cloudevent_filters: item
                .cloudevent_filters
                .into_iter()
                .map(|entry| (entry.type_substring, pairs(&entry.filters)))
                .collect(),
        })
    });
    Ok(Source {
        kanalen: kanalen.collect(),
        abonnementen: abonnementen.collect::<Result<_, _>>()?,
        ..Source::default()
    })
}

async fn list<T: DeserializeOwned>(
    egress: &Egress,
    peer: Peer<'_>,
    path: &str,
    now: Timestamp,
) -> Result<T, RestError> {
    let url = format!("{}{path}", peer.root);
    let limits = Limits { total: Duration::from_secs(30), keep: MAX_BYTES, ..Limits::default() };
    let answer = peer.send(egress, (Method::GET, path, None), now, limits).await;
    let answer = answer.map_err(|why| RestError::NoAnswer { url: url.clone(), why })?;
    if !answer.status.is_success() {
        let text = String::from_utf8_lossy(&answer.body).chars().take(300).collect();
        return Err(RestError::Status { url, status: answer.status.as_u16(), text });
    }
    serde_json::from_slice(&answer.body).map_err(|error| RestError::Form { url, why: error.to_string() })
}

/// The UUID at the end of the URL of a resource.
fn uuid(url: &str) -> Option<Uuid> {
    url.rsplit('/').next().and_then(|last| Uuid::try_parse(last).ok())
}

fn pairs(members: &Map<String, Value>) -> Pairs {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    members.iter().map(|(key, value)| (key.clone(), text(value))).collect()
}
