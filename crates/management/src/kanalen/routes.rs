//! Checks that the type routes of a kanaal take no events from the kanalen of others.
//!
//! A type route is a prefix of `type`, and the longest one wins; so two routes overlap when one is a prefix of the other. A
//! kanaal also gets events by its name, as if it had the route `nl.overheid.<naam>.`.

use model::{Actor, Kanaal, Registry};

use super::find::owns;
use crate::{Conflict, Error, Management};

impl Management {
    /// Checks the routes of `kanaal` that it does not have in `present`. Administrators are not checked.
    ///
    /// # Errors
    /// [`Conflict::RouteTaken`] when one overlaps a route or the name of a kanaal that the actor does not own.
    pub(super) async fn check_routes(&self, actor: &Actor, kanaal: &Kanaal, present: &[String]) -> Result<(), Error> {
        if actor.is_beheer() || kanaal.type_routes.iter().all(|route| present.contains(route)) {
            return Ok(());
        }
        // Another node may have accepted a kanaal just now.
        self.control.catch_up().await?;
        let taken = taken(&self.registry.read(), actor, kanaal, present);
        taken.map_or(Ok(()), |conflict| Err(conflict.into()))
    }
}

/// The first route of `kanaal`, other than those in `present`, that overlaps one of a kanaal that the actor does not own.
fn taken(registry: &Registry, actor: &Actor, kanaal: &Kanaal, present: &[String]) -> Option<Conflict> {
    let others = || registry.kanalen().filter(|other| other.naam != kanaal.naam && !owns(actor, other));
    let routes = kanaal.type_routes.iter().filter(|route| !present.contains(route));
    routes.into_iter().find_map(|route| {
        let other = others().find(|other| overlapped(other, route))?;
        Some(Conflict::RouteTaken { route: route.clone(), by: other.naam.clone() })
    })
}

/// Whether a route overlaps a route or the name of `kanaal`.
fn overlapped(kanaal: &Kanaal, route: &str) -> bool {
    overlap(route, &format!("nl.overheid.{}.", kanaal.naam)) || kanaal.type_routes.iter().any(|own| overlap(route, own))
}

/// Whether two prefixes of types have a type in common.
pub fn overlap(one: &str, other: &str) -> bool {
    one.starts_with(other) || other.starts_with(one)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use model::{KanaalName, Timestamp, applicatie::Scope, registry::Change};
    use uuid::Uuid;

    use super::*;

    fn kanaal(naam: &str, owner: &str, routes: &[&str]) -> Kanaal {
        Kanaal {
            owner: Some(owner.to_owned()),
            type_routes: routes.iter().map(|route| (*route).to_owned()).collect(),
            ..Kanaal::new(Uuid::nil(), KanaalName::new(naam).unwrap(), Timestamp::default())
        }
    }

    #[test]
    fn d1_a_route_that_overlaps_the_route_or_name_of_others_is_taken() {
        let mut registry = Registry::default();
        registry.apply(&Change::Kanaal(Arc::new(kanaal("zaken", "a", &["nl.overheid.zaken.", "org.x."]))));
        registry.apply(&Change::Kanaal(Arc::new(kanaal("besluiten", "a", &[]))));
        registry.apply(&Change::Kanaal(Arc::new(kanaal("b1", "b", &["eu.b."]))));
        let b = Actor::applicatie("b", [Scope::Publiceren]);
        for (route, by) in [
            ("nl.overheid.zaken.zaak-", Some("zaken")),
            ("nl.overheid.zaken.", Some("zaken")),
            ("n", Some("besluiten")),
            ("org.x.y", Some("zaken")),
            ("or", Some("zaken")),
            ("nl.overheid.besluiten.", Some("besluiten")),
            ("nl.overheid.besluiten.besluit", Some("besluiten")),
            ("nl.overheid.besluit-archief.", None),
            ("eu.b.c.", None),
            ("eu.", None),
        ] {
            let found = taken(&registry, &b, &kanaal("evil", "b", &[route]), &[]);
            let found = found.map(|conflict| match conflict {
                Conflict::RouteTaken { by, .. } => by.as_str().to_owned(),
                other => panic!("{other}"),
            });
            assert_eq!(found.as_deref(), by, "{route}");
        }
        let old = ["nl.overheid.zaken.zaak-".to_owned()];
        assert_eq!(taken(&registry, &b, &kanaal("b1", "b", &["nl.overheid.zaken.zaak-"]), &old), None, "it has it");
    }
}
