//! A declared subscription as it is meant: its members under the names and rules of the native API, its secrets from where
//! they stand, what it refers to in the same configuration. Pure but for the files and variables that hold secrets.

use std::collections::{BTreeMap, BTreeSet};

use egress::Policy;
use model::{
    Kanaal, KanaalName, Registry, SubscriptionId,
    facts::is_reserved,
    registry::Change,
    selection::{AbonnementSelection, CloudEventEntry, KanaalEntry, Kenmerken, Selection},
    subscription::Format,
};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::SubscriptionError;
use crate::{
    api::{
        v1::subscriptions::{
            credential::CredentialInput,
            input::{self, Wanted},
            kenmerken,
        },
        zgw::abonnement::input::is_consistent,
    },
    config::{self, Config, Credential, Secret},
    problem::Problem,
    tasks::declare::filters,
};

/// The longest name that an id is derived from, in characters.
const MAX_NAME: usize = 100;
/// The namespace of derived ids (UUID version 5): the same name is the same subscription on every node and after any restart.
const NAMESPACE: Uuid = Uuid::from_u128(0x7c1d_3f0a_51e2_4b0e_9d52_2f6a_8f43_b9c7);
/// Members of a credential that this file spells otherwise than the native API.
const SPELLINGS: [(&str, &str); 6] = [
    ("tokenendpoint", "token_url"),
    ("clientid", "client_id"),
    ("clientsecret", "secret"),
    ("clientauthentication", "authentication"),
    ("authorization", "authorization"),
    ("identifier", "identifier"),
];

/// A declared subscription.
#[derive(Debug)]
pub struct Declared {
    /// What the administrator calls it.
    pub name: String,
    /// Its identity.
    pub id: SubscriptionId,
    /// Whose it is.
    pub owner: String,
    /// Which events.
    pub selection: Selection,
    /// What proves to its sink that it is us.
    pub credential: CredentialInput,
    /// Everything else.
    pub wanted: Wanted,
}

/// Every declared subscription; `environment` gives the value of a variable.
pub fn subscriptions(
    config: &Config,
    policy: &Policy,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<Vec<Declared>, SubscriptionError> {
    let registry = declared_kanalen(config);
    let mut ids = BTreeSet::new();
    let read = |declared: &config::Subscription| {
        let own = Reading { config, registry: &registry, policy, environment, declared };
        let read = own
            .read()
            .and_then(|read| if ids.insert(read.id) { Ok(read) } else { Err("its id is there twice".to_owned()) });
        read.map_err(|why| SubscriptionError { name: declared.id.clone(), why })
    };
    config.subscription.iter().map(read).collect()
}

/// The identity that a name stands for: itself when it is a UUID.
pub fn id_of(name: &str) -> SubscriptionId {
    SubscriptionId(Uuid::try_parse(name).unwrap_or_else(|_| Uuid::new_v5(&NAMESPACE, name.as_bytes())))
}

/// The kanalen that a declared subscription may name: those of the same file, so that nothing depends on what somebody
/// registered.
fn declared_kanalen(config: &Config) -> Registry {
    let mut registry = Registry::default();
    let default = config::Kanaal { naam: config.default_kanaal.clone(), ..config::Kanaal::default() };
    for declared in config.kanaal.iter().chain([&default]) {
        if let Some(naam) = KanaalName::new(&declared.naam)
            && registry.kanaal(naam.as_str()).is_none()
        {
            let kanaal = Kanaal::new(Uuid::nil(), naam, model::Timestamp::default());
            registry.apply(&Change::Kanaal(Kanaal { filters: filters(declared), ..kanaal }.into()));
        }
    }
    registry
}

/// One that is being read.
struct Reading<'a> {
    config: &'a Config,
    registry: &'a Registry,
    policy: &'a Policy,
    environment: &'a dyn Fn(&str) -> Option<String>,
    declared: &'a config::Subscription,
}

impl Reading<'_> {
    fn read(&self) -> Result<Declared, String> {
        let name = &self.declared.id;
        if name.is_empty() || name.chars().nth(MAX_NAME).is_some() {
            return Err(format!("id must be a UUID or a name of 1 to {MAX_NAME} characters"));
        }
        self.check_references()?;
        let object = self.object()?;
        let default_retry = self.config.delivery.retry.policy().unwrap_or_default();
        let mut wanted = input::read(&object, self.policy, default_retry).map_err(|problem| told(&problem))?;
        let selection = if let Some(abonnement) = &self.declared.abonnement {
            Selection::Abonnement(self.abonnement(abonnement, &wanted)?)
        } else {
            let native = wanted.selection.take().unwrap_or_default();
            for naam in &native.kanalen {
                self.kanaal(naam.as_str())?;
            }
            kenmerken::check(self.registry, &native).map_err(|problem| told(&problem))?;
            Selection::Native(native)
        };
        Ok(Declared {
            name: name.clone(),
            id: id_of(name),
            owner: self.declared.owner.clone(),
            selection,
            credential: wanted.credential.take().unwrap_or(CredentialInput::None),
            wanted,
        })
    }

    /// The owner and TLS profiles are there.
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
    fn abonnement(&self, declared: &config::Abonnement, wanted: &Wanted) -> Result<AbonnementSelection, String> {
        if wanted.selection.is_some() {
            return Err(
                "abonnement goes without kanalen, born, types, source, filters and kenmerken beside it".to_owned()
            );
        }
        let send_cloudevents = wanted.format != Format::Legacy;
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

    /// The object that the native API would be given.
    fn object(&self) -> Result<Map<String, Value>, String> {
        let own = self.declared;
        let is_abonnement = own.abonnement.is_some();
        let default = |word: &str| is_abonnement.then(|| word.to_owned());
        let format = own.format.clone().or_else(|| default("legacy"));
        let on116 = if format.as_deref() == Some("structured") { default("on116") } else { None };
        let mut config = given([
            ("kanalen", list(&own.kanalen)),
            ("born", own.born.clone().into()),
            ("kenmerken", if own.kenmerken.is_empty() { Value::Null } else { json!(own.kenmerken) }),
            ("rendering", own.rendering.clone().or(on116).into()),
            ("format", format.into()),
            ("order", own.order.clone().into()),
            ("validation", own.validation.clone().or_else(|| default("probe")).into()),
            ("agreement", own.agreement.clone().into()),
            ("rate", own.rate.into()),
            ("maxInFlight", own.max_in_flight.into()),
            ("start", own.start.clone().into()),
            ("tls", own.tls.clone().into()),
        ]);
        if let Some(batch) = own.batch {
            let bounds = given([("maxEvents", batch.max_events.into()), ("lingerMs", batch.linger_ms.into())]);
            config.insert("batch".to_owned(), bounds.into());
        }
        let retry = given([
            ("maxRetries", own.retry.max_retries.into()),
            ("factor", own.retry.factor.into()),
            ("base", own.retry.base.into()),
            ("capSeconds", own.retry.cap_seconds.into()),
            ("jitter", own.retry.jitter.into()),
            ("ladderOnly", own.retry.ladder_only.into()),
        ]);
        config.insert("retry".to_owned(), retry.into());
        let mut headers = Map::new();
        for (name, value) in &own.headers {
            headers.insert(name.clone(), self.secret(&format!("headers.{name}"), value)?.into());
        }
        Ok(given([
            ("protocol", "HTTP".into()),
            ("sink", own.sink.clone().into()),
            ("types", list(&own.types)),
            ("source", own.source.clone().into()),
            ("filters", if own.filters.is_empty() { Value::Null } else { json!(own.filters) }),
            ("protocolsettings", json!({"headers": headers})),
            ("sinkcredential", self.credential()?),
            ("config", config.into()),
            ("expires", own.expires.clone().into()),
        ]))
    }

    fn credential(&self) -> Result<Value, String> {
        let secret = |secret: &Secret| self.secret("credential.secret", secret);
        let Some(credential) = &self.declared.credential else { return Ok(Value::Null) };
        let members = match credential {
            Credential::Authorization { authorization } => given([
                ("credentialtype", "AUTHORIZATION".into()),
                ("authorization", self.secret("credential.authorization", authorization)?.into()),
            ]),
            Credential::Basic { identifier, secret: own } => given([
                ("credentialtype", "PLAIN".into()),
                ("identifier", identifier.clone().into()),
                ("secret", secret(own)?.into()),
            ]),
            Credential::Zgw { client_id, secret: own } => given([
                ("credentialtype", "ZGW".into()),
                ("clientid", client_id.clone().into()),
                ("clientsecret", secret(own)?.into()),
            ]),
            Credential::OAuth2 { token_url, client_id, secret: own, authentication, scope, audience, tls } => given([
                ("credentialtype", "OAUTH2".into()),
                ("tokenendpoint", token_url.clone().into()),
                ("clientid", client_id.clone().into()),
                ("clientsecret", own.as_ref().map(secret).transpose()?.into()),
                ("clientauthentication", authentication.clone().into()),
                ("scope", scope.clone().into()),
                ("audience", audience.clone().into()),
                ("tls", tls.clone().into()),
            ]),
        };
        Ok(members.into())
    }

    fn secret(&self, member: &str, secret: &Secret) -> Result<String, String> {
        secret.read(self.environment).map_err(|why| format!("{member}: {why}"))
    }
}

/// The members that say something.
fn given<const N: usize>(members: [(&str, Value); N]) -> Map<String, Value> {
    members.into_iter().filter(|(_, value)| !value.is_null()).map(|(name, value)| (name.to_owned(), value)).collect()
}

fn list(texts: &[String]) -> Value {
    if texts.is_empty() { Value::Null } else { json!(texts) }
}

fn kenmerken_of(pairs: &BTreeMap<String, String>) -> Kenmerken {
    Kenmerken::new(pairs.iter().map(|(key, value)| (key.clone(), value)))
}

/// What the rules of the API found, under the names of this file.
fn told(problem: &Problem) -> String {
    let faults = problem.errors.iter().map(|fault| format!("{} {}", spelled(&fault.member), fault.rule));
    let faults: Vec<String> = faults.collect();
    if faults.is_empty() { problem.detail.clone() } else { faults.join("; ") }
}

/// The name of a member of the native API as this file spells it.
fn spelled(member: &str) -> String {
    if let Some(header) = member.strip_prefix("protocolsettings.") {
        return header.to_owned();
    }
    if let Some(own) = member.strip_prefix("sinkcredential.") {
        let own = SPELLINGS.iter().find(|(name, _)| *name == own).map_or(own, |(_, own)| own);
        return format!("credential.{own}");
    }
    // What stands behind kenmerken is the administrator's own spelling.
    let Some(own) = member.strip_prefix("config.") else { return member.to_owned() };
    if own.starts_with("kenmerken.") {
        return own.to_owned();
    }
    let mut text = String::with_capacity(own.len() + 4);
    for c in own.chars() {
        if c.is_ascii_uppercase() {
            text.push('_');
        }
        text.push(c.to_ascii_lowercase());
    }
    text
}

#[cfg(test)]
mod tests {
    use model::{
        selection::NativeSelection,
        subscription::{Order, Rendering, RetryPolicy, Thousandths},
    };

    use super::*;

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

    fn read(more: &str) -> Result<Declared, String> {
        let config = config::parse(&format!("{BASE}\n{more}")).map_err(|error| error.to_string())?;
        let environment = |name: &str| (name == "KNOWN").then(|| "from the environment".to_owned());
        let mut read = subscriptions(&config, &Policy::default(), &environment).map_err(|error| error.to_string())?;
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
        assert_eq!(plain.selection, Selection::Native(NativeSelection::default()));
        assert_eq!(plain.wanted.format, Format::Structured(Rendering::Canonical));
        assert_eq!((plain.wanted.retry, plain.wanted.order), (RetryPolicy::default(), Order::None));
        assert!(plain.credential == CredentialInput::None && plain.owner.is_empty());
        let partly = read("retry.max_retries = 9\n[delivery.retry]\nfactor = 7.0").unwrap().wanted.retry;
        assert_eq!((partly.max_retries, partly.factor), (9, Thousandths(7_000)));
        let own = read("retry.notification_delivery_base_factor = 4").unwrap().wanted.retry;
        assert_eq!(own.base, Thousandths(4_000));
    }

    #[test]
    fn an_abonnement_is_as_on_its_api() {
        let entry =
            "abonnement.kanalen = [{ naam = \"zaken\", filters = { zaaktype = \"a\", \"#actie\" = \"create\" } }]";
        let legacy = read(entry).unwrap();
        let Selection::Abonnement(selection) = &legacy.selection else { panic!("{legacy:?}") };
        assert!(selection.kanalen.len() == 1 && !selection.send_cloudevents);
        assert_eq!(legacy.wanted.format, Format::Legacy);
        assert_eq!(legacy.wanted.validation, model::consent::Validation::Probe);
        let both = read(&format!(
            "{entry}\nformat = \"structured\"\nabonnement.cloudevent_filters = [{{ type_substring = \"x\" }}]"
        ));
        let both = both.unwrap();
        assert_eq!(both.wanted.format, Format::Structured(Rendering::On116));
        assert!(
            matches!(both.selection, Selection::Abonnement(own) if own.send_cloudevents && own.cloudevents.len() == 1)
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
            let CredentialInput::Zgw { secret, .. } = &declared.credential else { panic!() };
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
        assert_eq!((declared.credential.tls(), declared.wanted.tls.as_deref()), (Some("mtls"), Some("mtls")));
        for (text, expected) in [
            ("kind = \"authorization\", authorization = \"Token abc\"", "Token abc"),
            ("kind = \"basic\", identifier = \"u\", secret = \"p\"", "Basic dTpw"),
        ] {
            let declared = read(&format!("credential = {{ {text} }}")).unwrap();
            assert!(declared.credential == CredentialInput::Authorization(expected.to_owned()), "{text}");
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
