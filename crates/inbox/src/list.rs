//! The list and the count of one person. Both walk the same rows by the same rule (CH-10).

use model::{
    Timestamp,
    addressee::Digest,
    inbox::{Message, MessageFilter},
};

use crate::{Error, Inbox, Shown, position, position::Purpose};

/// The most messages that one request examines. A list has a next page then, and a count is marked as incomplete.
pub const MAX_SCAN: usize = 20_000;

/// The most messages that are read at a time.
const CHUNK: u32 = 500;

/// A page of messages, newest first.
#[derive(Debug)]
pub struct Page {
    /// The messages.
    pub messages: Vec<Shown>,
    /// Where the next page begins, if there may be one.
    pub next: Option<String>,
    /// The position of a stream that brings everything that happens after this list was made.
    pub position: String,
}

/// How many messages there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// Their number.
    pub count: u64,
    /// Whether all messages were examined.
    pub is_complete: bool,
}

/// What a walk found.
struct Walked {
    found: Vec<Message>,
    /// The number of the last message that was examined, unless the walk is at its end.
    rest: Option<u64>,
}

impl Inbox {
    /// Messages of a person, at most `size` (1 to 500), behind `cursor` of the page before.
    ///
    /// # Errors
    /// `Position` for a cursor that was not made here; `Storage`.
    pub async fn list(
        &self,
        person: Digest,
        filter: &MessageFilter,
        cursor: Option<&str>,
        size: usize,
    ) -> Result<Page, Error> {
        let keys = &self.parts.keys;
        let newest = self.parts.store.newest().await?;
        let before = cursor.map(|text| position::read(keys, Purpose::List, text).ok_or(Error::Position)).transpose()?;
        let Walked { found, rest } = self.walk(person, filter, before, size).await?;
        let mut messages = Vec::with_capacity(found.len());
        for message in found {
            messages.extend(self.shown(person, message).await?);
        }
        let next = rest.map(|number| position::write(keys, Purpose::List, number)).transpose()?;
        Ok(Page { messages, next, position: position::write(keys, Purpose::Stream, newest)? })
    }

    /// The number of messages of a person that [`Inbox::list`] has on all pages.
    ///
    /// # Errors
    /// `Storage`.
    pub async fn count(&self, person: Digest, filter: &MessageFilter) -> Result<Count, Error> {
        let Walked { found, rest } = self.walk(person, filter, None, usize::MAX).await?;
        Ok(Count { count: found.len() as u64, is_complete: rest.is_none() })
    }

    /// Finds at most `size` messages that the filter shows, and one more to know whether there is a rest.
    async fn walk(
        &self,
        person: Digest,
        filter: &MessageFilter,
        mut before: Option<u64>,
        size: usize,
    ) -> Result<Walked, Error> {
        let now = self.parts.clock.now();
        let (mut found, mut examined): (Vec<Message>, usize) = (Vec::new(), 0);
        while examined < MAX_SCAN {
            let rows = self.parts.store.page(person, before, CHUNK).await?;
            let is_last = rows.len() < CHUNK as usize;
            examined += rows.len();
            for message in rows {
                let number = message.number;
                if self.shows(filter, &message, now) {
                    if found.len() == size {
                        return Ok(Walked { rest: before, found });
                    }
                    found.push(message);
                }
                before = Some(number);
            }
            if is_last {
                return Ok(Walked { found, rest: None });
            }
        }
        Ok(Walked { found, rest: before })
    }

    /// The rule of lists, counts and streams.
    pub(crate) fn shows(&self, filter: &MessageFilter, message: &Message, now: Timestamp) -> bool {
        let settings = &self.parts.settings;
        settings.kanalen.contains_key(&message.event.kanaal) && filter.shows(message, now, settings.undo)
    }
}
