//! Section `[auth.autorisaties]`: an Autorisaties API that says what applicaties may do.

use std::path::PathBuf;

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
    #[serde(skip_serializing)]
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

impl Autorisaties {
    /// What is wrong with it: the key and why.
    pub(super) fn fault(&self) -> Option<(&'static str, &'static str)> {
        let root = |uri: &http::Uri| {
            matches!(uri.scheme_str(), Some("https" | "http")) && uri.host().is_some() && uri.query().is_none()
        };
        if !self.url.parse::<http::Uri>().is_ok_and(|uri| root(&uri)) {
            return Some(("auth.autorisaties.url", "must be an absolute http(s) URL without query"));
        }
        if self.client_id.is_empty() {
            return Some(("auth.autorisaties.client_id", "is empty"));
        }
        if self.secret.as_deref().is_some_and(str::is_empty) || self.secret.is_some() == self.secret_file.is_some() {
            return Some(("auth.autorisaties.secret", "give either secret or secret_file"));
        }
        if self.component.is_empty() {
            return Some(("auth.autorisaties.component", "is empty"));
        }
        let least = [
            ("auth.autorisaties.cache_seconds", self.cache_seconds),
            ("auth.autorisaties.negative_seconds", self.negative_seconds),
            ("auth.autorisaties.timeout_seconds", self.timeout_seconds),
        ];
        least.into_iter().find(|(_, value)| *value == 0).map(|(key, _)| (key, "must be at least 1"))
    }
}
