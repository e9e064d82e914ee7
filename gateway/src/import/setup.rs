//! The YAML file by which Open Notificaties is set up (`setup_configuration`): its sections, switches and keys.
//!
//! A section counts when its switch is on, as there. What has no counterpart here becomes a note, so nothing that the
//! file says is passed over in silence.

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::source::{Abonnement, Auth, Client, Kanaal, Pairs, Registration, Retry, Service, Source};

/// The largest file that is read, in bytes.
const MAX_BYTES: usize = 4 * 1024 * 1024;

/// Why a set-up file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// Larger than anybody's set-up.
    #[error("het bestand is groter dan {MAX_BYTES} bytes")]
    TooLarge,
    /// No YAML.
    #[error("geen geldige YAML: {0}")]
    Yaml(String),
    /// Not a mapping of sections.
    #[error("het bestand is geen lijst van instellingen (sleutel: waarde)")]
    Form,
    /// A value is taken from the environment, which does not hold it.
    #[error("{place}: de omgevingsvariabele {name} is niet gezet")]
    Environment {
        /// Where in the file.
        place: String,
        /// The variable.
        name: String,
    },
    /// A member is missing or of the wrong kind.
    #[error("{place}: {why}")]
    Section {
        /// Which section.
        place: String,
        /// Why.
        why: String,
    },
}

/// Reads a set-up file; `environment` gives the values that the file takes from there (`value_from: {env: NAME}`).
pub fn read(text: &str, environment: &dyn Fn(&str) -> Option<String>) -> Result<Source, SetupError> {
    if text.len() > MAX_BYTES {
        return Err(SetupError::TooLarge);
    }
    let document: Value = serde_saphyr::from_str(text).map_err(|error| SetupError::Yaml(error.to_string()))?;
    let Value::Object(members) = document else { return Err(SetupError::Form) };
    let mut sections = Sections { members, environment, source: Source::default() };
    sections.kanalen()?;
    sections.abonnementen()?;
    sections.clients()?;
    let notifications = sections.retry()?;
    sections.autorisaties(&notifications)?;
    sections.others();
    Ok(sections.source)
}

struct Sections<'a> {
    members: Map<String, Value>,
    environment: &'a dyn Fn(&str) -> Option<String>,
    source: Source,
}

#[derive(Deserialize)]
struct Items<T> {
    items: Vec<T>,
}

#[derive(Deserialize)]
struct KanaalItem {
    naam: String,
    #[serde(default)]
    documentatie_link: String,
    #[serde(default)]
    filters: Vec<String>,
}

#[derive(Deserialize)]
struct AbonnementItem {
    uuid: Uuid,
    callback_url: String,
    #[serde(default)]
    auth: String,
    #[serde(default = "AbonnementItem::api_key")]
    auth_type: String,
    #[serde(default)]
    auth_client_id: String,
    #[serde(default)]
    secret: String,
    #[serde(default)]
    oauth2_token_url: String,
    #[serde(default)]
    oauth2_scope: String,
    #[serde(default)]
    send_cloudevents: bool,
    #[serde(default)]
    kanalen: Vec<KanaalFilter>,
    #[serde(default)]
    cloudevent_filters: Vec<TypeFilter>,
}

#[derive(Deserialize)]
struct KanaalFilter {
    naam: String,
    #[serde(default)]
    filters: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum TypeFilter {
    Type(String),
    Entry {
        type_substring: String,
        #[serde(default)]
        filters: Map<String, Value>,
    },
}

#[derive(Deserialize)]
struct CredentialItem {
    identifier: String,
    secret: String,
}

#[derive(Deserialize)]
struct Services {
    services: Vec<ServiceItem>,
}

#[derive(Deserialize)]
struct ServiceItem {
    identifier: String,
    api_root: String,
    #[serde(default)]
    client_id: String,
    #[serde(default)]
    secret: String,
}

#[derive(Deserialize)]
struct Chosen {
    authorizations_api_service_identifier: String,
}

#[derive(Deserialize)]
struct Subscribed {
    callback_url: String,
    #[serde(default)]
    channels: Vec<String>,
}

#[derive(Deserialize)]
struct Retries {
    #[serde(default, rename = "notifications_api_service_identifier")]
    service: String,
    #[serde(rename = "notification_delivery_max_retries")]
    most: Option<u32>,
    #[serde(rename = "notification_delivery_retry_backoff")]
    backoff: Option<f64>,
    #[serde(rename = "notification_delivery_retry_backoff_max")]
    backoff_max: Option<u64>,
    #[serde(rename = "notification_delivery_base_factor")]
    base_factor: Option<f64>,
}

#[derive(Deserialize)]
struct Site {
    domain: String,
}

impl Sections<'_> {
    /// A section whose switch is on, with values from the environment filled in.
    fn take<T: DeserializeOwned>(&mut self, switch: &str, section: &str) -> Result<Option<T>, SetupError> {
        let on = self.members.remove(switch).is_some_and(|value| value == Value::Bool(true));
        let Some(mut value) = self.members.remove(section) else { return Ok(None) };
        if !on {
            self.source.notes.push(format!("{section}: overgeslagen, want {switch} staat niet op true"));
            return Ok(None);
        }
        fill(&mut value, section, self.environment)?;
        let read = serde_json::from_value(value);
        read.map(Some).map_err(|error| SetupError::Section { place: section.to_owned(), why: error.to_string() })
    }

    fn kanalen(&mut self) -> Result<(), SetupError> {
        let read: Option<Items<KanaalItem>> =
            self.take("notifications_kanalen_config_enable", "notifications_kanalen_config")?;
        let kanalen = read.map(|read| read.items).unwrap_or_default().into_iter().map(|item| Kanaal {
            uuid: None,
            naam: item.naam,
            documentatie_link: item.documentatie_link,
            filters: item.filters,
        });
        self.source.kanalen.extend(kanalen);
        Ok(())
    }

    fn abonnementen(&mut self) -> Result<(), SetupError> {
        let read: Option<Items<AbonnementItem>> =
            self.take("notifications_abonnementen_config_enable", "notifications_abonnementen_config")?;
        for item in read.map(|read| read.items).unwrap_or_default() {
            let place = |why: String| SetupError::Section {
                place: format!("notifications_abonnementen_config, abonnement {}", item.uuid),
                why,
            };
            let auth = item.auth().map_err(&place)?;
            let kanalen = item.kanalen.iter().map(|entry| Ok((entry.naam.clone(), pairs(&entry.filters)?)));
            let types = item.cloudevent_filters.iter().map(|entry| match entry {
                TypeFilter::Type(text) => Ok((text.clone(), Pairs::new())),
                TypeFilter::Entry { type_substring, filters } => Ok((type_substring.clone(), pairs(filters)?)),
            });
            self.source.abonnementen.push(Abonnement {
                uuid: item.uuid,
                auth,
                send_cloudevents: item.send_cloudevents,
                kanalen: kanalen.collect::<Result<_, String>>().map_err(&place)?,
                cloudevent_filters: types.collect::<Result<_, String>>().map_err(&place)?,
                callback_url: item.callback_url,
            });
        }
        Ok(())
    }

    fn clients(&mut self) -> Result<(), SetupError> {
        let read: Option<Items<CredentialItem>> =
            self.take("vng_api_common_credentials_config_enable", "vng_api_common_credentials")?;
        let items = read.map(|read| read.items).unwrap_or_default();
        let clients = items.into_iter().map(|item| Client { client_id: item.identifier, secret: item.secret });
        self.source.clients.extend(clients);
        Ok(())
    }

    /// Retries; the identifier of the Notificaties API where Open Notificaties itself is a subscriber, if there is one.
    fn retry(&mut self) -> Result<String, SetupError> {
        let read: Option<Retries> = self.take("notifications_config_enable", "notifications_config")?;
        self.source.retry = read.as_ref().map(|read| Retry {
            max_retries: read.most,
            factor: read.backoff,
            cap_seconds: read.backoff_max,
            base: read.base_factor,
        });
        Ok(read.map(|read| read.service).unwrap_or_default())
    }

    /// The Autorisaties API, and where its changes are announced.
    fn autorisaties(&mut self, notifications: &str) -> Result<(), SetupError> {
        let services: Option<Services> = self.take("zgw_consumers_config_enable", "zgw_consumers")?;
        let chosen: Option<Chosen> = self.take("autorisaties_api_config_enable", "autorisaties_api")?;
        let mut services = services.map(|read| read.services).unwrap_or_default();
        if let Some(chosen) = chosen {
            let name = chosen.authorizations_api_service_identifier;
            let at = services.iter().position(|service| service.identifier == name).ok_or_else(|| {
                let why = format!("zgw_consumers.services heeft geen service met identifier {name:?}");
                SetupError::Section { place: "autorisaties_api".to_owned(), why }
            })?;
            let service = services.remove(at);
            self.source.autorisaties =
                Some(Service { url: service.api_root, client_id: service.client_id, secret: service.secret });
        }
        self.abonnement(services.iter().find(|service| service.identifier == notifications))?;
        let used = self.source.abonnement.is_some();
        for service in services.into_iter().filter(|service| !(used && service.identifier == notifications)) {
            self.source
                .notes
                .push(format!("zgw_consumers: service {} wordt hier nergens gebruikt", service.identifier));
        }
        Ok(())
    }

    /// Its own abonnementen: one on the changes of the Autorisaties API is carried over when they are announced elsewhere.
    fn abonnement(&mut self, service: Option<&ServiceItem>) -> Result<(), SetupError> {
        const SECTION: &str = "notifications_subscriptions_config";
        let read: Option<Items<Subscribed>> = self.take("notifications_subscriptions_config_enable", SECTION)?;
        for item in read.map(|read| read.items).unwrap_or_default() {
            let host = |url: &str| url.parse::<http::Uri>().ok().and_then(|uri| Some(uri.authority()?.to_string()));
            let elsewhere = service.filter(|service| host(&service.api_root) != host(&item.callback_url));
            let is_ours = item.channels.iter().any(|naam| naam == "autorisaties") && self.source.autorisaties.is_some();
            match elsewhere {
                Some(service) if is_ours && self.source.abonnement.is_none() => {
                    let (url, client_id) = (service.api_root.clone(), service.client_id.clone());
                    let service = Service { url, client_id, secret: service.secret.clone() };
                    self.source.abonnement = Some(Registration { service, callback_url: item.callback_url });
                }
                Some(_) => self.source.notes.push(format!(
                    "{SECTION}: {} niet overgenomen, de gateway is zelf alleen abonnee op het kanaal autorisaties",
                    item.callback_url
                )),
                None => self.source.notes.push(format!(
                    "{SECTION}: niet nodig, de gateway hoort zelf wat op het kanaal autorisaties binnenkomt als \
                     [auth.autorisaties] is ingesteld"
                )),
            }
        }
        Ok(())
    }

    /// What is left has no counterpart; each says so.
    fn others(&mut self) {
        if let Ok(Some(sites)) = self.take::<Items<Site>>("sites_config_enable", "sites_config") {
            self.source.domains.extend(sites.items.into_iter().map(|site| site.domain));
        }
        let mut notes = Vec::new();
        for name in std::mem::take(&mut self.members).into_iter().map(|(name, _)| name) {
            notes.push(match name.as_str() {
                "oidc_db_config_admin_auth" => {
                    "oidc_db_config_admin_auth: niet overgenomen, de gateway heeft geen eigen aanmeldscherm".to_owned()
                }
                name if name.ends_with("_enable") => continue,
                name => format!("{name}: onbekend, niet overgenomen"),
            });
        }
        self.source.notes.extend(notes);
    }
}

impl AbonnementItem {
    fn api_key() -> String {
        "api_key".to_owned()
    }

    fn auth(&self) -> Result<Auth, String> {
        let needed = |name: &str, value: &str| {
            if value.is_empty() {
                return Err(format!("{name} ontbreekt, nodig bij auth_type {}", self.auth_type));
            }
            Ok(value.to_owned())
        };
        Ok(match self.auth_type.as_str() {
            "api_key" if self.auth.is_empty() => Auth::None,
            "api_key" => Auth::Header(self.auth.clone()),
            "no_auth" => Auth::None,
            "zgw" => Auth::Zgw {
                client_id: needed("auth_client_id", &self.auth_client_id)?,
                secret: needed("secret", &self.secret)?,
            },
            "oauth2_client_credentials" => Auth::OAuth2 {
                token_url: needed("oauth2_token_url", &self.oauth2_token_url)?,
                client_id: needed("auth_client_id", &self.auth_client_id)?,
                secret: needed("secret", &self.secret)?,
                scope: self.oauth2_scope.clone(),
            },
            other => return Err(format!("auth_type {other:?} is onbekend")),
        })
    }
}

fn pairs(members: &Map<String, Value>) -> Result<Pairs, String> {
    let pair = |(key, value): (&String, &Value)| match value {
        Value::String(text) => Ok((key.clone(), text.clone())),
        Value::Number(number) => Ok((key.clone(), number.to_string())),
        _ => Err(format!("filter {key}: de waarde moet een tekst zijn")),
    };
    members.iter().map(pair).collect()
}

/// Puts values of the environment where the file asks for them.
fn fill(value: &mut Value, place: &str, environment: &dyn Fn(&str) -> Option<String>) -> Result<(), SetupError> {
    match value {
        Value::Object(members) => {
            if let Some(name) = members.get("value_from").and_then(|from| from["env"].as_str()) {
                let missing = || SetupError::Environment { place: place.to_owned(), name: name.to_owned() };
                *value = Value::String(environment(name).ok_or_else(missing)?);
                return Ok(());
            }
            members.iter_mut().try_for_each(|(key, member)| fill(member, &format!("{place}.{key}"), environment))
        }
        Value::Array(items) => {
            let mut places = items.iter_mut().enumerate();
            places.try_for_each(|(at, item)| fill(item, &format!("{place}[{at}]"), environment))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = include_str!("../../tests/import/setup_configuration.yaml");

    fn environment(name: &str) -> Option<String> {
        (name == "OPEN_ZAAK_SECRET").then(|| "uit-de-omgeving".to_owned())
    }

    #[test]
    fn every_section_of_the_sample_is_carried_over_or_noted() {
        let source = read(FILE, &environment).unwrap();
        assert_eq!(source.kanalen.len(), 2);
        assert_eq!(source.kanalen[0].filters, ["bronorganisatie", "zaaktype", "vertrouwelijkheidaanduiding"]);
        let auths: Vec<_> = source.abonnementen.iter().map(|one| format!("{:?}", one.auth)).collect();
        assert_eq!(auths, ["Header", "Zgw", "OAuth2", "None"]);
        assert_eq!(
            source.abonnementen[0].kanalen,
            [("zaken".to_owned(), vec![("bronorganisatie".into(), "1".into())])]
        );
        let types: Vec<_> = source.abonnementen[2].cloudevent_filters.iter().map(|entry| entry.0.as_str()).collect();
        assert_eq!(types, ["nl.overheid.zaken.zaak-gemuteerd", "nl.overheid.documenten"]);
        assert_eq!(source.clients[0].secret, "uit-de-omgeving");
        assert_eq!(source.retry.unwrap().cap_seconds, Some(52_000));
        assert_eq!(source.autorisaties.unwrap().client_id, "open-notificaties");
        assert_eq!(source.domains, ["notificaties.gemeente.example"]);
        for word in
            ["oidc_db_config_admin_auth", "notifications_subscriptions_config", "service selectielijst", "iets_anders"]
        {
            assert!(source.notes.iter().any(|note| note.contains(word)), "{word}: {:?}", source.notes);
        }
    }

    #[test]
    fn what_is_wrong_is_named_by_its_place() {
        let abonnement = "notifications_abonnementen_config_enable: true\nnotifications_abonnementen_config:\n  items:\n  \
                          - uuid: 0d5f2b3a-6f0c-4d3b-9a52-0a8f0e6f7a11\n    callback_url: https://x.nl\n";
        for (text, expected) in [
            ("a: [".to_owned(), "geen geldige YAML"),
            ("- a".to_owned(), "het bestand is geen lijst"),
            (format!("{abonnement}    auth_type: zgw\n    secret: s"), "auth_client_id ontbreekt"),
            (format!("{abonnement}    auth_type: ntlm"), "auth_type \"ntlm\" is onbekend"),
            (
                format!("{abonnement}    auth: {{value_from: {{env: NIETS}}}}"),
                "notifications_abonnementen_config.items[0].auth: de omgevingsvariabele NIETS is niet gezet",
            ),
            (
                format!("{abonnement}    kanalen: [{{naam: zaken, filters: {{a: [1]}}}}]"),
                "abonnement 0d5f2b3a-6f0c-4d3b-9a52-0a8f0e6f7a11: filter a",
            ),
            (
                "autorisaties_api_config_enable: true\nautorisaties_api: {authorizations_api_service_identifier: x}"
                    .to_owned(),
                "autorisaties_api: zgw_consumers.services heeft geen service met identifier \"x\"",
            ),
            (
                "notifications_kanalen_config_enable: true\nnotifications_kanalen_config: {items: [{filters: []}]}"
                    .to_owned(),
                "notifications_kanalen_config: missing field `naam`",
            ),
        ] {
            let error = read(&text, &environment).unwrap_err().to_string();
            assert!(error.contains(expected), "{text}\n{error}");
        }
    }

    #[test]
    fn its_own_abonnement_is_carried_over_when_the_changes_are_announced_elsewhere() {
        let file = FILE.replace(
            "notifications_config:\n",
            "notifications_config:\n  notifications_api_service_identifier: selectielijst\n",
        );
        let source = read(&file, &environment).unwrap();
        let own = source.abonnement.unwrap();
        assert_eq!(own.service.url, "https://selectielijst.example/api/v1/");
        assert_eq!(own.callback_url, "https://notificaties.gemeente.example/api/v1/callbacks");
        for word in ["notifications_subscriptions_config", "selectielijst"] {
            assert!(!source.notes.iter().any(|note| note.contains(word)), "{:?}", source.notes);
        }
        let itself = file.replace("https://selectielijst.example", "https://notificaties.gemeente.example");
        assert_eq!(read(&itself, &environment).unwrap().abonnement, None);
    }

    #[test]
    fn a_section_that_is_switched_off_is_noted() {
        let source = read("notifications_kanalen_config: {items: [{naam: zaken}]}", &environment).unwrap();
        assert!(source.kanalen.is_empty());
        assert!(source.notes[0].contains("overgeslagen"), "{:?}", source.notes);
    }
}
