//! Reads the registry from the topic `control`, for commands: bounded in time, without joining a group. Nodes may run meanwhile.

use model::Registry;

use super::{
    extents,
    reader::{Read, Reader},
};
use crate::{
    Error,
    kafka::{Kafka, control, failure},
};

impl Kafka {
    /// The kanalen, subscriptions and other objects of the installation; `None` when it has no topics yet.
    ///
    /// # Errors
    /// `Unavailable` when the brokers are away or the topic has no leader; `NewerVersion` or `Corrupt` for a record that this
    /// program cannot read.
    pub async fn stored_registry(&self) -> Result<Option<Registry>, Error> {
        let kafka = self.clone();
        let read = move || {
            let Some(partitions) = extents::find(&kafka)?.remove(&kafka.topics.internal("control")) else {
                return Ok(None);
            };
            let (mut registry, mut unread) = (Registry::default(), None);
            for extent in partitions {
                let extent = extent.map_err(failure::unavailable)?;
                let read = Reader::new(&kafka.options).read(&extent, |read| match read {
                    Read::Record(stored) => match control::change_of(&stored) {
                        Ok(change) => registry.apply(&change),
                        Err(error) => unread = unread.take().or(Some(error)),
                    },
                    Read::Damaged(offset, _, reason) => {
                        let reason = format!("offset {offset} cannot be read: {reason}");
                        unread = unread.take().or(Some(Error::Corrupt { kind: "topic of control", reason }));
                    }
                });
                read.map_err(failure::unavailable)?;
            }
            unread.map_or(Ok(Some(registry)), Err)
        };
        tokio::task::spawn_blocking(read).await.map_err(failure::join)?
    }
}
