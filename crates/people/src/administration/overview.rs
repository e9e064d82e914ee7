//! The providers, what waits in the outbox, and the number of addressees (CH-129, CH-133). No address.

use model::{
    KanaalName, Timestamp,
    addressee::{Channel, StateKind},
    consent::Rate,
};

use super::{Administration, ProviderState};
use crate::Error;

/// What administrators see first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overview {
    /// The providers.
    pub providers: Vec<ProviderShown>,
    /// The messages to one person that wait.
    pub outbox: Outbox,
    /// The numbers of addressees, by kanaal and channel in this order.
    pub addressees: Vec<Addressees>,
}

/// A provider with its state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderShown {
    /// Its name.
    pub name: String,
    /// The channel.
    pub channel: Channel,
    /// The most messages a minute.
    pub rate: Rate,
    /// The most messages at a time.
    pub slots: usize,
    /// Its state.
    pub state: ProviderState,
}

/// What waits in the outbox: confirmations, notices and acknowledgements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outbox {
    /// Messages that wait, also for a later attempt.
    pub waiting: u64,
    /// When the oldest of them became due.
    pub oldest: Option<Timestamp>,
    /// Messages that were given up.
    pub given_up: u64,
}

/// The addressees of a kanaal and channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addressees {
    /// The kanaal.
    pub kanaal: KanaalName,
    /// The channel.
    pub channel: Channel,
    /// Those that have not confirmed.
    pub unconfirmed: u64,
    /// Those that get messages.
    pub confirmed: u64,
    /// Those that have ended.
    pub ended: u64,
}

impl Administration {
    /// Reads the overview. Its cost does not depend on the number of addressees.
    ///
    /// # Errors
    /// `Storage`.
    pub async fn overview(&self) -> Result<Overview, Error> {
        let provider = |own: &std::sync::Arc<dyn super::Provider>| ProviderShown {
            name: own.name().to_owned(),
            channel: own.channel(),
            rate: own.rate(),
            slots: own.slots(),
            state: own.state(),
        };
        let outbox = self.people.audience.outbox_counts().await?;
        let mut counts = self.people.audience.counts(None).await?;
        counts.sort_by(|one, other| (&one.kanaal, one.channel).cmp(&(&other.kanaal, other.channel)));
        let mut addressees: Vec<Addressees> = Vec::new();
        for count in counts {
            let is_same = |last: &Addressees| (&last.kanaal, last.channel) == (&count.kanaal, count.channel);
            if !addressees.last().is_some_and(is_same) {
                addressees.push(Addressees {
                    kanaal: count.kanaal.clone(),
                    channel: count.channel,
                    unconfirmed: 0,
                    confirmed: 0,
                    ended: 0,
                });
            }
            if let Some(last) = addressees.last_mut() {
                let number = match count.state {
                    StateKind::Unconfirmed => &mut last.unconfirmed,
                    StateKind::Confirmed => &mut last.confirmed,
                    StateKind::Ended => &mut last.ended,
                };
                *number += count.addressees;
            }
        }
        Ok(Overview {
            providers: self.providers.iter().map(provider).collect(),
            outbox: Outbox { waiting: outbox.waiting, oldest: outbox.oldest, given_up: outbox.given_up },
            addressees,
        })
    }
}
