//! Addresses that messages do not reach, masked: light subscriptions that ended by bounces or a complaint, and those whose bounces
//! count.

use askama::Template;
use axum::extract::State;
use model::{KanaalName, Timestamp, addressee::Channel};
use people::administration::{BounceReason, Bounced, BouncesPage, BouncesWanted};

use super::{BOUNCES, administration};
use crate::{
    Console, View, curl,
    page::{PageResult, page_with},
};

/// Rows of a page.
const SIZE: usize = 100;

#[derive(Template)]
#[template(path = "to_people_bounces.html")]
struct Page<'a> {
    view: &'a View,
    /// The kanaal as typed.
    kanaal: String,
    /// The value of each choice, and what there is beside the first.
    via: String,
    channels: Vec<(String, &'static str)>,
    state: String,
    states: Vec<(String, &'static str)>,
    faults: Vec<(&'static str, &'static str)>,
    rows: Vec<Row>,
    /// The link to the next page.
    next: Option<String>,
    curl: String,
}

impl Page<'_> {
    fn fault(&self, field: &str) -> &'static str {
        self.faults.iter().find(|(name, _)| *name == field).map_or("", |(_, fault)| fault)
    }
}

/// A light subscription in the table.
struct Row {
    kanaal: String,
    address: String,
    reason: &'static str,
    ended: Option<Timestamp>,
    bounces: u64,
    last: Option<Timestamp>,
}

impl Row {
    fn new(view: &View, own: Bounced) -> Self {
        let text = &view.text.to_people;
        Self {
            kanaal: own.kanaal.to_string(),
            address: own.address.unwrap_or_else(|| view.text.common.none.to_owned()),
            reason: match own.reason {
                BounceReason::Undeliverable => text.undeliverable,
                BounceReason::Complaint => text.complained,
                BounceReason::Counting => text.counting,
            },
            ended: own.ended,
            bounces: own.bounces.len() as u64,
            last: own.bounces.last().copied(),
        }
    }
}

/// The page.
pub async fn handler(State(console): State<Console>, view: View) -> PageResult {
    let administration = administration(&console)?;
    let parameter = |name| view.parameter(name).map(|text| text.trim().to_owned()).unwrap_or_default();
    let (typed, is_sms, counting) = (parameter("kanaal"), parameter("via") == "sms", parameter("stand") == "telt");
    let kanaal = KanaalName::new(&typed);
    let (mut found, mut faults) = (BouncesPage { rows: Vec::new(), next: None }, Vec::new());
    if kanaal.is_none() && !typed.is_empty() {
        faults.push(("kanaal", view.text.events.kanaal_wrong));
    } else {
        let wanted = BouncesWanted {
            kanaal,
            channel: if is_sms { Channel::Sms } else { Channel::Email },
            have_ended: !counting,
            cursor: Some(parameter("vanaf")).filter(|text| !text.is_empty()),
            size: SIZE,
        };
        found = administration.bounces(&wanted).await?;
    }
    let status = if faults.is_empty() { http::StatusCode::OK } else { http::StatusCode::UNPROCESSABLE_ENTITY };
    let next = found.next.map(|next| {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("kanaal", &typed)
            .append_pair("via", if is_sms { "sms" } else { "" })
            .append_pair("stand", if counting { "telt" } else { "" })
            .append_pair("vanaf", &next)
            .finish();
        format!("{BOUNCES}?{query}")
    });
    let rows = found.rows.into_iter().map(|own| Row::new(&view, own)).collect();
    let text = &view.text.to_people;
    let (sms, counts) = ("sms".to_owned(), "telt".to_owned());
    let parameters = [
        ("kanaal", typed.as_str()),
        ("channel", if is_sms { "sms" } else { "" }),
        ("state", if counting { "counting" } else { "" }),
    ];
    let page = Page {
        curl: curl::command(&view, "/v1/people/bounces", &parameters),
        kanaal: typed,
        via: if is_sms { sms.clone() } else { String::new() },
        channels: vec![(sms, (text.channel)(Channel::Sms))],
        state: if counting { counts.clone() } else { String::new() },
        states: vec![(counts, text.counting)],
        faults,
        rows,
        next,
        view: &view,
    };
    page_with(status, &page)
}
