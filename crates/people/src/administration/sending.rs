//! Pausing what a kanaal sends to people, resuming it, and trying it on a test list (CH-132). Messages that a person asked for (codes,
//! links, acknowledgements) and the inbox go on.

use std::collections::BTreeSet;

use model::{
    KanaalName, Timestamp,
    addressee::{Channel, Digest},
    mailing::{MAX_TRIAL_ADDRESSES, Sending, SendingChange, SendingState},
};

use super::Administration;
use crate::{Error, parse_address};

/// How a kanaal sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KanaalSending {
    /// The kanaal.
    pub kanaal: KanaalName,
    /// To whom.
    pub state: SendingState,
    /// Since when; `None` when it was never changed.
    pub since: Option<Timestamp>,
    /// The number of addresses of the trial that goes on.
    pub addresses: Option<usize>,
}

impl KanaalSending {
    fn new(kanaal: &KanaalName, sending: &Sending) -> Self {
        let since = Some(sending.since).filter(|since| *since != Timestamp::default());
        Self { kanaal: kanaal.clone(), state: sending.state, since, addresses: sending.addresses() }
    }
}

/// What is wrong with a test list. No variant has a part of an address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrialFault {
    /// It has no address.
    #[error("must have at least one address")]
    Empty,
    /// It has more than [`MAX_TRIAL_ADDRESSES`].
    #[error("must have at most {MAX_TRIAL_ADDRESSES} addresses")]
    TooMany,
    /// One of them is neither an e-mail address nor a telephone number.
    #[error("address {number} is neither an e-mail address nor a mobile number")]
    Wrong {
        /// Which one, from 1.
        number: usize,
    },
}

impl Administration {
    /// The digests of a test list of e-mail addresses and telephone numbers.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn trial_list<'a>(&self, typed: impl IntoIterator<Item = &'a str>) -> Result<BTreeSet<Digest>, TrialFault> {
        let mut list = BTreeSet::new();
        for (number, text) in (1..).zip(typed) {
            if number > MAX_TRIAL_ADDRESSES {
                return Err(TrialFault::TooMany);
            }
            let channel = if text.contains('@') { Channel::Email } else { Channel::Sms };
            let address = parse_address(text, channel).map_err(|_| TrialFault::Wrong { number })?;
            list.insert(self.people.keys.digest_of_address(&address));
        }
        if list.is_empty() { Err(TrialFault::Empty) } else { Ok(list) }
    }

    /// How a kanaal sends.
    ///
    /// # Errors
    /// `Storage`.
    pub async fn sending(&self, kanaal: &KanaalName) -> Result<KanaalSending, Error> {
        Ok(KanaalSending::new(kanaal, &self.mailings.sending(kanaal).await?))
    }

    /// Changes how a kanaal sends. When it returns, that is durable, and what waits by it is not started any more; messages that are
    /// under way are not called back.
    ///
    /// # Errors
    /// `Storage`.
    pub async fn change_sending(&self, kanaal: &KanaalName, change: SendingChange) -> Result<KanaalSending, Error> {
        let changed = self.mailings.change_sending(kanaal, change, self.people.clock.now()).await?;
        if let Some(running) = &self.running {
            running.sending_changed().await;
        }
        Ok(KanaalSending::new(kanaal, &changed))
    }
}
