//! Finds kanalen, and checks which actors may change them.

use std::sync::Arc;

use model::{Actor, Kanaal};
use uuid::Uuid;

use crate::{Error, Management, Resource};

impl Management {
    /// Every kanaal, by name.
    pub fn list_kanalen(&self) -> Vec<Arc<Kanaal>> {
        self.registry.read().kanalen().cloned().collect()
    }

    /// The kanaal with this name; [`Error::NotFound`] when there is none.
    pub fn find_kanaal(&self, naam: &str) -> Result<Arc<Kanaal>, Error> {
        self.registry.read().kanaal(naam).cloned().ok_or(Error::NotFound(Resource::Kanaal))
    }

    /// The kanaal with this id; [`Error::NotFound`] when there is none.
    pub fn find_kanaal_by_id(&self, id: Uuid) -> Result<Arc<Kanaal>, Error> {
        self.registry.read().kanaal_by_id(id).cloned().ok_or(Error::NotFound(Resource::Kanaal))
    }

    /// The kanaal with this name, if the actor may change it; [`Error::NotFound`] or [`Error::Forbidden`] otherwise.
    pub fn find_kanaal_to_change(&self, actor: &Actor, naam: &str) -> Result<Arc<Kanaal>, Error> {
        let kanaal = self.find_kanaal(naam)?;
        self.check_may_change(actor, &kanaal)?;
        Ok(kanaal)
    }

    /// The kanaal with this id, if the actor may change it; [`Error::NotFound`] or [`Error::Forbidden`] otherwise.
    pub fn find_kanaal_by_id_to_change(&self, actor: &Actor, id: Uuid) -> Result<Arc<Kanaal>, Error> {
        let kanaal = self.find_kanaal_by_id(id)?;
        self.check_may_change(actor, &kanaal)?;
        Ok(kanaal)
    }

    /// The kanaal with this name, if the actor answers for its events; [`Error::NotFound`] or [`Error::Forbidden`]
    /// otherwise.
    pub fn find_own_kanaal(&self, actor: &Actor, naam: &str) -> Result<Arc<Kanaal>, Error> {
        let kanaal = self.find_kanaal(naam)?;
        if owns(actor, &kanaal) {
            return Ok(kanaal);
        }
        Err(Error::Forbidden("Only the owner of the kanaal or an administrator may do this.".to_owned()))
    }

    /// Whether this is the kanaal of the gateway's own events.
    pub fn is_own_kanaal(&self, kanaal: &Kanaal) -> bool {
        self.settings.own_events && kanaal.naam.is_own()
    }

    /// Whether the actor may change anything of a kanaal; see [`MayChange`].
    fn check_may_change(&self, actor: &Actor, kanaal: &Kanaal) -> Result<(), Error> {
        if self.is_own_kanaal(kanaal) && !owns(actor, kanaal) {
            return Err(Error::Forbidden(
                "Only an administrator may change the kanaal of the gateway's own events.".to_owned(),
            ));
        }
        if self.settings.kanalen_changed_by != MayChange::Owner || owns(actor, kanaal) {
            return Ok(());
        }
        Err(Error::Forbidden("Only the applicatie that made this kanaal may change it.".to_owned()))
    }

    /// Checks the members of a kanaal that the actor changes; see [`MayChange`].
    pub(super) fn check_changes(&self, actor: &Actor, present: &Kanaal, to: &Kanaal) -> Result<(), Error> {
        if self.is_own_kanaal(present) && to.owner.is_some() {
            return Err(Error::invalid("owner", "must be null for the kanaal of the gateway's own events"));
        }
        if owns(actor, present) {
            return Ok(());
        }
        let (closed, text) = match self.settings.kanalen_changed_by {
            MayChange::Anybody => (
                (&to.owner, to.approval) != (&present.owner, present.approval),
                "Only its owner or an administrator may change owner and approval.",
            ),
            MayChange::Owner | MayChange::OwnerExceptFilters => {
                let documentatie_link = present.documentatie_link.clone();
                let rest = Kanaal { documentatie_link, filters: present.filters.clone(), ..to.clone() };
                let text = "Only the owner of the kanaal or an administrator may change more than documentatieLink and filters.";
                (rest != *present, text)
            }
        };
        if closed { Err(Error::Forbidden(text.to_owned())) } else { Ok(()) }
    }
}

/// Which publishers may change a kanaal, besides its owner and administrators.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MayChange {
    /// None (`notificaties.own_kanalen_only`).
    Owner,
    /// Every publisher may change `filters` and `documentatieLink`, as in Open Notificaties, and nothing else.
    #[default]
    OwnerExceptFilters,
    /// Every publisher may change everything but owner and approval (`notificaties.any_publisher_changes_kanalen`).
    Anybody,
}

/// Whether the actor answers for the events of a kanaal. Only administrators do for one without an owner.
pub(super) fn owns(actor: &Actor, kanaal: &Kanaal) -> bool {
    kanaal.owner.as_deref().map_or_else(|| actor.is_beheer(), |owner| actor.may_manage(owner))
}

#[cfg(test)]
mod tests {
    use model::{KanaalName, Timestamp, applicatie::Scope};

    use super::*;

    #[test]
    fn the_owner_and_administrators_answer_for_a_kanaal() {
        let naam = KanaalName::new("zaken").unwrap();
        let mut kanaal = Kanaal::new(Uuid::nil(), naam, Timestamp::default());
        let (a, b) = (Actor::applicatie("a", [Scope::Publiceren]), Actor::applicatie("b", [Scope::Publiceren]));
        let beheer = Actor::applicatie("c", [Scope::Beheer]);
        assert!(!owns(&a, &kanaal) && owns(&beheer, &kanaal));
        kanaal.owner = Some("a".into());
        assert!(owns(&a, &kanaal) && !owns(&b, &kanaal) && owns(&beheer, &kanaal));
    }
}
