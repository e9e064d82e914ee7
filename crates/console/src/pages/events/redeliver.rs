//! Delivers an event again: to the subscriptions that missed it, to all that want it, or to one. A page counts first, and its
//! form names the same event with a time bound.

use askama::Template;
use axum::extract::{Path, State};
use http::StatusCode;
use management::{
    Error,
    events::{RedeliverEvents, RedeliverRequest},
    journal::EventQuery,
};
use model::{SubscriptionId, Timestamp};
use web::Problem;

use super::path_of;
use crate::{
    Console, View,
    form::Form,
    page::{PageResult, page_with, see_other},
    pages::subscriptions,
    sink_text::sink_text,
};

#[derive(Template)]
#[template(path = "event_redeliver.html")]
struct Confirm<'a> {
    view: &'a View,
    path: String,
    id: &'a str,
    to: To,
    /// The receiver that is named.
    receiver: Option<String>,
    until: String,
    deliveries: u64,
    count: String,
    is_wrong: bool,
}

/// To whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum To {
    Missed,
    Everybody,
    One(SubscriptionId),
}

impl To {
    fn read(text: &str) -> Result<Self, Problem> {
        match text {
            "" | "gemist" => Ok(Self::Missed),
            "iedereen" => Ok(Self::Everybody),
            id => subscriptions::id_of(id).map(Self::One),
        }
    }

    fn word(self) -> String {
        match self {
            Self::Missed => "gemist".to_owned(),
            Self::Everybody => "iedereen".to_owned(),
            Self::One(id) => id.to_string(),
        }
    }

    fn request(self, source: &str, id: &str, until: Timestamp) -> RedeliverRequest {
        let query = EventQuery {
            id: Some(id.to_owned()),
            source: Some(source.to_owned()),
            until: Some(until),
            ..EventQuery::default()
        };
        RedeliverRequest {
            events: RedeliverEvents::Matching(query),
            subscription: match self {
                Self::One(id) => Some(id),
                Self::Missed | Self::Everybody => None,
            },
            only_missed: self == Self::Missed,
            counted: None,
        }
    }
}

/// Asks to confirm it.
pub async fn ask(State(console): State<Console>, Path(event): Path<(String, String)>, view: View) -> PageResult {
    let to = To::read(&view.parameter("aan").unwrap_or_default())?;
    show(&console, &view, &event, to, false).await
}

/// Delivers it again.
pub async fn post(
    State(console): State<Console>,
    Path(event): Path<(String, String)>,
    view: View,
    form: Form,
) -> PageResult {
    let to = To::read(form.text("aan"))?;
    let Some(until) = Timestamp::parse_rfc3339(form.text("tot")).filter(|until| *until <= view.now) else {
        return show(&console, &view, &event, to, true).await;
    };
    let (source, id) = &event;
    let done = console.management.redeliver_events(&view.actor, &to.request(source, id, until)).await?;
    if done.events == 0 {
        return Err(Error::NotIndexed.into());
    }
    let notice = if done.deliveries == 0 { "event-niets-te-bezorgen" } else { "event-opnieuw" };
    Ok(see_other(&view, &path_of(source, id), notice))
}

async fn show(console: &Console, view: &View, event: &(String, String), to: To, is_wrong: bool) -> PageResult {
    let (source, id) = event;
    let counted = console.management.count_redelivery(&view.actor, &to.request(source, id, view.now)).await?;
    if counted.events == 0 {
        return Err(Error::NotIndexed.into());
    }
    let receiver = match to {
        To::One(id) => {
            let own = console.management.find_subscription(&view.actor, id)?;
            Some(own.name.clone().unwrap_or_else(|| sink_text(&own.sink)))
        }
        To::Missed | To::Everybody => None,
    };
    let status = if is_wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    page_with(
        status,
        &Confirm {
            view,
            path: path_of(source, id),
            id,
            to,
            receiver,
            until: view.now.to_rfc3339(),
            deliveries: counted.deliveries,
            count: view.number(counted.deliveries),
            is_wrong,
        },
    )
}
