//! The driver of mailings: follows the logs of kanalen with addressees, makes a mailing of each event, and performs the effects of
//! its machine. It decides nothing: that is `delivery::mailing`.
//!
//! ```text
//! Audience::counts ----> a follower per kanaal with confirmed addressees
//! EventLog --events----> follower --start, with the mark behind them--> Mailings
//!                           |
//!                        a driver per mailing: Audience (walk, state, evidence), Mailings (checkpoints), Relay (messages)
//! ```
//!
//! # Bounds
//!
//! Per kanaal, [`Settings::walking`] mailings walk at a time and [`Settings::open`] are open; the others of these wait for retries
//! only. [`Settings::scheduled`] others wait for the moment of their event. What waits beyond that is on the log. The relay takes mails of each kanaal in turn, so a large kanaal delays no other.
//!
//! # A pause, and a trial
//!
//! While a kanaal is paused, or in a trial that an event is not of, mailings wait (CH-132): one that has not begun waits as one whose moment
//! is not there, and one that goes on gives its place to those that walk until it is released.
//!
//! # Sent again
//!
//! A mailing that sends an event again to those who failed (CH-94) is stored by `people::administration`. The follower of its kanaal
//! is woken, and starts it as one that was open before. Its walk goes over evidence instead of addressees.
//!
//! # Collected
//!
//! Who chose one mail a day or a week (CH-101) gets no mail by a mailing: it stores that its event waits for that mail (`collected`).
//!
//! # Messages that must be sent
//!
//! The texts of a kanaal may have a class whose messages must be sent (CH-21, CH-85). Their mailings walk over those who left as well,
//! wait for no mail with others, and have no way to unsubscribe. An event without the fields of a notification reaches nobody, and
//! each ends as a technical failure.
//!
//! # After a crash
//!
//! A mailing and the mark behind its event are one write, and so is each checkpoint. Every mailing that is open goes on from its
//! last checkpoint. One that was suspended goes on as well, because somebody started the gateway again. One of a channel that is not
//! configured any more stays open.
//!
//! # What is not here
//!
//! Several nodes: one process follows all partitions, on Kafka the owner of people. The inbox, which is a crate of its own.

mod bounce;
mod cancel;
mod collected;
mod disclosed;
mod filters;
mod first_mark;
mod follow;
mod letter;
pub mod metrics;
mod obligation;
mod preview;
mod resends;
mod run;
mod running;
mod schedule;
mod sending;
mod stops;
mod store;
mod templates;

use std::{collections::HashSet, sync::Arc, time::Duration};

use model::{
    Clock, KanaalName,
    addressee::{Channel, StateKind},
    inbox::InboxKanalen,
};
use people::{Keys, Links};
use people_filter::Dialects;
use storage::{Audience, EventLog, Mailings, audience::Count};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

pub use self::collected::Moments;
pub use self::obligation::{Field, Obligation, ObligationError, WmebvFields};
pub use self::resends::Resends;
pub use self::sending::Sendings;
pub use self::stops::Stops;
pub use self::templates::{Templates, TemplatesError, Texts};
use crate::Outlet;

/// What mailings work with.
pub struct MailingParts {
    /// The events.
    pub log: Arc<dyn EventLog>,
    /// The addressees.
    pub audience: Arc<dyn Audience>,
    /// The progress.
    pub mailings: Arc<dyn Mailings>,
    /// E-mail, if it is configured.
    pub email: Option<Outlet>,
    /// Text messages, if they are configured.
    pub sms: Option<Outlet>,
    /// Opens addresses.
    pub keys: Arc<Keys>,
    /// The links to leave.
    pub links: Links,
    /// The texts.
    pub templates: Templates,
    /// The kanalen with an inbox: an event there that is for one person is sent to no other.
    pub inbox: InboxKanalen,
    /// The dialects of filters.
    pub dialects: Dialects,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// What stops a mailing.
    pub stops: Stops,
    /// What wakes those that start resends.
    pub resends: Resends,
    /// When mails with collected events are sent.
    pub moments: Moments,
    /// Which kanalen wait.
    pub sendings: Sendings,
    /// The bounds.
    pub settings: Settings,
}

impl MailingParts {
    /// The channels that are configured.
    pub(crate) fn channels(&self) -> impl Iterator<Item = Channel> {
        [(Channel::Email, &self.email), (Channel::Sms, &self.sms)]
            .into_iter()
            .filter_map(|(channel, outlet)| outlet.as_ref().map(|_| channel))
    }

    /// Whether the messages of a kanaal have a class that must be sent.
    pub(crate) fn is_obligatory(&self, kanaal: &KanaalName) -> bool {
        self.templates.class(kanaal).is_obligatory()
    }

    /// Whether addressees of a kanaal in this state may get its messages: of those that ended, some.
    pub(crate) fn is_sent_to(&self, kanaal: &KanaalName, state: StateKind) -> bool {
        state == StateKind::Confirmed || (state == StateKind::Ended && self.is_obligatory(kanaal))
    }

    /// What a channel is sent through.
    pub(crate) fn outlet(&self, channel: Channel) -> Option<&Outlet> {
        match channel {
            Channel::Email => self.email.as_ref(),
            Channel::Sms => self.sms.as_ref(),
            Channel::Inbox => None,
        }
    }
}

/// The bounds of mailings.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Most mailings of a kanaal that walk over addressees, at least 1.
    pub walking: usize,
    /// Most mailings of a kanaal that are open, at least `walking`.
    pub open: usize,
    /// Most mailings of a kanaal that wait for the moment of their event.
    pub scheduled: usize,
    /// The time between two looks for kanalen that have addressees.
    pub look: Duration,
    /// The wait before storage is tried again.
    pub storage_retry: Duration,
    /// The bounds of one mailing.
    pub mailing: delivery::mailing::Settings,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            walking: 4,
            open: 1_000,
            scheduled: 1_000,
            look: Duration::from_secs(1),
            storage_retry: Duration::from_secs(1),
            mailing: delivery::mailing::Settings::default(),
        }
    }
}

/// Sends mails with collected events, and follows every kanaal that has confirmed addressees by a channel that is configured, or a mailing that is open, until it is to stop: then it sends
/// nothing more, waits for the replies to what is under way, and stores them. When it is dropped earlier, that is as in a crash.
pub async fn run(parts: Arc<MailingParts>, stop: CancellationToken) {
    let (mut followers, mut known) = (JoinSet::new(), HashSet::new());
    // Before anything is sent.
    tokio::select! {
        () = store::until_durable(&parts, || parts.sendings.refresh(parts.mailings.as_ref())) => {}
        () = stop.cancelled() => {}
    }
    followers.spawn(collected::run(Arc::clone(&parts), stop.clone()));
    while !stop.is_cancelled() {
        match kanalen(&parts).await {
            Ok(found) => {
                for kanaal in found {
                    if known.insert(kanaal.clone()) {
                        followers.spawn(follow::kanaal(Arc::clone(&parts), kanaal, stop.clone()));
                    }
                }
            }
            Err(error) => tracing::warn!(%error, "kanalen with addressees cannot be read; this is retried"),
        }
        tokio::select! {
            () = tokio::time::sleep(parts.settings.look) => {}
            () = stop.cancelled() => {}
        }
        if let Err(error) = parts.sendings.refresh(parts.mailings.as_ref()).await {
            tracing::warn!(%error, "which kanalen are paused cannot be read; this is retried");
        }
    }
    while followers.join_next().await.is_some() {}
}

async fn kanalen(parts: &MailingParts) -> Result<Vec<KanaalName>, storage::audience::Error> {
    let counts = parts.audience.counts(None).await?;
    let is_wanted = |one: &Count| parts.is_sent_to(&one.kanaal, one.state) && parts.outlet(one.channel).is_some();
    let wanted = counts.into_iter().filter(is_wanted);
    Ok(wanted.map(|one| one.kanaal).chain(parts.mailings.kanalen().await?).collect())
}
