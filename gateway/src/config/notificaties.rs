//! Section `[notificaties]`: what an administrator may choose for the Notificaties API.

use management::kanalen::MayChange;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The Notificaties API.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Notificaties {
    /// Whether a client sees only its own abonnementen; by default every client may read all of them, as clients of
    /// this API are used to.
    pub own_abonnementen_only: bool,
    /// Whether only its owner may change a kanaal (on both APIs); by default every publisher may change `filters` and
    /// `documentatieLink`, as in Open Notificaties, and its owner the rest. Administrators always may.
    pub own_kanalen_only: bool,
    /// Whether every publisher may change everything of a kanaal but `owner` and `approval`. Then one publisher can redirect
    /// or shorten the retention of the events of another.
    pub any_publisher_changes_kanalen: bool,
    /// Whether `documentatieLink` must answer a GET with 200 before a kanaal takes it; by default only its form is
    /// checked.
    pub fetch_documentatie_link: bool,
    /// Whether a callback must answer the test notification with exactly 204, as version 1.0.0 of the standard says; by
    /// default 200 to 209 will do.
    pub callback_must_answer_204: bool,
}

impl Notificaties {
    /// Which publishers may change the kanaal of another client.
    pub const fn kanalen_changed_by(self) -> MayChange {
        match (self.own_kanalen_only, self.any_publisher_changes_kanalen) {
            (true, _) => MayChange::Owner,
            (false, false) => MayChange::OwnerExceptFilters,
            (false, true) => MayChange::Anybody,
        }
    }
}
