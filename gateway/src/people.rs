//! Light subscriptions of people, made from the configuration: their keys, use cases and pages.
//!
//! Not here: sending, and opening their file ([`crate::stores`]).

use std::sync::Arc;

use model::{Clock, Random};
use people::{Keys, Links, People};
use secrets::Secrets;
use storage::Audience;

use crate::{
    config::{self, Config, EmailInbound},
    start::StartError,
};

/// The use cases; `None` without `[people]`.
///
/// # Errors
/// The key file cannot be read or made.
pub fn people(
    config: &Config,
    audience: Option<&Arc<dyn Audience>>,
    clock: &Arc<dyn Clock>,
    random: &Arc<dyn Random>,
) -> Result<Option<Arc<People>>, StartError> {
    let (Some(own), Some(audience)) = (&config.people, audience) else { return Ok(None) };
    let file = own.key_file(config);
    // A node that made a key for itself could read nothing of the others.
    let secrets = if config.kafka.is_some() { Secrets::read_file(&file) } else { Secrets::open_file(&file) }?;
    let keys = Keys::new(Arc::new(secrets)).map_err(|error| StartError::Config(error.to_string()))?;
    let keys = Arc::new(keys);
    let links = Links::new(&own.url, Arc::clone(&keys));
    let parts = (Arc::clone(clock), Arc::clone(random));
    let inbound = config.email.as_ref().and_then(|email| email.inbound.as_ref());
    let people = People::new(Arc::clone(audience), keys, links, parts, own.settings())
        .with_filters(own.dialects(), own.attributes.clone())
        .with_owner_attributes(own.owner_attribute.iter().map(config::PeopleOwnerAttribute::attribute).collect())
        .with_confirming(own.confirming_clients.clone())
        .with_sources(own.source.iter().map(config::PeopleSource::source).collect())
        .with_soft_bounces(inbound.map(EmailInbound::soft_threshold).unwrap_or_default());
    Ok(Some(Arc::new(if config.sms.is_some() { people.with_texts() } else { people })))
}

/// The pages; `None` without `[people]`. They have the theme of `[console]`, when there is one.
#[cfg(feature = "console")]
pub fn site(config: &Config, people: Option<&Arc<People>>) -> Option<Arc<console::people::Site>> {
    let (Some(own), Some(people)) = (&config.people, people) else { return None };
    let theme = match &config.console {
        Some(console) => crate::console::theme(console),
        None => console::people::Theme::default(),
    };
    let site = console::people::Site::new(Arc::clone(people), own.organisation.clone(), theme);
    let site = site.with_outcomes(config::people_outcomes(own)).with_obligatory(own.obligatory_kanalen());
    Some(Arc::new(site))
}
