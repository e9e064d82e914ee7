//! A message as JSON.

use ::inbox::Shown;
use model::{Timestamp, inbox::State};
use serde::Serialize;
use serde_json::value::RawValue;
use translator::cloudevents::structured;
use utoipa::ToSchema;
use web::problem::Problem;

/// A message in the inbox of the person that calls.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = InboxMessage)]
#[serde(rename_all = "camelCase")]
pub struct MessageView {
    /// Its id.
    #[schema(format = "uuid")]
    pub id: String,
    /// The kanaal.
    pub kanaal: String,
    /// Whether it is for everybody; false for one that is for this person alone.
    pub broadcast: bool,
    /// From when on it can be seen.
    #[schema(format = "date-time")]
    pub since: String,
    /// From when on it cannot be seen any more; null without an end.
    #[schema(format = "date-time")]
    pub until: Option<String>,
    /// `new`, `read` or `deleted`.
    #[schema(pattern = "^(new|read|deleted)$")]
    pub state: &'static str,
    /// When this person read it first; null while it is new.
    #[schema(format = "date-time")]
    pub read_at: Option<String>,
    /// When this person deleted it; null for others.
    #[schema(format = "date-time")]
    pub deleted_at: Option<String>,
    /// The event, structured, without what its kanaal does not disclose.
    #[schema(value_type = Object)]
    pub event: Box<RawValue>,
}

impl MessageView {
    /// The view of a message.
    ///
    /// # Errors
    /// 500 when its event has no form in JSON, which does not happen.
    pub fn new(shown: &Shown) -> Result<Self, Problem> {
        let Shown { message, event } = shown;
        let (read, deleted) = match message.state {
            State::New => (None, None),
            State::Read { at } => (Some(at), None),
            State::Deleted { at, read } => (read, Some(at)),
        };
        let moment = |at: Option<Timestamp>| at.map(Timestamp::to_rfc3339);
        let text = String::from_utf8(structured::encode(&event.event).into()).map_err(|_| Problem::internal())?;
        Ok(Self {
            id: message.id.to_string(),
            kanaal: message.event.kanaal.to_string(),
            broadcast: message.is_broadcast,
            since: message.since.to_rfc3339(),
            until: moment(message.expires),
            state: message.state.kind().label(),
            read_at: moment(read),
            deleted_at: moment(deleted),
            event: RawValue::from_string(text).map_err(|_| Problem::internal())?,
        })
    }
}
