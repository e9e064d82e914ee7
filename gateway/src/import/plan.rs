//! What importing would change: each kanaal and abonnement that was found, compared with what is here. Pure; nothing
//! is changed, and applying the same source twice plans no change the second time.

use model::{
    KanaalName, Registry, Subscription, SubscriptionId,
    selection::{AbonnementSelection, CloudEventEntry, KanaalEntry, Kenmerken, Selection},
    subscription::Format,
};

use super::source::{Abonnement, Auth, Kanaal, Source};

/// What would be done.
#[derive(Debug, Default, PartialEq)]
pub struct Plan {
    /// Kanalen, in the order found.
    pub kanalen: Vec<Step<Kanaal>>,
    /// Abonnementen, in the order found.
    pub abonnementen: Vec<Step<Abonnement>>,
}

/// One thing that was found, and what becomes of it.
#[derive(Debug, PartialEq)]
pub struct Step<T> {
    /// What was found.
    pub found: T,
    /// What becomes of it.
    pub change: Change,
}

/// What becomes of something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// It is made.
    Create,
    /// It is here, and these parts of it are brought in line.
    Update(Vec<&'static str>),
    /// It is here already.
    Same,
    /// It cannot be carried over: why, in Dutch.
    Refused(String),
}

impl Plan {
    /// How much cannot be carried over.
    pub fn refused(&self) -> usize {
        let changes = self.kanalen.iter().map(|step| &step.change);
        changes
            .chain(self.abonnementen.iter().map(|step| &step.change))
            .filter(|change| matches!(change, Change::Refused(_)))
            .count()
    }
}

/// What is here, to compare with.
pub struct Present<'a> {
    /// Kanalen and subscriptions.
    pub registry: &'a Registry,
    /// Gives the authorisation of a subscription.
    pub opened: &'a dyn Fn(&Subscription) -> Auth,
    /// Whether a callback can change without a gateway that runs; not when its deliveries may belong to another node then.
    pub can_move: bool,
}

/// Compares what was found with what is here.
pub fn plan(source: Source, present: &Present<'_>) -> Plan {
    let registry = present.registry;
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

fn abonnement_change(found: &Abonnement, here: &Present<'_>, known: &dyn Fn(&str) -> bool) -> Change {
    if !found.callback_url.parse::<http::Uri>().is_ok_and(|uri| uri.scheme().is_some() && uri.host().is_some()) {
        return Change::Refused(format!("de callback_url {:?} is geen URL", found.callback_url));
    }
    if let Some((naam, _)) = found.kanalen.iter().find(|(naam, _)| !known(naam)) {
        return Change::Refused(format!("het kanaal {naam:?} bestaat niet"));
    }
    if found.kanalen.is_empty() && found.cloudevent_filters.is_empty() {
        return Change::Refused("het heeft geen kanalen en geen cloudevent_filters".to_owned());
    }
    let Some(present) = here.registry.subscription(SubscriptionId(found.uuid)) else { return Change::Create };
    if !here.can_move && present.sink != found.callback_url {
        return Change::Refused(
            "op Kafka verandert een callbackUrl alleen via de API van een draaiende gateway".to_owned(),
        );
    }
    differing(&[
        ("callbackUrl", present.sink != found.callback_url),
        ("auth", found.auth != Auth::Unknown && (here.opened)(present) != found.auth),
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
