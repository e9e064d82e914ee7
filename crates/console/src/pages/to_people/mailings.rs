//! Mailings with their progress and counts, of one kanaal or of all.

use askama::Template;
use axum::extract::State;
use http::StatusCode;
use management::Right;
use model::{
    KanaalName, Timestamp,
    mailing::{End, Skip},
};
use people::administration::{Mailing, MailingList, MailingState};

use super::administration;
use crate::{
    Console, View, curl,
    page::{PageResult, page_with},
    pages::events,
};

#[derive(Template)]
#[template(path = "to_people_mailings.html")]
struct Page<'a> {
    view: &'a View,
    /// The kanaal as typed.
    kanaal: String,
    faults: Vec<(&'static str, &'static str)>,
    is_complete: bool,
    /// Whether the person may stop mailings, and send them again.
    may_stop: bool,
    rows: Vec<Row>,
    curl: String,
}

impl Page<'_> {
    fn fault(&self, field: &str) -> &'static str {
        self.faults.iter().find(|(name, _)| *name == field).map_or("", |(_, fault)| fault)
    }
}

/// A mailing in the table.
struct Row {
    number: u64,
    kanaal: String,
    channel: &'static str,
    event: String,
    /// The page of the event, for those who see events.
    path: Option<String>,
    accepted: Timestamp,
    state: &'static str,
    badge: &'static str,
    ended: Option<Timestamp>,
    candidates: u64,
    sent: u64,
    bounced: u64,
    failed: u64,
    skipped: u64,
    open: u64,
    /// Those who do not want the event, within `skipped`.
    not_wanted: u64,
    /// Whether it goes on, and is not being stopped.
    can_stop: bool,
    /// Whether it has ended, and anybody was met.
    can_resend: bool,
    /// The mailing that it sends again.
    resend_of: Option<u64>,
}

impl Row {
    fn new(view: &View, own: Mailing) -> Self {
        let text = &view.text.to_people;
        let (state, badge, ended) = match own.state {
            MailingState::Scheduled(_) => (text.scheduled, "neutral", None),
            MailingState::Held => (view.text.sending.held, "warning", None),
            MailingState::Walking => (text.walking, "neutral", None),
            MailingState::Finishing => (text.finishing, "neutral", None),
            MailingState::Suspended => (text.suspended, "error", None),
            MailingState::Stopped => (text.stopped, "warning", None),
            MailingState::Ended(at) if own.counts.failed() == 0 => (text.ended, "success", Some(at)),
            MailingState::Ended(at) => (text.ended_with_failures, "warning", Some(at)),
        };
        let can_stop = !matches!(own.state, MailingState::Stopped | MailingState::Ended(_));
        let bounced = own.counts.of(End::PermanentFailure);
        let path = events::path_of(&own.start.event.source, &own.start.event.id);
        Self {
            number: own.id.0,
            kanaal: own.start.event.kanaal.to_string(),
            channel: (text.channel)(own.start.channel),
            path: view.may(Right::SeeEvents).then_some(path),
            event: own.start.event.id,
            accepted: own.start.accepted,
            state,
            badge,
            ended,
            candidates: own.counts.candidates,
            sent: own.counts.sent(),
            bounced,
            failed: own.counts.failed().saturating_sub(bounced),
            skipped: own.counts.skipped(),
            open: own.counts.open,
            not_wanted: own.counts.of(End::Skipped(Skip::Filter)),
            can_stop,
            can_resend: ended.is_some() && own.counts.candidates > 0,
            resend_of: own.start.resend.map(|resend| resend.of.0),
        }
    }
}

/// The page.
pub async fn handler(State(console): State<Console>, view: View) -> PageResult {
    let administration = administration(&console)?;
    let typed = view.parameter("kanaal").map(|text| text.trim().to_owned()).unwrap_or_default();
    let kanaal = KanaalName::new(&typed);
    let (mut list, mut faults) = (MailingList { mailings: vec![], is_complete: true }, Vec::new());
    if kanaal.is_none() && !typed.is_empty() {
        faults.push(("kanaal", view.text.events.kanaal_wrong));
    } else {
        list = administration.mailings(kanaal.as_ref()).await?;
    }
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page_with(
        status,
        &Page {
            curl: curl::command(&view, "/v1/people/mailings", &[("kanaal", &typed)]),
            kanaal: typed,
            faults,
            is_complete: list.is_complete,
            may_stop: view.may(Right::Purge),
            rows: list.mailings.into_iter().map(|own| Row::new(&view, own)).collect(),
            view: &view,
        },
    )
}
