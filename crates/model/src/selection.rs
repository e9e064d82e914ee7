//! Which events a subscription selects: the two forms of selection, native and abonnement.
//!
//! The kanalen of an abonnement select events published as notificatie, and its cloudeventFilters those published as
//! CloudEvent, so that a publisher that sends both causes no duplicates. A native selection sees both kinds and may be
//! restricted to one.

use compact_str::CompactString;

use crate::{KanaalName, event::PublishedAs, facts::Facts, filter::Filter};

/// The selection of a subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// As in the CloudEvents Subscriptions API.
    Native(NativeSelection),
    /// As in the Notificaties API.
    Abonnement(AbonnementSelection),
}

/// Selection by kanaal, type, source and filter; all given criteria must match.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NativeSelection {
    /// Only these kanalen; empty for all, including later ones, except the one of the gateway's own events.
    pub kanalen: Vec<KanaalName>,
    /// Only events published in this form.
    pub published_as: Option<PublishedAs>,
    /// Only these values of `type`; empty for all.
    pub types: Vec<String>,
    /// Only this value of `source`.
    pub source: Option<String>,
    /// All of these filters must match.
    pub filters: Vec<Filter>,
    /// Legacy filter on kenmerken or data members; see [`Kenmerken`]. Empty matches all.
    pub kenmerken: Kenmerken,
}

/// Selection as in Open Notificaties.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AbonnementSelection {
    /// Entries per kanaal, for events published as notificatie; one must match.
    pub kanalen: Vec<KanaalEntry>,
    /// Entries on type and data, for events published as CloudEvent; one must match.
    pub cloudevents: Vec<CloudEventEntry>,
    /// `sendCloudevents`: without it, `cloudevents` are stored but select nothing.
    pub send_cloudevents: bool,
}

/// An entry of `kanalen`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KanaalEntry {
    /// The kanaal.
    pub naam: KanaalName,
    /// The required kenmerken.
    pub filters: Kenmerken,
}

/// An entry of `cloudeventFilters`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloudEventEntry {
    /// A substring of `type`, case-sensitive.
    pub type_substring: String,
    /// The required top-level members of `data`.
    pub filters: Kenmerken,
}

/// Conditions on kenmerken; an event must meet all of them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Kenmerken(pub Vec<Kenmerk>);

/// A key with the value that an event must have for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kenmerk {
    /// The key as given.
    pub key: String,
    /// The key as compared, see [`crate::facts::normalise_key`].
    pub normalised: CompactString,
    /// The value, or `*` for any.
    pub value: CompactString,
}

impl Kenmerken {
    /// Pairs in the order given.
    pub fn new<K: Into<String>, V: AsRef<str>>(pairs: impl IntoIterator<Item = (K, V)>) -> Self {
        let pair = |(key, value): (K, V)| {
            let key = key.into();
            Kenmerk { normalised: crate::facts::normalise_key(&key), key, value: value.as_ref().into() }
        };
        Self(pairs.into_iter().map(pair).collect())
    }

    /// Whether the event matches.
    pub fn matches(&self, facts: &Facts<'_>) -> bool {
        self.failing(facts).is_none()
    }

    /// The place of the first pair that the event does not match.
    fn failing(&self, facts: &Facts<'_>) -> Option<usize> {
        self.0.iter().position(|wanted| {
            wanted.value != "*" && facts.member(&wanted.normalised).is_some_and(|value| value != wanted.value)
        })
    }
}

impl Selection {
    /// Whether events of this kanaal can match at all.
    pub fn covers(&self, kanaal: &KanaalName) -> bool {
        match self {
            _ if kanaal.is_own() => self.names(kanaal),
            Self::Native(native) => native.kanalen.is_empty() || native.kanalen.contains(kanaal),
            Self::Abonnement(abonnement) => {
                !abonnement.effective_cloudevents().is_empty()
                    || abonnement.kanalen.iter().any(|entry| entry.naam == *kanaal)
            }
        }
    }

    /// Whether matching requires the payload.
    pub fn needs_members(&self) -> bool {
        match self {
            Self::Native(native) => !native.kenmerken.0.is_empty(),
            Self::Abonnement(abonnement) => {
                abonnement.kanalen.iter().any(|entry| !entry.filters.0.is_empty())
                    || abonnement.effective_cloudevents().iter().any(|entry| !entry.filters.0.is_empty())
            }
        }
    }

    /// Whether the event is selected.
    pub fn matches(&self, facts: &Facts<'_>) -> bool {
        match self {
            Self::Native(native) => native.matches(facts),
            Self::Abonnement(abonnement) => abonnement.matches(facts),
        }
    }

    /// Whether the selection names this kanaal, which then cannot be deleted.
    pub fn names(&self, kanaal: &KanaalName) -> bool {
        match self {
            Self::Native(native) => native.kanalen.contains(kanaal),
            Self::Abonnement(abonnement) => abonnement.names(kanaal),
        }
    }
}

/// One criterion of a native selection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Criterion {
    /// `kanalen`.
    Kanaal,
    /// `born`.
    PublishedAs,
    /// `types`.
    Type,
    /// `source`.
    Source,
    /// The filter at this place in `filters`.
    Filter(usize),
    /// The pair at this place in `kenmerken`.
    Kenmerk(usize),
}

impl NativeSelection {
    /// The first criterion that the event does not meet; `None` when it is selected.
    pub fn failing(&self, facts: &Facts<'_>) -> Option<Criterion> {
        let covers_all = self.kanalen.is_empty() && !facts.kanaal.is_own();
        if !covers_all && !self.kanalen.contains(facts.kanaal) {
            return Some(Criterion::Kanaal);
        }
        if self.published_as.is_some_and(|published_as| published_as != facts.published_as) {
            return Some(Criterion::PublishedAs);
        }
        if !self.types.is_empty() && !self.types.iter().any(|kind| kind == facts.event.kind()) {
            return Some(Criterion::Type);
        }
        if self.source.as_deref().is_some_and(|source| source != facts.event.source()) {
            return Some(Criterion::Source);
        }
        let filter = self.filters.iter().position(|filter| !filter.matches(facts.event));
        filter.map(Criterion::Filter).or_else(|| self.kenmerken.failing(facts).map(Criterion::Kenmerk))
    }

    fn matches(&self, facts: &Facts<'_>) -> bool {
        self.failing(facts).is_none()
    }
}

impl AbonnementSelection {
    /// The entries for events published as CloudEvent that have effect.
    pub fn effective_cloudevents(&self) -> &[CloudEventEntry] {
        if self.send_cloudevents { &self.cloudevents } else { &[] }
    }

    fn matches(&self, facts: &Facts<'_>) -> bool {
        match facts.published_as {
            PublishedAs::Notificatie => {
                self.kanalen.iter().any(|entry| entry.naam == *facts.kanaal && entry.filters.matches(facts))
            }
            PublishedAs::CloudEvent if facts.kanaal.is_own() && !self.names(facts.kanaal) => false,
            PublishedAs::CloudEvent => self
                .effective_cloudevents()
                .iter()
                .any(|entry| facts.event.kind().contains(&entry.type_substring) && entry.filters.matches(facts)),
        }
    }

    fn names(&self, kanaal: &KanaalName) -> bool {
        self.kanalen.iter().any(|entry| entry.naam == *kanaal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AttributeName, Event, Value, facts::normalise_key};

    fn event() -> Event {
        let attributes = [("id", "1"), ("source", "/s"), ("type", "nl.overheid.zaken.zaak-gemuteerd")]
            .map(|(name, value)| (AttributeName::new(name).unwrap(), Value::text(value).unwrap()));
        Event::new(attributes.into(), None).unwrap()
    }

    fn check(selection: &Selection, published_as: PublishedAs, members: &[(&str, &str)]) -> bool {
        let (kanaal, event) = (KanaalName::new("zaken").unwrap(), event());
        let members: Vec<_> = members.iter().map(|(key, value)| (normalise_key(key), (*value).into())).collect();
        selection.matches(&Facts { kanaal: &kanaal, event: &event, published_as, members: &members })
    }

    fn abonnement(filters: &[(&str, &str)]) -> Selection {
        let entry =
            KanaalEntry { naam: KanaalName::new("zaken").unwrap(), filters: Kenmerken::new(filters.iter().copied()) };
        Selection::Abonnement(AbonnementSelection { kanalen: vec![entry], ..AbonnementSelection::default() })
    }

    #[test]
    fn kenmerken_map_23_map_24() {
        let bron = abonnement(&[("bron", "X")]);
        assert!(check(&bron, PublishedAs::Notificatie, &[("bron", "X")]));
        assert!(!check(&bron, PublishedAs::Notificatie, &[("bron", "Y")]));
        assert!(!check(&bron, PublishedAs::Notificatie, &[("bron", "x")]));
        assert!(check(&bron, PublishedAs::Notificatie, &[]));
        assert!(check(&abonnement(&[("bron", "*")]), PublishedAs::Notificatie, &[("bron", "Y")]));
        assert!(check(&abonnement(&[("object_type", "o")]), PublishedAs::Notificatie, &[("objectType", "o")]));
        assert!(!check(&abonnement(&[("object_type", "o")]), PublishedAs::Notificatie, &[("objectType", "p")]));
        assert!(!check(&abonnement(&[("bron", "")]), PublishedAs::Notificatie, &[("bron", "X")]));
    }

    #[test]
    fn reserved_keys_ask_for_the_notification_itself() {
        let attributes = [
            ("id", "1"),
            ("source", "/s"),
            ("type", "t"),
            ("actie", "create"),
            ("resource", "status"),
            ("hoofdobject", "https://z.nl/zaken/1"),
        ]
        .map(|(name, value)| (AttributeName::new(name).unwrap(), Value::text(value).unwrap()));
        let (kanaal, event) = (KanaalName::new("zaken").unwrap(), Event::new(attributes.into(), None).unwrap());
        let members = [("#actie".into(), "destroy".into())];
        let check = |published_as, key: &str, value: &str| {
            Kenmerken::new([(key, value)]).matches(&Facts {
                kanaal: &kanaal,
                event: &event,
                published_as,
                members: &members,
            })
        };
        for (key, value, wanted) in [
            ("#actie", "create", true),
            ("#actie", "destroy", false),
            ("#actie", "*", true),
            ("#resource", "zaak", false),
            ("#hoofdObject", "https://z.nl/zaken/1", true),
            ("#hoofd_object", "https://z.nl/zaken/2", false),
        ] {
            assert_eq!(check(PublishedAs::Notificatie, key, value), wanted, "{key} {value}");
        }
        assert!(check(PublishedAs::CloudEvent, "#actie", "destroy"), "of a CloudEvent they are members like any other");
    }

    #[test]
    fn kanalen_select_notificaties_only() {
        assert!(!check(&abonnement(&[]), PublishedAs::CloudEvent, &[]));
        let cloudevents = |substring: &str, filters: &[(&str, &str)]| {
            Selection::Abonnement(AbonnementSelection {
                kanalen: vec![],
                cloudevents: vec![CloudEventEntry {
                    type_substring: substring.into(),
                    filters: Kenmerken::new(filters.iter().copied()),
                }],
                send_cloudevents: true,
            })
        };
        assert!(check(&cloudevents("zaken.zaak", &[]), PublishedAs::CloudEvent, &[]));
        assert!(!check(&cloudevents("zaken.zaak", &[]), PublishedAs::Notificatie, &[]));
        assert!(!check(&cloudevents("Zaken", &[]), PublishedAs::CloudEvent, &[]));
        assert!(!check(&cloudevents("zaken", &[("zaaktype", "a")]), PublishedAs::CloudEvent, &[("zaaktype", "b")]));
    }

    #[test]
    fn only_selections_that_name_the_own_kanaal_get_its_events() {
        let (own, event) = (KanaalName::own(), event());
        let facts = Facts { kanaal: &own, event: &event, published_as: PublishedAs::CloudEvent, members: &[] };
        let native = |kanalen: Vec<KanaalName>| Selection::Native(NativeSelection { kanalen, ..Default::default() });
        let abonnement = |naam: &str| {
            Selection::Abonnement(AbonnementSelection {
                kanalen: vec![KanaalEntry { naam: KanaalName::new(naam).unwrap(), filters: Kenmerken::default() }],
                cloudevents: vec![CloudEventEntry { type_substring: "nl.".into(), filters: Kenmerken::default() }],
                send_cloudevents: true,
            })
        };
        for (selection, wanted) in [
            (native(vec![]), false),
            (native(vec![own.clone()]), true),
            (abonnement("zaken"), false),
            (abonnement(crate::kanaal::OWN_KANAAL), true),
        ] {
            assert_eq!((selection.covers(&own), selection.matches(&facts)), (wanted, wanted), "{selection:?}");
        }
    }

    #[test]
    fn the_first_criterion_that_fails_is_named() {
        let (kanaal, event) = (KanaalName::new("zaken").unwrap(), event());
        let members = [(normalise_key("zaaktype"), "a".into())];
        let facts = Facts { kanaal: &kanaal, event: &event, published_as: PublishedAs::CloudEvent, members: &members };
        let prefix = |value: &str| Filter::Prefix(vec![(AttributeName::new("type").unwrap(), value.into())]);
        let all = NativeSelection {
            kanalen: vec![kanaal.clone()],
            published_as: Some(PublishedAs::CloudEvent),
            types: vec!["x".into(), event.kind().into()],
            source: Some("/s".into()),
            filters: vec![prefix("nl."), prefix("nl.overheid.")],
            kenmerken: Kenmerken::new([("bron", "b"), ("zaaktype", "a")]),
        };
        assert_eq!(all.failing(&facts), None);
        let failing = |change: fn(&mut NativeSelection)| {
            let mut changed = all.clone();
            change(&mut changed);
            changed.failing(&facts)
        };
        assert_eq!(failing(|own| own.kanalen = vec![KanaalName::new("x").unwrap()]), Some(Criterion::Kanaal));
        assert_eq!(failing(|own| own.published_as = Some(PublishedAs::Notificatie)), Some(Criterion::PublishedAs));
        assert_eq!(failing(|own| own.types = vec!["x".into()]), Some(Criterion::Type));
        assert_eq!(failing(|own| own.source = Some("/t".into())), Some(Criterion::Source));
        assert_eq!(failing(|own| own.filters.push(Filter::Any(vec![]))), Some(Criterion::Filter(2)));
        let other = |own: &mut NativeSelection| own.kenmerken = Kenmerken::new([("bron", "b"), ("zaaktype", "c")]);
        assert_eq!(failing(other), Some(Criterion::Kenmerk(1)));
    }

    #[test]
    fn native_selection_narrows() {
        let all = Selection::Native(NativeSelection::default());
        assert!(check(&all, PublishedAs::CloudEvent, &[]) && check(&all, PublishedAs::Notificatie, &[]));
        let narrow = |change: fn(&mut NativeSelection)| {
            let mut native = NativeSelection::default();
            change(&mut native);
            check(&Selection::Native(native), PublishedAs::CloudEvent, &[])
        };
        assert!(!narrow(|native| native.published_as = Some(PublishedAs::Notificatie)));
        assert!(!narrow(|native| native.types = vec!["x".into()]));
        assert!(!narrow(|native| native.source = Some("x".into())));
        assert!(!narrow(|native| native.kanalen = vec![KanaalName::new("b").unwrap()]));
    }
}
