//! One subscription: its state with what to do, consent, progress, last deliveries, approvals, and its actions.

use std::{sync::Arc, time::Duration};

use askama::Template;
use axum::extract::{Path, State};
use management::{
    CertificateEnds, Right,
    journal::{DeliveryQuery, Page},
    statistics::{Request, Step, Subject},
    subscriptions::{AlertReceivers, SubscriptionStatus},
};
use model::{
    Subscription, Timestamp,
    approval::ApprovalState,
    consent::{Consent, Rate, Validation},
    credential::Credential,
    subscription::{Order, Status},
};

use super::{
    deliveries::Row,
    figures::{Figures, figures},
    id_of, path_of,
    shown::{format_text, kanalen_text},
};
use crate::{
    Console, View, curl,
    page::{PageResult, page},
    sink_text::sink_text,
    suspension::Suspension,
    text::{
        Texts,
        states::{Words, badge},
    },
};

/// The period of the pace.
const MINUTE: Duration = Duration::from_mins(1);

/// The deliveries on the page.
const DELIVERIES: u32 = 10;

#[derive(Template)]
#[template(path = "subscription.html")]
struct Detail<'a> {
    view: &'a View,
    own: &'a Subscription,
    status: SubscriptionStatus,
    /// How near its suspension is, during an outage.
    suspension: Option<Suspension>,
    figures: Option<Figures>,
    path: String,
    /// Its name, or else its receiver.
    title: String,
    receiver: String,
    kanalen: String,
    format: &'static str,
    order: &'static str,
    credential: &'static str,
    /// When the credential was set, as far as it is known; `None` without a credential.
    credential_set: Option<String>,
    certificates: CertificateEnds,
    /// The requests of the last whole minute, beside the granted rate.
    pace: Option<String>,
    words: Words,
    badge: &'static str,
    consent: ConsentRow,
    approvals: Vec<ApprovalRow>,
    deliveries: Vec<Row>,
    /// Who is warned when the receiver fails; `None` in the portal.
    alerts: Option<Alerts>,
    sees_dead_letters: bool,
    /// The id in the configuration that declares it.
    declared: Option<&'a str>,
    may_manage: bool,
    may_resend: bool,
    may_pause: bool,
    may_resume: bool,
    /// The name of each action that the person may do, and its command.
    commands: Vec<(&'static str, String)>,
}

/// The consent in words.
struct ConsentRow {
    state: &'static str,
    at: Option<Timestamp>,
    until: Option<Timestamp>,
    next: Option<Timestamp>,
    attempts: Option<u32>,
    origin: Option<String>,
    rate: Option<String>,
    reason: Option<String>,
    agreement: Option<String>,
}

/// Who gets the gateway's own events about the subscription.
struct Alerts {
    /// That nobody does, and why; or what comes before the list.
    text: &'static str,
    /// Path and name of each subscription that gets them.
    receivers: Vec<(String, String)>,
}

/// The decision of the owner of a kanaal.
struct ApprovalRow {
    kanaal: String,
    state: &'static str,
    badge: &'static str,
    by: String,
    at: Option<Timestamp>,
    reason: String,
    discloses: &'static str,
}

/// The page.
pub async fn handler(State(console): State<Console>, Path(id): Path<String>, view: View) -> PageResult {
    let management = &console.management;
    let own = management.find_subscription(&view.actor, id_of(&id)?)?;
    let status = management.subscription_status(&own).await;
    let rows = Page { offset: 0, limit: DELIVERIES };
    let deliveries = management.list_deliveries(&view.actor, own.id, DeliveryQuery::default(), rows).await?;
    let is_own = view.actor.may_manage(&own.owner);
    let may_manage = is_own && view.may(Right::ManageSubscriptions);
    let text = view.text;
    let may_pause = may_manage && own.status == Status::Active;
    let may_resume = may_manage && matches!(own.status, Status::Paused | Status::Suspended { .. });
    let limit = management.settings.outage_limit;
    page(&Detail {
        view: &view,
        suspension: status.outage_since.map(|since| Suspension::new(since, view.now, limit)),
        figures: figures(&console, &view, own.id).await,
        path: path_of(own.id),
        title: own.name.clone().unwrap_or_else(|| sink_text(&own.sink)),
        receiver: sink_text(&own.sink),
        kanalen: kanalen_text(&own, text),
        format: format_text(&own, text),
        order: match own.order {
            Order::None => text.subscription.order_none,
            Order::Key => text.subscription.order_key,
        },
        credential: credential_text(&own.credential, text),
        credential_set: credential_set(&view, &own),
        certificates: management.certificate_ends(&view.actor, own.id).await?,
        pace: pace(&console, &view, &own),
        words: view.state_words(status.state),
        badge: badge(status.state),
        consent: consent_row(&own, text),
        approvals: approval_rows(&own, text),
        deliveries: deliveries.iter().map(|(row, _)| Row::new(row, &view)).collect(),
        alerts: (!view.is_portal()).then(|| alerts(&console, &view, &own)),
        sees_dead_letters: view.may(Right::SeeEvents),
        declared: management.declared_as(own.id),
        may_manage,
        may_resend: is_own && view.may(Right::Resend),
        may_pause,
        may_resume,
        commands: commands(&view, &own, (may_manage, may_pause, may_resume), management.declared_as(own.id).is_some()),
        own: &own,
        status,
    })
}

/// The commands of the actions that the page offers as buttons.
fn commands(
    view: &View,
    own: &Subscription,
    (may_manage, may_pause, may_resume): (bool, bool, bool),
    is_declared: bool,
) -> Vec<(&'static str, String)> {
    let text = &view.text.subscription;
    let path = format!("/v1/subscriptions/{}", own.id);
    let post = |name, action: &str| (name, curl::action(view, "POST", &format!("{path}/{action}")));
    [
        may_pause.then(|| post(text.pause, "pause")),
        may_resume.then(|| post(text.resume, "resume")),
        may_manage.then(|| post(text.revalidate, "revalidate")),
        may_manage.then(|| post(text.test, "test")),
        may_manage.then(|| post(text.check, "check")),
        (may_manage && !is_declared).then(|| (text.delete, curl::action(view, "DELETE", &path))),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The kind of a credential; its value is never shown.
pub const fn credential_text(credential: &Credential, text: &Texts) -> &'static str {
    let text = &text.subscription;
    match credential {
        Credential::None => text.credential_none,
        Credential::Authorization(_) => text.credential_authorization,
        Credential::QueryToken(_) => text.credential_query,
        Credential::AccessToken(_) => text.credential_access,
        Credential::RefreshToken(_) => text.credential_refresh,
        Credential::Zgw(_) => text.credential_zgw,
        Credential::OAuth2(_) => text.credential_oauth2,
    }
}

/// When the credential was set.
pub(super) fn credential_set(view: &View, own: &Subscription) -> Option<String> {
    if own.credential == Credential::None {
        return None;
    }
    let text = |at: Timestamp| view.moment(at).text;
    Some(match own.credential_changed {
        Some(at) => text(at),
        None if own.changed == own.created => text(own.created),
        None => (view.text.subscription.credential_between)(&text(own.created), &text(own.changed)),
    })
}

/// The requests of the last whole minute, as this node has counted them.
fn pace(console: &Console, view: &View, own: &Subscription) -> Option<String> {
    let from = Some(view.now - MINUTE);
    let request = Request { subject: Subject::Subscription(own.id), step: Step::Minute, from };
    let found = console.management.read_statistics(&view.actor, &request).ok()?;
    let (since, counts) = found.steps.first()?;
    let requests: u64 = counts.attempts.iter().map(|number| u64::from(*number)).sum();
    let granted = match own.consent.granted() {
        Some((_, Rate::PerMinute(number))) => Some(view.number(number.get())),
        Some((_, Rate::Unlimited)) | None => None,
    };
    let text = &view.text.subscription;
    Some((text.pace_of_minute)(&view.number(requests), &view.moment(*since).text, granted.as_deref()))
}

fn alerts(console: &Console, view: &View, own: &Subscription) -> Alerts {
    let text = &view.text.alerts;
    let (text, found) = match console.management.alert_receivers(&view.actor, own) {
        AlertReceivers::Off => (text.off, vec![]),
        AlertReceivers::Itself => (text.itself, vec![]),
        AlertReceivers::Subscriptions(found) if found.is_empty() => (text.nobody, found),
        AlertReceivers::Subscriptions(found) => (text.to, found),
    };
    let row = |own: &Arc<Subscription>| (path_of(own.id), own.name.clone().unwrap_or_else(|| sink_text(&own.sink)));
    Alerts { text, receivers: found.iter().map(row).collect() }
}

fn consent_row(own: &Subscription, text: &Texts) -> ConsentRow {
    let text = &text.subscription;
    let row = ConsentRow {
        state: text.validating,
        at: None,
        until: None,
        next: None,
        attempts: None,
        origin: None,
        rate: None,
        reason: None,
        agreement: match &own.validation {
            Validation::Manual { agreement } => Some(agreement.clone()),
            Validation::Handshake | Validation::Probe => None,
        },
    };
    match &own.consent {
        Consent::Validating { attempts, not_before, last } => {
            ConsentRow { next: Some(*not_before), attempts: Some(*attempts), reason: last.clone(), ..row }
        }
        Consent::PendingCallback { until, last } => {
            ConsentRow { state: text.pending, until: Some(*until), reason: last.clone(), ..row }
        }
        Consent::Granted { origin, rate, at } => ConsentRow {
            state: text.granted,
            at: Some(*at),
            origin: Some(origin.clone()),
            rate: Some(match rate {
                Rate::Unlimited => text.unlimited.to_owned(),
                Rate::PerMinute(number) => (text.per_minute)(number.get()),
            }),
            ..row
        },
        Consent::Refused { reason, at } => {
            ConsentRow { state: text.refused, at: Some(*at), reason: Some(reason.clone()), ..row }
        }
    }
}

fn approval_rows(own: &Subscription, text: &Texts) -> Vec<ApprovalRow> {
    let text = &text.subscription;
    let row = |approval: &model::approval::Approval| {
        let (state, badge, decision) = match &approval.state {
            ApprovalState::Awaiting => (text.awaiting, "warning", None),
            ApprovalState::Approved(decision) => (text.approved, "success", Some(decision)),
            ApprovalState::Rejected(decision) => (text.rejected, "error", Some(decision)),
        };
        ApprovalRow {
            kanaal: approval.kanaal.to_string(),
            state,
            badge,
            by: decision.map(|decision| decision.by.clone()).unwrap_or_default(),
            at: decision.map(|decision| decision.at),
            reason: decision.and_then(|decision| decision.reason.clone()).unwrap_or_default(),
            discloses: match &approval.disclose {
                Some(disclosure) if !disclosure.data => text.without_data,
                Some(disclosure) if disclosure.attributes.is_some() => text.some_attributes,
                None | Some(_) => text.everything,
            },
        }
    };
    own.approvals.iter().map(row).collect()
}
