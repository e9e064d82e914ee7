//! Access to one provider, shared by the outbox and all mailings: each takes a turn before it sends a message. It does not retry, and
//! holds no address.

mod turns;

use std::{
    num::NonZeroUsize,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use delivery::mailing::Reply;
use model::{Clock, Timestamp, addressee::Channel, clock::Instant, consent::Rate};
use tokio::sync::oneshot;

use self::turns::{Next, Turns};
use crate::{Message, Provider, Sent};

pub use self::turns::Priority;

/// The number of mails by `class` of the reply.
pub const MAILS: &str = "gateway_people_mails_total";
/// The number of text messages by `class` of the answer.
pub const TEXTS: &str = "gateway_people_text_messages_total";

/// How a provider is used.
#[derive(Debug, Clone, Copy)]
pub struct RelaySettings {
    /// Most messages at a time: the number of connections of the client.
    pub slots: NonZeroUsize,
    /// The rate over all messages.
    pub rate: Rate,
}

/// What the last messages showed of the provider (CH-133).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum RelayState {
    /// Nothing was sent since the start.
    #[default]
    Unknown,
    /// It answers.
    Working,
    /// It fails, or the way to it.
    Failing {
        /// Since when.
        since: Timestamp,
        /// The reason, without an address or a text of the provider (I10).
        reason: String,
    },
}

/// The way to a provider.
pub struct Relay {
    provider: Arc<dyn Provider>,
    clock: Arc<dyn Clock>,
    slots: NonZeroUsize,
    turns: Mutex<Turns<oneshot::Sender<Turn>>>,
    /// The moment for which a timer is set.
    timer: Mutex<Option<Instant>>,
    state: Mutex<RelayState>,
}

/// The right to send one message now. Another one may send when it is dropped.
pub struct Turn {
    relay: Arc<Relay>,
    is_counted: bool,
}

impl Relay {
    /// The way to a provider. The rate is that of this process (CH-27).
    pub fn new(provider: Arc<dyn Provider>, settings: RelaySettings, clock: Arc<dyn Clock>) -> Arc<Self> {
        let RelaySettings { slots, rate } = settings;
        Arc::new(Self {
            provider,
            clock,
            slots,
            turns: Mutex::new(Turns::new(slots.get(), rate)),
            timer: Mutex::default(),
            state: Mutex::default(),
        })
    }

    /// Most messages at a time.
    pub fn slots(&self) -> usize {
        self.slots.get()
    }

    /// What the last messages showed.
    pub fn state(&self) -> RelayState {
        lock(&self.state).clone()
    }

    /// Waits for a turn. Take it before the state of the addressee is read, so that nothing lies between reading and sending
    /// (CH-64). Dropping the future gives the place up.
    pub async fn turn(self: &Arc<Self>, priority: Priority) -> Turn {
        let (sender, receiver) = oneshot::channel();
        lock(&self.turns).add(priority, sender);
        self.grant();
        match receiver.await {
            Ok(turn) => turn,
            // Senders are dropped only with the relay, which `self` holds.
            Err(_) => Turn { relay: Arc::clone(self), is_counted: false },
        }
    }

    /// Waits for a turn and sends a message.
    pub async fn send(self: &Arc<Self>, priority: Priority, message: &Message) -> Sent {
        self.turn(priority).await.send(message).await
    }

    /// Gives turns to those who wait, as far as slots and rate allow.
    fn grant(self: &Arc<Self>) {
        loop {
            let now = self.clock.instant();
            let next = lock(&self.turns).next(now);
            match next {
                Next::Turn(waiter) => {
                    let turn = Turn { relay: Arc::clone(self), is_counted: true };
                    if let Err(mut turn) = waiter.send(turn) {
                        // It does not wait any more.
                        turn.is_counted = false;
                        lock(&self.turns).end();
                    }
                }
                Next::At(at) => {
                    self.set_timer(at, now);
                    return;
                }
                Next::Nobody => return,
            }
        }
    }

    fn set_timer(self: &Arc<Self>, at: Instant, now: Instant) {
        let mut timer = lock(&self.timer);
        if timer.is_some_and(|set| set <= at && set > now) {
            return;
        }
        *timer = Some(at);
        drop(timer);
        let relay = Arc::clone(self);
        tokio::spawn(async move {
            tokio::time::sleep(at.since(now)).await;
            lock(&relay.timer).take_if(|set| *set == at);
            relay.grant();
        });
    }

    fn note(&self, sent: &Sent) {
        let channel = self.provider.channel();
        let name = if channel == Channel::Sms { TEXTS } else { MAILS };
        metrics::counter!(name, "class" => sent.label).increment(1);
        let mut state = lock(&self.state);
        let failing = matches!(sent.reply, Reply::ProviderFailed { .. });
        match (&mut *state, failing) {
            (RelayState::Failing { reason, .. }, true) => reason.clone_from(&sent.reason),
            (_, true) => {
                let reason = sent.reason.clone();
                tracing::warn!(channel = channel.label(), reason, "the provider of messages to people fails");
                *state = RelayState::Failing { since: self.clock.now(), reason };
            }
            // It does not show that the provider works.
            (_, false) if sent.reply == Reply::Unknown => {}
            (RelayState::Failing { .. }, false) => {
                tracing::info!(channel = channel.label(), "the provider of messages to people works again");
                *state = RelayState::Working;
            }
            (_, false) => *state = RelayState::Working,
        }
    }
}

impl Turn {
    /// Sends a message and ends the turn.
    pub async fn send(self, message: &Message) -> Sent {
        let sent = self.relay.provider.send(message).await;
        self.relay.note(&sent);
        sent
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if self.is_counted {
            lock(&self.relay.turns).end();
            self.relay.grant();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
