//! Applies a plan to storage: kanalen first, then abonnementen, each as one command, so that an interruption leaves
//! complete resources and the next run applies the rest.
//!
//! No requests are sent to receivers here. A new abonnement, and one with another callback, starts without consent; the
//! gateway probes it when it starts, as the Notificaties API does.

use management::{
    Update,
    kanalen::{Filters, KanaalChange, KanaalRequest},
    subscriptions::{
        CredentialRequest, EndpointRequest, SubscriptionRequest,
        build::{Builder, Change, Identity, Receiver},
    },
};
use model::{
    Clock, KanaalName, Random, Sink, Subscription, SubscriptionId,
    consent::Validation,
    credential::{ClientAuthentication, Credential},
    decide::{Command, Rejection},
    subscription::{Format, Rendering, RetryPolicy},
};
use secrets::Secrets;
use storage::{Control, EventLog, control::SharedRegistry};

use super::{
    plan::{self, Change as Planned, Plan, Step},
    source::{Abonnement, Auth, Kanaal},
};

/// Why a plan could not be applied to its end, and at which resource that was.
#[derive(Debug, thiserror::Error)]
#[error("{resource}: {cause}")]
pub struct ApplyError {
    /// The kanaal or abonnement, in Dutch.
    resource: String,
    /// The reason.
    #[source]
    cause: Cause,
}

/// Why a resource could not be written.
#[derive(Debug, thiserror::Error)]
enum Cause {
    /// Storage rejected or did not confirm a command.
    #[error(transparent)]
    Storage(#[from] storage::Error),
    /// A secret cannot be sealed.
    #[error(transparent)]
    Secrets(#[from] secrets::Error),
    /// A kanaal or an abonnement breaks a rule.
    #[error(transparent)]
    Management(#[from] management::Error),
    /// A command conflicts with the present registry.
    #[error(transparent)]
    Rejected(#[from] Rejection),
}

/// The storage that a plan is applied to, and what applying needs.
pub struct ImportTarget<'a> {
    /// Takes the commands.
    pub control: &'a dyn Control,
    /// Gives the marks at which new abonnementen start reading.
    pub log: &'a dyn EventLog,
    /// Seals credentials.
    pub secrets: &'a Secrets,
    /// The time of changes.
    pub clock: &'a dyn Clock,
    /// Makes ids of kanalen that have none.
    pub random: &'a dyn Random,
    /// The `client_id` that owns created resources; empty: only administrators may change abonnementen.
    pub owner: &'a str,
    /// The origin of the gateway.
    pub origin: &'a str,
    /// Retries of abonnementen.
    pub retry: RetryPolicy,
}

impl ImportTarget<'_> {
    /// The credential of a present subscription in the form of an import; unknown when it has no such form.
    pub fn open_auth(&self, subscription: &Subscription) -> Auth {
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

    /// Applies the plan, without the resources that it refuses.
    pub async fn apply(&self, plan: &Plan) -> Result<(), ApplyError> {
        for step in &plan.kanalen {
            let named = |cause| ApplyError { resource: format!("kanaal {}", step.found.naam), cause };
            self.apply_kanaal(step).await.map_err(named)?;
        }
        for step in &plan.abonnementen {
            let named = |cause| ApplyError { resource: format!("abonnement {}", step.found.uuid), cause };
            self.apply_abonnement(step).await.map_err(named)?;
        }
        Ok(())
    }

    async fn apply_kanaal(&self, step: &Step<Kanaal>) -> Result<(), Cause> {
        let (found, Some(naam)) = (&step.found, KanaalName::new(&step.found.naam)) else { return Ok(()) };
        let command = match step.change {
            Planned::Create => {
                let owner = (!self.owner.is_empty()).then(|| self.owner.to_owned());
                let request = KanaalRequest {
                    documentatie_link: found.documentatie_link.clone(),
                    filters: Filters::Names(found.filters.clone()),
                    owner: Update::Set(owner),
                    ..KanaalRequest::default()
                };
                let id = found.uuid.unwrap_or_else(|| self.random.uuid());
                Command::CreateKanaal(request.over(model::Kanaal::new(id, naam, self.clock.now()))?)
            }
            Planned::Update(_) => {
                let registry = self.control.registry();
                let Some(present) = registry.read().kanaal(&found.naam).cloned() else { return Ok(()) };
                let documentatie_link = Some(found.documentatie_link.clone());
                let change = KanaalChange { documentatie_link, filters: Some(found.filters.clone()) };
                Command::ChangeKanaal(change.over(&present))
            }
            Planned::Same | Planned::Refused(_) => return Ok(()),
        };
        self.control.submit(&model::Actor::command_line(), command).await??;
        Ok(())
    }

    async fn apply_abonnement(&self, step: &Step<Abonnement>) -> Result<(), Cause> {
        let command = match step.change {
            Planned::Create => Command::CreateSubscription(Box::new(self.new_subscription(&step.found).await?)),
            Planned::Update(_) => {
                let registry = self.control.registry();
                let present = registry.read().subscription(SubscriptionId(step.found.uuid)).cloned();
                let Some(present) = present else { return Ok(()) };
                let to = Box::new(self.changed_subscription(&step.found, &present).await?);
                Command::ChangeSubscription { to, seen: present.changed }
            }
            Planned::Same | Planned::Refused(_) => return Ok(()),
        };
        self.control.submit(&model::Actor::command_line(), command).await??;
        Ok(())
    }

    async fn new_subscription(&self, found: &Abonnement) -> Result<Subscription, Cause> {
        let mut request = SubscriptionRequest::new(Sink::Webhook(found.callback_url.clone()), self.retry);
        request.selection = Some(plan::selection(found));
        request.format = format(found);
        request.validation = Validation::Probe;
        let identity = Identity { id: SubscriptionId(found.uuid), owner: self.owner.to_owned(), create_key: None };
        let credential = credential(&found.auth).seal(self.secrets)?;
        let registry = self.control.registry();
        Ok(self.builder(&registry).create(identity, request, credential, Receiver::Unasked).await?)
    }

    async fn changed_subscription(&self, found: &Abonnement, present: &Subscription) -> Result<Subscription, Cause> {
        let mut request = SubscriptionRequest::of(present);
        request.selection = Some(plan::selection(found));
        request.sink = Sink::Webhook(found.callback_url.clone());
        if (present.format != Format::Legacy) != found.send_cloudevents {
            request.format = format(found);
        }
        let is_other = found.auth != Auth::Unknown && self.open_auth(present) != found.auth;
        let credential = if is_other {
            credential(&found.auth).seal(self.secrets)?
        } else {
            CredentialRequest::kept(present, &request.sink)
        };
        let marks = present.start.clone();
        let change = Change { request, credential, receiver: Receiver::Unasked, activates: true, marks };
        let registry = self.control.registry();
        Ok(self.builder(&registry).change(present, change).await?)
    }

    fn builder<'a>(&'a self, registry: &'a SharedRegistry) -> Builder<'a> {
        Builder {
            log: self.log,
            registry,
            secrets: self.secrets,
            random: self.random,
            origin: self.origin,
            now: self.clock.now(),
        }
    }
}

fn credential(auth: &Auth) -> CredentialRequest {
    match auth {
        Auth::Unknown | Auth::None => CredentialRequest::None,
        Auth::Header(value) => CredentialRequest::Authorization(value.clone()),
        Auth::Zgw { client_id, secret } => {
            CredentialRequest::Zgw { client_id: client_id.clone(), secret: secret.clone() }
        }
        Auth::OAuth2 { token_url, client_id, secret, scope } => CredentialRequest::OAuth2 {
            endpoint: EndpointRequest {
                url: token_url.clone(),
                client_id: Some(client_id.clone()),
                secret: Some(secret.clone()),
                authentication: ClientAuthentication::Basic,
                tls: None,
            },
            scope: (!scope.is_empty()).then(|| scope.clone()),
            audience: None,
        },
    }
}

fn format(found: &Abonnement) -> Format {
    if found.send_cloudevents { Format::Structured(Rendering::On116) } else { Format::Legacy }
}
