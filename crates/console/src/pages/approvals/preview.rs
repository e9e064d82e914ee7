//! What would leave of the newest event of a kanaal. Attributes only: the payload is not shown.

use management::{
    Error,
    journal::{EventQuery, Page},
};
use model::{KanaalName, approval::Disclosure};
use web::Problem;

use crate::{Console, View};

/// An event with what leaves of it.
pub struct Preview {
    /// The id of the event.
    pub id: String,
    /// Each attribute: its name, its value, and whether it leaves.
    pub attributes: Vec<(String, String, bool)>,
    /// Whether the payload leaves; `None` for an event without one.
    pub payload: Option<bool>,
}

/// The newest event of a kanaal; `None` when there is none that the person may see.
///
/// # Errors
/// 503 when the events cannot be read.
pub async fn preview(
    console: &Console,
    view: &View,
    kanaal: &str,
    disclosure: &Disclosure,
) -> Result<Option<Preview>, Problem> {
    let management = &console.management;
    let Some(kanaal) = KanaalName::new(kanaal) else { return Ok(None) };
    let query = EventQuery { kanaal: Some(kanaal), ..EventQuery::default() };
    let rows = management.list_events(&view.actor, query, Page { offset: 0, limit: 1 }).await?;
    let Some(row) = rows.into_iter().next() else { return Ok(None) };
    let event = match management.read_event(&view.actor, &row.id, Some(row.source)).await {
        Ok(shown) => shown.accepted.event,
        // Retention removed it meanwhile.
        Err(Error::NotFound(_) | Error::NotIndexed) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let attributes = event
        .attributes()
        .iter()
        .map(|(name, value)| (name.to_string(), value.canonical().into(), disclosure.shows(name.as_str())));
    Ok(Some(Preview {
        id: event.id().to_owned(),
        attributes: attributes.collect(),
        payload: event.data().map(|_| disclosure.data),
    }))
}
