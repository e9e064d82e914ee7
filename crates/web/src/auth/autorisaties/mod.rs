//! The rights of applicaties, requested from an Autorisaties API and cached for a bounded time. A notification of a change
//! invalidates the cache; while the API cannot be reached, cached rights are used for a bounded time longer.
//!
//! Only for clients whose token was verified, so the cache is bounded by the number of declared applicaties. It never
//! fetches a URL that a notification names.

mod abonnement;
mod query;

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use egress::Egress;
use model::{Clock, applicatie::Scope, clock::Instant};
use tokio::sync;

pub use abonnement::{Registration, RegistrationState};
pub use query::{LookupError, Rights};

use self::query::RightsQuery;
use super::peer::Peer;

/// The wait before the next request after a failed one.
const RETRY_INTERVAL: Duration = Duration::from_secs(5);

/// The Autorisaties API, and how long its responses are used.
#[derive(Clone)]
pub struct Settings {
    /// The root URL of the API, without a slash at its end.
    pub url: String,
    /// The `client_id` of the gateway at that API.
    pub client_id: String,
    /// The secret of that client.
    pub secret: Vec<u8>,
    /// The component whose autorisaties are used; others are ignored.
    pub component: String,
    /// The kanaal of notifications about changed applicaties.
    pub kanaal: String,
    /// How long rights are used before they are requested again.
    pub cache: Duration,
    /// How long the absence of an applicatie with a `client_id` is cached.
    pub negative: Duration,
    /// How much longer rights are used while the API cannot be reached.
    pub stale: Duration,
    /// Time limit of one request.
    pub timeout: Duration,
}

/// The cache of the rights of applicaties.
pub struct Autorisaties {
    settings: Settings,
    /// Our abonnement at another Notificaties API, if there is to be one.
    registration: Option<Registration>,
    /// Why that abonnement could not be created or renewed the last time.
    registration_error: Mutex<Option<String>>,
    egress: Arc<Egress>,
    clock: Arc<dyn Clock>,
    clients: Mutex<HashMap<String, Arc<Client>>>,
    /// The number of invalidations, to detect one that arrives during a request.
    notified: AtomicU64,
}

/// The cache entry of one client.
#[derive(Default)]
struct Client {
    cached: Mutex<CachedRights>,
    /// Held during a request, so that a client has at most one under way.
    request_lock: sync::Mutex<()>,
}

#[derive(Clone, Default)]
struct CachedRights {
    /// The last response, which may be that the applicatie does not exist.
    answer: Option<Answer>,
    /// When rights are requested again; `None` for immediately.
    due: Option<Instant>,
    /// Why the last request failed.
    lookup_error: Option<LookupError>,
}

/// The cached answer about a client, for operators.
#[derive(Debug, Clone)]
pub struct Cached {
    /// The scopes; `None` when there is no applicatie with this `client_id`, or no answer.
    pub scopes: Option<Vec<Scope>>,
    /// The age of the answer; `None` when there is no answer.
    pub age: Option<Duration>,
    /// Why the last request failed.
    pub error: Option<LookupError>,
}

#[derive(Clone)]
struct Answer {
    rights: Option<Rights>,
    /// When it was requested.
    asked: Instant,
    /// Until when it is used if requests fail.
    until: Instant,
}

impl Autorisaties {
    /// Sends no request yet. `registration` is our abonnement at another Notificaties API, if there is to be one.
    pub fn new(
        settings: Settings,
        registration: Option<Registration>,
        egress: Arc<Egress>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            settings,
            registration,
            registration_error: Mutex::default(),
            egress,
            clock,
            clients: Mutex::default(),
            notified: AtomicU64::new(0),
        }
    }

    /// Our abonnement at another Notificaties API, if there is to be one.
    pub fn registration(&self) -> Option<&Registration> {
        self.registration.as_ref()
    }

    /// Why that abonnement could not be created or renewed, if this node maintains it.
    pub fn registration_error(&self) -> Option<String> {
        self.registration_error.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Stores the result of maintaining that abonnement; `None` for success.
    pub fn set_registration_error(&self, reason: Option<String>) {
        *self.registration_error.lock().unwrap_or_else(PoisonError::into_inner) = reason;
    }

    /// Invalidates the rights of all clients, because notifications may have been missed.
    pub fn invalidate_all(&self) {
        self.notified.fetch_add(1, Ordering::AcqRel);
        let clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        for client in clients.values() {
            client.lock_cache().due = None;
        }
    }

    /// The scopes of a client; empty when there is no applicatie with its `client_id`.
    pub async fn scopes(&self, client_id: &str) -> Result<Vec<Scope>, LookupError> {
        let client = {
            let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(clients.entry(client_id.to_owned()).or_default())
        };
        if let Some(cached) = client.fresh_scopes(self.clock.instant()) {
            return cached;
        }
        let _guard = client.request_lock.lock().await;
        // The previous holder of the lock may have filled the cache.
        if let Some(cached) = client.fresh_scopes(self.clock.instant()) {
            return cached;
        }
        let (notified, asked) = (self.notified.load(Ordering::Acquire), self.clock.instant());
        let answer = self.ask(client_id).await;
        let mut cached = client.lock_cache();
        match answer {
            Ok(rights) => {
                let due = asked + if rights.is_some() { self.settings.cache } else { self.settings.negative };
                let until = due + self.settings.stale;
                // A notification that arrived meanwhile may be newer than this response.
                let due = (self.notified.load(Ordering::Acquire) == notified).then_some(due);
                *cached = CachedRights { answer: Some(Answer { rights, asked, until }), due, lookup_error: None };
            }
            Err(error) => {
                tracing::warn!(client_id, %error, "the rights of an applicatie were not refreshed");
                cached.due = Some(self.clock.instant() + RETRY_INTERVAL);
                cached.lookup_error = Some(error);
            }
        }
        cached.scopes(self.clock.instant())
    }

    /// Asks for the rights of a client now, whatever is cached. What came of it is in [`Self::cached`].
    pub async fn ask_again(&self, client_id: &str) {
        if let Some(client) = self.clients.lock().unwrap_or_else(PoisonError::into_inner).get(client_id) {
            client.lock_cache().due = None;
        }
        // A failure is cached, and shown from there.
        drop(self.scopes(client_id).await);
    }

    /// What is cached about a client; `None` when nothing was requested about it yet. Requests nothing.
    pub fn cached(&self, client_id: &str) -> Option<Cached> {
        let client = self.clients.lock().unwrap_or_else(PoisonError::into_inner).get(client_id).cloned()?;
        let CachedRights { answer, lookup_error: error, .. } = client.lock_cache().clone();
        let age = answer.as_ref().map(|answer| self.clock.instant().since(answer.asked));
        let scopes = answer.and_then(|answer| answer.rights).map(|rights| rights.scopes);
        (age.is_some() || error.is_some()).then_some(Cached { scopes, age, error })
    }

    /// Whether a notification on this kanaal is about autorisaties.
    pub fn is_kanaal(&self, kanaal: &str) -> bool {
        self.settings.kanaal == kanaal
    }

    /// Handles a notification of a change: removes the rights of a deleted applicatie and invalidates all others, since the
    /// `client_id`s of an applicatie may have changed as well.
    pub fn notify(&self, actie: &str, resource_url: &str) {
        self.invalidate_all();
        let clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        for client in clients.values() {
            let mut cached = client.lock_cache();
            let is_it = |answer: &Answer| answer.rights.as_ref().is_some_and(|rights| rights.url == resource_url);
            if actie == "destroy" && cached.answer.as_ref().is_some_and(is_it) {
                cached.answer = None;
            }
        }
    }

    async fn ask(&self, client_id: &str) -> Result<Option<Rights>, LookupError> {
        let query = RightsQuery {
            peer: Peer { root: &self.settings.url, client_id: &self.settings.client_id, secret: &self.settings.secret },
            client_id,
            component: &self.settings.component,
        };
        query.send(&self.egress, self.clock.now(), self.settings.timeout).await
    }
}

impl Client {
    fn lock_cache(&self) -> MutexGuard<'_, CachedRights> {
        self.cached.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The cached scopes; `None` when they must be requested.
    fn fresh_scopes(&self, now: Instant) -> Option<Result<Vec<Scope>, LookupError>> {
        let cached = self.lock_cache();
        cached.due.is_some_and(|due| now < due).then(|| cached.scopes(now))
    }
}

impl CachedRights {
    fn scopes(&self, now: Instant) -> Result<Vec<Scope>, LookupError> {
        match (&self.answer, &self.lookup_error) {
            (Some(answer), _) if now < answer.until => {
                Ok(answer.rights.as_ref().map(|rights| rights.scopes.clone()).unwrap_or_default())
            }
            (_, Some(error)) => Err(error.clone()),
            (_, None) => Err(LookupError::Unreachable("it was not asked".to_owned())),
        }
    }
}
