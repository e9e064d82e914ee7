//! What administrators see of messages to people, made from the parts that send them.
//!
//! Not here: the use cases (`people::administration`).

use std::sync::Arc;

use mailer::{Relay, RelayState, mailings::MailingParts};
use management::audit::Recorder;
use model::{addressee::Channel, consent::Rate};
use people::{
    People, Replacements,
    administration::{Administration, Letters, Provider, ProviderState, Running},
};

use crate::{config::Config, mail::Mail, stores::Stores};

/// What publishes events that replace another one; `None` without `[people]`.
pub fn replacements(stores: &Stores, people: Option<&Arc<People>>) -> Option<Arc<Replacements>> {
    let (keys, mailings) = (Arc::clone(people?.keys()), Arc::clone(stores.mailings.as_ref()?));
    Some(Arc::new(Replacements::new(mailings, Arc::clone(&stores.log), keys)))
}

/// The use cases; `None` without `[people]`.
pub fn administration(
    config: &Config,
    stores: &Stores,
    people: Option<&Arc<People>>,
    mail: Option<&Mail>,
    mailings: Option<&Arc<MailingParts>>,
    replacements: Option<&Arc<Replacements>>,
    recorder: &Arc<Recorder>,
) -> Option<Arc<Administration>> {
    let (people, progress) = (Arc::clone(people?), Arc::clone(stores.mailings.as_ref()?));
    let relay = mail.zip(config.email.as_ref()).map(|(mail, own)| {
        let rate = own.rate_per_minute.map_or(Rate::Unlimited, Rate::PerMinute);
        Arc::new(MailRelay { name: own.host.clone(), rate, relay: Arc::clone(&mail.relay) }) as Arc<dyn Provider>
    });
    let letters = mailings.map(|parts| Arc::clone(parts) as Arc<dyn Letters>);
    let running = mailings.map(|parts| Arc::clone(parts) as Arc<dyn Running>);
    let providers = relay.into_iter().collect();
    let replacements = Arc::clone(replacements?);
    let administration = Administration::new(people, progress, providers, letters, replacements, Arc::clone(recorder));
    Some(Arc::new(administration.with_running(running)))
}

/// The mail relay as a provider.
struct MailRelay {
    name: String,
    rate: Rate,
    relay: Arc<Relay>,
}

impl Provider for MailRelay {
    fn name(&self) -> &str {
        &self.name
    }

    fn channel(&self) -> Channel {
        Channel::Email
    }

    fn rate(&self) -> Rate {
        self.rate
    }

    fn slots(&self) -> usize {
        self.relay.slots()
    }

    fn state(&self) -> ProviderState {
        match self.relay.state() {
            RelayState::Unknown => ProviderState::Unknown,
            RelayState::Working => ProviderState::Working,
            RelayState::Failing { since, reason } => ProviderState::Failing { since, reason },
        }
    }
}
