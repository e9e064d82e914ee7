//! The state of an Open Notificaties that can be imported. Plain data, independent of where it was read.

use std::fmt;

use uuid::Uuid;

/// The kanalen, abonnementen and configuration of an Open Notificaties.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Source {
    /// Kanalen, by name.
    pub kanalen: Vec<Kanaal>,
    /// Abonnementen, by UUID.
    pub abonnementen: Vec<Abonnement>,
    /// Clients and their secrets.
    pub clients: Vec<Client>,
    /// The numbers of its retries.
    pub retry: Option<Retry>,
    /// The Autorisaties API that knows the rights of clients.
    pub autorisaties: Option<Service>,
    /// Its own abonnement on the changes of that API, at another Notificaties API.
    pub abonnement: Option<Registration>,
    /// Domain names it answers to.
    pub domains: Vec<String>,
    /// What cannot be imported, and why, in Dutch.
    pub notes: Vec<String>,
}

/// A kanaal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kanaal {
    /// Its UUID; known from the API only.
    pub uuid: Option<Uuid>,
    /// Its name.
    pub naam: String,
    /// Where it is explained; may be empty.
    pub documentatie_link: String,
    /// The kenmerken it declares.
    pub filters: Vec<String>,
}

/// An abonnement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Abonnement {
    /// Its UUID, which it keeps.
    pub uuid: Uuid,
    /// Where notifications go.
    pub callback_url: String,
    /// How it is authorised there.
    pub auth: Auth,
    /// Whether it gets CloudEvents.
    pub send_cloudevents: bool,
    /// Name of a kanaal, and the values its kenmerken must have.
    pub kanalen: Vec<(String, Pairs)>,
    /// Part of a type, and the values that members of `data` must have.
    pub cloudevent_filters: Vec<(String, Pairs)>,
}

/// Names and values, in their order.
pub type Pairs = Vec<(String, String)>;

/// How deliveries of an abonnement are authorised.
#[derive(Clone, PartialEq, Eq)]
pub enum Auth {
    /// The API does not return it.
    Unknown,
    /// Without `Authorization`.
    None,
    /// With this value of `Authorization`.
    Header(String),
    /// With a ZGW token made for each delivery.
    Zgw {
        /// Claim `client_id`.
        client_id: String,
        /// What signs it.
        secret: String,
    },
    /// With a token of an OAuth 2.0 server (client credentials).
    OAuth2 {
        /// Where tokens are asked for.
        token_url: String,
        /// Our name there.
        client_id: String,
        /// Our secret there.
        secret: String,
        /// What is asked for; may be empty.
        scope: String,
    },
}

/// A client.
#[derive(Clone, PartialEq, Eq)]
pub struct Client {
    /// Its `client_id`.
    pub client_id: String,
    /// What its tokens are signed with.
    pub secret: String,
}

/// Another API that is asked with ZGW tokens of our own.
#[derive(Clone, PartialEq, Eq)]
pub struct Service {
    /// Its root.
    pub url: String,
    /// Our `client_id` there.
    pub client_id: String,
    /// Our secret there.
    pub secret: String,
}

/// An abonnement of its own at another Notificaties API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// That API, and the identity of Open Notificaties there.
    pub service: Service,
    /// Where that API reaches it.
    pub callback_url: String,
}

/// Retries of deliveries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// Retries after the first attempt.
    pub max_retries: u32,
    /// Multiplies every wait, in seconds.
    pub factor: u32,
    /// The longest wait, in seconds.
    pub cap_seconds: u32,
    /// Raised to the number of retries made.
    pub base: u32,
}

impl Default for Retry {
    /// The defaults that Open Notificaties documents, and that its set-up writes: 24 hours in all.
    fn default() -> Self {
        Self { max_retries: 7, factor: 25, cap_seconds: 52_000, base: 4 }
    }
}

impl Source {
    /// Merges another source into this one. `other` wins where both name the same resource, but an unknown authorisation
    /// never replaces a known one.
    #[must_use]
    pub fn with(mut self, other: Self) -> Self {
        for kanaal in other.kanalen {
            match self.kanalen.iter_mut().find(|present| present.naam == kanaal.naam) {
                Some(present) => *present = Kanaal { uuid: kanaal.uuid.or(present.uuid), ..kanaal },
                None => self.kanalen.push(kanaal),
            }
        }
        for abonnement in other.abonnementen {
            match self.abonnementen.iter_mut().find(|present| present.uuid == abonnement.uuid) {
                Some(present) if abonnement.auth == Auth::Unknown => {
                    *present = Abonnement { auth: present.auth.clone(), ..abonnement };
                }
                Some(present) => *present = abonnement,
                None => self.abonnementen.push(abonnement),
            }
        }
        self.clients.extend(other.clients);
        self.retry = other.retry.or(self.retry);
        self.autorisaties = other.autorisaties.or(self.autorisaties);
        self.abonnement = other.abonnement.or(self.abonnement);
        self.domains.extend(other.domains);
        self.notes.extend(other.notes);
        self
    }
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown => "Unknown",
            Self::None => "None",
            Self::Header(_) => "Header",
            Self::Zgw { .. } => "Zgw",
            Self::OAuth2 { .. } => "OAuth2",
        })
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("client_id", &self.client_id).finish_non_exhaustive()
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service").field("url", &self.url).finish_non_exhaustive()
    }
}
