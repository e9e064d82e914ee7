//! What is stored of a person as JSON: the answer of the API and the file of the page are the same document (CH-65, CH-137).

use model::{Timestamp, addressee::Evidence};
use people::{Export, Exported};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// What is stored of a person. Codes and tokens are not in it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PersonExport {
    /// When it was read.
    #[schema(format = "date-time")]
    pub at: String,
    /// The light subscriptions.
    pub subscriptions: Vec<ExportedSubscription>,
    /// What is known of each notification, at most 100,000.
    pub notifications: Vec<ExportedNotification>,
    /// Whether there are more notifications.
    pub truncated: bool,
}

/// A light subscription with its address.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExportedSubscription {
    /// Its id.
    #[schema(format = "uuid")]
    pub id: String,
    /// The kanaal.
    pub kanaal: String,
    /// The address; null when it was erased.
    pub address: Option<String>,
    /// The address that waits to be confirmed.
    pub new_address: Option<String>,
    /// The expression of the filter of a confirmed one.
    pub filter: Option<String>,
    /// The dialect of the filter: `sql` or `jmespath`.
    pub filter_dialect: Option<&'static str>,
    /// What is stored of the person for filters of senders.
    #[schema(value_type = Option<Object>)]
    pub attributes: Option<Value>,
    /// The language of messages: `nl` or `en`.
    pub language: &'static str,
    /// How often mails come: `at-once`, `daily` or `weekly`.
    pub frequency: &'static str,
    /// The applicatie that it belongs to.
    pub owner: Option<String>,
    /// `unconfirmed`, `confirmed` or `ended`.
    pub state: &'static str,
    /// Since when.
    #[schema(format = "date-time")]
    pub since: String,
    /// What it was confirmed by: `code`, `link`, `client` (an agreement), `source` (which verified the address) or `import`.
    pub confirmed_by: Option<&'static str>,
    /// When it was confirmed.
    #[schema(format = "date-time")]
    pub confirmed: Option<String>,
    /// The source that verified the address.
    pub verified_by: Option<String>,
    /// When that source verified the address.
    #[schema(format = "date-time")]
    pub verified: Option<String>,
    /// Why it ended: `unsubscribed`, `undeliverable`, `complaint`, `expired`, `replaced` or `erased`.
    pub end: Option<&'static str>,
    /// When it was requested.
    #[schema(format = "date-time")]
    pub requested: String,
    /// When it ends by itself.
    #[schema(format = "date-time")]
    pub expires: Option<String>,
    /// When messages to the address came back.
    pub bounces: Vec<String>,
}

/// What is known of a notification.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExportedNotification {
    /// The kanaal of the event.
    pub kanaal: String,
    /// `source` of the event.
    pub source: String,
    /// `id` of the event.
    pub id: String,
    /// When the event was accepted.
    #[schema(format = "date-time")]
    pub accepted: String,
    /// How often it was tried.
    pub attempts: Option<u32>,
    /// When it was tried last.
    #[schema(format = "date-time")]
    pub tried: Option<String>,
    /// How it ended: `sent`, `delivered`, `permanent-failure`, `temporary-failure`, `technical-failure`, `in-doubt`, `expired` or
    /// `ended`.
    pub outcome: Option<&'static str>,
    /// When it ended.
    #[schema(format = "date-time")]
    pub settled: Option<String>,
    /// When it was read, where that is known.
    #[schema(format = "date-time")]
    pub read: Option<String>,
}

impl std::fmt::Debug for ExportedSubscription {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ExportedSubscription({})", self.id)
    }
}

impl From<Export> for PersonExport {
    fn from(export: Export) -> Self {
        Self {
            at: export.at.to_rfc3339(),
            subscriptions: export.subscriptions.into_iter().map(subscription).collect(),
            notifications: export.notifications.iter().map(notification).collect(),
            truncated: export.is_truncated,
        }
    }
}

fn subscription(own: Exported) -> ExportedSubscription {
    ExportedSubscription {
        id: own.id.to_string(),
        kanaal: own.kanaal.to_string(),
        address: own.address,
        new_address: own.new_address,
        filter_dialect: own.filter.as_ref().map(|filter| filter.dialect),
        filter: own.filter.map(|filter| filter.expression),
        attributes: serde_json::from_str(&own.attributes).ok(),
        language: own.language.label(),
        frequency: own.frequency.label(),
        owner: own.owner,
        state: own.state.label(),
        since: own.since.to_rfc3339(),
        confirmed_by: own.confirmation.as_ref().map(|own| own.by),
        confirmed: own.confirmation.as_ref().map(|own| own.at.to_rfc3339()),
        verified: own.confirmation.as_ref().and_then(|own| own.verified).map(Timestamp::to_rfc3339),
        verified_by: own.confirmation.and_then(|own| own.source),
        end: own.end,
        requested: own.created.to_rfc3339(),
        expires: own.expires.map(Timestamp::to_rfc3339),
        bounces: own.bounces.into_iter().map(Timestamp::to_rfc3339).collect(),
    }
}

fn notification(evidence: &Evidence) -> ExportedNotification {
    ExportedNotification {
        kanaal: evidence.event.kanaal.to_string(),
        source: evidence.event.source.clone(),
        id: evidence.event.id.clone(),
        accepted: evidence.accepted.to_rfc3339(),
        attempts: evidence.tried.map(|(attempts, _)| attempts),
        tried: evidence.tried.map(|(_, at)| at.to_rfc3339()),
        outcome: evidence.outcome.map(|(outcome, _)| outcome.label()),
        settled: evidence.outcome.map(|(_, at)| at.to_rfc3339()),
        read: evidence.read.map(Timestamp::to_rfc3339),
    }
}
