//! One delivery to a subscription that the actor may see, and delivering its event again.

use std::{sync::Arc, time::Duration};

use model::{
    Actor,
    outcome::DeliveryKey,
    run::{Run, RunSelection},
};
use storage::journal::{DeliveryQuery, DeliveryRow, Page};

use crate::{Error, Management, scan, waiting::Continuation};

/// The longest wait for the event, whose id only shortens the search.
const WAIT: Duration = Duration::from_secs(2);

/// Rows of one read.
const CHUNK: u32 = 100;

/// Most reads for one delivery.
const MAX_CHUNKS: u64 = 100;

impl Management {
    /// The delivery with this key, and what becomes of it.
    ///
    /// # Errors
    /// [`Error::NotFound`] for the subscription; [`Error::NotIndexed`] when the journal has no such delivery, or when the log no
    /// longer has its event and it is not among the newest 10,000 deliveries of the subscription.
    pub async fn read_delivery(&self, actor: &Actor, key: &DeliveryKey) -> Result<(DeliveryRow, Continuation), Error> {
        self.visible_subscription(actor, key.subscription)?;
        let read = event_reader::read_one(self.log.as_ref(), &key.kanaal, key.partition, key.position);
        let event = tokio::time::timeout(WAIT, read).await.ok().and_then(Result::ok).flatten();
        let query = DeliveryQuery {
            subscription: Some(key.subscription),
            event_id: event.map(|event| event.accepted.event.id().to_owned()),
            run: key.run,
            ..DeliveryQuery::default()
        };
        for chunk in 0..MAX_CHUNKS {
            let page = Page { offset: chunk * u64::from(CHUNK), limit: CHUNK };
            let rows = self.journal.deliveries(query.clone(), page).await.map_err(scan::page_error)?;
            let is_last = rows.len() < CHUNK as usize;
            if let Some(row) = rows.into_iter().find(|row| row.delivery == *key) {
                return self.with_continuations(vec![row]).await.pop().ok_or(Error::NotIndexed);
            }
            if is_last {
                break;
            }
        }
        Err(Error::NotIndexed)
    }

    /// Delivers the event of a delivery again to the same subscription, which the actor may change.
    ///
    /// # Errors
    /// As [`Management::read_delivery`].
    pub async fn redeliver_record(&self, actor: &Actor, key: &DeliveryKey) -> Result<Arc<Run>, Error> {
        let subscription = self.own_subscription(actor, key.subscription)?;
        self.read_delivery(actor, key).await?;
        let record = (key.kanaal.clone(), key.partition, key.position);
        self.start_run(actor, &subscription, RunSelection::Records(vec![record])).await
    }
}
