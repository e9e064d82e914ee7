//! What `gateway check` advises: settings that are valid and do not suit a production gateway. Which values are possible at all is
//! in `validate`.

use std::time::Duration;

use management::kanalen::routes::overlap;
use model::{Timestamp, applicatie::Scope};

use super::{Applicatie, CheckResult, Config, Severity};

/// The secret in `deploy/gateway.toml`.
const SAMPLE_SECRET: &str = "change-me-before-use";

/// How long before its end `security.expires` is reported.
const EXPIRY_NOTICE: Duration = Duration::from_hours(30 * 24);

/// A setting that is valid and does not suit a production gateway, with its texts in English and Dutch.
struct Rule {
    applies: bool,
    item: &'static str,
    /// What was found; a text that begins with a verb follows the name of the item.
    found: (&'static str, &'static str),
    remedy: (&'static str, &'static str),
}

impl Config {
    /// Settings that are valid but do not suit a production gateway, at the time `now`.
    pub fn advice(&self, now: Timestamp) -> Vec<CheckResult> {
        self.verdicts(now).into_iter().filter(|result| result.severity != Severity::Pass).collect()
    }

    /// The same, with the settings that do suit one.
    pub fn verdicts(&self, now: Timestamp) -> Vec<CheckResult> {
        let defaults = Self::default();
        let rules = [
            Rule {
                applies: self.origin == defaults.origin,
                item: "origin",
                found: ("is the default", "heeft de standaardwaarde"),
                remedy: ("set it to the gateway's own DNS name", "vul de eigen DNS-naam van de gateway in"),
            },
            Rule {
                applies: self.source == defaults.source,
                item: "source",
                found: ("is the default", "heeft de standaardwaarde"),
                remedy: ("set it to your organisation's urn:nld:oin:…", "vul de urn:nld:oin:… van uw organisatie in"),
            },
            Rule {
                applies: self.public_url.is_none(),
                item: "public_url",
                found: (
                    "is not set: subscribers cannot use the consent callback",
                    "is niet ingevuld: afnemers kunnen geen toestemming geven met een callback",
                ),
                remedy: (
                    "set it to the address at which the outside reaches the gateway",
                    "vul het adres in waarop de gateway van buiten bereikbaar is",
                ),
            },
            Rule {
                applies: self.tls.is_none() && !self.listen.ip().is_loopback() && self.proxy.trusted.is_empty(),
                item: "tls",
                found: (
                    "is not set: the listener is plain HTTP on a public address",
                    "is niet ingevuld: de gateway luistert zonder versleuteling op een openbaar adres",
                ),
                remedy: (
                    "set [tls] or put a proxy in front and name it in proxy.trusted",
                    "vul [tls] in, of zet er een proxy voor en noem die in proxy.trusted",
                ),
            },
            Rule {
                applies: self.applicatie.iter().any(|own| own.secret.as_deref() == Some(SAMPLE_SECRET)),
                item: "applicatie.secret",
                found: (
                    "an [[applicatie]] has the secret of the sample configuration, which everybody knows",
                    "een [[applicatie]] heeft het secret uit de voorbeeldconfiguratie, dat iedereen kent",
                ),
                remedy: ("make your own", "maak een eigen secret"),
            },
            Rule {
                applies: self.operations.listen.is_none() && !self.listen.ip().is_loopback(),
                item: "operations.listen",
                found: (
                    "is not set: /metrics and health answer everybody who reaches the APIs",
                    "is niet ingevuld: /metrics en de statuspagina’s antwoorden iedereen die de API’s bereikt",
                ),
                remedy: ("give them an address of the inside", "geef ze een adres in het interne netwerk"),
            },
            Rule {
                applies: self.applicatie.is_empty(),
                item: "applicatie",
                found: (
                    "no [[applicatie]] is declared: nobody can publish or subscribe",
                    "er is geen [[applicatie]]: niemand kan publiceren of zich abonneren",
                ),
                remedy: ("declare one", "voeg er een toe"),
            },
            Rule {
                applies: self.notificaties.any_publisher_changes_kanalen,
                item: "notificaties.any_publisher_changes_kanalen",
                found: (
                    "is on: any publisher can redirect the events of another or shorten how long they are kept",
                    "staat aan: elke aanbieder kan de events van een ander omleiden of hun bewaartermijn verkorten",
                ),
                remedy: ("turn it off", "zet het uit"),
            },
            Rule {
                applies: self.auth.query_token,
                item: "auth.query_token",
                found: (
                    "is on: tokens will show up in logs of proxies",
                    "staat aan: tokens komen in de logs van proxy’s terecht",
                ),
                remedy: (
                    "turn it off, and have clients send the header Authorization",
                    "zet het uit, en vraag clients de header Authorization te sturen",
                ),
            },
            Rule {
                applies: !self.auth.address.is_empty(),
                item: "auth.address",
                found: (
                    "is set: whoever can send from these addresses calls without a credential",
                    "is ingevuld: wie vanaf deze adressen kan zenden, doet verzoeken zonder token of certificaat",
                ),
                remedy: (
                    "give these clients a token or a certificate, and list only what cannot have one",
                    "geef deze clients een token of certificaat, en noem alleen wat geen van beide kan hebben",
                ),
            },
            Rule {
                applies: self.security.contact.is_empty(),
                item: "security.contact",
                found: (
                    "is not set: there is no /.well-known/security.txt with whom to tell about a weakness",
                    "is niet ingevuld: er is geen /.well-known/security.txt waarin staat waar men een kwetsbaarheid meldt",
                ),
                remedy: ("set security.contact and security.expires", "vul security.contact en security.expires in"),
            },
            Rule {
                applies: self.security.expiry().is_some_and(|end| end < now + EXPIRY_NOTICE),
                item: "security.expires",
                found: ("is over or less than 30 days ahead", "is voorbij, of dat duurt minder dan 30 dagen"),
                remedy: (
                    "check security.contact and choose a later moment",
                    "controleer security.contact en kies een later moment",
                ),
            },
            Rule {
                applies: !self.egress.allow_http.is_empty(),
                item: "egress.allow_http",
                found: (
                    "is set: deliveries there are not encrypted",
                    "is ingevuld: bezorgingen daarheen zijn niet versleuteld",
                ),
                remedy: (
                    "leave only ranges of receivers that cannot have TLS",
                    "noem alleen reeksen van ontvangers die geen TLS kunnen hebben",
                ),
            },
            Rule {
                applies: self.takes_client_certificates()
                    && self.applicatie.iter().all(|own| own.certificate.is_none()),
                item: "applicatie.certificate",
                found: (
                    "clients can show certificates, and no [[applicatie]] has a certificate: nobody is known by one",
                    "clients kunnen een certificaat tonen, maar geen [[applicatie]] heeft er een: niemand wordt zo herkend",
                ),
                remedy: (
                    "set certificate of an [[applicatie]], or take the authorities away",
                    "vul certificate van een [[applicatie]] in, of haal de uitgevers weg",
                ),
            },
        ];
        let verdict = |rule: Rule| {
            let item = rule.item;
            let text = |found: &str| {
                let follows = ["is ", "staat aan", "heeft de "].iter().any(|start| found.starts_with(start));
                if follows { format!("{item} {found}") } else { found.to_owned() }
            };
            if rule.applies {
                CheckResult::advice(item, (text(rule.found.0), text(rule.found.1)), rule.remedy)
            } else {
                let good = (format!("{item} needs no change"), format!("{item} hoeft niet te worden gewijzigd"));
                CheckResult::good(item, good)
            }
        };
        let fixed = rules.into_iter().map(verdict);
        fixed.chain(self.advice_on_publishers()).chain(self.advice_on_routes()).collect()
    }

    /// What several publishers may do to each other.
    fn advice_on_publishers(&self) -> Vec<CheckResult> {
        let publishes = |own: &&Applicatie| {
            let scopes = [Scope::Publiceren.label(), Scope::Beheer.label()];
            own.scopes.iter().any(|scope| scopes.contains(&scope.as_str()))
        };
        let publishers: Vec<&Applicatie> = self.applicatie.iter().filter(publishes).collect();
        if publishers.len() < 2 {
            return Vec::new();
        }
        let kanalen = self.kanaal.iter().filter(|kanaal| kanaal.publishers.is_empty()).map(|own| own.naam.as_str());
        let clients = publishers.iter().filter(|own| own.sources.is_empty()).map(|own| own.client_id.as_str());
        let named = |names: Vec<&str>| (!names.is_empty()).then(|| names.join(", "));
        let open = named(kanalen.collect()).map(|names| {
            let number = publishers.len();
            let text = (
                format!("any of {number} publishers may publish on {names}"),
                format!("elk van {number} aanbieders mag publiceren op {names}"),
            );
            let remedy = ("name them in publishers of [[kanaal]]", "noem de aanbieders in publishers van [[kanaal]]");
            CheckResult::advice("kanaal.publishers", text, remedy)
        });
        let free = named(clients.collect()).map(|names| {
            let text = (
                format!("{names} may publish under the source of each other"),
                format!("{names} mogen publiceren onder elkaars source"),
            );
            let remedy = ("give them sources in [[applicatie]]", "geef ze sources in [[applicatie]]");
            CheckResult::advice("applicatie.sources", text, remedy)
        });
        open.into_iter().chain(free).collect()
    }

    /// Type routes of declared kanalen with different owners that overlap.
    fn advice_on_routes(&self) -> Vec<CheckResult> {
        let mut advice = Vec::new();
        for (at, one) in self.kanaal.iter().enumerate() {
            for other in self.kanaal[..at].iter().filter(|other| other.owner != one.owner) {
                let routes = one.type_routes.iter().filter(|route| {
                    other.type_routes.iter().any(|own| overlap(route, own))
                        || overlap(route, &format!("nl.overheid.{}.", other.naam))
                });
                advice.extend(routes.map(|route| {
                    let text = (
                        format!(
                            "the type route {route} of kanaal {} overlaps those of kanaal {}, which has another owner",
                            one.naam, other.naam
                        ),
                        format!(
                            "de type route {route} van kanaal {} overlapt die van kanaal {}, dat een andere eigenaar heeft",
                            one.naam, other.naam
                        ),
                    );
                    let remedy = ("give them type_routes of their own", "geef ze elk eigen type_routes");
                    CheckResult::advice("kanaal.type_routes", text, remedy)
                }));
            }
        }
        advice
    }
}
