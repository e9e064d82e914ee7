//! A complaint of an addressee (ARF, RFC 5965), which their provider sends (CH-116).

use super::{fields, parts::Part};

/// The longest envelope sender, in bytes.
const MAX_SENDER: usize = 254;

/// A complaint.
#[derive(Clone, PartialEq, Eq)]
pub struct Complaint {
    /// What it complains of.
    pub kind: ComplaintKind,
    /// The envelope sender of the mail that it is about, which identifies the subscription ([`crate::verp`]); complaints come to
    /// an address that does not.
    pub envelope_sender: Option<String>,
}

/// What a complaint is about (RFC 5965 7.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ComplaintKind {
    /// Unwanted mail (`abuse`), or a kind that is not registered.
    Abuse,
    /// `fraud`: phishing.
    Fraud,
    /// `virus`.
    Virus,
    /// `not-spam`: the addressee wants the mail.
    NotSpam,
    /// `other`.
    Other,
}

impl ComplaintKind {
    /// Whether the subscription ends (CH-116): after all but `not-spam`.
    pub fn ends_subscription(self) -> bool {
        self != Self::NotSpam
    }
}

impl std::fmt::Debug for Complaint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Complaint").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// The complaint in a part `message/feedback-report`; `None` without a feedback type.
pub(super) fn complaint(content: &[u8], parts: &[Part<'_>]) -> Option<Complaint> {
    let groups = fields::groups(content, 1);
    let group = groups.first()?;
    let kind = match fields::value(group, "feedback-type")?.to_ascii_lowercase().as_str() {
        "fraud" => ComplaintKind::Fraud,
        "virus" => ComplaintKind::Virus,
        "not-spam" => ComplaintKind::NotSpam,
        "other" => ComplaintKind::Other,
        _ => ComplaintKind::Abuse,
    };
    let named = fields::value(group, "original-mail-from").map(str::to_owned);
    // The original, or its header alone.
    let is_original =
        |part: &&Part<'_>| part.is("message", &["rfc822", "global"]) || part.is("text", &["rfc822-headers"]);
    let of_original =
        || parts.iter().find(is_original).and_then(|part| part.message().return_path().map(str::to_owned));
    let sender = named.or_else(of_original);
    let envelope_sender = sender.map(|sender| sender.trim_matches(['<', '>', ' ']).to_owned());
    Some(Complaint { kind, envelope_sender: envelope_sender.filter(|sender| (1..=MAX_SENDER).contains(&sender.len())) })
}
