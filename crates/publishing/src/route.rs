//! Which kanaal a CloudEvent goes to (GW-02): the query parameter `kanaal`; else the extension `kanaal` if it names
//! one; else the type routes of the kanalen, longest first; else the third label of `nl.overheid.<kanaal>.…`; else
//! the default kanaal.

use std::sync::Arc;

use model::{Event, Kanaal, KanaalName, Registry, Value};

/// Why an event has no kanaal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RouteError {
    /// The query parameter names none that exists.
    #[error("there is no kanaal named {0:?}")]
    Unknown(String),
    /// No routing rule applies to the event.
    #[error(
        "no kanaal: name one in the query parameter kanaal or the extension kanaal, register a type route, use a type \
         nl.overheid.<kanaal>.…, or let the administrator set default_kanaal"
    )]
    None,
}

impl RouteError {
    /// The text of the error in Dutch.
    pub fn text_nl(&self) -> String {
        match self {
            Self::Unknown(naam) => format!("er is geen kanaal met de naam {naam:?}"),
            Self::None => "geen kanaal: noem er een in de queryparameter kanaal of de extensie kanaal, registreer een \
                           typeroute, gebruik een type nl.overheid.<kanaal>.…, of laat de beheerder default_kanaal \
                           instellen"
                .to_owned(),
        }
    }
}

/// The kanaal of an event, and which rule chose it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Routed {
    /// The kanaal that the event is appended to.
    pub kanaal: Arc<Kanaal>,
    /// Whether it is the default one, since no other rule named one.
    pub by_default: bool,
}

/// The kanaal of an event.
pub fn route(
    registry: &Registry,
    requested: Option<&str>,
    event: &Event,
    default: Option<&KanaalName>,
) -> Result<Routed, RouteError> {
    let chosen = |kanaal| Routed { kanaal, by_default: false };
    if let Some(requested) = requested {
        return kanaal_named(registry, requested).map(chosen).ok_or_else(|| RouteError::Unknown(requested.to_owned()));
    }
    let extension = event.attribute("kanaal").and_then(Value::as_text).and_then(|naam| kanaal_named(registry, naam));
    if let Some(kanaal) = extension.or_else(|| registry.kanaal_of_type(event.kind(), None).cloned()) {
        return Ok(chosen(kanaal));
    }
    let kanaal = default.and_then(|naam| kanaal_named(registry, naam.as_str())).ok_or(RouteError::None)?;
    Ok(Routed { kanaal, by_default: true })
}

fn kanaal_named(registry: &Registry, naam: &str) -> Option<Arc<Kanaal>> {
    registry.kanaal(naam).cloned()
}

#[cfg(test)]
mod tests {
    use model::{AttributeName, registry::Change};
    use uuid::Uuid;

    use super::*;

    fn registry() -> Registry {
        let mut registry = Registry::default();
        for (naam, routes) in
            [("zaken", &["nl.zaken."][..]), ("besluiten", &["nl.zaken.besluit"]), ("cloudevents", &[]), ("ä b", &[])]
        {
            registry.apply(&Change::Kanaal(Arc::new(Kanaal {
                type_routes: routes.iter().map(|route| (*route).to_owned()).collect(),
                ..Kanaal::new(Uuid::nil(), KanaalName::new(naam).unwrap(), model::Timestamp::default())
            })));
        }
        registry
    }

    fn event(kind: &str, kanaal: Option<&str>) -> Event {
        let attributes = [("id", "1"), ("source", "s"), ("type", kind)]
            .into_iter()
            .chain(kanaal.map(|kanaal| ("kanaal", kanaal)))
            .map(|(name, value)| (AttributeName::new(name).unwrap(), Value::text(value).unwrap()))
            .collect();
        Event::new(attributes, None).unwrap()
    }

    #[test]
    fn rules_in_their_order_gw_02() {
        let registry = registry();
        let default = KanaalName::new("cloudevents");
        for (requested, kind, extension, expected) in [
            (Some("zaken"), "x", Some("besluiten"), Ok("zaken")),
            (Some("ä b"), "x", None, Ok("ä b")),
            (Some("nope"), "nl.zaken.x", None, Err(RouteError::Unknown("nope".into()))),
            (Some(""), "nl.zaken.x", None, Err(RouteError::Unknown(String::new()))),
            (None, "x", Some("besluiten"), Ok("besluiten")),
            (None, "nl.zaken.x", Some("nope"), Ok("zaken")),
            (None, "nl.zaken.besluit-x", None, Ok("besluiten")),
            (None, "nl.overheid.zaken.zaak-geopend", None, Ok("zaken")),
            (None, "nl.overheid.zaken", None, Ok("cloudevents")),
            (None, "nl.overheid.other.x", None, Ok("cloudevents")),
            (None, "x", None, Ok("cloudevents")),
        ] {
            let kanaal = route(&registry, requested, &event(kind, extension), default.as_ref());
            assert_eq!(
                kanaal.as_ref().map(|routed| routed.kanaal.naam.as_str()),
                expected.as_ref().copied(),
                "{requested:?} {kind}"
            );
        }
        for (kind, by_default) in [("x", true), ("nl.overheid.cloudevents.x", false), ("nl.zaken.x", false)] {
            let routed = route(&registry, None, &event(kind, None), default.as_ref());
            assert_eq!(routed.unwrap().by_default, by_default, "{kind}");
        }
        assert_eq!(route(&registry, None, &event("x", None), None), Err(RouteError::None));
        assert_eq!(route(&registry, None, &event("x", None), KanaalName::new("gone").as_ref()), Err(RouteError::None));
    }
}
