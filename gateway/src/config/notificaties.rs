//! Section `[notificaties]`: what an administrator may choose for the Notificaties API.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The Notificaties API.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Notificaties {
    /// Whether a client sees only its own abonnementen; by default every client may read all of them, as clients of
    /// this API are used to.
    pub own_abonnementen_only: bool,
    /// Whether only the applicatie that made a kanaal may change it (on both APIs); by default every publisher may.
    pub own_kanalen_only: bool,
    /// Whether `documentatieLink` must answer a GET with 200 before a kanaal takes it; by default only its form is
    /// checked.
    pub fetch_documentatie_link: bool,
    /// Whether a callback must answer the test notification with exactly 204, as version 1.0.0 of the standard says; by
    /// default 200 to 209 will do.
    pub callback_must_answer_204: bool,
}
