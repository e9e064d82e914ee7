//! Deletes one dead letter.

use model::Actor;
use uuid::Uuid;

use crate::{Error, Management};

impl Management {
    /// Deletes the actor's dead letter with this id.
    pub async fn delete_dead_letter(&self, actor: &Actor, id: Uuid) -> Result<(), Error> {
        let letter = self.own_dead_letter(actor, id).await?;
        self.journal.remove_dead_letters(vec![letter.id]).await?;
        Ok(())
    }
}
