//! The light subscriptions of a client, in pages (CH-59). The owner is not indexed: a page is made of a walk, which ends after a
//! bounded number of rows, so it may have few rows or none although there are more.

use model::{
    Actor, KanaalName,
    addressee::{Channel, Digest, Owner, StateKind},
};
use storage::audience::{Chunk, Walk};

use crate::{Error, People, Shown, cursor::Cursor, read::Filters};

/// Rows that are read at once.
const STEP: u32 = 1_000;
/// Rows after which a page ends, whatever was found.
const MAX_READ: usize = 20_000;

/// Which are wanted.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Only those of this kanaal.
    pub kanaal: Option<String>,
    /// Only those in this state.
    pub state: Option<StateKind>,
    /// Only those of this client, for administrators.
    pub owner: Option<String>,
    /// Where the page begins: the `next` of the page before.
    pub cursor: Option<String>,
    /// The wanted number, 1 to 500. A page has more when an address has several subscriptions to a kanaal, and fewer when most
    /// rows belong to others.
    pub size: usize,
}

/// A page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// By kanaal, and in each in an order that stays.
    pub rows: Vec<Shown>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<String>,
}

impl People {
    /// Lists the confirmed and ended light subscriptions of a client, with the address masked; to administrators all, of every
    /// state (CH-52, CH-141).
    ///
    /// # Errors
    /// `Unknown` for a cursor that was not made here; `Storage`, `Keys`.
    pub async fn list(&self, actor: &Actor, wanted: &Wanted) -> Result<Listed, Error> {
        let cursor = match &wanted.cursor {
            Some(text) => Some(Cursor::read(text, &self.keys).ok_or(Error::Unknown)?),
            None => None,
        };
        let (mut rows, mut read, mut filters) = (Vec::new(), 0, Filters::default());
        let kanalen = self.kanalen(wanted, cursor.as_ref()).await?;
        for kanaal in kanalen {
            let mut after = cursor.as_ref().filter(|cursor| cursor.kanaal == kanaal).map(|cursor| cursor.after);
            loop {
                let Chunk { addressees, next, .. } = self.audience.walk(walk(wanted, &kanaal, after)).await?;
                // A chunk with fewer rows than it was asked for has ended at the bound of its own.
                read += if addressees.len() < STEP as usize { MAX_READ } else { addressees.len() };
                let mut last: Option<Digest> = None;
                for stored in addressees {
                    let addressee = stored.addressee;
                    if rows.len() >= wanted.size && last != Some(addressee.digest) {
                        let after = last.or(after).unwrap_or(Digest([0; 32]));
                        return self.ended_at(rows, &kanaal, after);
                    }
                    last = Some(addressee.digest);
                    let client = match &addressee.owner {
                        Some(Owner::Applicatie(client)) => Some(client.as_str()),
                        Some(Owner::Person { .. }) | None => None,
                    };
                    let is_asked_for = wanted.owner.as_deref().is_none_or(|owner| client == Some(owner));
                    if is_asked_for && Self::is_visible(actor, &addressee) {
                        rows.push(self.shown(addressee, &mut filters).await?);
                    }
                }
                match next {
                    Some(next) if read >= MAX_READ => return self.ended_at(rows, &kanaal, next),
                    Some(next) => after = Some(next),
                    None => break,
                }
            }
        }
        Ok(Listed { rows, next: None })
    }

    fn ended_at(&self, rows: Vec<Shown>, kanaal: &KanaalName, after: Digest) -> Result<Listed, Error> {
        let cursor = Cursor { kanaal: kanaal.clone(), after };
        Ok(Listed { rows, next: Some(cursor.write(&self.keys)?) })
    }

    /// The kanalen with light subscriptions, by name, from that of the cursor on.
    async fn kanalen(&self, wanted: &Wanted, cursor: Option<&Cursor>) -> Result<Vec<KanaalName>, Error> {
        let counts = self.audience.counts(None).await?.into_iter().filter(|count| count.channel == Channel::Email);
        let mut kanalen: Vec<KanaalName> = counts.map(|count| count.kanaal).collect();
        kanalen.sort();
        kanalen.dedup();
        kanalen.retain(|kanaal| {
            wanted.kanaal.as_deref().is_none_or(|own| kanaal.as_str() == own)
                && cursor.is_none_or(|cursor| *kanaal >= cursor.kanaal)
        });
        Ok(kanalen)
    }
}

/// The next rows of a kanaal.
fn walk(wanted: &Wanted, kanaal: &KanaalName, after: Option<Digest>) -> Walk {
    let (kanaal, channel, state) = (kanaal.clone(), Channel::Email, wanted.state);
    Walk { kanaal, channel, after, state, filters: None, limit: STEP }
}
