//! Delivers chosen rows again: events of the list of events, all events of a filter, or deliveries of a subscription. A page counts first,
//! and its form names the same events with that count; when another number would be delivered by then, the page asks again.

use askama::Template;
use axum::extract::{Path, State};
use http::StatusCode;
use management::{
    Error,
    events::{RedeliverEvents, RedeliverRequest, Redelivery},
    journal::{EventQuery, RecordPlace},
};
use model::{
    KanaalName, Partition, Position, SubscriptionId,
    audit::{Action, Object, ObjectKind},
};
use web::Problem;

use super::{LIST, filter::Filter};
use crate::{
    Console, View,
    form::Form,
    page::{PageResult, page_with, see_other},
    pages::subscriptions,
    sink_text::sink_text,
};

/// The field with the place of a chosen row; repeated.
const CHOSEN: &str = "kies";

/// The field that says to whom.
const TO: &str = "aan";

/// The field with the number of deliveries that was shown.
const COUNTED: &str = "geteld";

/// The value of [`TO`] for who has the events already, too.
const EVERYBODY: &str = "iedereen";

/// Most rows.
const MOST: usize = 200;

/// The field that says that all events of a filter are meant, and its value.
const CHOICE: &str = "keuze";
const FILTER: &str = "filter";

#[derive(Template)]
#[template(path = "events_chosen.html")]
struct Confirm<'a> {
    view: &'a View,
    /// Where the form goes.
    action: String,
    back: String,
    /// The list above: its path and title.
    above: (String, &'static str),
    receiver: Option<String>,
    /// Which events, in words.
    words: Vec<(&'static str, String)>,
    /// The fields that name the same events.
    fields: Vec<(&'static str, String)>,
    is_empty: bool,
    events: String,
    is_everybody: bool,
    /// The same events for the other choice of [`TO`].
    other: String,
    deliveries: u64,
    count: String,
    is_changed: bool,
}

/// Which events.
enum What {
    /// Those of the rows that were ticked.
    Rows(Vec<RecordPlace>),
    /// All of a filter of the list of events, which has an end.
    Filter(Filter),
}

/// Which events, and to whom.
struct Chosen {
    what: What,
    /// The subscription whose deliveries were chosen.
    subscription: Option<SubscriptionId>,
    is_everybody: bool,
}

impl Chosen {
    fn read(view: &View, fields: &[(String, String)], subscription: Option<SubscriptionId>) -> Result<Self, Problem> {
        let all =
            |name: &'static str| fields.iter().filter(move |(own, _)| own == name).map(|(_, value)| value.as_str());
        let first = |name: &str| fields.iter().find(|(own, _)| own == name).map_or("", |(_, value)| value.as_str());
        let is_filter = subscription.is_none() && first(CHOICE) == FILTER;
        let what = if is_filter {
            What::Filter(Filter::read(|name| first(name).to_owned()).bounded(view))
        } else {
            What::Rows(places(all(CHOSEN))?)
        };
        Ok(Self { what, subscription, is_everybody: first(TO) == EVERYBODY })
    }

    fn of_page(view: &View, subscription: Option<SubscriptionId>) -> Result<Self, Problem> {
        Self::read(view, &web::query::pairs(&view.head.uri), subscription)
    }

    fn is_empty(&self) -> bool {
        matches!(&self.what, What::Rows(places) if places.is_empty())
    }

    /// The request for the use cases. A search by subject is recorded: a subject may identify a person.
    async fn request(&self, console: &Console, view: &View, counted: Option<u64>) -> Result<RedeliverRequest, Problem> {
        let events = match &self.what {
            What::Rows(places) => RedeliverEvents::Places(places.clone()),
            What::Filter(filter) => {
                let (query, faults) = filter.query(view);
                if !faults.is_empty() {
                    return Err(Problem::invalid(vec![]));
                }
                if query.subject.is_some() {
                    let object = Object::new(ObjectKind::Event, "");
                    console.web.recorder.record(&view.actor, Action::EventSearch, object).await?;
                }
                RedeliverEvents::Matching(EventQuery { newest: None, ..query })
            }
        };
        Ok(RedeliverRequest { events, subscription: self.subscription, only_missed: !self.is_everybody, counted })
    }

    /// The list that the events are of.
    fn list(&self) -> String {
        self.subscription.map_or_else(|| LIST.to_owned(), |id| format!("{}/bezorgingen", subscriptions::path_of(id)))
    }

    /// The fields that name the same events.
    fn fields(&self) -> Vec<(&'static str, String)> {
        match &self.what {
            What::Rows(places) => places.iter().map(|place| (CHOSEN, place_text(place))).collect(),
            What::Filter(filter) => [(CHOICE, FILTER.to_owned())].into_iter().chain(filter.pairs()).collect(),
        }
    }

    /// The same events as a query, to those that missed one or to everybody.
    fn query(&self, is_everybody: bool) -> String {
        let to = is_everybody.then(|| (TO, EVERYBODY.to_owned()));
        form_urlencoded::Serializer::new(String::new()).extend_pairs(self.fields().into_iter().chain(to)).finish()
    }

    /// Which events, in words.
    fn words(&self, view: &View) -> Vec<(&'static str, String)> {
        match &self.what {
            What::Rows(places) => vec![(view.text.redeliver.chosen, view.number(places.len()))],
            What::Filter(filter) => filter.words(view),
        }
    }
}

impl Chosen {
    /// 404 when rows were chosen of which none is there for this person.
    fn check_found(&self, events: u64) -> Result<(), Problem> {
        match &self.what {
            What::Rows(_) if events == 0 => Err(Error::NotIndexed.into()),
            What::Rows(_) | What::Filter(_) => Ok(()),
        }
    }
}

/// The places of rows, each once.
///
/// # Errors
/// 404 for a text that is no place, and 400 for more than 200.
fn places<'a>(texts: impl Iterator<Item = &'a str>) -> Result<Vec<RecordPlace>, Problem> {
    let mut found: Vec<RecordPlace> = Vec::new();
    for text in texts {
        let place = read_place(text).ok_or_else(|| Problem::from(Error::NotIndexed))?;
        if !found.contains(&place) {
            found.push(place);
        }
        if found.len() > MOST {
            return Err(Error::TooBroad(format!("At most {MOST} rows at once.")).into());
        }
    }
    Ok(found)
}

/// Asks to confirm the delivery of chosen events.
pub async fn ask(State(console): State<Console>, view: View) -> PageResult {
    show(&console, &view, &Chosen::of_page(&view, None)?, false).await
}

/// Delivers chosen events again.
pub async fn post(State(console): State<Console>, view: View, form: Form) -> PageResult {
    deliver(&console, &view, &form, None).await
}

/// Asks to confirm that the events of chosen deliveries of a subscription are delivered to it again.
pub async fn ask_of_subscription(State(console): State<Console>, Path(id): Path<String>, view: View) -> PageResult {
    let own = own_subscription(&console, &view, &id)?;
    show(&console, &view, &Chosen::of_page(&view, Some(own))?, false).await
}

/// Delivers the events of chosen deliveries of a subscription to it again.
pub async fn post_of_subscription(
    State(console): State<Console>,
    Path(id): Path<String>,
    view: View,
    form: Form,
) -> PageResult {
    let own = own_subscription(&console, &view, &id)?;
    deliver(&console, &view, &form, Some(own)).await
}

/// The subscription in a path, if the person may change it.
fn own_subscription(console: &Console, view: &View, id: &str) -> Result<SubscriptionId, Problem> {
    let own = console.management.find_subscription(&view.actor, subscriptions::id_of(id)?)?;
    let is_own = view.actor.may_manage(&own.owner);
    is_own.then_some(own.id).ok_or_else(|| Problem::not_found("There is no such subscription."))
}

async fn deliver(console: &Console, view: &View, form: &Form, subscription: Option<SubscriptionId>) -> PageResult {
    let chosen = Chosen::read(view, form.fields(), subscription)?;
    if chosen.is_empty() {
        return show(console, view, &chosen, false).await;
    }
    let Ok(counted) = form.text(COUNTED).parse::<u64>() else {
        return show(console, view, &chosen, true).await;
    };
    let request = chosen.request(console, view, Some(counted)).await?;
    let done = console.management.redeliver_events(&view.actor, &request).await?;
    chosen.check_found(done.events)?;
    if done.deliveries != counted {
        return show(console, view, &chosen, true).await;
    }
    let notice = if done.deliveries == 0 { "event-niets-te-bezorgen" } else { "run-gestart" };
    Ok(see_other(view, &chosen.list(), notice))
}

async fn show(console: &Console, view: &View, chosen: &Chosen, is_changed: bool) -> PageResult {
    let mut counted = Redelivery::default();
    if !chosen.is_empty() {
        let request = chosen.request(console, view, None).await?;
        counted = console.management.count_redelivery(&view.actor, &request).await?;
        chosen.check_found(counted.events)?;
    }
    let receiver = match chosen.subscription {
        Some(id) => {
            let own = console.management.find_subscription(&view.actor, id)?;
            Some(own.name.clone().unwrap_or_else(|| sink_text(&own.sink)))
        }
        None => None,
    };
    let list = chosen.list();
    let title = if chosen.subscription.is_some() { view.text.delivery.title } else { view.text.events.title };
    let status = if is_changed { StatusCode::CONFLICT } else { StatusCode::OK };
    let view = &view.at(&format!("{list}/opnieuw?{}", chosen.query(chosen.is_everybody)));
    page_with(
        status,
        &Confirm {
            view,
            action: format!("{list}/opnieuw"),
            other: format!("{list}/opnieuw?{}", chosen.query(!chosen.is_everybody)),
            above: (list.clone(), title),
            back: list,
            receiver,
            words: chosen.words(view),
            fields: chosen.fields(),
            is_empty: chosen.is_empty(),
            events: view.number(counted.events),
            is_everybody: chosen.is_everybody,
            deliveries: counted.deliveries,
            count: view.number(counted.deliveries),
            is_changed,
        },
    )
}

/// The value of the check box of a row.
pub fn place_text((kanaal, partition, position): &RecordPlace) -> String {
    format!("{}/{}/{kanaal}", partition.0, position.0)
}

fn read_place(text: &str) -> Option<RecordPlace> {
    let mut parts = text.splitn(3, '/');
    let partition = Partition(parts.next()?.parse().ok()?);
    let position = Position(parts.next()?.parse().ok().filter(|position| *position < u64::MAX >> 1)?);
    Some((KanaalName::new(parts.next()?)?, partition, position))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_it_is_written() {
        let place = (KanaalName::new("zaken").unwrap(), Partition(3), Position(70));
        assert_eq!(read_place(&place_text(&place)), Some(place));
        for bad in ["", "1", "1/2", "1/2/", "x/2/zaken", "1/-2/zaken", "1/18446744073709551615/zaken"] {
            assert_eq!(read_place(bad), None, "{bad}");
        }
    }
}
