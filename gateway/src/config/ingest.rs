//! Section `[ingest]`: how strictly events are read.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How events are read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Ingest {
    /// Whether what the profile and undefined corners of CloudEvents advise against is refused.
    pub strictness: Strictness,
    /// Which profile events are checked against.
    pub profile: Profile,
}

/// What happens to events that break advice but no rule of CloudEvents.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Strictness {
    /// They are taken in; the findings are counted.
    #[default]
    Lenient,
    /// They are refused.
    Strict,
}

/// A profile of CloudEvents.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// CloudEvents alone.
    CloudEvents,
    /// The NL GOV profile.
    #[default]
    NlGov,
}
