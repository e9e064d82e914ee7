//! Section `[contact]`: the contact for users of the APIs, shown in their descriptions (ADR-21).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whom users of the APIs turn to.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Contact {
    /// Who it is, such as a team.
    pub name: String,
    /// A page about the gateway, or of that team.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// An e-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

impl Default for Contact {
    fn default() -> Self {
        Self { name: "NL GOV event gateway".to_owned(), url: None, email: None }
    }
}

impl Contact {
    /// The first key whose value cannot be, and why.
    pub(super) fn fault(&self) -> Option<(&'static str, &'static str)> {
        let is_page = |url: &String| {
            url.parse::<http::Uri>()
                .is_ok_and(|uri| matches!(uri.scheme_str(), Some("https" | "http")) && uri.host().is_some())
        };
        let is_address = |email: &String| {
            let parts = email.split_once('@');
            parts.is_some_and(|(who, host)| !who.is_empty() && host.contains('.'))
                && !email.contains(char::is_whitespace)
        };
        if self.name.is_empty() {
            return Some(("contact.name", "must not be empty"));
        }
        if self.url.as_ref().is_some_and(|url| !is_page(url)) {
            return Some(("contact.url", "must be an absolute http(s) URL"));
        }
        let bad = self.email.as_ref().is_some_and(|email| !is_address(email));
        bad.then_some(("contact.email", "must be an e-mail address"))
    }
}
