//! Makes the subscriptions that configuration declares, and brings in line those that are there. What its sink agreed to
//! and how far it got stays, unless the sink or the way to ask it changed. A subscription that is no longer declared is
//! left alone, as kanalen are: it may hold what was not delivered yet, and who wants it gone deletes it over the API.
//!
//! Several nodes may do it at once: what another one did meanwhile is looked at again.

mod read;

use model::{
    Subscription,
    credential::{Credential, TokenEndpoint},
    decide::{Command, Rejection},
    sealed::Sealed,
};

pub use self::read::{Declared, id_of, subscriptions};
use super::declare::{AGAIN, TRIES};
use crate::{
    api::v1::subscriptions::{
        change, create,
        credential::{CredentialInput, EndpointInput},
    },
    app::App,
    problem::Problem,
    secrets::Secrets,
};

/// Why a declared subscription cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("subscription {name:?}: {why}")]
pub struct SubscriptionError {
    /// What the administrator calls it.
    pub name: String,
    /// Why not; no secret.
    pub why: String,
}

/// How one attempt went.
enum Attempt {
    Done,
    /// Somebody changed the same at this moment.
    Raced(Rejection),
    /// It cannot be recorded now.
    Waits(Problem),
    Failed(String),
}

/// Applies all of them.
pub async fn apply(app: &App, declared: Vec<Declared>) -> Result<(), SubscriptionError> {
    for one in declared {
        let mut tries = 0;
        loop {
            let why = match attempt(app, &one).await {
                Attempt::Done => break,
                Attempt::Failed(why) => why,
                Attempt::Raced(rejection) if tries < TRIES => match app.control.catch_up().await {
                    Ok(()) => {
                        tries += 1;
                        continue;
                    }
                    Err(error) => format!("{rejection}; {error}"),
                },
                Attempt::Waits(problem) if tries < TRIES => {
                    tracing::warn!(subscription = %one.id, reason = problem.detail, "a declared subscription waits");
                    tokio::time::sleep(AGAIN).await;
                    tries += 1;
                    continue;
                }
                Attempt::Raced(rejection) => rejection.to_string(),
                Attempt::Waits(problem) => problem.detail.clone(),
            };
            return Err(SubscriptionError { name: one.name, why });
        }
    }
    Ok(())
}

async fn attempt(app: &App, declared: &Declared) -> Attempt {
    let present = app.registry.read().subscription(declared.id).cloned();
    let command = match &present {
        None => made(app, declared).await,
        Some(present) => changed(app, declared, present).await,
    };
    let command = match command {
        Ok(Some(command)) => command,
        Ok(None) => return Attempt::Done,
        Err(problem) if problem.status == http::StatusCode::SERVICE_UNAVAILABLE => return Attempt::Waits(problem),
        Err(problem) => return Attempt::Failed(problem.detail.clone()),
    };
    match app.control.submit(command).await {
        Ok(Ok(_)) => {
            let what = if present.is_some() { "brought in line" } else { "made" };
            tracing::info!(subscription = %declared.id, name = declared.name, "a declared subscription was {what}");
            Attempt::Done
        }
        Ok(Err(rejection @ (Rejection::Conflict(_) | Rejection::SubscriptionExists(_)))) => Attempt::Raced(rejection),
        Ok(Err(rejection)) => Attempt::Failed(rejection.to_string()),
        Err(error) => Attempt::Waits(error.into()),
    }
}

async fn made(app: &App, declared: &Declared) -> Result<Option<Command>, Problem> {
    if declared.wanted.expires.is_some_and(|expires| expires <= app.clock.now()) {
        tracing::info!(subscription = %declared.id, name = declared.name, "a declared subscription has expired: not made");
        return Ok(None);
    }
    let (wanted, selection) = (declared.wanted.clone(), declared.selection.clone());
    let mut made = create::new(app, declared.id, declared.owner.clone(), wanted, selection).await?;
    made.credential = declared.credential.seal(&app.secrets)?;
    Ok(Some(Command::CreateSubscription(Box::new(made))))
}

async fn changed(app: &App, declared: &Declared, present: &Subscription) -> Result<Option<Command>, Problem> {
    let same_credential = holds(&app.secrets, &present.credential, &declared.credential);
    if same_credential && is_in_line(declared, present) {
        return Ok(None);
    }
    let mut to = change::replaced(app, present, declared.wanted.clone(), declared.selection.clone()).await?;
    to.owner.clone_from(&declared.owner);
    if !same_credential {
        to.credential = declared.credential.seal(&app.secrets)?;
    }
    Ok(Some(Command::ChangeSubscription { to: Box::new(to), seen: present.changed }))
}

/// Whether everything but the credential is as declared.
fn is_in_line(declared: &Declared, present: &Subscription) -> bool {
    let wanted = &declared.wanted;
    present.owner == declared.owner
        && present.selection == declared.selection
        && present.sink == wanted.sink
        && present.tls == wanted.tls
        && present.headers == wanted.headers
        && present.format == wanted.format
        && present.order == wanted.order
        && present.retry == wanted.retry
        && present.max_in_flight == wanted.max_in_flight
        && present.requested_rate == wanted.requested_rate
        && present.validation == wanted.validation
        && present.expires == wanted.expires
}

/// Whether a stored credential is the declared one.
fn holds(secrets: &Secrets, stored: &Credential, declared: &CredentialInput) -> bool {
    let is = |sealed: &Sealed, text: &str| secrets.open(sealed).is_ok_and(|opened| opened == text.as_bytes());
    match (stored, declared) {
        (Credential::None, CredentialInput::None) => true,
        (Credential::Authorization(sealed), CredentialInput::Authorization(text)) => is(sealed, text),
        (Credential::Zgw(client), CredentialInput::Zgw { client_id, secret }) => {
            client.client_id == *client_id && is(&client.secret, secret)
        }
        (Credential::OAuth2(client), CredentialInput::OAuth2 { endpoint, scope, audience }) => {
            client.scope == *scope && client.audience == *audience && is_endpoint(&client.endpoint, endpoint, &is)
        }
        _ => false,
    }
}

fn is_endpoint(stored: &TokenEndpoint, declared: &EndpointInput, is: &dyn Fn(&Sealed, &str) -> bool) -> bool {
    let Some(client) = &stored.client else { return false };
    let same_secret = match (&client.secret, &declared.secret) {
        (Some(sealed), Some(text)) => is(sealed, text),
        (None, None) => true,
        _ => false,
    };
    same_secret
        && stored.url == declared.url
        && stored.tls == declared.tls
        && Some(&client.id) == declared.client_id.as_ref()
        && client.authentication == declared.authentication
}
