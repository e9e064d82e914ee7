//! Mailings with their progress: those that go on, and those that ended last (CH-86). A mailing has the identity of its event and
//! counts, and no address.

use std::collections::HashMap;

use model::{
    KanaalName, Timestamp,
    mailing::{Counts, Cursor, MailingId, MailingStart, Phase},
};

use super::Administration;
use crate::Error;

/// Most mailings that go on in a list.
pub const MAX_OPEN: u32 = 100;

/// Most mailings that have ended in a list.
pub const MAX_ENDED: u32 = 400;

/// Mailings, those that go on in front, oldest first; then those that have ended, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailingList {
    /// The mailings, at most [`MAX_OPEN`] and [`MAX_ENDED`].
    pub mailings: Vec<Mailing>,
    /// Whether these are all that are kept.
    pub is_complete: bool,
}

/// A mailing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailing {
    /// Its number.
    pub id: MailingId,
    /// What it is about.
    pub start: MailingStart,
    /// How far it is.
    pub state: MailingState,
    /// How its addressees ended.
    pub counts: Counts,
}

/// How far a mailing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailingState {
    /// It waits for this moment of its event (CH-97).
    Scheduled(Timestamp),
    /// Its kanaal is paused, or in a trial that its event is not of (CH-132).
    Held,
    /// It walks over the addressees.
    Walking,
    /// Every addressee was met; some have not ended.
    Finishing,
    /// Messages were refused, and somebody has to look at that (CH-143).
    Suspended,
    /// It was stopped (CH-94).
    Stopped,
    /// It ended at this moment.
    Ended(Timestamp),
}

impl Administration {
    /// The mailings of a kanaal, or of all.
    ///
    /// # Errors
    /// `Storage`.
    pub async fn mailings(&self, kanaal: Option<&KanaalName>) -> Result<MailingList, Error> {
        let mut kanalen = match kanaal {
            Some(kanaal) => vec![kanaal.clone()],
            None => self.mailings.kanalen().await?,
        };
        kanalen.sort();
        let mut open = Vec::new();
        for kanaal in kanalen {
            let room = MAX_OPEN + 1 - u32::try_from(open.len()).unwrap_or(MAX_OPEN);
            open.extend(self.mailings.open(&kanaal, None, room).await?);
            if open.len() > MAX_OPEN as usize {
                break;
            }
        }
        let mut ended = self.mailings.ended(kanaal, MAX_ENDED + 1).await?;
        let is_complete = open.len() <= MAX_OPEN as usize && ended.len() <= MAX_ENDED as usize;
        open.truncate(MAX_OPEN as usize);
        ended.truncate(MAX_ENDED as usize);
        open.sort_by_key(|one| one.id);
        let sendings: HashMap<_, _> = self.mailings.sendings().await?.into_iter().collect();
        let mut mailings = Vec::with_capacity(open.len() + ended.len());
        for one in open {
            // One that ended since then is among those that have ended the next time.
            let Some(progress) = self.mailings.progress(one.id).await? else { continue };
            let now = self.people.clock.now();
            let due = self.running.as_ref().and_then(|running| running.due(one.id)).filter(|due| *due > now);
            let sending = sendings.get(&one.start.event.kanaal);
            let is_held = sending.is_some_and(|sending| sending.holds(one.start.accepted));
            let state = match (progress.phase, progress.cursor, due) {
                (Phase::Suspended, ..) => MailingState::Suspended,
                (Phase::Stopped, ..) => MailingState::Stopped,
                (Phase::Active, Cursor::After(None), Some(due)) => MailingState::Scheduled(due),
                (Phase::Active, ..) if is_held => MailingState::Held,
                (Phase::Active, Cursor::After(_), _) => MailingState::Walking,
                (Phase::Active, Cursor::End, _) => MailingState::Finishing,
            };
            mailings.push(Mailing { id: one.id, start: one.start, state, counts: progress.counts });
        }
        mailings.extend(ended.into_iter().map(|one| Mailing {
            id: one.id,
            start: one.start,
            state: MailingState::Ended(one.ended),
            counts: one.counts,
        }));
        Ok(MailingList { mailings, is_complete })
    }
}
