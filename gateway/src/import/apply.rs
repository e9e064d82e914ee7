//! Applying a plan to storage: kanalen first, then abonnementen, each as one command, so that an interruption leaves
//! whole things and the next run does the rest.
//!
//! Receivers are not asked here. A new abonnement, and one with another callback, begins without consent; the gateway
//! probes it when it starts, as the Notificaties API does.

use model::{
    Clock, KanaalName, Random, Subscription, SubscriptionId,
    consent::{Consent, Validation},
    credential::{ClientAuthentication, Credential, OAuth2Client, TokenClient, TokenEndpoint, ZgwClient},
    decide::{Command, Rejection},
    kanaal::Kanaal as Made,
    subscription::{Format, Order, Rendering, RetryPolicy, Status},
};
use storage::{Control, EventLog};

use super::{
    plan::{self, Change, Plan, Step},
    source::{Abonnement, Auth, Kanaal},
};
use crate::{
    api::v1::subscriptions::start::{self, Start},
    consent,
    secrets::{self, Secrets},
};

/// Why a plan could not be applied to its end.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// Storage cannot take it.
    #[error(transparent)]
    Storage(#[from] storage::Error),
    /// A secret cannot be sealed.
    #[error(transparent)]
    Secrets(#[from] secrets::Error),
    /// Control does not accept it.
    #[error(transparent)]
    Rejected(#[from] Rejection),
}

/// Where a plan is applied, and with what.
pub struct Place<'a> {
    /// Kanalen and subscriptions.
    pub control: &'a dyn Control,
    /// Tells where new abonnementen start reading.
    pub log: &'a dyn EventLog,
    /// Seals what authorises deliveries.
    pub secrets: &'a Secrets,
    /// Time.
    pub clock: &'a dyn Clock,
    /// Randomness.
    pub random: &'a dyn Random,
    /// The applicatie that what is made will belong to; empty: nobody but an administrator may change abonnementen.
    pub owner: &'a str,
    /// Retries of abonnementen.
    pub retry: RetryPolicy,
}

impl Place<'_> {
    /// What authorises a subscription that is here, as an import would give it; what has no such form is unknown.
    pub fn opened(&self, subscription: &Subscription) -> Auth {
        let open = |sealed| self.secrets.open(sealed).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let opened = match &subscription.credential {
            Credential::None => Some(Auth::None),
            Credential::Authorization(value) => open(value).map(Auth::Header),
            Credential::Zgw(client) => {
                open(&client.secret).map(|secret| Auth::Zgw { client_id: client.client_id.clone(), secret })
            }
            Credential::OAuth2(client) => client.endpoint.client.as_ref().and_then(|known| {
                Some(Auth::OAuth2 {
                    token_url: client.endpoint.url.clone(),
                    client_id: known.id.clone(),
                    secret: open(known.secret.as_ref()?)?,
                    scope: client.scope.clone().unwrap_or_default(),
                })
            }),
            Credential::QueryToken(_) | Credential::AccessToken(_) | Credential::RefreshToken(_) => None,
        };
        opened.unwrap_or(Auth::Unknown)
    }

    /// Does what the plan says; what it refuses is left out.
    pub async fn apply(&self, plan: &Plan) -> Result<(), ApplyError> {
        for step in &plan.kanalen {
            self.kanaal(step).await?;
        }
        for step in &plan.abonnementen {
            self.abonnement(step).await?;
        }
        Ok(())
    }

    async fn kanaal(&self, step: &Step<Kanaal>) -> Result<(), ApplyError> {
        let (found, Some(naam)) = (&step.found, KanaalName::new(&step.found.naam)) else { return Ok(()) };
        let filters = Made::filterkenmerken(found.filters.iter().cloned());
        let documentatie_link = found.documentatie_link.clone();
        let command = match step.change {
            Change::Create => Command::CreateKanaal(Made {
                documentatie_link,
                filters,
                owner: (!self.owner.is_empty()).then(|| self.owner.to_owned()),
                ..Made::new(found.uuid.unwrap_or_else(|| self.random.uuid()), naam, self.clock.now())
            }),
            Change::Update(_) => {
                let registry = self.control.registry();
                let Some(present) = registry.read().kanaal(&found.naam).cloned() else { return Ok(()) };
                Command::ChangeKanaal(Made { documentatie_link, filters, ..Made::clone(&present) })
            }
            Change::Same | Change::Refused(_) => return Ok(()),
        };
        self.control.submit(command).await??;
        Ok(())
    }

    async fn abonnement(&self, step: &Step<Abonnement>) -> Result<(), ApplyError> {
        let command = match step.change {
            Change::Create => Command::CreateSubscription(Box::new(self.made(&step.found).await?)),
            Change::Update(_) => {
                let registry = self.control.registry();
                let present = registry.read().subscription(SubscriptionId(step.found.uuid)).cloned();
                let Some(present) = present else { return Ok(()) };
                let to = Box::new(self.changed(&step.found, &present).await?);
                Command::ChangeSubscription { to, seen: present.changed }
            }
            Change::Same | Change::Refused(_) => return Ok(()),
        };
        self.control.submit(command).await??;
        Ok(())
    }

    async fn made(&self, found: &Abonnement) -> Result<Subscription, ApplyError> {
        let now = self.clock.now();
        let selection = plan::selection(found);
        Ok(Subscription {
            id: SubscriptionId(found.uuid),
            owner: self.owner.to_owned(),
            start: start::at(self.log, &self.control.registry(), &selection, Start::Now).await?,
            selection,
            sink: found.callback_url.clone(),
            credential: self.credential(&found.auth)?,
            tls: None,
            headers: Vec::new(),
            format: format(found),
            order: Order::None,
            retry: self.retry,
            max_in_flight: None,
            requested_rate: None,
            validation: Validation::Probe,
            consent: Consent::fresh(now),
            generation: 1,
            callback_secret: consent::new_secret(self.random, self.secrets)?,
            status: Status::Active,
            expires: None,
            approvals: Vec::new(),
            create_key: None,
            created: now,
            changed: now,
        })
    }

    async fn changed(&self, found: &Abonnement, present: &Subscription) -> Result<Subscription, ApplyError> {
        let now = self.clock.now();
        let mut next = present.clone();
        next.selection = plan::selection(found);
        let (registry, had) = (self.control.registry(), present.start.clone());
        next.start = start::widened(self.log, &registry, had, &present.selection, &next.selection).await?;
        if found.auth != Auth::Unknown && self.opened(present) != found.auth {
            next.credential = self.credential(&found.auth)?;
        }
        if (present.format != Format::Legacy) != found.send_cloudevents {
            next.format = format(found);
        }
        if present.sink != found.callback_url {
            next.sink.clone_from(&found.callback_url);
            next.consent = Consent::fresh(now);
            next.status = Status::Active;
            next.callback_secret = consent::new_secret(self.random, self.secrets)?;
        }
        next.changed = now;
        Ok(next)
    }

    fn credential(&self, auth: &Auth) -> Result<Credential, secrets::Error> {
        let seal = |text: &str| self.secrets.seal(text.as_bytes());
        Ok(match auth {
            Auth::Unknown | Auth::None => Credential::None,
            Auth::Header(value) => Credential::Authorization(seal(value)?),
            Auth::Zgw { client_id, secret } => {
                Credential::Zgw(ZgwClient { client_id: client_id.clone(), secret: seal(secret)? })
            }
            Auth::OAuth2 { token_url, client_id, secret, scope } => {
                let client = TokenClient {
                    id: client_id.clone(),
                    secret: Some(seal(secret)?),
                    authentication: ClientAuthentication::Basic,
                };
                Credential::OAuth2(Box::new(OAuth2Client {
                    endpoint: TokenEndpoint { url: token_url.clone(), client: Some(client), tls: None },
                    scope: (!scope.is_empty()).then(|| scope.clone()),
                    audience: None,
                }))
            }
        })
    }
}

fn format(found: &Abonnement) -> Format {
    if found.send_cloudevents { Format::Structured(Rendering::On116) } else { Format::Legacy }
}
