//! A test event to the receiver of a subscription, and a check of it clause by clause. The page has what came of it.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use management::{
    ReceiverVerdict,
    subscriptions::{CheckedReceiver, TestDelivery, TestOutcome},
};
use model::{
    Subscription,
    audit::{Action, Object, ObjectKind},
};
use web::Problem;

use super::{id_of, path_of};
use crate::{
    Console, View,
    page::{PageResult, page},
    sink_text::sink_text,
};

#[derive(Template)]
#[template(path = "subscription_test.html")]
struct Test<'a> {
    view: &'a View,
    path: String,
    receiver: String,
    sent: &'a TestDelivery,
    kind: &'static str,
    explanation: String,
    duration: String,
}

#[derive(Template)]
#[template(path = "subscription_check.html")]
struct Check<'a> {
    view: &'a View,
    path: String,
    receiver: String,
    checked: &'a CheckedReceiver,
    outcome: Vec<String>,
    findings: Vec<Finding>,
}

/// A finding in the language of the page.
struct Finding {
    id: &'static str,
    is_obligation: bool,
    verdict: &'static str,
    badge: &'static str,
    rule: String,
    seen: String,
    remedy: String,
}

/// Sends a test event.
pub async fn test(State(console): State<Console>, Path(id): Path<String>, view: View) -> PageResult {
    let own = begin(&console, &view, &id, Action::SubscriptionTest).await?;
    let sent = console.management.test_subscription(&view.actor, own.id, None).await?;
    let milliseconds = view.number(u64::try_from(sent.duration.as_millis()).unwrap_or(u64::MAX));
    page(&Test {
        path: path_of(own.id),
        receiver: sink_text(&own.sink),
        kind: if sent.outcome == TestOutcome::Accepted { "ok" } else { "warning" },
        explanation: view.text_in(&sent.explanation()).to_owned(),
        duration: (view.text.delivery.milliseconds)(&milliseconds),
        sent: &sent,
        view: &view,
    })
}

/// Checks the receiver.
pub async fn check(State(console): State<Console>, Path(id): Path<String>, view: View) -> PageResult {
    let own = begin(&console, &view, &id, Action::SubscriptionCheck).await?;
    let checked = console.management.check_receiver(&view.actor, own.id).await?;
    let finding = |own: &management::ReceiverFinding| Finding {
        id: own.id,
        is_obligation: own.must,
        verdict: (view.text.receiver.verdict_of)(own.verdict),
        badge: match own.verdict {
            ReceiverVerdict::Pass => "success",
            ReceiverVerdict::Warn => "warning",
            ReceiverVerdict::Fail => "error",
            ReceiverVerdict::NotObserved => "neutral",
        },
        rule: view.text_in(&own.rule).to_owned(),
        seen: view.text_in(&own.seen).to_owned(),
        remedy: own.remedy.as_ref().map(|remedy| view.text_in(remedy).to_owned()).unwrap_or_default(),
    };
    page(&Check {
        path: path_of(own.id),
        receiver: sink_text(&own.sink),
        outcome: checked.report.outcome.iter().map(|text| view.text_in(text).to_owned()).collect(),
        findings: checked.report.findings.iter().map(finding).collect(),
        checked: &checked,
        view: &view,
    })
}

/// The subscription, if the person may manage it; the audit trail has the action.
async fn begin(console: &Console, view: &View, id: &str, action: Action) -> Result<Arc<Subscription>, Problem> {
    let own = console.management.find_subscription(&view.actor, id_of(id)?)?;
    if !view.actor.may_manage(&own.owner) {
        return Err(Problem::not_found("There is no such subscription."));
    }
    let object = Object::new(ObjectKind::Subscription, own.id.to_string());
    console.web.recorder.record(&view.actor, action, object).await?;
    Ok(own)
}
