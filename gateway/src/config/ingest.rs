//! Section `[ingest]`: against which profile events are held, and what is refused.
//!
//! What a kanaal says of it comes first, then what the path says that an event came in by, then this section.

use model::profile::{self, EffectiveRules, Mode, Rules};
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
    /// Whether an attribute that may hold a BSN or an e-mail address is refused.
    pub privacy: Strictness,
    /// What differs for `/v1/events`.
    pub events: Path,
    /// What differs for `/api/v1/cloudevents`.
    pub cloudevents: Path,
}

/// What differs for one path; absent: as in `[ingest]`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[schema(as = IngestPath)]
#[serde(deny_unknown_fields, default)]
pub struct Path {
    /// As in `[ingest]`.
    pub strictness: Option<Strictness>,
    /// As in `[ingest]`.
    pub profile: Option<Profile>,
    /// As in `[ingest]`.
    pub privacy: Option<Strictness>,
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

impl From<Strictness> for Mode {
    fn from(strictness: Strictness) -> Self {
        match strictness {
            Strictness::Lenient => Self::Lenient,
            Strictness::Strict => Self::Strict,
        }
    }
}

impl From<Profile> for profile::Profile {
    fn from(profile: Profile) -> Self {
        match profile {
            Profile::CloudEvents => Self::CloudEvents,
            Profile::NlGov => Self::NlGov,
        }
    }
}

impl Ingest {
    /// What the gateway says.
    pub fn rules(&self) -> EffectiveRules {
        EffectiveRules { profile: self.profile.into(), mode: self.strictness.into(), privacy: self.privacy.into() }
    }
}

impl Path {
    /// What the path says.
    pub fn rules(&self) -> Rules {
        Rules {
            profile: self.profile.map(Into::into),
            mode: self.strictness.map(Into::into),
            privacy: self.privacy.map(Into::into),
        }
    }
}
