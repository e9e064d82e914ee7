//! A dry run of a draft: nothing is stored.

use model::Actor;

use super::{Draft, DraftError, DryRun, ExaminedDraft};
use crate::{Error, Management};

impl Management {
    /// What publishing the draft would do: the event, its findings, and which subscriptions that the person may see would receive
    /// it.
    ///
    /// # Errors
    /// As publishing it, but nothing is stored.
    pub async fn dry_run_by_hand(&self, actor: &Actor, draft: &Draft) -> Result<DryRun, DraftError> {
        let ExaminedDraft { kanaal, accepted, findings } = self.examine_draft(actor, draft).await?;
        let previewed = self.preview_receivers(actor, vec![(kanaal.naam.clone(), accepted)]).await?;
        // One event in, one event out.
        let (_, accepted, receivers) = previewed.into_iter().next().ok_or(Error::Interrupted)?;
        Ok(DryRun { draft: ExaminedDraft { kanaal, accepted, findings }, receivers })
    }
}
