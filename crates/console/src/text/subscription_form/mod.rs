//! The form of a subscription: its fields, and what happens when it is sent.

mod en;
mod nl;

use web::Problem;

pub use self::{en::EN, nl::NL};

/// A field of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    /// The client it belongs to.
    Owner,
    /// The address of the receiver.
    Sink,
    /// The kind of credential.
    Kind,
    /// The value of the header `Authorization`.
    Authorization,
    /// The name of HTTP Basic.
    User,
    /// The password of HTTP Basic.
    Password,
    /// An access token.
    Token,
    /// Where an access token is put.
    TokenPlace,
    /// From when on an access token is not used.
    TokenEnd,
    /// A refresh token.
    RefreshToken,
    /// The address of the token endpoint.
    TokenUrl,
    /// The client of the gateway at the receiver or the token endpoint.
    Client,
    /// The secret of that client.
    ClientSecret,
    /// How that secret is sent.
    ClientWay,
    /// The parameter `scope`.
    Scope,
    /// The parameter `audience`.
    Audience,
    /// The TLS profile of the token endpoint.
    TokenTls,
    /// The name of a header.
    Header,
    /// The value of a header.
    HeaderValue,
    /// The TLS profile.
    Tls,
    /// The grant hash of an FSC Outway.
    GrantHash,
    /// The kanalen.
    Kanalen,
    /// In which form events were published.
    PublishedAs,
    /// The types of events.
    Types,
    /// The source of events.
    Source,
    /// The name of a kenmerk.
    Kenmerk,
    /// The value of a kenmerk.
    KenmerkValue,
    /// The attribute of a filter.
    FilterAttribute,
    /// How a filter compares.
    FilterKind,
    /// The value of a filter.
    FilterValue,
    /// The filters that this form cannot show as rows.
    OtherFilters,
    /// The format of deliveries.
    Format,
    /// Most events of a batch.
    BatchSize,
    /// How long a batch waits, in milliseconds.
    BatchWait,
    /// The order of deliveries.
    Order,
    /// The rate that is asked for, per minute.
    Rate,
    /// Most requests under way.
    InFlight,
    /// The number of retries.
    Retries,
    /// The factor of a wait, in seconds.
    Factor,
    /// The base of a wait.
    Base,
    /// The longest wait, in seconds.
    Cap,
    /// The random part of a wait.
    Jitter,
    /// Whether every failure uses up a retry.
    LadderOnly,
    /// How the receiver is asked for consent.
    Consent,
    /// The agreement that replaces the consent.
    Agreement,
    /// When it expires.
    Expires,
    /// The name.
    Name,
    /// The contact.
    Contact,
    /// The description.
    Description,
    /// Where a new subscription starts.
    Start,
    /// The moment at which it starts.
    StartAt,
    /// The form as a whole.
    Whole,
}

impl Field {
    /// The name in the form.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Owner => "eigenaar",
            Self::Sink => "ontvanger",
            Self::Kind => "soort",
            Self::Authorization => "authorization",
            Self::User => "gebruiker",
            Self::Password => "wachtwoord",
            Self::Token => "toegangstoken",
            Self::TokenPlace => "token-plaats",
            Self::TokenEnd => "token-tot",
            Self::RefreshToken => "refresh-token",
            Self::TokenUrl => "token-adres",
            Self::Client => "client",
            Self::ClientSecret => "client-geheim",
            Self::ClientWay => "client-wijze",
            Self::Scope => "scope",
            Self::Audience => "audience",
            Self::TokenTls => "token-tls",
            Self::Header => "kop",
            Self::HeaderValue => "kop-waarde",
            Self::Tls => "tls",
            Self::GrantHash => "grant-hash",
            Self::Kanalen => "kanaal",
            Self::PublishedAs => "gepubliceerd",
            Self::Types => "typen",
            Self::Source => "bron",
            Self::Kenmerk => "kenmerk",
            Self::KenmerkValue => "kenmerk-waarde",
            Self::FilterAttribute => "filter-attribuut",
            Self::FilterKind => "filter-wijze",
            Self::FilterValue => "filter-waarde",
            Self::OtherFilters => "filter-blijft",
            Self::Format => "vorm",
            Self::BatchSize => "groep-grootte",
            Self::BatchWait => "groep-wacht",
            Self::Order => "volgorde",
            Self::Rate => "tempo",
            Self::InFlight => "gelijktijdig",
            Self::Retries => "pogingen",
            Self::Factor => "factor",
            Self::Base => "basis",
            Self::Cap => "langste-wacht",
            Self::Jitter => "spreiding",
            Self::LadderOnly => "alleen-ladder",
            Self::Consent => "toestemming",
            Self::Agreement => "afspraak",
            Self::Expires => "einde",
            Self::Name => "naam",
            Self::Contact => "contact",
            Self::Description => "omschrijving",
            Self::Start => "begin",
            Self::StartAt => "begin-moment",
            Self::Whole => "formulier",
        }
    }
}

/// Its texts.
pub struct Texts {
    /// The title for a new subscription.
    pub new: &'static str,
    /// The title for a change.
    pub change: &'static str,
    /// The label of a field.
    pub label: fn(Field) -> &'static str,
    /// The format of a field, and what goes with it; empty for none.
    pub hint: fn(Field) -> &'static str,
    /// The rule that the value of a field breaks, with a suggestion.
    pub wrong: fn(Field) -> &'static str,
    /// A field that goes with the chosen kind of credential or another choice is empty.
    pub missing: &'static str,
    /// The address of the receiver is not permitted, with the technical reason.
    pub sink_wrong: fn(&str) -> String,
    /// The credential is of another receiver.
    pub credential_other_sink: &'static str,
    /// The value of a header is of another receiver.
    pub header_other_sink: &'static str,
    /// The use case refuses a value, with the technical reason.
    pub refused: fn(&str) -> String,
    /// The present state does not allow it.
    pub conflict: fn(&Problem) -> String,
    /// Beside a secret that was typed in a form that is shown again.
    pub secret_again: &'static str,
    /// Beside the value of a header that stays when the field is empty.
    pub header_stays: &'static str,
    /// The heading of the fields about the receiver.
    pub where_to: &'static str,
    /// The heading of the fields about the selection.
    pub what: &'static str,
    /// The heading of the fields about deliveries.
    pub how: &'static str,
    /// The heading of the fields about retries.
    pub retry: &'static str,
    /// The heading of the fields for people.
    pub names: &'static str,
    /// The heading of the fields about the start and the end.
    pub period: &'static str,
    /// The heading of the rows of headers.
    pub headers: &'static str,
    /// The heading of the rows of kenmerken.
    pub kenmerken: &'static str,
    /// The heading of the rows of filters.
    pub filters: &'static str,
    /// How kenmerken work.
    pub kenmerken_hint: &'static str,
    /// How filters work.
    pub filters_hint: &'static str,
    /// The selection belongs to the Notificaties API.
    pub abonnement: fn(&str) -> String,
    /// The button that adds a row.
    pub more_rows: &'static str,
    /// The button that shows the fields of a kind of credential.
    pub show_kind: &'static str,
    /// The button that previews the selection.
    pub preview: &'static str,
    /// The button that checks the receiver.
    pub check_receiver: &'static str,
    /// What that does.
    pub check_receiver_hint: &'static str,
    /// The heading of what it found.
    pub checked_title: &'static str,
    /// The button that saves.
    pub save: &'static str,
    /// The link back.
    pub back: &'static str,
    /// The choices of kinds of credentials: keep, none, Authorization, Basic, access token, refresh token, ZGW, OAuth 2.
    pub kinds: [&'static str; 8],
    /// In a header, or in the query.
    pub places: [&'static str; 2],
    /// In a header, or in the body.
    pub client_ways: [&'static str; 2],
    /// Any, as a notificatie, as a CloudEvent.
    pub published_as: [&'static str; 3],
    /// Equals, begins with, ends with, does not equal, CloudEvents SQL.
    pub filter_kinds: [&'static str; 5],
    /// The formats: structured, as Open Notificaties 1.16, binary, batch, notificatie.
    pub formats: [&'static str; 5],
    /// The ways to ask for consent: handshake, probe, agreement.
    pub consents: [&'static str; 3],
    /// The starts: now, the oldest event, a moment.
    pub starts: [&'static str; 3],
    /// The owner of a subscription that belongs to no client.
    pub no_owner: &'static str,
    /// The subscription was changed meanwhile: what it means.
    pub changed_meanwhile: &'static str,
    /// The button that overwrites the stored version.
    pub overwrite: &'static str,
    /// The link to the stored version.
    pub go_on: &'static str,
    /// The heading of the preview.
    pub preview_title: &'static str,
    /// How many of the examined events of a kanaal match.
    pub preview_count: fn(&str, &str) -> String,
    /// The events of the kanaal are not shown to this person.
    pub preview_withheld: &'static str,
    /// There is no event to test with.
    pub preview_none: &'static str,
    /// The selection covers too much.
    pub preview_broad: &'static str,
    /// The column with the result of the preview.
    pub preview_result: &'static str,
    /// The table of events that it would have received.
    pub preview_matches: &'static str,
    /// The column with the id of an event.
    pub event: &'static str,
    /// The column with the type of an event.
    pub kind_of_event: &'static str,
    /// The column with the moment of acceptance.
    pub accepted: &'static str,
}
