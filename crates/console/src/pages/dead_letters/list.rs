//! The list of dead letters: groups with counts, then rows; with filters, and links to the confirmations.

use std::collections::HashMap;

use askama::Template;
use axum::extract::State;
use http::StatusCode;
use management::{Right, dead_letters::DeadLetterGroup, journal::DeadLetter};
use model::{SubscriptionId, Timestamp, outcome::Outcome};

use super::{
    LIST,
    filter::{Faults, Filter, UNREADABLE},
};
use crate::{
    Console, View,
    choice::Choice,
    curl,
    list_file::Files,
    page::{PageResult, page_with},
    pages::{events, subscriptions},
    paging::{self, Paging},
    sink_text::sink_text,
};

#[derive(Template)]
#[template(path = "dead_letters.html")]
struct List<'a> {
    view: &'a View,
    filter: &'a Filter,
    kanalen: Vec<Choice>,
    sorts: Vec<Choice>,
    faults: Faults,
    is_filtered: bool,
    groups: Vec<GroupRow>,
    /// The caption of the groups.
    caption: &'static str,
    total: u64,
    /// Whether the groups and rows are about all that match, not only the newest.
    is_complete: bool,
    rows: Vec<Row>,
    paging: Paging,
    may_resend: bool,
    /// The filter as a query.
    query: String,
    files: Files,
    curl: String,
}

/// A group in the table.
struct GroupRow {
    receiver: String,
    kanaal: String,
    outcome: &'static str,
    answer: String,
    count: u64,
    newest: Timestamp,
    path: String,
}

/// A dead letter in the table.
struct Row {
    id: String,
    event: String,
    /// The page of the event; `None` for a record without a readable one.
    event_path: Option<String>,
    /// The page of the delivery with its attempts; `None` for a subscription that is not there.
    delivery_path: Option<String>,
    kind: String,
    receiver: String,
    kanaal: String,
    outcome: &'static str,
    reason: String,
    /// Why, when the receiver has no part in it.
    why: Option<&'static str>,
    answer: String,
    attempts: u32,
    at: Timestamp,
}

/// The page.
pub async fn handler(State(console): State<Console>, view: View) -> PageResult {
    let management = &console.management;
    let filter = Filter::of_page(&view).without_empty_choice();
    let (query, faults) = filter.query(&view);
    let (mut letters, mut total, mut groups, mut is_complete) = (vec![], 0, vec![], true);
    if faults.is_empty() {
        let found = management.browse_dead_letters(&view.actor, query, paging::page(&view)).await?;
        (letters, total, groups, is_complete) = (found.letters, found.count, found.groups, found.is_complete);
    }
    let paging = Paging::of(&view, &mut letters);
    let mut receivers = Receivers { console: &console, view: &view, known: HashMap::new() };
    let groups = groups.into_iter().map(|group| group_row(&view, &mut receivers, group)).collect();
    let rows = letters.into_iter().map(|letter| row(&view, &mut receivers, letter)).collect();
    let names = management.list_kanalen();
    let names = names.iter().map(|kanaal| (kanaal.naam.to_string(), kanaal.naam.to_string()));
    let any = (String::new(), view.text.subscriptions.any.to_owned());
    let sorts = [("", view.text.dead_letters.readable), (UNREADABLE, view.text.dead_letters.unreadable)];
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page_with(
        status,
        &List {
            kanalen: Choice::list([any].into_iter().chain(names), &filter.kanaal),
            sorts: Choice::list(sorts, &filter.sort),
            faults,
            is_filtered: filter.is_filtered(),
            groups,
            caption: if is_complete { view.text.dead_letters.groups_all } else { view.text.dead_letters.groups_of },
            total,
            is_complete,
            rows,
            paging,
            may_resend: view.may(Right::Resend),
            files: Files::at(&view, &format!("{LIST}/csv")),
            curl: command(&view, &filter),
            query: filter.to_query(),
            filter: &filter,
            view: &view,
        },
    )
}

/// The same list of the native API.
fn command(view: &View, filter: &Filter) -> String {
    let moment = |typed: &str| view.read_moment(typed).map(Timestamp::to_rfc3339).unwrap_or_default();
    let (from, until) = (moment(&filter.from), moment(&filter.until));
    let parameters = [
        ("subscription", filter.subscription.as_str()),
        ("kanaal", filter.kanaal.as_str()),
        ("type", filter.kind.as_str()),
        ("status", filter.status.as_str()),
        ("from", from.as_str()),
        ("until", until.as_str()),
    ];
    curl::command(view, "/v1/dead-letters", &parameters)
}

/// The names or receivers of subscriptions, each read once.
struct Receivers<'a> {
    console: &'a Console,
    view: &'a View,
    /// Each with whether it is there.
    known: HashMap<SubscriptionId, (String, bool)>,
}

impl Receivers<'_> {
    /// The text for a subscription, and whether it is there.
    fn of(&mut self, id: SubscriptionId) -> (String, bool) {
        let text = &self.view.text.dead_letters;
        let read = || {
            if id == DeadLetter::NOBODY {
                return (text.nobody.to_owned(), false);
            }
            let found = self.console.management.find_subscription(&self.view.actor, id);
            found.map_or_else(
                |_| (text.deleted.to_owned(), false),
                |own| (own.name.clone().unwrap_or_else(|| sink_text(&own.sink)), true),
            )
        };
        self.known.entry(id).or_insert_with(read).clone()
    }
}

fn answer(view: &View, code: Option<u16>) -> String {
    code.map_or_else(|| view.text.delivery.no_answer.to_owned(), |code| code.to_string())
}

fn outcome(view: &View, outcome: Outcome) -> &'static str {
    (view.text.delivery.of)(outcome).0
}

fn group_row(view: &View, receivers: &mut Receivers<'_>, group: DeadLetterGroup) -> GroupRow {
    let is_unreadable = group.subscription == DeadLetter::NOBODY;
    let filter = Filter {
        subscription: if is_unreadable { String::new() } else { group.subscription.to_string() },
        sort: if is_unreadable { UNREADABLE.to_owned() } else { String::new() },
        kanaal: group.kanaal.to_string(),
        status: group.code.map(|code| code.to_string()).unwrap_or_default(),
        ..Filter::default()
    };
    GroupRow {
        receiver: receivers.of(group.subscription).0,
        kanaal: group.kanaal.to_string(),
        outcome: outcome(view, group.outcome),
        answer: answer(view, group.code),
        count: group.count,
        newest: group.newest,
        path: format!("{LIST}?{}", filter.to_query()),
    }
}

fn row(view: &View, receivers: &mut Receivers<'_>, letter: DeadLetter) -> Row {
    let (receiver, is_there) = receivers.of(letter.delivery.subscription);
    let is_readable = letter.delivery.subscription != DeadLetter::NOBODY;
    Row {
        id: letter.id.to_string(),
        receiver,
        event_path: is_readable.then(|| events::path_of(&letter.event_source, &letter.event_id)),
        delivery_path: is_there.then(|| subscriptions::delivery_path(&letter.delivery)),
        kanaal: letter.delivery.kanaal.to_string(),
        outcome: outcome(view, letter.outcome),
        why: (letter.outcome == Outcome::Untranslatable).then(|| (view.text.delivery.of)(letter.outcome).1),
        answer: answer(view, letter.last_code),
        event: letter.event_id,
        kind: letter.event_kind,
        reason: letter.reason,
        attempts: letter.attempts,
        at: letter.at,
    }
}
