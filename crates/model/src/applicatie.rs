//! An applicatie: a client of the gateway, with the ids and secrets it signs its tokens with and what
//! it may do.

use crate::sealed::Sealed;

/// A right of an applicatie, by the scope labels of the Notificaties API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// `notificaties.publiceren`: register kanalen, publish.
    Publiceren,
    /// `notificaties.consumeren`: subscribe.
    Consumeren,
    /// `notificaties.beheer`: administer everything (ours; no such label in the Notificaties API).
    Beheer,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 3] = [Self::Publiceren, Self::Consumeren, Self::Beheer];

    /// The label in configuration and errors.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Publiceren => "notificaties.publiceren",
            Self::Consumeren => "notificaties.consumeren",
            Self::Beheer => "notificaties.beheer",
        }
    }

    /// The scope with this label.
    pub fn from_label(label: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.label() == label)
    }
}

/// A client of the gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applicatie {
    /// The `client_id` in its tokens; unique.
    pub client_id: String,
    /// The secrets its tokens may be signed with; several while one is being replaced.
    pub secrets: Vec<Sealed>,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// `source` of its notifications that bring none.
    pub source: Option<String>,
}
