//! Tests of the receiver of a subscription: its consent, an example event, and the check clause by clause.
//!
//! The forms answer with the result on the page itself: nothing of it is stored.

use askama::Template;
use axum::extract::{Path, State};
use management::{
    subscriptions::{CheckedReceiver, TestDelivery, TestOutcome},
    types::TypeFilter,
};
use model::{Subscription, consent::Consent};

use super::{own_subscription, title_of};
use crate::{
    Console, View,
    choice::Choice,
    form::Form,
    page::{PageResult, page},
    pages::{receiver_report::Report, subscriptions},
    text::states::{Words, badge},
};

#[derive(Template)]
#[template(path = "portal_test.html")]
struct Test<'a> {
    view: &'a View,
    path: String,
    subscription: String,
    words: Words,
    badge: &'static str,
    has_consent: bool,
    kinds: Vec<Choice>,
    sent: Option<Sent>,
    report: Option<Report>,
}

/// A test event and what came of it.
struct Sent {
    badge: &'static str,
    word: &'static str,
    meaning: &'static str,
    delivery: TestDelivery,
    milliseconds: String,
}

/// The page.
pub async fn handler(State(console): State<Console>, Path(id): Path<String>, view: View) -> PageResult {
    let own = own_subscription(&console, &view, &id)?;
    show(&console, &view, &own, "", None, None).await
}

/// Sends an example event of a type, or the test event of the gateway.
pub async fn send(State(console): State<Console>, Path(id): Path<String>, view: View, form: Form) -> PageResult {
    let own = own_subscription(&console, &view, &id)?;
    let kind = form.text("type");
    let sent = match kind {
        "" => console.management.test_subscription(&view.actor, own.id, None).await?,
        kind => console.management.send_example(&view.actor, own.id, kind).await?,
    };
    show(&console, &view, &own, kind, Some(sent), None).await
}

/// Checks the receiver clause by clause.
pub async fn check(State(console): State<Console>, Path(id): Path<String>, view: View) -> PageResult {
    let own = own_subscription(&console, &view, &id)?;
    let checked = console.management.check_receiver(&view.actor, own.id).await?;
    show(&console, &view, &own, "", None, Some(checked)).await
}

async fn show(
    console: &Console,
    view: &View,
    own: &Subscription,
    kind: &str,
    sent: Option<TestDelivery>,
    checked: Option<CheckedReceiver>,
) -> PageResult {
    let status = console.management.subscription_status(own).await;
    let text = &view.text.portal.test;
    let types = console.management.list_types(&TypeFilter::default());
    let covered =
        types.iter().filter(|one| one.kanaal.as_ref().is_some_and(|kanaal| own.selection.covers(&kanaal.naam)));
    let kinds = covered.map(|one| (one.kind.clone(), one.kind.clone()));
    let first = (String::new(), text.test_event.to_owned());
    page(&Test {
        path: subscriptions::path_of(own.id),
        subscription: title_of(own),
        words: view.state_words(status.state),
        badge: badge(status.state),
        has_consent: matches!(own.consent, Consent::Granted { .. }),
        kinds: Choice::list([first].into_iter().chain(kinds), kind),
        sent: sent.map(|sent| of_delivery(view, sent)),
        report: checked.map(|checked| Report::new(view, checked)),
        view,
    })
}

fn of_delivery(view: &View, delivery: TestDelivery) -> Sent {
    let text = &view.text.portal.test;
    let (badge, (word, meaning)) = match delivery.outcome {
        TestOutcome::Accepted => ("success", text.accepted),
        TestOutcome::Gone => ("error", text.gone),
        TestOutcome::Paced(_) => ("warning", text.paced),
        TestOutcome::Refused => ("error", text.refused),
        TestOutcome::Format => ("error", text.format),
        TestOutcome::Failed => ("error", text.failed),
        TestOutcome::NoAnswer => ("error", text.no_answer),
        TestOutcome::NotSent => ("warning", text.not_sent),
    };
    let milliseconds = u64::try_from(delivery.duration.as_millis()).unwrap_or(u64::MAX);
    let milliseconds = (view.text.delivery.milliseconds)(&view.number(milliseconds));
    Sent { badge, word, meaning, delivery, milliseconds }
}
