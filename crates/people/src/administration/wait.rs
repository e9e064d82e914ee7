//! Waiting until the mailings of events have ended (CH-87). The events were accepted before; nothing depends on the waiting.

use std::time::Duration;

use model::{
    addressee::{EventReference, StateKind},
    mailing::{MailingId, MailingStart},
};

use super::{Administration, Mailing, MailingState};
use crate::Error;

/// The longest wait.
pub const MAX_WAIT: Duration = Duration::from_mins(1);
/// Most requests that wait at the same time.
pub(super) const MAX_WAITING: usize = 64;
/// The newest mailings that have ended among which those of an event are looked for.
const NEWEST: u32 = 400;
/// The time between two looks.
const LOOK: Duration = Duration::from_millis(100);

impl Administration {
    /// The mailings of these events when all of them have ended within `wait`; `None` when that takes longer, when nobody is
    /// subscribed to a kanaal, or when as many requests wait as may. `wait` counts up to [`MAX_WAIT`].
    ///
    /// # Errors
    /// `Storage`.
    pub async fn ended(&self, events: &[EventReference], wait: Duration) -> Result<Option<Vec<Mailing>>, Error> {
        let Ok(_place) = self.waiting.try_acquire() else { return Ok(None) };
        if !self.have_addressees(events).await? {
            return Ok(None);
        }
        let waited = tokio::time::timeout(wait.min(MAX_WAIT), async {
            loop {
                if let Some(found) = self.all_ended(events).await? {
                    return Ok::<_, Error>(found);
                }
                tokio::time::sleep(LOOK).await;
            }
        });
        waited.await.ok().transpose()
    }

    async fn have_addressees(&self, events: &[EventReference]) -> Result<bool, Error> {
        for event in events {
            let counts = self.people.audience.counts(Some(&event.kanaal)).await?;
            let may_get = |state| match state {
                StateKind::Confirmed => true,
                StateKind::Ended => self.is_obligatory(&event.kanaal),
                StateKind::Unconfirmed => false,
            };
            if !counts.iter().any(|count| may_get(count.state) && count.addressees > 0) {
                return Ok(false);
            }
        }
        Ok(!events.is_empty())
    }

    async fn all_ended(&self, events: &[EventReference]) -> Result<Option<Vec<Mailing>>, Error> {
        let mut found: Vec<Mailing> = Vec::new();
        for event in events {
            // In this order: one that ends in between is seen twice and not missed.
            let ended = self.mailings.ended(Some(&event.kanaal), NEWEST).await?;
            let of_event = ended.into_iter().filter(|one| is_of(&one.start, event));
            let before = found.len();
            found.extend(of_event.map(|one| Mailing {
                id: one.id,
                start: one.start,
                state: MailingState::Ended(one.ended),
                counts: one.counts,
            }));
            if found.len() == before || self.is_open(event).await? {
                return Ok(None);
            }
        }
        Ok(Some(found))
    }

    async fn is_open(&self, event: &EventReference) -> Result<bool, Error> {
        let mut after: Option<MailingId> = None;
        loop {
            let page = self.mailings.open(&event.kanaal, after, NEWEST).await?;
            let Some(last) = page.last() else { return Ok(false) };
            if page.iter().any(|one| is_of(&one.start, event)) {
                return Ok(true);
            }
            after = Some(last.id);
        }
    }
}

/// Whether a mailing is the first one of an event by its channel: the wait is not for those that send it again.
fn is_of(start: &MailingStart, event: &EventReference) -> bool {
    start.event == *event && start.resend.is_none()
}
