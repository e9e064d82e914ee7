//! The client of one relay: takes a connection, sends the mail, and sends it again on another connection where the relay cannot
//! have accepted it. It decides about no other repetition.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use egress::Egress;

use crate::class::Class;
use crate::envelope::Envelope;
use crate::message::Message;
use crate::outcome::{Outcome, Reason};
use crate::place::Place;
use crate::pool::Pool;
use crate::session::Session;
use crate::settings::{Settings, SettingsError};

/// Most connections that are used for one mail.
const MAX_CONNECTIONS: u32 = 3;

/// Sends mails to one relay. Created once and shared.
pub struct Client {
    egress: Arc<Egress>,
    settings: Settings,
    pool: Arc<Pool>,
    /// The relay refused the last credential.
    credential_refused: AtomicBool,
}

impl Client {
    /// A client of a relay. Opens no connection.
    ///
    /// # Errors
    /// When the settings cannot be used.
    pub fn new(egress: Arc<Egress>, settings: Settings) -> Result<Self, SettingsError> {
        settings.check()?;
        let pool = Pool::new(settings.connections.get(), settings.idle);
        Ok(Self { egress, settings, pool, credential_refused: AtomicBool::new(false) })
    }

    /// Sends a mail and returns how it ended. It waits until a connection is free; after that, every step is bounded in time.
    ///
    /// A mail whose connection was closed, or that was answered 421, is sent again immediately on a new connection, unless the relay
    /// may have accepted it; at most three connections are used (CH-26). A mail for which the relay takes no other connection (421 as
    /// its greeting) waits for one that is open.
    pub async fn send(&self, envelope: &Envelope, message: &Message) -> Outcome {
        let mut permit = self.pool.permit().await;
        let mut kept = self.pool.take();
        let mut left = MAX_CONNECTIONS;
        loop {
            let outcome = self.attempt(kept.take(), envelope, message).await;
            if outcome.is_connection_limit() && permit.take().is_some_and(|permit| self.pool.withdraw(permit)) {
                permit = self.pool.permit().await;
                kept = self.pool.take();
                continue;
            }
            left -= 1;
            if left == 0 || !outcome.may_repeat() {
                return outcome;
            }
        }
    }

    /// Ends the connections that are not in use. Later mails open new ones.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    async fn attempt(&self, kept: Option<Session>, envelope: &Envelope, message: &Message) -> Outcome {
        let mut session = match kept {
            Some(session) => session,
            None => match self.open().await {
                Ok(session) => session,
                Err(outcome) => return outcome,
            },
        };
        let outcome = session.send(envelope, message, &self.settings).await;
        self.pool.put(session);
        outcome
    }

    async fn open(&self) -> Result<Session, Outcome> {
        let renew = self.credential_refused.load(Ordering::Relaxed);
        let opened = Session::open(&self.egress, &self.settings, renew).await;
        match &opened {
            Ok(_) => self.credential_refused.store(false, Ordering::Relaxed),
            Err(Outcome { class: Class::Relay, reason: Reason::Reply { place: Place::Auth, code: 500..=599, .. } }) => {
                self.credential_refused.store(true, Ordering::Relaxed);
            }
            Err(_) => {}
        }
        opened
    }
}

#[cfg(test)]
mod tests;
