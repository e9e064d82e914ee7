//! Section `[auth.autorisaties]`: an Autorisaties API that knows the rights of applicaties.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The Autorisaties API that is asked for the scopes of every applicatie that declares none.
#[derive(Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Autorisaties {
    /// Its root, version included (`https://…/api/v1`).
    pub url: String,
    /// Who we are there: the `client_id` of our own tokens. It needs the scope `autorisaties.lezen`.
    pub client_id: String,
    /// The secret that our tokens are signed with.
    #[serde(serialize_with = "super::hidden")]
    pub secret: Option<String>,
    /// A file with the secret; white space at its end does not count.
    #[schema(value_type = Option<String>)]
    pub secret_file: Option<PathBuf>,
    /// Only autorisaties of this component count.
    pub component: String,
    /// Kanaal of its notifications; one of them has the answers asked anew.
    pub kanaal: String,
    /// How long an answer is used, in seconds.
    #[schema(minimum = 1)]
    pub cache_seconds: u32,
    /// How long it is remembered that there is no applicatie with a `client_id`, in seconds.
    #[schema(minimum = 1)]
    pub negative_seconds: u32,
    /// How much longer an answer is used while the API cannot be asked, in seconds.
    pub stale_seconds: u32,
    /// Time for one question, in seconds.
    #[schema(minimum = 1)]
    pub timeout_seconds: u32,
    /// The gateway's own abonnement at another Notificaties API, when the Autorisaties API tells of its changes there.
    /// Absent: it tells of them here.
    pub abonnement: Option<AutorisatiesAbonnement>,
}

/// The gateway's own abonnement on the kanaal of the Autorisaties API, at another Notificaties API.
#[derive(Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AutorisatiesAbonnement {
    /// The root of that Notificaties API, version included (`https://…/api/v1`).
    pub url: String,
    /// Who we are there. It needs the scope `notificaties.consumeren`.
    pub client_id: String,
    /// The secret that our tokens are signed with.
    #[serde(serialize_with = "super::hidden")]
    pub secret: Option<String>,
    /// A file with the secret; white space at its end does not count.
    #[schema(value_type = Option<String>)]
    pub secret_file: Option<PathBuf>,
    /// Where that API reaches our `/api/v1/callbacks`; absent: below `public_url`.
    pub callback_url: Option<String>,
    /// Time for one request, in seconds; that API asks our callback twice in it.
    #[schema(minimum = 1)]
    pub timeout_seconds: u32,
}

impl Default for AutorisatiesAbonnement {
    fn default() -> Self {
        Self {
            url: String::new(),
            client_id: String::new(),
            secret: None,
            secret_file: None,
            callback_url: None,
            timeout_seconds: 30,
        }
    }
}

impl std::fmt::Debug for AutorisatiesAbonnement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AutorisatiesAbonnement")
            .field("url", &self.url)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

impl Default for Autorisaties {
    fn default() -> Self {
        Self {
            url: String::new(),
            client_id: String::new(),
            secret: None,
            secret_file: None,
            component: "nrc".into(),
            kanaal: "autorisaties".into(),
            cache_seconds: 300,
            negative_seconds: 30,
            stale_seconds: 86_400,
            timeout_seconds: 5,
            abonnement: None,
        }
    }
}

impl std::fmt::Debug for Autorisaties {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Autorisaties")
            .field("url", &self.url)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

const URL: &str = "must be an absolute http(s) URL without query";
const SECRET: &str = "give either secret or secret_file";
const LEAST: &str = "must be at least 1";

impl Autorisaties {
    /// What is wrong with it: the key and why. `has_public_url`: our own address is known.
    pub(super) fn fault(&self, has_public_url: bool) -> Option<(&'static str, &'static str)> {
        let mut rules = vec![
            (is_root(&self.url), "auth.autorisaties.url", URL),
            (!self.client_id.is_empty(), "auth.autorisaties.client_id", "is empty"),
            (has_secret(self.secret.as_deref(), self.secret_file.as_deref()), "auth.autorisaties.secret", SECRET),
            (!self.component.is_empty(), "auth.autorisaties.component", "is empty"),
            (self.cache_seconds > 0, "auth.autorisaties.cache_seconds", LEAST),
            (self.negative_seconds > 0, "auth.autorisaties.negative_seconds", LEAST),
            (self.timeout_seconds > 0, "auth.autorisaties.timeout_seconds", LEAST),
        ];
        if let Some(own) = &self.abonnement {
            let has_secret = has_secret(own.secret.as_deref(), own.secret_file.as_deref());
            let has_callback = own.callback_url.as_deref().map_or(has_public_url, is_root);
            let callback = "must be an absolute http(s) URL; or set public_url";
            rules.extend([
                (is_root(&own.url), "auth.autorisaties.abonnement.url", URL),
                (!own.client_id.is_empty(), "auth.autorisaties.abonnement.client_id", "is empty"),
                (has_secret, "auth.autorisaties.abonnement.secret", SECRET),
                (has_callback, "auth.autorisaties.abonnement.callback_url", callback),
                (own.timeout_seconds > 0, "auth.autorisaties.abonnement.timeout_seconds", LEAST),
            ]);
        }
        rules.into_iter().find(|(holds, ..)| !holds).map(|(_, key, why)| (key, why))
    }
}

fn is_root(url: &str) -> bool {
    url.parse::<http::Uri>().is_ok_and(|uri| {
        matches!(uri.scheme_str(), Some("https" | "http")) && uri.host().is_some() && uri.query().is_none()
    })
}

/// Whether exactly one secret is configured and not empty; the contents of files are not read.
fn has_secret(secret: Option<&str>, file: Option<&Path>) -> bool {
    secret != Some("") && secret.is_some() != file.is_some()
}
