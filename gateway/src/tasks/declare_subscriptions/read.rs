//! Translates a declared subscription into a typed request: its members by the rules of `management`, its secrets from
//! the configuration, files or environment, its references from the same configuration. Pure except for reading files and
//! variables that hold secrets.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use api_native::{members, subscriptions::filter};
use management::{
    Update, ascii_url,
    subscriptions::{
        CredentialRequest, Start, SubscriptionRequest, check_kenmerken, is_consistent,
        rules::{self, BatchBounds, CheckUrl, FormatWord, MAX_LIST, ValidationWord},
    },
};
use model::{
    Kanaal, KanaalName, Registry, Sink, SubscriptionId,
    consent::Validation,
    facts::is_reserved,
    filter::Filter,
    registry::Change,
    selection::{AbonnementSelection, CloudEventEntry, KanaalEntry, Kenmerken, NativeSelection, Selection},
    subscription::{Format, Fsc, Rendering, RetryPolicy, Thousandths},
};
use serde_json::Map;
use uuid::Uuid;

use super::{SubscriptionError, credential, faults::Faults};
use crate::{
    config::{self, Config, Credential, Secret},
    tasks::declare::filters,
};

/// The longest name that an id is derived from, in characters.
const MAX_NAME: usize = 100;
/// The namespace of derived ids (UUID version 5): the same name is the same subscription on every node and after any restart.
const NAMESPACE: Uuid = Uuid::from_u128(0x7c1d_3f0a_51e2_4b0e_9d52_2f6a_8f43_b9c7);

/// A declared subscription.
#[derive(Debug)]
pub struct Declaration {
    /// Its name in the configuration.
    pub name: String,
    /// The id derived from its name, see [`id_of`].
    pub id: SubscriptionId,
    /// The `client_id` it belongs to; empty: only administrators see and change it.
    pub owner: String,
    /// The requested subscription; selection and credential are always set.
    pub request: SubscriptionRequest,
}

/// Every declared subscription; `environment` gives the value of a variable.
pub fn subscriptions(
    config: &Config,
    check_url: CheckUrl<'_>,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<Vec<Declaration>, SubscriptionError> {
    let registry = declared_kanalen(config);
    let mut ids = BTreeSet::new();
    let read = |declared: &config::Subscription| {
        let own = Reading { config, registry: &registry, check_url, environment, declared };
        let read = own
            .read()
            .and_then(|read| if ids.insert(read.id) { Ok(read) } else { Err("its id is there twice".to_owned()) });
        read.map_err(|why| SubscriptionError { name: declared.id.clone(), why })
    };
    config.subscription.iter().map(read).collect()
}

/// The id of a name: the name itself when it is a UUID.
pub fn id_of(name: &str) -> SubscriptionId {
    SubscriptionId(Uuid::try_parse(name).unwrap_or_else(|_| Uuid::new_v5(&NAMESPACE, name.as_bytes())))
}

/// The kanalen that a declared subscription may name: those of the same file, so that nothing depends on what somebody
/// registered.
fn declared_kanalen(config: &Config) -> Registry {
    let mut registry = Registry::default();
    let default = config::Kanaal { naam: config.default_kanaal.clone(), ..config::Kanaal::default() };
    for declared in config.kanalen().iter().chain([&default]) {
        if let Some(naam) = KanaalName::new(&declared.naam)
            && registry.kanaal(naam.as_str()).is_none()
        {
            let kanaal = Kanaal::new(Uuid::nil(), naam, model::Timestamp::default());
            registry.apply(&Change::Kanaal(Kanaal { filters: filters(declared), ..kanaal }.into()));
        }
    }
    registry
}

/// The subscription that is being read, with the configuration it refers to.
struct Reading<'a> {
    config: &'a Config,
    registry: &'a Registry,
    check_url: CheckUrl<'a>,
    environment: &'a dyn Fn(&str) -> Option<String>,
    declared: &'a config::Subscription,
}

impl Reading<'_> {
    fn read(&self) -> Result<Declaration, String> {
        let own = self.declared;
        if own.id.is_empty() || own.id.chars().nth(MAX_NAME).is_some() {
            return Err(format!("id must be a UUID or a name of 1 to {MAX_NAME} characters"));
        }
        self.check_references()?;
        let faults = Faults::default();
        let native = self.native(&faults);
        let request = SubscriptionRequest {
            name: faults.checked("name", own.name.as_deref(), rules::check_name),
            contact: faults.checked("contact", own.contact.as_deref(), rules::check_contact),
            description: faults.checked("description", own.description.as_deref(), rules::check_description),
            selection: None,
            sink: self.sink(&faults),
            credential: Some(self.credential(&faults)?),
            tls: faults.text("tls", own.tls.as_deref()),
            fsc: own.fsc.as_ref().and_then(|fsc| {
                let hash = faults.checked("fsc.grant_hash", Some(fsc.grant_hash.as_str()), rules::check_grant_hash)?;
                Some(Fsc { grant_hash: hash })
            }),
            headers: self.headers(&faults)?,
            format: self.format(&faults),
            order: faults.word("order", own.order.as_deref(), &rules::ORDERS).unwrap_or_default(),
            retry: self.retry(&faults),
            max_in_flight: faults.positive("max_in_flight", own.max_in_flight, rules::MAX_IN_FLIGHT),
            requested_rate: faults.positive("rate", own.rate, u32::MAX),
            validation: self.validation(&faults),
            start: self.start(&faults),
            expires: own.expires.as_deref().and_then(|text| {
                let moment = members::timestamp(text);
                if moment.is_none() {
                    faults.add("expires", members::TIMESTAMP);
                }
                moment
            }),
        };
        let mut request = faults.finish(request)?;
        request.selection = Some(match &own.abonnement {
            Some(abonnement) => Selection::Abonnement(self.abonnement(abonnement, request.format)?),
            None => Selection::Native(self.checked(native)?),
        });
        Ok(Declaration { name: own.id.clone(), id: id_of(&own.id), owner: own.owner.clone(), request })
    }

    /// Checks that the owner and the TLS profiles are declared.
    fn check_references(&self) -> Result<(), String> {
        let owner = &self.declared.owner;
        if !owner.is_empty() && !self.config.applicatie.iter().any(|applicatie| applicatie.client_id == *owner) {
            return Err(format!("owner {owner:?} is no [[applicatie]] of this configuration"));
        }
        let endpoint = match &self.declared.credential {
            Some(Credential::OAuth2 { tls, .. }) => tls.as_ref().map(|tls| ("credential.tls", tls)),
            _ => None,
        };
        for (member, profile) in self.declared.tls.as_ref().map(|tls| ("tls", tls)).into_iter().chain(endpoint) {
            if !self.config.egress.tls.contains_key(profile) {
                return Err(format!("{member}: there is no [egress.tls.{profile}]"));
            }
        }
        Ok(())
    }

    fn kanaal(&self, naam: &str) -> Result<&Kanaal, String> {
        let found = self.registry.kanaal(naam).map(AsRef::as_ref);
        found.ok_or_else(|| format!("kanaal {naam:?} is not declared; add a [[kanaal]] with that naam"))
    }

    /// What an abonnement selects, by the rules of the Notificaties API.
    fn abonnement(&self, declared: &config::Abonnement, format: Format) -> Result<AbonnementSelection, String> {
        let own = self.declared;
        let selects_nothing_else = own.kanalen.is_empty()
            && own.types.is_empty()
            && own.filters.is_empty()
            && own.kenmerken.is_empty()
            && own.born.is_none()
            && own.source.is_none();
        if !selects_nothing_else {
            return Err(
                "abonnement goes without kanalen, born, types, source, filters and kenmerken beside it".to_owned()
            );
        }
        let send_cloudevents = format != Format::Legacy;
        if !send_cloudevents && !declared.cloudevent_filters.is_empty() {
            return Err("abonnement.cloudevent_filters select nothing with format legacy; set format".to_owned());
        }
        if declared.kanalen.is_empty() && declared.cloudevent_filters.is_empty() {
            return Err("abonnement has no kanalen and no cloudevent_filters, so it selects nothing".to_owned());
        }
        let mut kanalen = Vec::with_capacity(declared.kanalen.len());
        for entry in &declared.kanalen {
            let (kanaal, filters) = (self.kanaal(&entry.naam)?, kenmerken_of(&entry.filters));
            let unknown =
                |pair: &&model::selection::Kenmerk| pair.key.starts_with('#') && !is_reserved(&pair.normalised);
            if let Some(pair) = filters.0.iter().find(unknown) {
                return Err(format!("abonnement.kanalen: {} is none of #actie, #resource and #hoofdObject", pair.key));
            }
            if !is_consistent(kanaal, &filters) {
                let why = "are neither a part of the filters of the kanaal nor hold all of them";
                return Err(format!("abonnement.kanalen: the keys of filters of kanaal {} {why}", entry.naam));
            }
            kanalen.push(KanaalEntry { naam: kanaal.naam.clone(), filters });
        }
        if declared.cloudevent_filters.iter().any(|entry| entry.type_substring.trim().is_empty()) {
            return Err("abonnement.cloudevent_filters: type_substring is empty".to_owned());
        }
        let cloudevents = declared.cloudevent_filters.iter().map(|entry| CloudEventEntry {
            type_substring: entry.type_substring.clone(),
            filters: kenmerken_of(&entry.filters),
        });
        Ok(AbonnementSelection { kanalen, cloudevents: cloudevents.collect(), send_cloudevents })
    }

    fn native(&self, faults: &Faults) -> NativeSelection {
        let own = self.declared;
        let kanalen = faults.texts("kanalen", &own.kanalen, MAX_LIST).into_iter().filter_map(|naam| {
            let name = KanaalName::new(&naam);
            if name.is_none() {
                faults.add("kanalen", "the name of a kanaal has 1 to 50 characters");
            }
            name
        });
        if own.kenmerken.len() > MAX_LIST {
            faults.add("kenmerken", format_args!("has more than {MAX_LIST} members"));
        }
        NativeSelection {
            kanalen: kanalen.collect(),
            published_as: faults.word("born", own.born.as_deref(), &rules::PUBLISHED_AS),
            types: faults.texts("types", &own.types, MAX_LIST),
            source: faults.text("source", own.source.as_deref()),
            filters: self.filters(faults),
            kenmerken: kenmerken_of(&own.kenmerken),
        }
    }

    /// The filters, which the file holds in the form of the CloudEvents Subscriptions API.
    fn filters(&self, faults: &Faults) -> Vec<Filter> {
        let object = Map::from_iter([("filters".to_owned(), self.declared.filters.clone().into())]);
        let found = members::Faults::default();
        let filters = filter::read(&members::Members::new(&object, &found));
        found.check(filters).unwrap_or_else(|problem| {
            for fault in &problem.errors {
                faults.add(&fault.member, &fault.rule);
            }
            Vec::new()
        })
    }

    /// A selection whose kanalen and kenmerken are declared.
    fn checked(&self, native: NativeSelection) -> Result<NativeSelection, String> {
        for naam in &native.kanalen {
            self.kanaal(naam.as_str())?;
        }
        check_kenmerken(self.registry, &native).map_err(|found| {
            let faults = found.iter().map(|fault| {
                let member = fault.member.strip_prefix("config.").unwrap_or(&fault.member);
                format!("{member} {}", fault.rule)
            });
            faults.collect::<Vec<_>>().join("; ")
        })?;
        Ok(native)
    }

    fn sink(&self, faults: &Faults) -> Sink {
        let sink = ascii_url(&self.declared.sink);
        if let Some(url) = faults.text("sink", Some(&sink)) {
            faults.check("sink", rules::check_sink(&url, self.check_url));
        }
        Sink::Webhook(sink.into_owned())
    }

    fn headers(&self, faults: &Faults) -> Result<Vec<(String, Update<String>)>, String> {
        if self.declared.headers.len() > rules::MAX_HEADERS {
            faults.add("headers", format_args!("has more than {} members", rules::MAX_HEADERS));
        }
        let mut headers = Vec::new();
        for (name, value) in &self.declared.headers {
            let member = format!("headers.{name}");
            let value = self.secret(&member, value)?;
            faults.check(&member, rules::check_header_name(name, &headers));
            faults.check(&member, rules::check_header_value(&value));
            headers.push((name.clone(), Update::Set(value)));
        }
        Ok(headers)
    }

    fn format(&self, faults: &Faults) -> Format {
        let own = self.declared;
        let default = if own.abonnement.is_some() { FormatWord::Legacy } else { FormatWord::Structured };
        let word = faults.word("format", own.format.as_deref(), &rules::FORMATS).unwrap_or(default);
        let on116 = own.abonnement.is_some() && word == FormatWord::Structured;
        let rendering = faults.word("rendering", own.rendering.as_deref(), &rules::RENDERINGS);
        let rendering = rendering.or_else(|| on116.then_some(Rendering::On116));
        let batch = own.batch.map(|batch| BatchBounds {
            max_events: faults.positive("batch.max_events", batch.max_events, rules::MAX_BATCH),
            linger: faults
                .integer("batch.linger_ms", batch.linger_ms, 0, rules::MAX_LINGER_MS)
                .map(Duration::from_millis),
        });
        rules::format(word, rendering, batch, &mut |member, rule| faults.add(member, rule))
    }

    fn retry(&self, faults: &Faults) -> RetryPolicy {
        let (own, default) = (&self.declared.retry, self.config.delivery.retry.policy().unwrap_or_default());
        let number = |name: &str, number: Option<f64>, bounds: (f64, f64), default: Thousandths| {
            let number = faults.number(&format!("retry.{name}"), number, bounds);
            number.and_then(Thousandths::from_f64).unwrap_or(default)
        };
        let retries = faults.integer("retry.max_retries", own.max_retries, 0, rules::MAX_RETRIES);
        let cap = faults.integer("retry.cap_seconds", own.cap_seconds, 1, rules::MAX_CAP_SECONDS);
        RetryPolicy {
            max_retries: retries.map_or(default.max_retries, |number| number as u32),
            factor: number("factor", own.factor, rules::FACTOR, default.factor),
            base: number("base", own.base, rules::BASE, default.base),
            cap: cap.map_or(default.cap, Duration::from_secs),
            jitter: number("jitter", own.jitter, rules::JITTER, default.jitter),
            ladder_only: own.ladder_only.unwrap_or(default.ladder_only),
        }
    }

    fn validation(&self, faults: &Faults) -> Validation {
        let own = self.declared;
        let default = if own.abonnement.is_some() { ValidationWord::Probe } else { ValidationWord::Handshake };
        let word = faults.word("validation", own.validation.as_deref(), &rules::VALIDATIONS).unwrap_or(default);
        if word != ValidationWord::Manual && own.agreement.is_some() {
            faults.add("agreement", "only goes with validation manual");
        }
        match word {
            ValidationWord::Manual => {
                let agreement = faults.required("agreement", own.agreement.as_deref());
                Validation::Manual { agreement: agreement.unwrap_or_default() }
            }
            ValidationWord::Probe => Validation::Probe,
            ValidationWord::Handshake => Validation::Handshake,
        }
    }

    fn start(&self, faults: &Faults) -> Option<Start> {
        let start = rules::start(self.declared.start.as_deref()?);
        if start.is_none() {
            faults.add("start", rules::START);
        }
        start
    }

    fn credential(&self, faults: &Faults) -> Result<CredentialRequest, String> {
        let Some(credential) = &self.declared.credential else { return Ok(CredentialRequest::None) };
        credential::read(credential, faults, self.check_url, &|member, secret| self.secret(member, secret))
    }

    fn secret(&self, member: &str, secret: &Secret) -> Result<String, String> {
        secret.read(self.environment).map_err(|why| format!("{member}: {why}"))
    }
}

fn kenmerken_of(pairs: &BTreeMap<String, String>) -> Kenmerken {
    Kenmerken::new(pairs.iter().map(|(key, value)| (key.clone(), value)))
}

#[cfg(test)]
mod tests {
    use egress::Policy;
    use model::subscription::Order;

    use super::*;
    use crate::{own_urls::OwnUrls, receivers};

    const BASE: &str = r#"
        [egress]
        allow = ["127.0.0.0/8"]
        [egress.tls.mtls]
        [[applicatie]]
        client_id = "open-zaak"
        secret = "s"
        [[kanaal]]
        naam = "zaken"
        filters = ["zaaktype", "bron"]
        [[subscription]]
        id = "portaal"
        sink = "https://portaal.example/events"
    "#;

    fn read(more: &str) -> Result<Declaration, String> {
        let config = config::parse(&format!("{BASE}\n{more}")).map_err(|error| error.to_string())?;
        let environment = |name: &str| (name == "KNOWN").then(|| "from the environment".to_owned());
        let check_url = |url: &str| receivers::check_url(&Policy::default(), &OwnUrls::of(&config), url);
        let mut read = subscriptions(&config, &check_url, &environment).map_err(|error| error.to_string())?;
        Ok(read.remove(0))
    }

    #[test]
    fn a_name_is_always_the_same_id_and_a_uuid_is_itself() {
        assert_eq!(id_of("portaal"), id_of("portaal"));
        assert_ne!(id_of("portaal"), id_of("portaal2"));
        let uuid = "4aa9b3a6-2c31-4b0a-9e4e-0a6f2c1a7d01";
        assert_eq!(id_of(uuid).to_string(), uuid);
    }

    #[test]
    fn what_is_left_out_is_as_the_api_and_the_configuration_have_it() {
        let plain = read("").unwrap();
        assert_eq!(plain.request.selection, Some(Selection::Native(NativeSelection::default())));
        assert_eq!(plain.request.format, Format::Structured(Rendering::Canonical));
        assert_eq!((plain.request.retry, plain.request.order), (RetryPolicy::default(), Order::None));
        assert!(plain.request.credential == Some(CredentialRequest::None) && plain.owner.is_empty());
        let described = read("name = \"Portaal\"\ncontact = \"beheer@portaal.example\"\ndescription = \"Zaken\"");
        let described = described.unwrap().request;
        let texts = [described.name, described.contact, described.description].map(Option::unwrap);
        assert_eq!(texts, ["Portaal", "beheer@portaal.example", "Zaken"]);
        let fsc = read("fsc.grant_hash = \"$1$4$abc\"").unwrap().request.fsc;
        assert_eq!(fsc.unwrap().grant_hash, "$1$4$abc");
        let partly = read("retry.max_retries = 9\n[delivery.retry]\nfactor = 7.0").unwrap().request.retry;
        assert_eq!((partly.max_retries, partly.factor), (9, Thousandths(7_000)));
        let own = read("retry.notification_delivery_base_factor = 4").unwrap().request.retry;
        assert_eq!(own.base, Thousandths(4_000));
    }

    #[test]
    fn an_abonnement_is_as_on_its_api() {
        let entry =
            "abonnement.kanalen = [{ naam = \"zaken\", filters = { zaaktype = \"a\", \"#actie\" = \"create\" } }]";
        let legacy = read(entry).unwrap();
        let Some(Selection::Abonnement(selection)) = &legacy.request.selection else { panic!("{legacy:?}") };
        assert!(selection.kanalen.len() == 1 && !selection.send_cloudevents);
        assert_eq!(legacy.request.format, Format::Legacy);
        assert_eq!(legacy.request.validation, Validation::Probe);
        let both = read(&format!(
            "{entry}\nformat = \"structured\"\nabonnement.cloudevent_filters = [{{ type_substring = \"x\" }}]"
        ));
        let both = both.unwrap();
        assert_eq!(both.request.format, Format::Structured(Rendering::On116));
        assert!(
            matches!(both.request.selection, Some(Selection::Abonnement(own)) if own.send_cloudevents && own.cloudevents.len() == 1)
        );
    }

    #[test]
    fn secrets_stand_in_the_file_in_a_file_or_in_the_environment_and_are_not_shown() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret");
        std::fs::write(&path, "from a file\n").unwrap();
        for (secret, expected) in [
            ("\"in line\"".to_owned(), "in line"),
            (format!("{{ file = {path:?} }}"), "from a file"),
            ("{ env = \"KNOWN\" }".to_owned(), "from the environment"),
        ] {
            let text = format!("credential = {{ kind = \"zgw\", client_id = \"us\", secret = {secret} }}");
            let declared = read(&text).unwrap();
            let Some(CredentialRequest::Zgw { secret, .. }) = &declared.request.credential else { panic!() };
            assert_eq!(secret, expected);
            let config = config::parse(&format!("{BASE}\n{text}")).unwrap();
            let shown = format!("{config:?} {declared:?} {}", serde_json::to_string(&config).unwrap());
            assert!(!shown.contains(expected), "{shown}");
        }
    }

    #[test]
    fn every_kind_of_credential_is_read() {
        let oauth2 = "credential = { kind = \"oauth2\", token_url = \"https://t.example/\", client_id = \"us\", \
                      authentication = \"post\", scope = \"a\", audience = \"b\", tls = \"mtls\" }\ntls = \"mtls\"";
        let declared = read(oauth2).unwrap();
        let credential = declared.request.credential.as_ref().and_then(CredentialRequest::tls);
        assert_eq!((credential, declared.request.tls.as_deref()), (Some("mtls"), Some("mtls")));
        for (text, expected) in [
            ("kind = \"authorization\", authorization = \"Token abc\"", "Token abc"),
            ("kind = \"basic\", identifier = \"u\", secret = \"p\"", "Basic dTpw"),
        ] {
            let declared = read(&format!("credential = {{ {text} }}")).unwrap();
            let expected = CredentialRequest::Authorization(expected.to_owned());
            assert!(declared.request.credential == Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_named_as_it_is_written() {
        let entry = |text: &str| format!("abonnement.kanalen = [{{ {text} }}]");
        for (more, said) in [
            ("colour = 1".to_owned(), "colour is no key here"),
            ("owner = \"nobody\"".to_owned(), "owner \"nobody\" is no [[applicatie]]"),
            ("tls = \"x\"".to_owned(), "tls: there is no [egress.tls.x]"),
            ("format = \"xml\"".to_owned(), "format must be one of: structured"),
            ("max_in_flight = 0".to_owned(), "max_in_flight must be"),
            (format!("name = \"{}\"", "x".repeat(101)), "name must be a text of 1 to 100 characters"),
            ("contact = \"somebody\"".to_owned(), "contact must be a mail address"),
            ("description = \"\"".to_owned(), "description must be"),
            ("fsc.grant_hash = \"\"".to_owned(), "fsc.grant_hash must be"),
            ("retry.cap_seconds = 0".to_owned(), "retry.cap_seconds must be"),
            ("validation = \"manual\"".to_owned(), "agreement is required"),
            ("filters = [{ sql = \"ABC(\" }]".to_owned(), "filters[0].sql"),
            ("headers = { Host = \"x\" }".to_owned(), "headers.Host is set by the gateway"),
            ("kanalen = [\"objecten\"]".to_owned(), "kanaal \"objecten\" is not declared"),
            (
                "kanalen = [\"zaken\"]\nborn = \"notificatie\"\nkenmerken = { eenAnder = \"x\" }".to_owned(),
                "kenmerken.eenAnder is no kenmerk",
            ),
            (entry("naam = \"objecten\""), "kanaal \"objecten\" is not declared"),
            (entry("naam = \"zaken\", filters = { x = \"1\" }"), "of kanaal zaken are neither"),
            (entry("naam = \"zaken\", filters = { \"#x\" = \"1\" }"), "#x is none of"),
            ("abonnement = {}".to_owned(), "selects nothing"),
            ("abonnement.cloudevent_filters = [{ type_substring = \"x\" }]".to_owned(), "with format legacy"),
            (format!("{}\ntypes = [\"x\"]", entry("naam = \"zaken\"")), "abonnement goes without"),
            (
                "credential = { kind = \"zgw\", client_id = \"x\", secret = { env = \"NONE\" } }".to_owned(),
                "NONE is not set",
            ),
            (
                "credential = { kind = \"zgw\", client_id = \"x\", secret = { fil = \"/x\" } }".to_owned(),
                "subscription.0.credential: a secret is a text, { file",
            ),
            (
                "credential = { kind = \"zgw\", client_id = \"x\", secret = { file = \"/none\" } }".to_owned(),
                "credential.secret: the file /none",
            ),
            (
                "credential = { kind = \"oauth2\", token_url = \"nowhere\", client_id = \"x\" }".to_owned(),
                "credential.token_url",
            ),
            ("[[subscription]]\nid = \"portaal\"\nsink = \"https://x.example/\"".to_owned(), "its id is there twice"),
            ("[[subscription]]\nsink = \"https://x.example/\"".to_owned(), "id must be"),
            ("[[subscription]]\nid = \"x\"".to_owned(), "sink"),
            ("[[subscription]]\nid = \"x\"\nsink = \"http://x.example/\"".to_owned(), "sink"),
        ] {
            let error = read(&more).map(drop).expect_err(&more);
            assert!(error.contains(said), "{more}\n{error}");
            assert!(!error.contains("config.") && !error.contains("sinkcredential"), "{error}");
        }
    }
}
