//! One subscription, and what can be done with it.

mod en;
mod nl;

pub use self::{en::EN, nl::NL};

/// Its texts.
pub struct Texts {
    /// The title.
    pub title: &'static str,
    /// The heading of the state.
    pub state: &'static str,
    /// The label of the technical reason.
    pub reason: &'static str,
    /// The label of what to do.
    pub remedy: &'static str,
    /// The heading of the properties.
    pub properties: &'static str,
    /// The id.
    pub id: &'static str,
    /// Whom to contact about it.
    pub contact: &'static str,
    /// Its description.
    pub description: &'static str,
    /// The receiver.
    pub receiver: &'static str,
    /// What it selects besides kanalen.
    pub selects: &'static str,
    /// The order of deliveries.
    pub order: &'static str,
    /// Events do not wait for each other.
    pub order_none: &'static str,
    /// Events with the same key wait for each other.
    pub order_key: &'static str,
    /// How often a failed delivery is tried again.
    pub retries: &'static str,
    /// The kind of credential.
    pub credential: &'static str,
    /// No credential.
    pub credential_none: &'static str,
    /// A fixed Authorization header.
    pub credential_authorization: &'static str,
    /// A token in the query.
    pub credential_query: &'static str,
    /// An access token.
    pub credential_access: &'static str,
    /// A refresh token.
    pub credential_refresh: &'static str,
    /// A ZGW client id and secret.
    pub credential_zgw: &'static str,
    /// OAuth 2 client credentials.
    pub credential_oauth2: &'static str,
    /// The value of a credential is not shown.
    pub never_shown: &'static str,
    /// When the credential was set.
    pub credential_set: &'static str,
    /// The credential was set between these moments.
    pub credential_between: fn(&str, &str) -> String,
    /// When the client certificate of the TLS profile ends.
    pub own_certificate: &'static str,
    /// When the certificate ends that the receiver showed last.
    pub receiver_certificate: &'static str,
    /// The TLS profile.
    pub tls: &'static str,
    /// The default TLS profile.
    pub tls_default: &'static str,
    /// When it was created.
    pub created: &'static str,
    /// When its owner changed it.
    pub changed: &'static str,
    /// When it expires.
    pub expires: &'static str,
    /// It does not expire.
    pub never: &'static str,
    /// The heading of the consent.
    pub consent: &'static str,
    /// The state of the consent.
    pub consent_state: &'static str,
    /// The receiver consented.
    pub granted: &'static str,
    /// The receiver refused.
    pub refused: &'static str,
    /// The receiver is being asked.
    pub validating: &'static str,
    /// The receiver may confirm later.
    pub pending: &'static str,
    /// When.
    pub consent_at: &'static str,
    /// The end of the time to confirm.
    pub consent_until: &'static str,
    /// When the receiver is asked again.
    pub consent_next: &'static str,
    /// How often the receiver was asked.
    pub consent_attempts: &'static str,
    /// For whom the receiver consented.
    pub origin: &'static str,
    /// The granted rate.
    pub rate: &'static str,
    /// No limit on the rate.
    pub unlimited: &'static str,
    /// Requests per minute.
    pub per_minute: fn(u32) -> String,
    /// An agreement replaces the consent.
    pub agreement: &'static str,
    /// The heading of the progress.
    pub progress: &'static str,
    /// Nothing is known of the deliveries.
    pub progress_unknown: &'static str,
    /// Events that were not delivered.
    pub lag: &'static str,
    /// The oldest of them.
    pub oldest: &'static str,
    /// The label of the present pace.
    pub pace: &'static str,
    /// The number of requests in the minute from a moment on, and how many a minute are granted; `None` for no limit.
    pub pace_of_minute: fn(&str, &str, Option<&str>) -> String,
    /// Requests under way.
    pub in_flight: &'static str,
    /// Deliveries that wait for their next attempt.
    pub parked: &'static str,
    /// Until when nothing is sent.
    pub not_before: &'static str,
    /// Since when the receiver fails.
    pub outage_since: &'static str,
    /// The part of the outage limit that is over, before the moment at which it is over.
    pub suspends: fn(u64) -> String,
    /// The last error.
    pub last_error: &'static str,
    /// The heading of the approvals.
    pub approvals: &'static str,
    /// The kanaal.
    pub kanaal: &'static str,
    /// The decision.
    pub decision: &'static str,
    /// No decision yet.
    pub awaiting: &'static str,
    /// Approved.
    pub approved: &'static str,
    /// Rejected.
    pub rejected: &'static str,
    /// Who decided.
    pub by: &'static str,
    /// When.
    pub at: &'static str,
    /// What the owner discloses.
    pub discloses: &'static str,
    /// Everything.
    pub everything: &'static str,
    /// No payload.
    pub without_data: &'static str,
    /// Some attributes only.
    pub some_attributes: &'static str,
    /// The heading of the last deliveries.
    pub deliveries: &'static str,
    /// The link to its runs.
    pub runs: &'static str,
    /// The link to all deliveries.
    pub all_deliveries: &'static str,
    /// The link to the dead letters.
    pub dead_letters: &'static str,
    /// There are no deliveries.
    pub no_deliveries: &'static str,
    /// The heading of the actions.
    pub actions: &'static str,
    /// The button that pauses.
    pub pause: &'static str,
    /// The button that resumes.
    pub resume: &'static str,
    /// The button that asks for consent again.
    pub revalidate: &'static str,
    /// The link to delete it.
    pub delete: &'static str,
    /// The link to replay events.
    pub replay: &'static str,
    /// The heading of the count.
    pub replay_check: &'static str,
    /// The start of the period.
    pub replay_from: &'static str,
    /// The end of the period.
    pub replay_until: &'static str,
    /// What an empty end means.
    pub replay_until_hint: &'static str,
    /// The choice of kanalen.
    pub replay_kanalen: &'static str,
    /// A kanaal that is not covered.
    pub replay_kanaal: &'static str,
    /// The end is not after the start.
    pub replay_order: &'static str,
    /// What type, source and subject do.
    pub replay_filter_hint: &'static str,
    /// The fault of a filter that too many events match.
    pub replay_too_many: &'static str,
    /// The button that counts.
    pub replay_count: &'static str,
    /// The number of events.
    pub replay_events: &'static str,
    /// Before a number that is a lower bound.
    pub replay_at_least: &'static str,
    /// How long it lasts at the granted rate.
    pub replay_seconds: &'static str,
    /// Nothing would be delivered.
    pub replay_none: &'static str,
    /// The heading of the positions before and after.
    pub replay_positions: &'static str,
    /// What stays and what the run reads.
    pub replay_positions_intro: &'static str,
    /// The next position of the present deliveries, now.
    pub replay_next_before: &'static str,
    /// The same after the start of the run.
    pub replay_next_after: &'static str,
    /// The first position that the run reads.
    pub replay_first: &'static str,
    /// The last one.
    pub replay_last: &'static str,
    /// What a replay does.
    pub replay_warning: &'static str,
    /// The button that starts.
    pub replay_start: &'static str,
    /// The link to change it.
    pub change: &'static str,
    /// The configuration declares it under this id, so that it is not changed here.
    pub declared: fn(&str) -> String,
    /// The button that sends a test event.
    pub test: &'static str,
    /// The button that checks the receiver.
    pub check: &'static str,
    /// The title of the page that deletes.
    pub delete_title: &'static str,
    /// What deletion does.
    pub delete_warning: &'static str,
    /// What is lost.
    pub lost: &'static str,
    /// Dead letters that only administrators see afterwards.
    pub lost_letters: &'static str,
    /// The label of the confirmation.
    pub confirm: fn(&str) -> String,
    /// Where that text is from.
    pub confirm_hint: &'static str,
    /// The confirmation is another text.
    pub confirm_wrong: fn(&str) -> String,
    /// The button that deletes.
    pub delete_now: &'static str,
    /// The link back.
    pub back: &'static str,
}
