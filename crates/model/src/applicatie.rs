//! An applicatie: a client of the gateway with its id, secrets and scopes.

use crate::sealed::Sealed;

/// A scope of an applicatie, by the labels of the Notificaties API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// `notificaties.publiceren`: register kanalen and publish.
    Publiceren,
    /// `notificaties.consumeren`: subscribe.
    Consumeren,
    /// `notificaties.beheer`: administer everything (not a label of the Notificaties API).
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
    /// The unique `client_id` in its tokens.
    pub client_id: String,
    /// The secrets that may sign its tokens; several during a change of secret.
    pub secrets: Vec<Sealed>,
    /// Its scopes.
    pub scopes: Vec<Scope>,
    /// The default `source` of its notifications.
    pub source: Option<String>,
}
