//! Counts and deletes the dead letters that a query matches.

use model::Actor;
use storage::journal::{DeadLetterQuery, Page};

use crate::{Error, Management};

/// Most dead letters of one request.
const MAX_LETTERS: u64 = 10_000;

/// Most rows of one read; each row contains its record, so fewer are read when they are large.
const CHUNK: u32 = 128;

impl Management {
    /// How many dead letters match that the actor may delete or deliver again.
    pub async fn count_own_dead_letters(&self, actor: &Actor, query: DeadLetterQuery) -> Result<u64, Error> {
        self.count_dead_letters(&self.narrow_to_own(actor, query)?).await
    }

    /// Deletes the actor's dead letters that match, and returns their number.
    ///
    /// # Errors
    /// [`Error::TooBroad`] when more than 10,000 match; nothing is deleted then.
    pub async fn delete_dead_letters(&self, actor: &Actor, query: DeadLetterQuery) -> Result<u64, Error> {
        let queries = self.narrow_to_own(actor, query)?;
        let count = self.count_dead_letters(&queries).await?;
        if count > MAX_LETTERS {
            return Err(Error::TooBroad(format!(
                "{count} dead letters match; delete at most {MAX_LETTERS} at once by narrowing the filter."
            )));
        }
        let mut deleted = 0;
        for query in queries {
            // What a read returns is removed before the next read, so each one starts at the beginning.
            let mut limit = CHUNK;
            while deleted < MAX_LETTERS {
                let rows = match self.journal.dead_letters(query.clone(), Page { offset: 0, limit }).await {
                    Err(storage::Error::TooLarge { .. }) if limit > 1 => {
                        limit /= 2;
                        continue;
                    }
                    rows => rows?,
                };
                if rows.is_empty() {
                    break;
                }
                let removed = self.journal.remove_dead_letters(rows.iter().map(|row| row.id).collect()).await?;
                deleted += removed;
                if removed == 0 {
                    break;
                }
            }
        }
        Ok(deleted)
    }
}
