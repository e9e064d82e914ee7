//! Finds dead letters that an actor may see.

use model::{Actor, SubscriptionId};
use storage::journal::{DeadLetter, DeadLetterQuery, Page};
use uuid::Uuid;

use crate::{Error, Management, Resource};

impl Management {
    /// The dead letter with this id, if the actor may see it.
    pub(super) async fn visible_dead_letter(&self, actor: &Actor, id: Uuid) -> Result<DeadLetter, Error> {
        let found = self.dead_letter(id).await?;
        found
            .filter(|letter| self.may_see_deliveries_of(actor, letter.delivery.subscription))
            .ok_or(Error::NotFound(Resource::DeadLetter))
    }

    /// The dead letter with this id, if the actor may delete it or deliver it again.
    pub(super) async fn own_dead_letter(&self, actor: &Actor, id: Uuid) -> Result<DeadLetter, Error> {
        let found = self.dead_letter(id).await?;
        found
            .filter(|letter| self.may_manage_deliveries_of(actor, letter.delivery.subscription))
            .ok_or(Error::NotFound(Resource::DeadLetter))
    }

    async fn dead_letter(&self, id: Uuid) -> Result<Option<DeadLetter>, Error> {
        let query = DeadLetterQuery { ids: vec![id], ..DeadLetterQuery::default() };
        Ok(self.journal.dead_letters(query, Page { offset: 0, limit: 1 }).await?.into_iter().next())
    }

    /// The queries that together match the part of `query` that the actor may see: itself for who sees everything or when it
    /// names a visible subscription, else one for each visible subscription.
    pub(super) fn narrow_to_visible(
        &self,
        actor: &Actor,
        query: DeadLetterQuery,
    ) -> Result<Vec<DeadLetterQuery>, Error> {
        if actor.sees_all() {
            return Ok(vec![query]);
        }
        if query.subscription == Some(DeadLetter::NOBODY) {
            return Ok(vec![]);
        }
        if let Some(id) = query.subscription {
            self.visible_subscription(actor, id)?;
            return Ok(vec![query]);
        }
        let of = |id: SubscriptionId| DeadLetterQuery { subscription: Some(id), ..query.clone() };
        Ok(self.visible_subscriptions(actor).iter().map(|subscription| of(subscription.id)).collect())
    }

    /// The same for the part that the actor may change.
    pub(super) fn narrow_to_own(&self, actor: &Actor, query: DeadLetterQuery) -> Result<Vec<DeadLetterQuery>, Error> {
        if actor.is_beheer() {
            return Ok(vec![query]);
        }
        if query.subscription == Some(DeadLetter::NOBODY) {
            return Ok(vec![]);
        }
        if let Some(id) = query.subscription {
            self.own_subscription(actor, id)?;
            return Ok(vec![query]);
        }
        let of = |id: SubscriptionId| DeadLetterQuery { subscription: Some(id), ..query.clone() };
        Ok(self.own_subscriptions(actor).iter().map(|subscription| of(subscription.id)).collect())
    }

    /// How many dead letters these queries match together.
    pub(super) async fn count_dead_letters(&self, queries: &[DeadLetterQuery]) -> Result<u64, Error> {
        let mut count = 0;
        for query in queries {
            count += self.journal.count_dead_letters(query.clone()).await?;
        }
        Ok(count)
    }
}
