//! Light subscriptions of people: `protocol` `SMTP` and a `sink` `mailto:`, or `SMS` and `sms:` (CH-14, CH-31, CH-41, CH-52, CH-59,
//! CH-66, CH-72).
//!
//! They are not in the registry, and listed apart. The answer to a request is the same whatever there is of the address already.
//! One file per operation; the use cases are in `people`.

mod attributes;
pub mod change;
pub mod confirm;
pub mod erase;
pub mod export;
pub mod frequency;
mod given;
pub mod list;

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use management::audit::Recorder;
use model::{
    Actor, KanaalName, Timestamp,
    addressee::{AddresseeId, Attributes, Basis, Channel, FilterText, Frequency, Language},
    audit::{Action, Object, ObjectKind},
};
use people::{Address, EmailAddress, NumberWish, People, Shown, ShownFilter, Wish};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use web::{
    audit::Unrecorded,
    auth::Caller,
    problem::{Fault, Problem, ProblemType},
};

use self::given::{Given, VerifiedAddress};
use crate::{
    Api,
    members::{Faults, Members},
};

/// The languages of messages.
const LANGUAGES: [(&str, Language); 2] = [("nl", Language::Dutch), ("en", Language::English)];

/// How often mails come (CH-101).
const FREQUENCIES: [(&str, Frequency); 3] = [
    (Frequency::AtOnce.label(), Frequency::AtOnce),
    (Frequency::Daily.label(), Frequency::Daily),
    (Frequency::Weekly.label(), Frequency::Weekly),
];

/// A light subscription of a person, who gets messages by e-mail or SMS.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LightSubscription)]
pub struct LightView {
    /// Given by the gateway. In the answer to a request it is always a new one, which exists only if the address had no
    /// subscription yet and is confirmed.
    #[schema(read_only, format = "uuid")]
    pub id: String,
    /// `SMTP` or `SMS`.
    #[schema(pattern = "^(SMTP|SMS)$")]
    pub protocol: &'static str,
    /// `mailto:` and one e-mail address, or `sms:` and one number; shown masked.
    pub sink: String,
    /// At most one filter: of dialect sql, over the context attributes, or of dialect jmespath, over the payload.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<Object>>)]
    pub filters: Option<Vec<Value>>,
    /// What is particular to this gateway.
    pub config: LightConfig,
    /// Its state.
    #[schema(read_only)]
    pub status: LightStatus,
    /// The applicatie it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(read_only)]
    pub owner: Option<String>,
}

/// The settings of a light subscription.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LightSubscriptionConfig)]
pub struct LightConfig {
    /// Exactly one kanaal, which needs no approval.
    #[schema(min_items = 1, max_items = 1)]
    pub kanalen: Vec<String>,
    /// The language of messages: `nl` or `en`.
    #[schema(default = "nl")]
    pub language: &'static str,
    /// How often mails about events come: `at-once`, or `daily` or `weekly` for one mail with all events of that time. Only with
    /// protocol `SMTP`.
    #[schema(default = "at-once", pattern = "^(at-once|daily|weekly)$")]
    pub frequency: &'static str,
    /// What filters of senders look at; only attributes that are configured for this gateway.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub attributes: Option<Value>,
    /// In a request by a client that may do so: which agreement of the person there is, and where. The subscription is confirmed by
    /// it, and the person gets a notice. It is in the audit trail, and not shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 500, write_only)]
    pub agreement: Option<String>,
    /// In a request by a client that may do so: which source verified the address, and when. The subscription is confirmed by it, and the
    /// person gets a notice. It is in the audit trail and in the export of the person, and not shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(write_only)]
    pub verified: Option<VerifiedAddress>,
}

/// The state of a light subscription.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LightSubscriptionStatus)]
pub struct LightStatus {
    /// `unconfirmed`, `confirmed` or `ended`. Only a confirmed one gets messages.
    pub state: &'static str,
    /// When it was requested.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "date-time")]
    pub requested: Option<String>,
    /// When it was confirmed, or ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "date-time")]
    pub since: Option<String>,
    /// Whether another address waits to be confirmed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub changing: bool,
    /// In the answer to a request: the page where the person can type the code of the message.
    #[serde(rename = "codePage", skip_serializing_if = "Option::is_none")]
    #[schema(format = "uri")]
    pub code_page: Option<String>,
}

/// Whether a body asks for one.
pub fn is_light(object: &Map<String, Value>) -> bool {
    channel(object).is_some()
}

/// The channel that a body asks for.
fn channel(object: &Map<String, Value>) -> Option<Channel> {
    match object.get("protocol").and_then(Value::as_str) {
        Some("SMTP") => Some(Channel::Email),
        Some("SMS") => Some(Channel::Sms),
        _ => None,
    }
}

/// `protocol` and the scheme of `sink` of a channel.
const fn words(channel: Channel) -> (&'static str, &'static str) {
    match channel {
        Channel::Sms => ("SMS", "sms"),
        Channel::Email | Channel::Inbox => ("SMTP", "mailto"),
    }
}

/// What a request asks for.
enum Asked {
    Mails(Wish),
    Texts(NumberWish),
}

impl Asked {
    fn channel(&self) -> Channel {
        match self {
            Self::Mails(_) => Channel::Email,
            Self::Texts(_) => Channel::Sms,
        }
    }

    fn masked(&self) -> String {
        match self {
            Self::Mails(wish) => wish.address.masked(),
            Self::Texts(wish) => wish.number.masked(),
        }
    }

    fn kanaal(&self) -> &KanaalName {
        match self {
            Self::Mails(wish) => &wish.kanaal,
            Self::Texts(wish) => &wish.kanaal,
        }
    }

    fn language(&self) -> Language {
        match self {
            Self::Mails(wish) => wish.language,
            Self::Texts(wish) => wish.language,
        }
    }

    fn frequency(&self) -> Frequency {
        match self {
            Self::Mails(wish) => wish.frequency,
            Self::Texts(_) => Frequency::AtOnce,
        }
    }

    fn filter(&self) -> Option<&FilterText> {
        match self {
            Self::Mails(wish) => wish.filter.as_ref(),
            Self::Texts(wish) => wish.filter.as_ref(),
        }
    }

    /// The e-mail address; `None` for a number.
    fn email(&self) -> Option<&EmailAddress> {
        match self {
            Self::Mails(wish) => Some(&wish.address),
            Self::Texts(_) => None,
        }
    }

    /// The same with what takes the place of the confirmation.
    fn confirmed_by(self, given: Option<Basis>) -> Self {
        match self {
            Self::Mails(wish) => Self::Mails(Wish { given, ..wish }),
            Self::Texts(wish) => Self::Texts(NumberWish { given, ..wish }),
        }
    }

    fn attributes(&self) -> &Attributes {
        match self {
            Self::Mails(wish) => &wish.attributes,
            Self::Texts(wish) => &wish.attributes,
        }
    }
}

/// Takes a request to subscribe an address: 202 in every case in which the request is valid and not one too many.
///
/// # Errors
/// 400 with the members that break a rule, 429 (CH-46), 503.
pub async fn create(
    api: &Api,
    caller: &Caller,
    headers: &HeaderMap,
    source: &str,
    object: &Map<String, Value>,
) -> Result<Response, Problem> {
    let people = api.people.as_ref().ok_or_else(|| {
        Problem::invalid(vec![Fault::new("protocol", "must be HTTP: this gateway sends no messages to people")])
    })?;
    if channel(object) == Some(Channel::Sms) && !people.sends_texts() {
        let rule = "must be HTTP or SMTP: this gateway sends no text messages";
        return Err(Problem::invalid(vec![Fault::new("protocol", rule)]));
    }
    let (asked, given) = read(people, object)?;
    check_kanaal(api, asked.kanaal())?;
    let (basis, reason) = match given::check((api, people), caller, given, asked.email()).await? {
        Some(checked) => (Some(checked.basis), Some(checked.reason)),
        None => (None, None),
    };
    let asked = asked.confirmed_by(basis);
    let actor = caller.actor();
    let source = format!("{} {source}", caller.client_id);
    let config = config(asked.kanaal(), asked.language(), asked.frequency(), asked.attributes());
    let address = asked.masked();
    let filter = asked.filter().and_then(ShownFilter::new);
    let (protocol, scheme) = words(asked.channel());
    let id = match asked {
        Asked::Mails(wish) => people.subscribe(&actor, wish, &source).await?,
        Asked::Texts(wish) => people.subscribe_number(&actor, wish, &source).await?,
    };
    match &reason {
        Some(reason) => {
            let object = Object::new(ObjectKind::Addressee, id.to_string());
            let recorder = &api.management.recorder;
            recorder.record_with_reason(&actor, Action::AddresseeSubscribe, object, reason).await?;
        }
        None => record(&api.management.recorder, &actor, Action::AddresseeSubscribe, id).await?,
    }
    let view = LightView {
        id: id.to_string(),
        protocol,
        sink: format!("{scheme}:{address}"),
        filters: filter.map(filters),
        config,
        status: LightStatus {
            state: if reason.is_some() { "confirmed" } else { "unconfirmed" },
            requested: None,
            since: None,
            changing: false,
            code_page: reason.is_none().then(|| people.links().code(id)),
        },
        owner: Some(caller.client_id.to_string()),
    };
    let mut response = (StatusCode::ACCEPTED, axum::Json(view)).into_response();
    let location = format!("{}/v1/subscriptions/{id}", api.public_url(headers));
    if let Ok(location) = HeaderValue::from_str(&location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response.extensions_mut().insert(Unrecorded);
    Ok(response)
}

/// Shows one to its owner or an administrator, with its address masked (CH-141).
///
/// # Errors
/// 404 for one that is not confirmed yet, and for one of another owner.
pub async fn show(people: &People, actor: &Actor, id: AddresseeId) -> Result<Response, Problem> {
    let shown = people.one(actor, id).await?;
    Ok(axum::Json(view(shown)).into_response())
}

/// Ends one for its owner or an administrator (CH-59).
///
/// # Errors
/// As [`show`].
pub async fn end(api: &Api, people: &People, actor: &Actor, id: AddresseeId) -> Result<Response, Problem> {
    people.end(actor, id).await?;
    record(&api.management.recorder, actor, Action::AddresseeLeave, id).await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    response.extensions_mut().insert(Unrecorded);
    Ok(response)
}

async fn record(recorder: &Recorder, actor: &Actor, action: Action, id: AddresseeId) -> Result<(), Problem> {
    Ok(recorder.record(actor, action, Object::new(ObjectKind::Addressee, id.to_string())).await?)
}

/// The use cases, and the id in a path.
///
/// # Errors
/// 404 for an id that is none, and on a gateway without people.
fn find<'a>(api: &'a Api, id: &str) -> Result<(&'a People, AddresseeId), Problem> {
    let unknown = || Problem::not_found(people::Error::Unknown.to_string());
    let people = api.people.as_deref().ok_or_else(unknown)?;
    Ok((people, AddresseeId(id.parse().map_err(|_| unknown())?)))
}

/// The kanaal is there, and people may subscribe to it without its owner.
fn check_kanaal(api: &Api, naam: &KanaalName) -> Result<(), Problem> {
    let registry = api.management.registry.read();
    let fault = |rule: &str| vec![Fault::new("config.kanalen", rule)];
    let Some(kanaal) = registry.kanaal(naam.as_str()) else {
        let rule = "must be a kanaal that exists";
        return Err(
            Problem::new(ProblemType::UnknownKanaal, format!("config.kanalen: {rule}")).with_errors(fault(rule))
        );
    };
    if kanaal.approval {
        return Err(Problem::invalid(fault("must be a kanaal whose subscriptions its owner does not approve")));
    }
    Ok(())
}

/// Reads what a request asks for. A member that only a client with more rights may set is refused, not ignored (CH-72).
fn read(people: &People, object: &Map<String, Value>) -> Result<(Asked, Given), Problem> {
    let faults = Faults::default();
    let top = Members::new(object, &faults);
    top.only(&["protocol", "sink", "filters", "config"]);
    let parse = |sink: &str| match channel(object) {
        Some(Channel::Sms) => people::parse_sms(sink).map(Address::Phone),
        _ => people::parse_mailto(sink).map(Address::Email),
    };
    let address = top.required("sink").and_then(|sink| match parse(sink) {
        Ok(address) => Some(address),
        Err(rule) => {
            top.fault("sink", rule);
            None
        }
    });
    let config = top.object("config");
    let (mut kanaal, mut language, mut attributes) = (None, Language::default(), Attributes::default());
    let (mut given, mut frequency) = (Given::Nothing, Frequency::default());
    if let Some(config) = &config {
        config.only(&["kanalen", "language", "frequency", "attributes", "agreement", "verified"]);
        kanaal = self::kanaal(config);
        language = config.word("language", &LANGUAGES).unwrap_or_default();
        frequency = self::frequency(config, channel(object));
        attributes = attributes::read(people, config);
        given = given::read(config);
    } else {
        top.fault("config", "must have kanalen with exactly one kanaal");
    }
    let filter = filter(people, &top);
    let asked = match (address, kanaal) {
        (Some(Address::Email(address)), Some(kanaal)) => {
            Asked::Mails(Wish { address, kanaal, filter, attributes, language, frequency, given: None })
        }
        (Some(Address::Phone(number)), Some(kanaal)) => {
            Asked::Texts(NumberWish { number, kanaal, filter, attributes, language, given: None })
        }
        _ => {
            faults.check(())?;
            return Err(Problem::invalid(vec![Fault::new("sink", "is missing")]));
        }
    };
    faults.check((asked, given))
}

/// How often mails come; text messages come at once.
fn frequency(config: &Members<'_>, channel: Option<Channel>) -> Frequency {
    let found = config.word("frequency", &FREQUENCIES).unwrap_or_default();
    if channel == Some(Channel::Sms) && found != Frequency::AtOnce {
        config.fault("frequency", "must be at-once: text messages are not collected");
    }
    found
}

fn kanaal(config: &Members<'_>) -> Option<KanaalName> {
    match config.texts("kanalen", 1).as_slice() {
        [naam] => {
            let name = KanaalName::new(naam);
            if name.is_none() {
                config.fault("kanalen", "the name of a kanaal has 1 to 50 characters");
            }
            name
        }
        [] => {
            config.fault("kanalen", "must name exactly one kanaal");
            None
        }
        // The fault is noted by the bound.
        [..] => None,
    }
}

fn filter(people: &People, top: &Members<'_>) -> Option<FilterText> {
    let list = top.list("filters", 1);
    let one = list.first().and_then(|value| top.item("filters", 0, value))?;
    one.only(&["sql", "jmespath"]);
    let dialect = if one.names("jmespath") { "jmespath" } else { "sql" };
    if one.names("jmespath") && one.names("sql") {
        one.fault("jmespath", "must not be given beside sql");
        return None;
    }
    let expression = one.required(dialect)?;
    let dialects = people.dialects();
    let read = if dialect == "sql" { dialects.sql(expression) } else { dialects.jmespath(expression) };
    read.map_err(|rule| one.fault(dialect, rule)).ok()
}

fn filters(filter: ShownFilter) -> Vec<Value> {
    let mut one = Map::new();
    one.insert(filter.dialect.to_owned(), filter.expression.into());
    vec![Value::Object(one)]
}

fn config(kanaal: &KanaalName, language: Language, frequency: Frequency, attributes: &Attributes) -> LightConfig {
    let attributes = serde_json::from_str(attributes.as_str()).ok();
    let (language, frequency) = (language.label(), frequency.label());
    LightConfig { kanalen: vec![kanaal.to_string()], language, frequency, attributes, agreement: None, verified: None }
}

fn view(shown: Shown) -> LightView {
    let (protocol, scheme) = words(shown.channel);
    LightView {
        id: shown.id.to_string(),
        protocol,
        sink: shown.address.map(|address| format!("{scheme}:{address}")).unwrap_or_default(),
        config: config(&shown.kanaal, shown.language, shown.frequency, &shown.attributes),
        filters: shown.filter.map(filters),
        status: LightStatus {
            state: shown.state.label(),
            requested: Some(moment(shown.created)),
            since: shown.changed.map(moment),
            changing: shown.is_changing,
            code_page: None,
        },
        owner: shown.owner,
    }
}

fn moment(at: Timestamp) -> String {
    at.to_string()
}
