//! The plan of an import: each kanaal and abonnement of the source, compared with the registry of this gateway. Pure.
//! Planning the same source again after it was applied gives no changes.

use management::ascii_url;
use model::{
    KanaalName, Registry, Subscription, SubscriptionId,
    selection::{AbonnementSelection, CloudEventEntry, KanaalEntry, Kenmerken, Selection},
    subscription::Format,
};

use super::source::{Abonnement, Auth, Kanaal, Source};

/// The changes that an import makes.
#[derive(Debug, Default, PartialEq)]
pub struct Plan {
    /// Kanalen, in the order found.
    pub kanalen: Vec<Step<Kanaal>>,
    /// Abonnementen, in the order found.
    pub abonnementen: Vec<Step<Abonnement>>,
}

/// A kanaal or abonnement of the source, and the change it leads to.
#[derive(Debug, PartialEq)]
pub struct Step<T> {
    /// The resource of the source.
    pub found: T,
    /// The change it leads to.
    pub change: Change,
}

/// The change that a resource of the source leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// It is created.
    Create,
    /// It exists, and these parts of it are changed.
    Update(Vec<&'static str>),
    /// It exists and is equal.
    Same,
    /// It cannot be imported; the reason, in Dutch.
    Refused(String),
}

impl Plan {
    /// The number of resources that cannot be imported.
    pub fn refused(&self) -> usize {
        let changes = self.kanalen.iter().map(|step| &step.change);
        changes
            .chain(self.abonnementen.iter().map(|step| &step.change))
            .filter(|change| matches!(change, Change::Refused(_)))
            .count()
    }
}

/// The state of this gateway that a source is compared with.
pub struct PresentState<'a> {
    /// The present kanalen and subscriptions.
    pub registry: &'a Registry,
    /// Opens the credential of a subscription.
    pub open_auth: &'a dyn Fn(&Subscription) -> Auth,
    /// Whether a URL is one of this gateway, to which no abonnement may deliver.
    pub is_own_url: &'a dyn Fn(&str) -> bool,
    /// Whether a callback can change without a gateway that runs; not when its deliveries may belong to another node then.
    pub can_move: bool,
}

/// Compares a source with the present state.
pub fn plan(source: Source, present: &PresentState<'_>) -> Plan {
    let registry = present.registry;
    let mut source = source;
    for found in &mut source.abonnementen {
        found.callback_url = ascii_url(&found.callback_url).into_owned();
    }
    let kanalen: Vec<Step<Kanaal>> =
        source.kanalen.into_iter().map(|found| Step { change: kanaal_change(&found, registry), found }).collect();
    let known = |naam: &str| {
        registry.kanaal(naam).is_some()
            || kanalen.iter().any(|step| step.found.naam == naam && !matches!(step.change, Change::Refused(_)))
    };
    let change = |found: &Abonnement| abonnement_change(found, present, &known);
    let abonnementen = source.abonnementen.into_iter().map(|found| Step { change: change(&found), found }).collect();
    Plan { kanalen, abonnementen }
}

fn kanaal_change(found: &Kanaal, registry: &Registry) -> Change {
    if KanaalName::new(&found.naam).is_none() {
        return Change::Refused("de naam is leeg of langer dan 50 tekens".to_owned());
    }
    let Some(present) = registry.kanaal(&found.naam) else { return Change::Create };
    let filters = present.filters.iter().map(|filter| &filter.naam).eq(&found.filters);
    differing(&[("documentatieLink", present.documentatie_link != found.documentatie_link), ("filters", !filters)])
}

fn abonnement_change(found: &Abonnement, here: &PresentState<'_>, known: &dyn Fn(&str) -> bool) -> Change {
    if !found.callback_url.parse::<http::Uri>().is_ok_and(|uri| uri.scheme().is_some() && uri.host().is_some()) {
        return Change::Refused(format!("de callback_url {:?} is geen URL", found.callback_url));
    }
    if (here.is_own_url)(&found.callback_url) {
        return Change::Refused("de callback_url is een adres van deze gateway zelf".to_owned());
    }
    if let Some((naam, _)) = found.kanalen.iter().find(|(naam, _)| !known(naam)) {
        return Change::Refused(format!("het kanaal {naam:?} bestaat niet"));
    }
    if found.kanalen.is_empty() && found.cloudevent_filters.is_empty() {
        return Change::Refused("het heeft geen kanalen en geen cloudevent_filters".to_owned());
    }
    let Some(present) = here.registry.subscription(SubscriptionId(found.uuid)) else { return Change::Create };
    if !here.can_move && present.sink.key() != found.callback_url {
        return Change::Refused(
            "op Kafka verandert een callbackUrl alleen via de API van een draaiende gateway".to_owned(),
        );
    }
    differing(&[
        ("callbackUrl", present.sink.key() != found.callback_url),
        ("auth", found.auth != Auth::Unknown && (here.open_auth)(present) != found.auth),
        ("sendCloudevents", (present.format != Format::Legacy) != found.send_cloudevents),
        ("kanalen en filters", present.selection != selection(found)),
    ])
}

fn differing(parts: &[(&'static str, bool)]) -> Change {
    let parts: Vec<&'static str> = parts.iter().filter(|(_, differs)| *differs).map(|(name, _)| *name).collect();
    if parts.is_empty() { Change::Same } else { Change::Update(parts) }
}

/// What an abonnement selects; kanalen whose name is impossible are left out, since such an abonnement is refused.
pub fn selection(found: &Abonnement) -> Selection {
    let kanalen = found.kanalen.iter().filter_map(|(naam, filters)| {
        Some(KanaalEntry { naam: KanaalName::new(naam)?, filters: Kenmerken::new(filters.iter().cloned()) })
    });
    let cloudevents = found.cloudevent_filters.iter().map(|(type_substring, filters)| CloudEventEntry {
        type_substring: type_substring.clone(),
        filters: Kenmerken::new(filters.iter().cloned()),
    });
    Selection::Abonnement(AbonnementSelection {
        kanalen: kanalen.collect(),
        send_cloudevents: found.send_cloudevents,
        cloudevents: cloudevents.collect(),
    })
}
