//! The form of a subscription in English.

use super::{Field, Texts};

/// English.
pub const EN: Texts = Texts {
    new: "New subscription",
    change: "Change the subscription",
    label,
    hint,
    wrong,
    missing: "Fill in this field. It goes with what you chose.",
    sink_wrong: |rule| format!("The gateway may not deliver to this address. Technical explanation: {rule}"),
    credential_other_sink: "This address is of another receiver. Fill in the credential again, or choose None.",
    header_other_sink: "This address is of another receiver. Fill in the value of this header again.",
    refused: |rule| format!("The gateway does not accept this. Technical explanation: {rule}"),
    conflict: |problem| problem.detail.clone(),
    secret_again: "Secret values are not kept. Fill in this value again.",
    header_stays: "Leave it empty to keep the value.",
    where_to: "Where to",
    what: "Which events",
    how: "How to deliver",
    retry: "Retries after a failure",
    names: "Names and contact",
    period: "Start and end",
    headers: "More headers",
    kenmerken: "Kenmerken",
    filters: "Filters",
    kenmerken_hint: "An event must meet all kenmerken. Fill in * for any value. Empty a row to remove it.",
    filters_hint: "An event must meet all filters. Example: attribute type, begins with nl.overheid. With CloudEvents SQL, leave the attribute empty and write the condition as the value, such as type LIKE 'nl.%'. Empty a row to remove it.",
    abonnement: |selection| {
        format!("This subscription selects events in the way of the Notificaties API. That stays as it is: {selection}")
    },
    more_rows: "Another row",
    show_kind: "Show the fields of this kind",
    preview: "Show what this subscription would have received",
    check_receiver: "Check the receiver",
    check_receiver_hint: "The receiver can be checked before you save. No event is sent, and nothing is stored. It takes at most about a minute.",
    checked_title: "Check of the receiver",
    save: "Save",
    back: "Back without saving",
    kinds: [
        "Keep as it is",
        "None",
        "Fixed Authorization header",
        "Name and password (Basic)",
        "Access token",
        "Access token that is renewed",
        "ZGW token (client id and secret)",
        "OAuth 2.0 (client credentials)",
    ],
    places: ["In a header", "In the address"],
    client_ways: ["In a header (Basic)", "In the request (post)"],
    published_as: ["All events", "Notificaties only", "CloudEvents only"],
    filter_kinds: ["equals", "begins with", "ends with", "does not equal", "CloudEvents SQL"],
    formats: [
        "CloudEvent",
        "CloudEvent as of Open Notificaties 1.16",
        "CloudEvent, binary",
        "CloudEvents in batches",
        "Notificatie (Notificaties API)",
    ],
    consents: [
        "The receiver confirms (handshake of CloudEvents)",
        "Two test messages (Notificaties API)",
        "There is an agreement outside the gateway",
    ],
    starts: ["At the first new event", "At the oldest event that is kept", "At a moment"],
    no_owner: "None (administrators only)",
    changed_meanwhile: "Somebody else changed this subscription while you were working. Your change is not stored yet. Compare the two versions and choose.",
    overwrite: "Overwrite with my version",
    go_on: "Go on with the stored version",
    preview_title: "What this subscription would have received",
    preview_count: |matched, examined| format!("{matched} of the last {examined} events"),
    preview_withheld: "The owner of the kanaal has to approve first; you may not see these events.",
    preview_none: "There are no events yet to compare with.",
    preview_broad: "These are too many kanalen to compare. Choose fewer kanalen.",
    preview_result: "Received",
    preview_matches: "The newest events that this subscription would have received",
    event: "Event",
    kind_of_event: "Type",
    accepted: "Accepted",
};

fn label(field: Field) -> &'static str {
    match field {
        Field::Owner => "Owner",
        Field::Sink => "Address of the receiver",
        Field::Kind => "Credential for the receiver",
        Field::Authorization => "Value of Authorization",
        Field::User => "Name",
        Field::Password => "Password",
        Field::Token => "Access token",
        Field::TokenPlace => "Place of the token",
        Field::TokenEnd => "Token is valid until",
        Field::RefreshToken => "Refresh token",
        Field::TokenUrl => "Address for tokens",
        Field::Client => "Client id",
        Field::ClientSecret => "Client secret",
        Field::ClientWay => "How the client secret is sent",
        Field::Scope => "Scope",
        Field::Audience => "Audience",
        Field::TokenTls => "TLS profile for the address for tokens",
        Field::Header => "Header",
        Field::HeaderValue => "Value of header",
        Field::Tls => "TLS profile",
        Field::GrantHash => "Grant hash of FSC",
        Field::Kanalen => "Kanalen",
        Field::PublishedAs => "Published as",
        Field::Types => "Types",
        Field::Source => "Source",
        Field::Kenmerk => "Kenmerk",
        Field::KenmerkValue => "Value of kenmerk",
        Field::FilterAttribute => "Attribute",
        Field::FilterKind => "Comparison",
        Field::FilterValue => "Value of filter",
        Field::OtherFilters => "Other filters",
        Field::Format => "Format",
        Field::BatchSize => "Events in a batch",
        Field::BatchWait => "Wait of a batch, in milliseconds",
        Field::Order => "Order",
        Field::Rate => "Requested rate per minute",
        Field::InFlight => "Concurrent requests",
        Field::Retries => "Number of retries",
        Field::Factor => "Factor, in seconds",
        Field::Base => "Base",
        Field::Cap => "Longest wait, in seconds",
        Field::Jitter => "Jitter",
        Field::LadderOnly => "Every failure uses up a retry, as in Open Notificaties",
        Field::Consent => "Consent of the receiver",
        Field::Agreement => "The agreement",
        Field::Expires => "End of the subscription",
        Field::Name => "Name of the subscription",
        Field::Contact => "Contact",
        Field::Description => "Description",
        Field::Start => "Start",
        Field::StartAt => "Moment of the start",
        Field::Whole => "Form",
    }
}

fn hint(field: Field) -> &'static str {
    match field {
        Field::Owner => "The applicatie that may manage this subscription.",
        Field::Sink => "Begins with https://. Dots after a question mark replace a hidden part, which does not change.",
        Field::Kind => "Secret values are never shown again.",
        Field::Authorization => "For example Token abc.",
        Field::TokenEnd | Field::Expires => "For example 2026-11-30 14:00. Empty means: no end.",
        Field::StartAt => "For example 2026-11-30 14:00. Only for a start at a moment.",
        Field::Tls => "The name of a TLS profile of the configuration. Empty means: the usual profile.",
        Field::GrantHash => "Only when the receiver is an FSC Outway. Begins with $1$.",
        Field::Kanalen => "Choose none for all kanalen, new ones too.",
        Field::Types => "One type per line. Empty means: all types.",
        Field::OtherFilters => "These filters do not fit in rows. Untick one to remove it.",
        Field::BatchSize => "1 to 1,000. Only for CloudEvents in batches.",
        Field::BatchWait => "0 to 60,000. Only for CloudEvents in batches.",
        Field::Rate => "How many requests per minute the gateway asks the receiver for.",
        Field::InFlight => "1 to 10,000. Empty means: the value of the gateway.",
        Field::Retries => "0 to 100.",
        Field::Factor => "0 to 3,600. The wait is the factor times the base to the power of the number of retries.",
        Field::Base => "1 to 10.",
        Field::Cap => "1 to 86,400.",
        Field::Jitter => "0 to 1. How much of the wait is random.",
        Field::Agreement => "For example the number of the contract. Only for an agreement outside the gateway.",
        Field::Name => "1 to 100 characters.",
        Field::Contact => "A mail address, or an address that begins with https://.",
        Field::Description => "At most 1,000 characters.",
        Field::User
        | Field::Password
        | Field::Token
        | Field::TokenPlace
        | Field::RefreshToken
        | Field::TokenUrl
        | Field::Client
        | Field::ClientSecret
        | Field::ClientWay
        | Field::Scope
        | Field::Audience
        | Field::TokenTls
        | Field::Header
        | Field::HeaderValue
        | Field::PublishedAs
        | Field::Source
        | Field::Kenmerk
        | Field::KenmerkValue
        | Field::FilterAttribute
        | Field::FilterKind
        | Field::FilterValue
        | Field::Format
        | Field::Order
        | Field::LadderOnly
        | Field::Consent
        | Field::Start
        | Field::Whole => "",
    }
}

fn wrong(field: Field) -> &'static str {
    match field {
        Field::Owner => "Choose an applicatie for which you may act.",
        Field::Sink | Field::TokenUrl => "Fill in an address that begins with https://.",
        Field::Kind => "Choose a kind of credential from the list.",
        Field::Authorization | Field::Token => {
            "Use visible ASCII characters only, without a space at the start or end."
        }
        Field::User => "The name is too long or contains a colon.",
        Field::TokenPlace
        | Field::ClientWay
        | Field::PublishedAs
        | Field::FilterKind
        | Field::Format
        | Field::Order => "Choose a value from the list.",
        Field::TokenEnd | Field::StartAt => "Fill in a moment, such as 2026-11-30 14:00.",
        Field::Password
        | Field::RefreshToken
        | Field::ClientSecret
        | Field::Client
        | Field::Scope
        | Field::Audience => "This value is too long.",
        Field::TokenTls | Field::Tls => "Fill in the name of a TLS profile of the configuration that you may use.",
        Field::Header => "This is not the name of a header, the header is there twice, or the gateway sets it itself.",
        Field::HeaderValue => "Use visible ASCII characters only, at most 4,096.",
        Field::GrantHash => "A grant hash has 1 to 256 characters without spaces.",
        Field::Kanalen => "Choose kanalen that exist.",
        Field::Types => "Fill in at most 256 types, each on a line of its own.",
        Field::Source => "The source is too long.",
        Field::Kenmerk => "Fill in a kenmerk that the kanaal has, and each kenmerk once.",
        Field::KenmerkValue => "Fill in a value, or * for any value.",
        Field::FilterAttribute => {
            "Fill in the name of an attribute, such as type, source or subject: small letters and digits."
        }
        Field::FilterValue => "Fill in a value. For CloudEvents SQL: a condition, such as type LIKE 'nl.%'.",
        Field::OtherFilters => "This filter no longer exists. Go on with the stored version.",
        Field::BatchSize => "Fill in a whole number from 1 to 1,000.",
        Field::BatchWait => "Fill in a whole number from 0 to 60,000.",
        Field::Rate => "Fill in a whole number of 1 or more.",
        Field::InFlight => "Fill in a whole number from 1 to 10,000.",
        Field::Retries => "Fill in a whole number from 0 to 100.",
        Field::Factor => "Fill in a number from 0 to 3,600.",
        Field::Base => "Fill in a number from 1 to 10.",
        Field::Cap => "Fill in a whole number from 1 to 86,400.",
        Field::Jitter => "Fill in a number from 0 to 1.",
        Field::LadderOnly | Field::Whole => "The gateway does not accept this.",
        Field::Consent => {
            "Choose a way from the list. Only an administrator may record an agreement outside the gateway."
        }
        Field::Agreement => "Name the agreement, such as the number of the contract.",
        Field::Expires => "Fill in a moment in the future, such as 2026-11-30 14:00.",
        Field::Name => "The name has 1 to 100 characters on one line.",
        Field::Contact => "Fill in a mail address, or an address that begins with https://.",
        Field::Description => "The description has at most 1,000 characters.",
        Field::Start => "Choose a start from the list.",
    }
}
