//! Publishing by hand: a person writes a CloudEvent or a notification, or publishes a stored event as a new one.
//!
//! A dry run examines the draft and returns its findings and receivers; publishing examines it again, adds an entry to the audit
//! trail and then appends. What is published counts for the client [`PUBLISHER`], so that limits of publishers hold here too; who
//! it was is only in the audit trail.
//!
//! Not here: the rules of events (crate `publishing`), and what clients publish through the APIs.

mod dry_run;
mod examine;
mod publish;

use std::sync::Arc;

use bytes::Bytes;
use model::{Kanaal, event::AcceptedEvent, profile::Finding};
use uuid::Uuid;

use crate::{Error, events::Receiver};

/// The client that events published by hand count for.
pub const PUBLISHER: &str = "console";

/// What a person wants to publish.
#[derive(Debug, Clone)]
pub enum Draft {
    /// A CloudEvent in JSON format.
    CloudEvent {
        /// The event, structured mode.
        body: Bytes,
        /// The kanaal; `None`: the routing rules choose it.
        kanaal: Option<String>,
    },
    /// A notification of the Notificaties API.
    Notificatie {
        /// The notification in JSON.
        body: Bytes,
        /// The id of its event: what is published again with the same id is the same event.
        id: Uuid,
    },
    /// A copy of a stored event with a new id.
    Copy {
        /// `source` of the stored event.
        source: String,
        /// `id` of the stored event.
        id: String,
    },
}

/// A draft that was examined: the event that it is published as.
#[derive(Debug)]
pub struct ExaminedDraft {
    /// The kanaal.
    pub kanaal: Arc<Kanaal>,
    /// The event.
    pub accepted: AcceptedEvent,
    /// The findings, none of which refuses it.
    pub findings: Vec<Finding>,
}

/// The result of a dry run.
#[derive(Debug)]
pub struct DryRun {
    /// The examined draft.
    pub draft: ExaminedDraft,
    /// The subscriptions that would receive the event, followed by up to a hundred that would not.
    pub receivers: Vec<Receiver>,
}

/// Why a draft is not published.
#[derive(Debug, thiserror::Error)]
pub enum DraftError {
    /// The CloudEvent is refused.
    #[error(transparent)]
    Event(#[from] publishing::Error),
    /// The notification is refused.
    #[error(transparent)]
    Notificatie(#[from] publishing::notification::Error),
    /// The person may not do it, or storage failed.
    #[error(transparent)]
    Other(#[from] Error),
}
