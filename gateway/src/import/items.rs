//! The items of the sections of a set-up file, with the keys of Open Notificaties. Only their form.

use serde::Deserialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{
    section::{self, Item},
    source::Auth,
};

/// An item of `notifications_kanalen_config`.
#[derive(Deserialize)]
pub struct KanaalItem {
    pub naam: String,
    #[serde(default)]
    pub documentatie_link: String,
    #[serde(default)]
    pub filters: Vec<String>,
}

/// An item of `notifications_abonnementen_config`.
#[derive(Deserialize)]
pub struct AbonnementItem {
    pub uuid: Uuid,
    pub callback_url: String,
    #[serde(default)]
    pub auth: String,
    #[serde(default = "AbonnementItem::api_key")]
    pub auth_type: String,
    #[serde(default)]
    pub auth_client_id: String,
    #[serde(default)]
    pub secret: String,
    #[serde(default)]
    pub oauth2_token_url: String,
    #[serde(default)]
    pub oauth2_scope: String,
    #[serde(default, deserialize_with = "section::boolean")]
    pub send_cloudevents: bool,
    pub kanalen: Option<Vec<KanaalFilter>>,
    pub cloudevent_filters: Option<Vec<TypeFilter>>,
}

/// A kanaal of an abonnement.
#[derive(Deserialize)]
pub struct KanaalFilter {
    pub naam: String,
    #[serde(default)]
    pub filters: Map<String, Value>,
}

/// A filter on the type of CloudEvents.
#[derive(Deserialize)]
#[serde(untagged)]
pub enum TypeFilter {
    Type(String),
    Entry {
        type_substring: String,
        #[serde(default)]
        filters: Map<String, Value>,
    },
}

/// An item of `vng_api_common_credentials`.
#[derive(Deserialize)]
pub struct CredentialItem {
    pub identifier: String,
    pub secret: String,
}

/// A service of `zgw_consumers`.
#[derive(Deserialize)]
pub struct ServiceItem {
    pub identifier: String,
    pub api_root: String,
    #[serde(default)]
    pub client_id: String,
    #[serde(default)]
    pub secret: String,
}

/// An item of `notifications_subscriptions_config`.
#[derive(Deserialize)]
pub struct Subscribed {
    pub callback_url: String,
    #[serde(default)]
    pub channels: Vec<String>,
}

/// An item of `sites_config`.
#[derive(Deserialize)]
pub struct Site {
    pub domain: String,
}

impl Item for KanaalItem {
    const NAME: &'static str = "naam";

    fn identifier(&self) -> Option<String> {
        Some(self.naam.clone())
    }
}

impl Item for AbonnementItem {
    const NAME: &'static str = "uuid";

    fn identifier(&self) -> Option<String> {
        Some(self.uuid.to_string())
    }
}

impl Item for CredentialItem {
    const NAME: &'static str = "identifier";

    fn identifier(&self) -> Option<String> {
        Some(self.identifier.clone())
    }
}

impl Item for ServiceItem {
    const LIST: &'static str = "services";
    const NAME: &'static str = "identifier";

    fn identifier(&self) -> Option<String> {
        Some(self.identifier.clone())
    }
}

impl Item for Subscribed {
    const NAME: &'static str = "identifier";

    fn identifier(&self) -> Option<String> {
        None
    }
}

impl Item for Site {
    const NAME: &'static str = "domain";

    fn identifier(&self) -> Option<String> {
        None
    }
}

impl AbonnementItem {
    fn api_key() -> String {
        "api_key".to_owned()
    }

    /// How its deliveries are authorised; the reason in Dutch when a member for that is missing.
    pub fn auth(&self) -> Result<Auth, String> {
        let needed = |name: &str, value: &str| {
            if value.is_empty() {
                return Err(format!("{name} ontbreekt, nodig bij auth_type {}", self.auth_type));
            }
            Ok(value.to_owned())
        };
        Ok(match self.auth_type.as_str() {
            "api_key" if self.auth.is_empty() => Auth::None,
            "api_key" => Auth::Header(self.auth.clone()),
            "no_auth" => Auth::None,
            "zgw" => Auth::Zgw {
                client_id: needed("auth_client_id", &self.auth_client_id)?,
                secret: needed("secret", &self.secret)?,
            },
            "oauth2_client_credentials" => Auth::OAuth2 {
                token_url: needed("oauth2_token_url", &self.oauth2_token_url)?,
                client_id: needed("auth_client_id", &self.auth_client_id)?,
                secret: needed("secret", &self.secret)?,
                scope: self.oauth2_scope.clone(),
            },
            other => return Err(format!("auth_type {other:?} is onbekend")),
        })
    }
}
