//! Which events a subscription wants: the two forms of selection, native and abonnement.
//!
//! An abonnement's kanalen select events born as notificatie and its cloudeventFilters those born as
//! CloudEvent, so a publisher that sends both causes no doubles; a native selection sees both kinds
//! and may narrow to one.

use compact_str::CompactString;

use crate::{KanaalName, event::Born, facts::Facts, filter::Filter};

/// What a subscription wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// By the CloudEvents Subscriptions API.
    Native(NativeSelection),
    /// By the Notificaties API.
    Abonnement(AbonnementSelection),
}

/// Selection by kanaal, type, source and filter; all that are given must hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NativeSelection {
    /// Only these kanalen; empty for all, also those made later.
    pub kanalen: Vec<KanaalName>,
    /// Only events born so.
    pub born: Option<Born>,
    /// Only these values of `type`; empty for all.
    pub types: Vec<String>,
    /// Only this value of `source`.
    pub source: Option<String>,
    /// All of these hold.
    pub filters: Vec<Filter>,
    /// Legacy filter on the kenmerken or data members; see [`Kenmerken`]. Empty passes all.
    pub kenmerken: Kenmerken,
}

/// Selection as Open Notificaties does it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AbonnementSelection {
    /// Entries per kanaal, for events born as notificatie; one that matches is enough.
    pub kanalen: Vec<KanaalEntry>,
    /// Entries on type and data, for events born as CloudEvent; one that matches is enough.
    pub cloudevents: Vec<CloudEventEntry>,
    /// `sendCloudevents`: without it `cloudevents` are kept but select nothing.
    pub send_cloudevents: bool,
}

/// One entry of `kanalen`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KanaalEntry {
    /// The kanaal.
    pub naam: KanaalName,
    /// What its kenmerken must be.
    pub filters: Kenmerken,
}

/// One entry of `cloudeventFilters`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloudEventEntry {
    /// Part of `type`, anywhere in it, case-sensitive.
    pub type_substring: String,
    /// What top-level members of `data` must be.
    pub filters: Kenmerken,
}

/// Pairs of key and value by the legacy rule: a key the event lacks passes, `*` passes, anything else
/// must be equal as text (MAP-23).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Kenmerken(pub Vec<Kenmerk>);

/// One pair.
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

    /// Whether the event passes.
    pub fn matches(&self, facts: &Facts<'_>) -> bool {
        self.0.iter().all(|wanted| {
            wanted.value == "*" || facts.member(&wanted.normalised).is_none_or(|value| value == wanted.value)
        })
    }
}

impl Selection {
    /// Whether events of this kanaal can match at all.
    pub fn covers(&self, kanaal: &KanaalName) -> bool {
        match self {
            Self::Native(native) => native.kanalen.is_empty() || native.kanalen.contains(kanaal),
            Self::Abonnement(abonnement) => {
                !abonnement.counting().is_empty() || abonnement.kanalen.iter().any(|entry| entry.naam == *kanaal)
            }
        }
    }

    /// Whether a payload must be read to decide.
    pub fn needs_members(&self) -> bool {
        match self {
            Self::Native(native) => !native.kenmerken.0.is_empty(),
            Self::Abonnement(abonnement) => {
                abonnement.kanalen.iter().any(|entry| !entry.filters.0.is_empty())
                    || abonnement.counting().iter().any(|entry| !entry.filters.0.is_empty())
            }
        }
    }

    /// Whether the event is wanted.
    pub fn matches(&self, facts: &Facts<'_>) -> bool {
        match self {
            Self::Native(native) => native.matches(facts),
            Self::Abonnement(abonnement) => abonnement.matches(facts),
        }
    }

    /// Whether the selection names this kanaal, so that it cannot be deleted.
    pub fn names(&self, kanaal: &KanaalName) -> bool {
        match self {
            Self::Native(native) => native.kanalen.contains(kanaal),
            Self::Abonnement(abonnement) => abonnement.kanalen.iter().any(|entry| entry.naam == *kanaal),
        }
    }
}

impl NativeSelection {
    fn matches(&self, facts: &Facts<'_>) -> bool {
        (self.kanalen.is_empty() || self.kanalen.contains(facts.kanaal))
            && self.born.is_none_or(|born| born == facts.born)
            && (self.types.is_empty() || self.types.iter().any(|kind| kind == facts.event.kind()))
            && self.source.as_deref().is_none_or(|source| source == facts.event.source())
            && self.filters.iter().all(|filter| filter.matches(facts.event))
            && self.kenmerken.matches(facts)
    }
}

impl AbonnementSelection {
    /// The entries for events born as CloudEvent that count.
    pub fn counting(&self) -> &[CloudEventEntry] {
        if self.send_cloudevents { &self.cloudevents } else { &[] }
    }

    fn matches(&self, facts: &Facts<'_>) -> bool {
        match facts.born {
            Born::Notificatie => {
                self.kanalen.iter().any(|entry| entry.naam == *facts.kanaal && entry.filters.matches(facts))
            }
            Born::CloudEvent => self
                .counting()
                .iter()
                .any(|entry| facts.event.kind().contains(&entry.type_substring) && entry.filters.matches(facts)),
        }
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

    fn check(selection: &Selection, born: Born, members: &[(&str, &str)]) -> bool {
        let (kanaal, event) = (KanaalName::new("zaken").unwrap(), event());
        let members: Vec<_> = members.iter().map(|(key, value)| (normalise_key(key), (*value).into())).collect();
        selection.matches(&Facts { kanaal: &kanaal, event: &event, born, members: &members })
    }

    fn abonnement(filters: &[(&str, &str)]) -> Selection {
        let entry =
            KanaalEntry { naam: KanaalName::new("zaken").unwrap(), filters: Kenmerken::new(filters.iter().copied()) };
        Selection::Abonnement(AbonnementSelection { kanalen: vec![entry], ..AbonnementSelection::default() })
    }

    #[test]
    fn kenmerken_map_23_map_24() {
        let bron = abonnement(&[("bron", "X")]);
        assert!(check(&bron, Born::Notificatie, &[("bron", "X")]));
        assert!(!check(&bron, Born::Notificatie, &[("bron", "Y")]));
        assert!(!check(&bron, Born::Notificatie, &[("bron", "x")]));
        assert!(check(&bron, Born::Notificatie, &[]));
        assert!(check(&abonnement(&[("bron", "*")]), Born::Notificatie, &[("bron", "Y")]));
        assert!(check(&abonnement(&[("object_type", "o")]), Born::Notificatie, &[("objectType", "o")]));
        assert!(!check(&abonnement(&[("object_type", "o")]), Born::Notificatie, &[("objectType", "p")]));
        assert!(!check(&abonnement(&[("bron", "")]), Born::Notificatie, &[("bron", "X")]));
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
        let check = |born, key: &str, value: &str| {
            Kenmerken::new([(key, value)]).matches(&Facts { kanaal: &kanaal, event: &event, born, members: &members })
        };
        for (key, value, wanted) in [
            ("#actie", "create", true),
            ("#actie", "destroy", false),
            ("#actie", "*", true),
            ("#resource", "zaak", false),
            ("#hoofdObject", "https://z.nl/zaken/1", true),
            ("#hoofd_object", "https://z.nl/zaken/2", false),
        ] {
            assert_eq!(check(Born::Notificatie, key, value), wanted, "{key} {value}");
        }
        assert!(check(Born::CloudEvent, "#actie", "destroy"), "of a CloudEvent they are members like any other");
    }

    #[test]
    fn kanalen_select_notificaties_only() {
        assert!(!check(&abonnement(&[]), Born::CloudEvent, &[]));
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
        assert!(check(&cloudevents("zaken.zaak", &[]), Born::CloudEvent, &[]));
        assert!(!check(&cloudevents("zaken.zaak", &[]), Born::Notificatie, &[]));
        assert!(!check(&cloudevents("Zaken", &[]), Born::CloudEvent, &[]));
        assert!(!check(&cloudevents("zaken", &[("zaaktype", "a")]), Born::CloudEvent, &[("zaaktype", "b")]));
    }

    #[test]
    fn native_selection_narrows() {
        let all = Selection::Native(NativeSelection::default());
        assert!(check(&all, Born::CloudEvent, &[]) && check(&all, Born::Notificatie, &[]));
        let narrow = |change: fn(&mut NativeSelection)| {
            let mut native = NativeSelection::default();
            change(&mut native);
            check(&Selection::Native(native), Born::CloudEvent, &[])
        };
        assert!(!narrow(|native| native.born = Some(Born::Notificatie)));
        assert!(!narrow(|native| native.types = vec!["x".into()]));
        assert!(!narrow(|native| native.source = Some("x".into())));
        assert!(!narrow(|native| native.kanalen = vec![KanaalName::new("b").unwrap()]));
    }
}
