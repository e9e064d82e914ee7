//! Parts of a subscription in words, for the list and the page of one.

use model::{
    KanaalName,
    selection::Selection,
    subscription::{Format, Subscription},
};

use crate::text::Texts;

/// The names of the kanalen that a subscription names; empty for all of them.
pub fn kanalen(subscription: &Subscription) -> Vec<&str> {
    match &subscription.selection {
        Selection::Native(native) => native.kanalen.iter().map(KanaalName::as_str).collect(),
        Selection::Abonnement(abonnement) => abonnement.kanalen.iter().map(|entry| entry.naam.as_str()).collect(),
    }
}

/// The same as one text.
pub fn kanalen_text(subscription: &Subscription, text: &Texts) -> String {
    let names = kanalen(subscription);
    if names.is_empty() { text.subscriptions.all_kanalen.to_owned() } else { names.join(", ") }
}

/// Whether deliveries are notificaties of the Notificaties API.
pub const fn is_legacy(subscription: &Subscription) -> bool {
    matches!(subscription.format, Format::Legacy)
}

/// The format in words.
pub const fn format_text(subscription: &Subscription, text: &Texts) -> &'static str {
    match subscription.format {
        Format::Legacy => text.subscriptions.legacy,
        Format::Structured(_) => text.subscriptions.structured,
        Format::Binary => text.subscriptions.binary,
        Format::Batch { .. } => text.subscriptions.batch,
    }
}
