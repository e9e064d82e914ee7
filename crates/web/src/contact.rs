//! The contact for users of the APIs, as the API descriptions state it (ADR-21).

use serde::Serialize;

/// The contact for users of the API, in the OpenAPI descriptions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Contact {
    /// A name, such as that of a team.
    pub name: String,
    /// A page about the gateway or that team.
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
