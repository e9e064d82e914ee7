//! The YAML file by which Open Notificaties is set up (`setup_configuration`): its sections, and what each becomes here.
//!
//! A section is read when its switch is on, as in Open Notificaties. A setting without a counterpart becomes a note, so
//! that no part of the file is ignored silently.

use serde_json::{Map, Value};

use super::{
    chart::{self, SetupFile},
    items::{AbonnementItem, CredentialItem, KanaalItem, ServiceItem, Site, Subscribed, TypeFilter},
    section::{self, Sections},
    source::{Abonnement, Client, Kanaal, Pairs, Registration, Retry, Service, Source},
};

/// The largest file that is read, in bytes.
const MAX_BYTES: usize = 4 * 1024 * 1024;

/// Why a set-up file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The file is larger than the limit.
    #[error("het bestand is groter dan {MAX_BYTES} bytes")]
    TooLarge,
    /// The file is not valid YAML.
    #[error("geen geldige YAML: {0}")]
    Yaml(String),
    /// Not a mapping of sections.
    #[error("het bestand is geen lijst van instellingen (sleutel: waarde)")]
    Form,
    /// A value is taken from the environment, which does not hold it.
    #[error("{place}: de omgevingsvariabele {name} is niet gezet")]
    Environment {
        /// The path of the value in the file.
        place: String,
        /// The name of the variable.
        name: String,
    },
    /// A member is missing or of the wrong kind.
    #[error("{place}: {why}")]
    Section {
        /// The section, or a part of it.
        place: String,
        /// The reason, in Dutch.
        why: String,
    },
}

/// Reads a set-up file, or the values of a chart that contain one; `environment` gives the values that the file takes from there
/// (`value_from: {env: NAME}`), else the secrets of the chart do.
pub fn read(text: &str, environment: &dyn Fn(&str) -> Option<String>) -> Result<Source, SetupError> {
    if text.len() > MAX_BYTES {
        return Err(SetupError::TooLarge);
    }
    let Value::Object(document) = parse(text)? else { return Err(SetupError::Form) };
    let SetupFile { members, secrets, notes } = chart::setup_file(document)?;
    let secret = |name: &str| secrets.get(name)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let environment = |name: &str| environment(name).or_else(|| secret(name));
    let sections = Sections { members, environment: &environment, notes };
    let mut reader = Reader { sections, source: Source::default() };
    reader.kanalen()?;
    reader.abonnementen()?;
    reader.clients()?;
    let notifications = reader.retry()?;
    reader.autorisaties(&notifications)?;
    reader.others()?;
    Ok(Source { notes: reader.sections.notes, ..reader.source })
}

/// Parses YAML.
pub(super) fn parse(text: &str) -> Result<Value, SetupError> {
    // The lines of the file may hold secrets.
    let fault = |error: serde_saphyr::Error| SetupError::Yaml(error.without_snippet().to_string());
    serde_saphyr::from_str(text).map_err(fault)
}

struct Reader<'a> {
    sections: Sections<'a>,
    source: Source,
}

impl Reader<'_> {
    fn kanalen(&mut self) -> Result<(), SetupError> {
        let items: Vec<(String, KanaalItem)> =
            self.sections.items("notifications_kanalen_config_enable", "notifications_kanalen_config")?;
        let kanalen = items.into_iter().map(|(_, item)| Kanaal {
            uuid: None,
            naam: item.naam,
            documentatie_link: item.documentatie_link,
            filters: item.filters,
        });
        self.source.kanalen.extend(kanalen);
        Ok(())
    }

    fn abonnementen(&mut self) -> Result<(), SetupError> {
        let items: Vec<(String, AbonnementItem)> =
            self.sections.items("notifications_abonnementen_config_enable", "notifications_abonnementen_config")?;
        for (place, item) in items {
            let refused = |why: String| section::refused(&place, why);
            let auth = item.auth().map_err(refused)?;
            let kanalen = item.kanalen.iter().flatten();
            let kanalen = kanalen.map(|entry| Ok((entry.naam.clone(), pairs(&entry.filters)?)));
            let types = item.cloudevent_filters.iter().flatten().map(|entry| match entry {
                TypeFilter::Type(text) => Ok((text.clone(), Pairs::new())),
                TypeFilter::Entry { type_substring, filters } => Ok((type_substring.clone(), pairs(filters)?)),
            });
            self.source.abonnementen.push(Abonnement {
                uuid: item.uuid,
                auth,
                send_cloudevents: item.send_cloudevents,
                kanalen: kanalen.collect::<Result<_, String>>().map_err(refused)?,
                cloudevent_filters: types.collect::<Result<_, String>>().map_err(refused)?,
                callback_url: item.callback_url,
            });
        }
        Ok(())
    }

    fn clients(&mut self) -> Result<(), SetupError> {
        let items: Vec<(String, CredentialItem)> =
            self.sections.items("vng_api_common_credentials_config_enable", "vng_api_common_credentials")?;
        let clients = items.into_iter().map(|(_, item)| Client { client_id: item.identifier, secret: item.secret });
        self.source.clients.extend(clients);
        Ok(())
    }

    /// Retries; the identifier of the Notificaties API where Open Notificaties itself is a subscriber, if there is one.
    fn retry(&mut self) -> Result<String, SetupError> {
        const SECTION: &str = "notifications_config";
        let Some(members) = self.sections.section("notifications_config_enable", SECTION)? else {
            return Ok(String::new());
        };
        let number =
            |name: &str, default| section::number(SECTION, &members, &format!("notification_delivery_{name}"), default);
        let default = Retry::default();
        self.source.retry = Some(Retry {
            max_retries: number("max_retries", default.max_retries)?,
            factor: number("retry_backoff", default.factor)?,
            cap_seconds: number("retry_backoff_max", default.cap_seconds)?,
            base: number("base_factor", default.base)?,
        });
        text(SECTION, &members, "notifications_api_service_identifier").map(Option::unwrap_or_default)
    }

    /// The Autorisaties API, and where its changes are announced.
    fn autorisaties(&mut self, notifications: &str) -> Result<(), SetupError> {
        let services: Vec<(String, ServiceItem)> =
            self.sections.items("zgw_consumers_config_enable", "zgw_consumers")?;
        let mut services: Vec<ServiceItem> = services.into_iter().map(|(_, service)| service).collect();
        if let Some(chosen) = self.sections.section("autorisaties_api_config_enable", "autorisaties_api")? {
            const NAME: &str = "authorizations_api_service_identifier";
            let name = text("autorisaties_api", &chosen, NAME)?
                .ok_or_else(|| section::refused("autorisaties_api", format!("`{NAME}` ontbreekt")))?;
            let at = services.iter().position(|service| service.identifier == name).ok_or_else(|| {
                let why = format!("zgw_consumers.services heeft geen service met identifier {name:?}");
                section::refused("autorisaties_api", why)
            })?;
            let service = services.remove(at);
            self.source.autorisaties =
                Some(Service { url: service.api_root, client_id: service.client_id, secret: service.secret });
        }
        self.abonnement(services.iter().find(|service| service.identifier == notifications))?;
        let used = self.source.abonnement.is_some();
        for service in services.into_iter().filter(|service| !(used && service.identifier == notifications)) {
            self.sections
                .notes
                .push(format!("zgw_consumers: service {} wordt hier nergens gebruikt", service.identifier));
        }
        Ok(())
    }

    /// Its own abonnementen: one on the changes of the Autorisaties API is carried over when they are announced elsewhere.
    fn abonnement(&mut self, service: Option<&ServiceItem>) -> Result<(), SetupError> {
        const SECTION: &str = "notifications_subscriptions_config";
        let items: Vec<(String, Subscribed)> =
            self.sections.items("notifications_subscriptions_config_enable", SECTION)?;
        for (_, item) in items {
            let host = |url: &str| url.parse::<http::Uri>().ok().and_then(|uri| Some(uri.authority()?.to_string()));
            let elsewhere = service.filter(|service| host(&service.api_root) != host(&item.callback_url));
            let is_ours = item.channels.iter().any(|naam| naam == "autorisaties") && self.source.autorisaties.is_some();
            match elsewhere {
                Some(service) if is_ours && self.source.abonnement.is_none() => {
                    let (url, client_id) = (service.api_root.clone(), service.client_id.clone());
                    let service = Service { url, client_id, secret: service.secret.clone() };
                    self.source.abonnement = Some(Registration { service, callback_url: item.callback_url });
                }
                Some(_) => self.sections.notes.push(format!(
                    "{SECTION}: {} niet overgenomen, de gateway is zelf alleen abonnee op het kanaal autorisaties",
                    item.callback_url
                )),
                None => self.sections.notes.push(format!(
                    "{SECTION}: niet nodig, de gateway hoort zelf wat op het kanaal autorisaties binnenkomt als \
                     [auth.autorisaties] is ingesteld"
                )),
            }
        }
        Ok(())
    }

    /// Adds a note for each remaining section; none has a counterpart.
    fn others(&mut self) -> Result<(), SetupError> {
        let sites: Vec<(String, Site)> = self.sections.items("sites_config_enable", "sites_config")?;
        self.source.domains.extend(sites.into_iter().map(|(_, site)| site.domain));
        for name in std::mem::take(&mut self.sections.members).into_iter().map(|(name, _)| name) {
            self.sections.notes.push(match name.as_str() {
                "oidc_db_config_admin_auth" => {
                    "oidc_db_config_admin_auth: niet overgenomen, de gateway heeft geen eigen aanmeldscherm".to_owned()
                }
                name if name.ends_with("_enable") => continue,
                name => format!("{name}: onbekend, niet overgenomen"),
            });
        }
        Ok(())
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

/// A text of a section; null counts as absent.
fn text(place: &str, members: &Map<String, Value>, name: &str) -> Result<Option<String>, SetupError> {
    match members.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(section::refused(place, format!("{name} moet een tekst zijn"))),
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
        assert_eq!(source.retry.unwrap().cap_seconds, 52_000);
        assert_eq!(source.autorisaties.unwrap().client_id, "open-notificaties");
        assert_eq!(source.domains, ["notificaties.gemeente.example"]);
        for word in
            ["oidc_db_config_admin_auth", "notifications_subscriptions_config", "service selectielijst", "iets_anders"]
        {
            assert!(source.notes.iter().any(|note| note.contains(word)), "{word}: {:?}", source.notes);
        }
    }

    #[test]
    fn an_error_names_its_section() {
        let abonnement = "notifications_abonnementen_config_enable: true\nnotifications_abonnementen_config:\n  items:\n  \
                          - uuid: 0d5f2b3a-6f0c-4d3b-9a52-0a8f0e6f7a11\n    callback_url: https://x.nl\n";
        for (text, expected) in [
            ("a: [".to_owned(), "geen geldige YAML"),
            ("- a".to_owned(), "het bestand is geen lijst"),
            (format!("{abonnement}    auth_type: zgw\n    secret: s"), "auth_client_id ontbreekt"),
            (format!("{abonnement}    auth_type: ntlm"), "auth_type \"ntlm\" is onbekend"),
            (
                format!("{abonnement}    auth: {{value_from: {{env: NIETS}}}}"),
                "notifications_abonnementen_config.items[0] (0d5f2b3a-6f0c-4d3b-9a52-0a8f0e6f7a11).auth: de omgevingsvariabele NIETS is niet gezet",
            ),
            (
                format!("{abonnement}    kanalen: [{{naam: zaken, filters: {{a: [1]}}}}]"),
                "items[0] (0d5f2b3a-6f0c-4d3b-9a52-0a8f0e6f7a11): filter a",
            ),
            (
                "autorisaties_api_config_enable: true\nautorisaties_api: {authorizations_api_service_identifier: x}"
                    .to_owned(),
                "autorisaties_api: zgw_consumers.services heeft geen service met identifier \"x\"",
            ),
            (
                "notifications_kanalen_config_enable: true\nnotifications_kanalen_config: {items: [{filters: []}]}"
                    .to_owned(),
                "notifications_kanalen_config.items[0]: `naam` ontbreekt",
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
