//! What applicaties may do, as an Autorisaties API says: asked once, remembered for a bounded time, asked anew when a
//! notification says that something changed, and used a while longer when it cannot be asked.
//!
//! Only for clients whose token was verified, so the number remembered is that of declared applicaties. It never fetches
//! a URL that a notification names.

mod abonnement;
mod question;

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use egress::Egress;
use model::{Clock, Timestamp, applicatie::Scope};
use tokio::sync;

pub use abonnement::{Kept, Registration};
pub use question::{Rights, Unanswered};

use self::question::Question;
use super::outbound::Peer;
use crate::config;

/// How long after a question without answer it is put again.
const PAUSE: Duration = Duration::from_secs(5);

/// Why the Autorisaties API cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The file with our secret cannot be read.
    #[error("{key} {}: {source}", path.display())]
    SecretFile {
        /// The key that names it.
        key: &'static str,
        /// Which.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
}

/// What is known of the rights of applicaties.
pub struct Autorisaties {
    settings: config::Autorisaties,
    secret: Vec<u8>,
    /// Our abonnement at another Notificaties API, if there is to be one.
    registration: Option<Registration>,
    /// What is wrong with it.
    trouble: Mutex<Option<String>>,
    egress: Arc<Egress>,
    clock: Arc<dyn Clock>,
    clients: Mutex<HashMap<String, Arc<Client>>>,
    /// How many notifications came.
    notified: AtomicU64,
}

/// What is known of one client.
#[derive(Default)]
struct Client {
    known: Mutex<Known>,
    /// Held by whoever asks.
    turn: sync::Mutex<()>,
}

#[derive(Clone, Default)]
struct Known {
    /// The last answer; there may be no such applicatie.
    answer: Option<Answer>,
    /// From when on it is asked again; `None` for at once.
    due: Option<Timestamp>,
    /// Why it could not be asked the last time.
    unanswered: Option<Unanswered>,
}

#[derive(Clone)]
struct Answer {
    rights: Option<Rights>,
    /// Until when it is used when there is no newer one.
    until: Timestamp,
}

impl Autorisaties {
    /// Reads the secrets; asks nothing yet. `callback_url` is where another Notificaties API reaches us, unless the settings
    /// say otherwise.
    pub fn new(
        settings: &config::Autorisaties,
        callback_url: String,
        egress: Arc<Egress>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, StartError> {
        let secret =
            read_secret("auth.autorisaties.secret_file", settings.secret.as_deref(), settings.secret_file.as_deref())?;
        let root = |url: &str| url.trim_end_matches('/').to_owned();
        let registration = match &settings.abonnement {
            None => None,
            Some(own) => Some(Registration {
                root: root(&own.url),
                client_id: own.client_id.clone(),
                secret: read_secret(
                    "auth.autorisaties.abonnement.secret_file",
                    own.secret.as_deref(),
                    own.secret_file.as_deref(),
                )?,
                callback_url: own.callback_url.clone().unwrap_or(callback_url),
                kanaal: settings.kanaal.clone(),
                timeout: Duration::from_secs(own.timeout_seconds.into()),
            }),
        };
        Ok(Self {
            settings: config::Autorisaties { url: root(&settings.url), ..settings.clone() },
            secret,
            registration,
            trouble: Mutex::default(),
            egress,
            clock,
            clients: Mutex::default(),
            notified: AtomicU64::new(0),
        })
    }

    /// Our abonnement at another Notificaties API, if there is to be one.
    pub fn registration(&self) -> Option<&Registration> {
        self.registration.as_ref()
    }

    /// What is wrong with that abonnement, as far as this node looks after it.
    pub fn trouble(&self) -> Option<String> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notes what is wrong with it.
    pub fn set_trouble(&self, reason: Option<String>) {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = reason;
    }

    /// Something may have changed unheard: everybody's rights are asked anew.
    pub fn ask_anew(&self) {
        self.notified.fetch_add(1, Ordering::AcqRel);
        let clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        for client in clients.values() {
            client.known().due = None;
        }
    }

    /// The scopes of a client; empty when there is no applicatie with its `client_id`.
    pub async fn scopes(&self, client_id: &str) -> Result<Vec<Scope>, Unanswered> {
        let client = {
            let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(clients.entry(client_id.to_owned()).or_default())
        };
        if let Some(known) = client.usable(self.clock.now()) {
            return known;
        }
        let _turn = client.turn.lock().await;
        // Whoever held the turn before may have asked.
        if let Some(known) = client.usable(self.clock.now()) {
            return known;
        }
        let (notified, asked) = (self.notified.load(Ordering::Acquire), self.clock.now());
        let answer = self.ask(client_id, asked).await;
        let mut known = client.known();
        match answer {
            Ok(rights) => {
                let lifetime =
                    if rights.is_some() { self.settings.cache_seconds } else { self.settings.negative_seconds };
                let due = asked + Duration::from_secs(lifetime.into());
                let until = due + Duration::from_secs(self.settings.stale_seconds.into());
                // A notification that came meanwhile may tell of something newer than this answer.
                let due = (self.notified.load(Ordering::Acquire) == notified).then_some(due);
                *known = Known { answer: Some(Answer { rights, until }), due, unanswered: None };
            }
            Err(error) => {
                tracing::warn!(client_id, %error, "what an applicatie may do is not known anew");
                known.due = Some(self.clock.now() + PAUSE);
                known.unanswered = Some(error);
            }
        }
        known.scopes(self.clock.now())
    }

    /// Whether a notification on this kanaal is about autorisaties.
    pub fn hears(&self, kanaal: &str) -> bool {
        self.settings.kanaal == kanaal
    }

    /// Something changed: an applicatie that is gone may do nothing any more, everybody else is asked anew, since the
    /// `client_id`s of an applicatie may have changed along.
    pub fn notify(&self, actie: &str, resource_url: &str) {
        self.ask_anew();
        let clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        for client in clients.values() {
            let mut known = client.known();
            let is_it = |answer: &Answer| answer.rights.as_ref().is_some_and(|rights| rights.url == resource_url);
            if actie == "destroy" && known.answer.as_ref().is_some_and(is_it) {
                known.answer = None;
            }
        }
    }

    async fn ask(&self, client_id: &str, now: Timestamp) -> Result<Option<Rights>, Unanswered> {
        let question = Question {
            peer: Peer { root: &self.settings.url, client_id: &self.settings.client_id, secret: &self.secret },
            client_id,
            component: &self.settings.component,
        };
        question.ask(&self.egress, now, Duration::from_secs(self.settings.timeout_seconds.into())).await
    }
}

fn read_secret(key: &'static str, secret: Option<&str>, file: Option<&Path>) -> Result<Vec<u8>, StartError> {
    let Some(path) = file else { return Ok(secret.unwrap_or_default().as_bytes().to_vec()) };
    let failed = |source| StartError::SecretFile { key, path: path.to_owned(), source };
    let text = std::fs::read_to_string(path).map_err(failed)?;
    let secret = text.trim_end();
    if secret.is_empty() {
        return Err(failed(std::io::Error::other("it holds no secret")));
    }
    Ok(secret.as_bytes().to_vec())
}

impl Client {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known, unless it is to be asked.
    fn usable(&self, now: Timestamp) -> Option<Result<Vec<Scope>, Unanswered>> {
        let known = self.known();
        known.due.is_some_and(|due| now < due).then(|| known.scopes(now))
    }
}

impl Known {
    fn scopes(&self, now: Timestamp) -> Result<Vec<Scope>, Unanswered> {
        match (&self.answer, &self.unanswered) {
            (Some(answer), _) if now < answer.until => {
                Ok(answer.rights.as_ref().map(|rights| rights.scopes.clone()).unwrap_or_default())
            }
            (_, Some(unanswered)) => Err(unanswered.clone()),
            (_, None) => Err(Unanswered::Unreachable("it was not asked".to_owned())),
        }
    }
}
