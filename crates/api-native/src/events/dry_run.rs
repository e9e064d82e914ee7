//! The receivers in the report of a dry run: which subscriptions, of those that the client may see, would receive an event,
//! and why the others would not.

use management::events::Receiver;
use model::event::{AcceptedEvent, PublishedAs};
use publishing::Candidate;
use web::{auth::Caller, problem::Problem};

use super::report::{EventReport, ReceiverView};
use crate::Api;

/// Reports on events with the subscriptions that would receive them; those come first.
pub async fn reports(api: &Api, caller: &Caller, candidates: Vec<Candidate>) -> Result<Vec<EventReport>, Problem> {
    let now = api.management.clock.now();
    let mut events = Vec::with_capacity(candidates.len());
    let mut checked = Vec::with_capacity(candidates.len());
    for Candidate { event, kanaal, rules, schema, findings } in candidates {
        let publisher = Some(caller.client_id.clone());
        let accepted = AcceptedEvent { event, published_as: PublishedAs::CloudEvent, received: Some(now), publisher };
        events.push((kanaal.naam.clone(), accepted));
        checked.push((kanaal, rules, schema, findings));
    }
    let previewed = api.management.preview_receivers(&caller.actor(), events).await?;
    let report = |((_, accepted, receivers), (kanaal, rules, schema, findings)): (_, _)| {
        let accepted: AcceptedEvent = accepted;
        let receivers: Vec<Receiver> = receivers;
        let candidate = Candidate { event: accepted.event, kanaal, rules, schema, findings };
        EventReport::new(&candidate, Some(receivers.iter().map(ReceiverView::new).collect()))
    };
    Ok(previewed.into_iter().zip(checked).map(report).collect())
}
