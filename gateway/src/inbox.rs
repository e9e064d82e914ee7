//! The inbox of people, made from the configuration: its use cases, and who may read it.
//!
//! Not here: what it does (`inbox`), and its routes (`api-native`).

use std::{sync::Arc, time::Duration};

use egress::Egress;
use inbox::{Inbox, Parts, Settings};
use model::{Clock, Random};
use people::People;
use web::auth::{PersonTokens, person};

use crate::{config::Config, start::StartError, stores::Stores};

/// The inbox, ready to follow its kanalen; `None` without `[people.inbox]`.
///
/// # Errors
/// Storage fails.
pub async fn inbox(
    config: &Config,
    stores: &Stores,
    people: Option<&Arc<People>>,
    clock: &Arc<dyn Clock>,
    random: &Arc<dyn Random>,
) -> Result<Option<Arc<Inbox>>, StartError> {
    let own = config.people.as_ref().and_then(|people| people.inbox.as_ref());
    let (Some(own), Some(people), Some(store)) = (own, people, &stores.inbox) else { return Ok(None) };
    let inbox = Inbox::new(Parts {
        store: Arc::clone(store),
        log: Arc::clone(&stores.log),
        keys: Arc::clone(people.keys()),
        clock: Arc::clone(clock),
        random: Arc::clone(random),
        settings: Settings { issuer: own.issuer.clone(), kanalen: own.kanalen(), undo: own.undo(), keep: own.keep() },
    });
    // Several nodes leave it to the one that works for people.
    if !stores.people_owner.is_shared() {
        inbox.prepare().await?;
    }
    Ok(Some(Arc::new(inbox)))
}

/// The verifier of access tokens of people; `None` without `[people.inbox]` or its
/// `audience`.
pub fn person_tokens(config: &Config, egress: &Arc<Egress>) -> Option<PersonTokens> {
    let own = config.people.as_ref()?.inbox.as_ref().filter(|own| own.takes_tokens())?;
    let settings = person::Settings {
        issuer: own.issuer.clone(),
        audience: own.audience.clone(),
        leeway: own.leeway_seconds.into(),
        timeout: Duration::from_secs(own.timeout_seconds.into()),
    };
    Some(PersonTokens::new(settings, Arc::clone(egress)))
}
