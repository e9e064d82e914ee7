//! Section `[security]`: whom researchers tell about a weakness in this gateway, as `/.well-known/security.txt` (RFC 9116).

use model::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The contact for weaknesses. Without `contact` there is no `security.txt`.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Security {
    /// Where to report, the preferred one first: URIs with `mailto:`, `tel:` or `https:`.
    pub contact: Vec<String>,
    /// Until when the contact holds (RFC 3339); needed with `contact`. RFC 9116 advises less than a year ahead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
    /// The page with your policy on coordinated disclosure, an https URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// Languages of reports (RFC 5646).
    pub languages: Vec<String>,
}

impl Default for Security {
    fn default() -> Self {
        Self { contact: Vec::new(), expires: None, policy: None, languages: vec!["nl".to_owned(), "en".to_owned()] }
    }
}

impl Security {
    /// The moment after which the contact no longer holds.
    pub fn expiry(&self) -> Option<Timestamp> {
        self.expires.as_deref().and_then(Timestamp::parse_rfc3339)
    }

    /// The first key whose value cannot be, and why.
    pub(super) fn fault(&self) -> Option<(&'static str, &'static str)> {
        let line = |text: &String| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        let contact = |uri: &&String| {
            line(uri)
                && ["mailto:", "tel:", "https://"]
                    .iter()
                    .any(|scheme| uri.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty()))
        };
        let language = |tag: &String| {
            tag.split('-')
                .all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric()))
        };
        if !self.contact.iter().all(|uri| contact(&uri)) {
            return Some(("security.contact", "must be URIs such as mailto:security@gemeente.example or https://…"));
        }
        let expires = self.expires.as_ref().map(|_| self.expiry());
        if expires == Some(None) || (expires.is_none() && !self.contact.is_empty()) {
            return Some(("security.expires", "must be a moment such as 2027-06-01T00:00:00Z"));
        }
        if self.policy.as_ref().is_some_and(|url| !line(url) || !url.starts_with("https://")) {
            return Some(("security.policy", "must be an https URL"));
        }
        let bad = !self.languages.iter().all(language);
        bad.then_some(("security.languages", "must be language tags such as nl"))
    }
}
