//! A subscription as the native API shows it: the object of the CloudEvents Subscriptions API with what is ours under
//! `config` and `status`. Secrets are never shown (CE-SUB-14).
//!
//! Reading the same object from a request is `input`.

use std::collections::BTreeMap;

use management::subscriptions::headers::HIDDEN;
use model::{
    KanaalName, Subscription,
    approval::{Approval, ApprovalState},
    consent::Validation,
    event::PublishedAs,
    selection::{AbonnementSelection, Kenmerken, Selection},
    subscription::{Format, Order, Rendering, RetryPolicy},
};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    filter,
    status::StatusView,
    warnings::{self, SelectionWarning},
};

/// A subscription.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Subscription)]
pub struct SubscriptionView {
    /// Given by the gateway.
    #[schema(read_only, format = "uuid")]
    pub id: String,
    /// Only events with this `source`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Only events with one of these values of `type`; absent or empty for all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub types: Option<Vec<String>>,
    /// Filters that all must hold; dialects exact, prefix, suffix, all, any, not, sql, data.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<Object>>)]
    pub filters: Option<Vec<Value>>,
    /// What the selection cannot do although it is valid; absent when there is nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(read_only, required = false)]
    pub warnings: Vec<SelectionWarning>,
    /// Where events go: an https URL.
    #[schema(format = "uri")]
    pub sink: String,
    /// Always `HTTP`.
    #[schema(pattern = "^HTTP$")]
    pub protocol: &'static str,
    /// Settings of the protocol.
    pub protocolsettings: ProtocolSettings,
    /// What is particular to this gateway.
    pub config: Config,
    /// Its state.
    #[schema(read_only)]
    pub status: StatusView,
    /// The applicatie it belongs to.
    #[schema(read_only)]
    pub owner: String,
    /// When it was made.
    #[schema(read_only, format = "date-time")]
    pub created: String,
    /// When its owner last changed it; the `ETag` follows it.
    #[schema(read_only, format = "date-time")]
    pub changed: String,
    /// When its owner last set `sinkcredential` after it was made; absent when that was at its creation, or not kept.
    #[serde(rename = "credentialChanged", skip_serializing_if = "Option::is_none")]
    #[schema(read_only, format = "date-time", nullable = false)]
    pub credential_changed: Option<String>,
    /// When it lapses; null for never. A later moment, or null, revives one that has expired.
    #[schema(format = "date-time")]
    pub expires: Option<String>,
    /// Its approvals by the owners of kanalen that approve their subscriptions.
    #[schema(read_only)]
    pub approvals: Vec<ApprovalView>,
}

/// State of an approval by the owner of a kanaal.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Approval)]
pub struct ApprovalView {
    /// The kanaal.
    pub kanaal: String,
    /// `awaiting`, `approved` or `rejected`. A subscription that names the kanaal gets nothing at all before it is
    /// approved; one that takes all kanalen goes without this one.
    #[schema(pattern = "^(awaiting|approved|rejected)$")]
    pub state: &'static str,
    /// Why.
    pub reason: Option<String>,
    /// Who decided.
    pub by: Option<String>,
    /// When.
    #[schema(format = "date-time")]
    pub at: Option<String>,
    /// What of each event leaves; null for everything.
    pub disclose: Option<DiscloseView>,
}

/// What of each event leaves. `id`, `source`, `type` and `specversion` always do.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Disclosure)]
pub struct DiscloseView {
    /// The optional attributes that leave; null for all of them.
    pub attributes: Option<Vec<String>>,
    /// Whether `data` leaves, with `datacontenttype`. True when it is not said.
    pub data: bool,
}

impl ApprovalView {
    fn new(approval: &Approval) -> Self {
        let (state, judgement) = match &approval.state {
            ApprovalState::Awaiting => ("awaiting", None),
            ApprovalState::Approved(judgement) => ("approved", Some(judgement)),
            ApprovalState::Rejected(judgement) => ("rejected", Some(judgement)),
        };
        Self {
            kanaal: approval.kanaal.to_string(),
            state,
            reason: judgement.and_then(|own| own.reason.clone()),
            by: judgement.map(|own| own.by.clone()),
            at: judgement.map(|own| own.at.to_rfc3339()),
            disclose: approval.disclose.as_ref().map(|own| DiscloseView {
                attributes: own.attributes.as_ref().map(|names| names.iter().map(ToString::to_string).collect()),
                data: own.data,
            }),
        }
    }
}

/// Settings of the protocol HTTP.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProtocolSettings {
    /// Always `POST`.
    #[schema(pattern = "^POST$")]
    pub method: &'static str,
    /// Headers of every delivery besides the gateway's. Values are write-only: `***` is shown, and keeps what is stored.
    pub headers: BTreeMap<String, String>,
}

/// What is particular to this gateway.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SubscriptionConfig)]
#[serde(rename_all = "camelCase")]
pub struct Config {
    /// A name for people; it need not be unique.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 100)]
    pub name: Option<String>,
    /// Who answers questions about it: a mail address, or an http or https URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 254)]
    pub contact: Option<String>,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 1_000)]
    pub description: Option<String>,
    /// Only events of these kanalen; absent or empty for all, also later ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kanalen: Option<Vec<String>>,
    /// Only events that were posted so: `notificatie` or `cloudevent`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^(notificatie|cloudevent)$")]
    pub born: Option<&'static str>,
    /// Values that the kenmerken (or members of data) must have; `*` and a missing key pass.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kenmerken: Option<BTreeMap<String, String>>,
    /// What an abonnement of the Notificaties API selects; read-only here.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(read_only)]
    pub abonnement: Option<Abonnement>,
    /// The shape of deliveries: `structured`, `binary`, `batch` or `legacy`.
    #[schema(pattern = "^(structured|binary|batch|legacy)$")]
    pub format: &'static str,
    /// How a notification looks as a structured CloudEvent: `canonical` or `on116`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^(canonical|on116)$")]
    pub rendering: Option<&'static str>,
    /// Bounds of a batch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch: Option<Batch>,
    /// Order of arrival: `none` or `key`.
    #[schema(pattern = "^(none|key)$")]
    pub order: &'static str,
    /// How the sink is asked for consent: `handshake`, `probe` or `manual`.
    #[schema(pattern = "^(handshake|probe|manual)$")]
    pub validation: &'static str,
    /// What replaces the handshake when validation is manual, and where it is filed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agreement: Option<String>,
    /// The rate to ask for in the handshake, requests per minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1)]
    pub rate: Option<u32>,
    /// Most requests under way at once; absent for the gateway's default.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 10_000)]
    pub max_in_flight: Option<u32>,
    /// What happens when the sink fails.
    pub retry: Retry,
    /// The TLS profile for the sink; absent: the one named like the destination, else the general one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<String>,
    /// The contract under which the sink, an FSC Outway, is used; absent without FSC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fsc: Option<FscView>,
}

/// A contract of FSC.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Fsc)]
#[serde(rename_all = "camelCase")]
pub struct FscView {
    /// The hash of the grant, sent as `Fsc-Grant-Hash`. Each attempt has a `Fsc-Transaction-Id` of its own.
    #[schema(min_length = 1, max_length = 256)]
    pub grant_hash: String,
}

/// What an abonnement of the Notificaties API selects.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Abonnement {
    /// Entries for notifications.
    pub kanalen: Vec<AbonnementKanaal>,
    /// Entries for CloudEvents.
    pub cloudevent_filters: Vec<AbonnementCloudEvent>,
}

/// An entry for notifications.
#[derive(Debug, Serialize, ToSchema)]
pub struct AbonnementKanaal {
    /// The kanaal.
    pub naam: String,
    /// Values of its kenmerken.
    pub filters: BTreeMap<String, String>,
}

/// An entry for CloudEvents.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AbonnementCloudEvent {
    /// Part of `type`.
    pub type_substring: String,
    /// Values of members of data.
    pub filters: BTreeMap<String, String>,
}

/// Bounds of a batch.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Batch {
    /// Most events in one request, 1 to 1,000.
    pub max_events: u32,
    /// How long the first event waits for more, in milliseconds, 0 to 60,000.
    pub linger_ms: u64,
}

/// What happens when the sink fails: wait `factor` * `base`^n seconds, at most `capSeconds`, `maxRetries` times.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Retry {
    /// Retries of one event before it is a dead letter, 0 to 100.
    pub max_retries: u32,
    /// Multiplies every wait, 0 to 3,600 seconds.
    pub factor: f64,
    /// Raised to the number of retries made so far, 1 to 10.
    pub base: f64,
    /// The longest wait, in seconds, 1 to 86,400.
    pub cap_seconds: u64,
    /// Random part of a wait, 0 to 1.
    pub jitter: f64,
    /// Whether a failing sink is never treated as an outage.
    pub ladder_only: bool,
}

impl SubscriptionView {
    /// Shows a subscription.
    pub fn new(subscription: &Subscription, status: StatusView) -> Self {
        let mut view = Self {
            id: subscription.id.to_string(),
            source: None,
            types: None,
            filters: None,
            warnings: Vec::new(),
            sink: subscription.sink.to_string(),
            protocol: "HTTP",
            protocolsettings: ProtocolSettings {
                method: "POST",
                headers: subscription.headers.iter().map(|(name, _)| (name.clone(), HIDDEN.to_owned())).collect(),
            },
            config: Config::new(subscription),
            status,
            owner: subscription.owner.clone(),
            created: subscription.created.to_rfc3339(),
            changed: subscription.changed.to_rfc3339(),
            credential_changed: subscription.credential_changed.map(model::Timestamp::to_rfc3339),
            expires: subscription.expires.map(model::Timestamp::to_rfc3339),
            approvals: subscription.approvals.iter().map(ApprovalView::new).collect(),
        };
        match &subscription.selection {
            Selection::Native(native) => {
                view.source.clone_from(&native.source);
                view.types = Some(native.types.clone());
                view.warnings = warnings::of(native);
                view.filters = Some(native.filters.iter().map(filter::show).collect());
                view.config.kanalen = Some(native.kanalen.iter().map(ToString::to_string).collect());
                view.config.born = native.published_as.map(published_as);
                view.config.kenmerken = Some(kenmerken(&native.kenmerken));
            }
            Selection::Abonnement(abonnement) => view.config.abonnement = Some(Abonnement::new(abonnement)),
        }
        view
    }
}

impl SubscriptionView {
    /// The same for the owner of a kanaal, who must know what is asked for and where it goes, but no secret of the
    /// subscriber: the query of the sink is left out.
    #[must_use]
    pub fn for_owner_of(mut self, kanaal: &KanaalName) -> Self {
        if let Some(query) = self.sink.find('?') {
            self.sink.truncate(query);
            self.sink.push_str("?***");
        }
        self.status.last_error = None;
        self.approvals.retain(|entry| entry.kanaal == kanaal.as_str());
        self
    }
}

impl Config {
    fn new(subscription: &Subscription) -> Self {
        let (format, rendering, batch) = match subscription.format {
            Format::Legacy => ("legacy", None, None),
            Format::Structured(Rendering::Canonical) => ("structured", Some("canonical"), None),
            Format::Structured(Rendering::On116) => ("structured", Some("on116"), None),
            Format::Binary => ("binary", None, None),
            Format::Batch { max_events, linger } => {
                let linger_ms = u64::try_from(linger.as_millis()).unwrap_or(u64::MAX);
                ("batch", None, Some(Batch { max_events: max_events.get(), linger_ms }))
            }
        };
        let (validation, agreement) = match &subscription.validation {
            Validation::Handshake => ("handshake", None),
            Validation::Probe => ("probe", None),
            Validation::Manual { agreement } => ("manual", Some(agreement.clone())),
        };
        Self {
            name: subscription.name.clone(),
            contact: subscription.contact.clone(),
            description: subscription.description.clone(),
            kanalen: None,
            born: None,
            kenmerken: None,
            abonnement: None,
            format,
            rendering,
            batch,
            order: match subscription.order {
                Order::None => "none",
                Order::Key => "key",
            },
            validation,
            agreement,
            rate: subscription.requested_rate.map(Into::into),
            max_in_flight: subscription.max_in_flight.map(Into::into),
            retry: Retry::new(&subscription.retry),
            tls: subscription.tls.clone(),
            fsc: subscription.fsc.as_ref().map(|own| FscView { grant_hash: own.grant_hash.clone() }),
        }
    }
}

impl Retry {
    fn new(retry: &RetryPolicy) -> Self {
        Self {
            max_retries: retry.max_retries,
            factor: retry.factor.as_f64(),
            base: retry.base.as_f64(),
            cap_seconds: retry.cap.as_secs(),
            jitter: retry.jitter.as_f64(),
            ladder_only: retry.ladder_only,
        }
    }
}

impl Abonnement {
    fn new(selection: &AbonnementSelection) -> Self {
        let kanalen = selection.kanalen.iter();
        let cloudevents = selection.cloudevents.iter();
        Self {
            kanalen: kanalen
                .map(|entry| AbonnementKanaal { naam: entry.naam.to_string(), filters: kenmerken(&entry.filters) })
                .collect(),
            cloudevent_filters: cloudevents
                .map(|entry| AbonnementCloudEvent {
                    type_substring: entry.type_substring.clone(),
                    filters: kenmerken(&entry.filters),
                })
                .collect(),
        }
    }
}

fn kenmerken(kenmerken: &Kenmerken) -> BTreeMap<String, String> {
    kenmerken.0.iter().map(|pair| (pair.key.clone(), pair.value.to_string())).collect()
}

fn published_as(kind: PublishedAs) -> &'static str {
    match kind {
        PublishedAs::Notificatie => "notificatie",
        PublishedAs::CloudEvent => "cloudevent",
    }
}
