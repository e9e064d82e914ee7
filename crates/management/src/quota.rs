//! How much a client may have at a time. Administrators, configuration and the gateway itself are not limited.

use model::{Actor, run::RunSelection};

use crate::{Conflict, Error, Management};

/// The most that one client may have at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quotas {
    /// Subscriptions and abonnementen together (`subscriptions.per_client`).
    pub subscriptions: usize,
    /// Replays that have not ended (`subscriptions.replays_per_client`).
    pub replays: usize,
    /// Runs that redrive dead letters or deliver an event again and have not ended (`subscriptions.redrives_per_client`).
    pub redrives: usize,
}

impl Management {
    /// Checks that a client may have one more subscription.
    ///
    /// # Errors
    /// [`Conflict::Quota`].
    pub(crate) fn check_subscriptions(&self, actor: &Actor, owner: &str) -> Result<(), Error> {
        let most = self.settings.quotas.subscriptions;
        check_quota(actor, "subscriptions", most, || self.registry.read().subscriptions_of(owner))
    }

    /// Checks that the actor may have one more replay under way.
    ///
    /// # Errors
    /// [`Conflict::Quota`].
    pub(crate) fn check_replays(&self, actor: &Actor) -> Result<(), Error> {
        let most = self.settings.quotas.replays;
        check_quota(actor, "replays under way", most, || {
            self.runs_of(actor, |what| matches!(what, RunSelection::Replay(_)))
        })
    }

    /// Checks that the actor may have further redrives under way.
    ///
    /// # Errors
    /// [`Conflict::Quota`].
    pub(crate) fn check_redrives(&self, actor: &Actor) -> Result<(), Error> {
        let most = self.settings.quotas.redrives;
        check_quota(actor, "redrives under way", most, || {
            self.runs_of(actor, |what| matches!(what, RunSelection::Records(_)))
        })
    }

    /// How many runs of this kind the actor asked for that have not ended.
    fn runs_of(&self, actor: &Actor, is_kind: impl Fn(&RunSelection) -> bool) -> usize {
        let (asked_by, registry) = (actor.to_string(), self.registry.read());
        registry.runs().filter(|run| is_kind(&run.what) && run.asked_by == asked_by).count()
    }
}

fn check_quota(actor: &Actor, what: &'static str, most: usize, present: impl FnOnce() -> usize) -> Result<(), Error> {
    if actor.is_beheer() || present() < most {
        return Ok(());
    }
    Err(Conflict::Quota { what, most }.into())
}
