//! Deletes a kanaal that no subscription names, and purges its events if asked.

use model::{
    Actor, KanaalName, Mark, Partition,
    audit::{Action, Object, ObjectKind},
    decide::Command,
};
use storage::log::Point;

use crate::{Error, Management};

impl Management {
    /// Deletes a kanaal. Its events stay until retention removes them, unless `purge` asks to remove them now, from the
    /// log and the journal. A kanaal that was deleted before can still be purged; that also completes a purge that failed.
    ///
    /// [`Error::NotFound`] when there is none of this name, and no events of one either; [`Error::Forbidden`] for the one of
    /// the gateway's own events; [`Error::Rejected`] when a subscription names it.
    pub async fn delete_kanaal(&self, actor: &Actor, naam: &str, purge: bool) -> Result<(), Error> {
        let naam = match self.find_kanaal(naam) {
            Ok(kanaal) if self.is_own_kanaal(&kanaal) => {
                let text = "The kanaal of the gateway's own events stays while own_events is configured.";
                return Err(Error::Forbidden(text.to_owned()));
            }
            Ok(kanaal) => {
                let naam = kanaal.naam.clone();
                self.control.submit(actor, Command::DeleteKanaal(naam.clone())).await??;
                naam
            }
            Err(error) => match KanaalName::new(naam).filter(|_| purge) {
                Some(naam) if self.had_events(&naam).await? => naam,
                _ => return Err(error),
            },
        };
        if purge {
            let object = Object::new(ObjectKind::Kanaal, naam.as_str());
            self.recorder.record(actor, Action::KanaalPurge, object).await?;
            actor.recorded.set();
            self.log.purge(&naam).await?;
            self.journal.purge(&naam, &self.ends(&naam).await?).await?;
        }
        Ok(())
    }

    async fn had_events(&self, naam: &KanaalName) -> Result<bool, Error> {
        Ok(self.ends(naam).await?.iter().any(|(_, end)| *end > Mark::BEGINNING))
    }

    /// The end of the log of each partition.
    async fn ends(&self, naam: &KanaalName) -> Result<Vec<(Partition, Mark)>, Error> {
        let partitions = self.log.partitions_of(vec![naam.clone()]).await?;
        let marks = self.log.marks(&partitions, Point::End).await?;
        Ok(partitions.into_iter().map(|(_, partition)| partition).zip(marks).collect())
    }
}
