//! The driver of a provider that is described by configuration: one request a message, and what its answer means.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime},
};

use egress::{Egress, Limits, Owner, Request, Response, SendError};
use model::Clock;

use crate::{answer::Answer, outcome::Outcome, provider::HttpProvider, secret::Secret, text::TextMessage};

/// The most bytes of an answer that are read.
const MAX_ANSWER: usize = 16 * 1024;

/// How long a client waits.
#[derive(Debug, Clone, Copy)]
pub struct ClientSettings {
    /// The time for a request, connecting included. A provider that is slower leaves messages in doubt.
    pub timeout: Duration,
}

impl Default for ClientSettings {
    /// 30 seconds.
    fn default() -> Self {
        Self { timeout: Duration::from_secs(30) }
    }
}

/// Sends messages to one provider. Created once and shared.
pub struct Client {
    sender: Sender,
    provider: HttpProvider,
}

/// Sends requests, each once.
pub(crate) struct Sender {
    pub egress: Arc<Egress>,
    pub clock: Arc<dyn Clock>,
    pub settings: ClientSettings,
}

impl Client {
    /// A client of a provider. Opens no connection.
    pub fn new(egress: Arc<Egress>, provider: HttpProvider, clock: Arc<dyn Clock>, settings: ClientSettings) -> Self {
        Self { sender: Sender { egress, clock, settings }, provider }
    }

    /// Sends a message and returns how it ended, within a bounded time. It is never sent a second time here (CH-36).
    pub async fn send(&self, message: &TextMessage, secret: &Secret) -> Outcome {
        let request = match self.provider.request(message, secret) {
            Ok(request) => request,
            Err(error) => return Outcome::no_credential(error.to_string()),
        };
        match self.sender.send(request).await {
            Ok((response, retry_after)) => self.provider.rules.outcome(answer(&response, retry_after)),
            Err(error) => Outcome::no_answer(&error),
        }
    }
}

impl Sender {
    /// Sends a request once, with the TLS profile of its destination. Returns the answer and how long it asks to wait.
    pub async fn send(&self, mut request: Request) -> Result<(Response, Option<Duration>), SendError> {
        request.tls = self.egress.profile_for(&request.url, Owner::Gateway);
        let timeout = self.settings.timeout;
        let limits = Limits { total: timeout, idle: timeout, keep: MAX_ANSWER, drain: MAX_ANSWER };
        let response = self.egress.send_once(request, limits).await?;
        let micros = u64::try_from(self.clock.now().as_micros()).unwrap_or_default();
        let now = SystemTime::UNIX_EPOCH + Duration::from_micros(micros);
        let retry_after = egress::retry_after(&response.headers, now);
        Ok((response, retry_after))
    }
}

/// What is read of a response.
pub(crate) fn answer(response: &Response, retry_after: Option<Duration>) -> Answer<'_> {
    Answer { status: response.status.as_u16(), body: &response.body, is_complete: !response.truncated, retry_after }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Client(…)")
    }
}
