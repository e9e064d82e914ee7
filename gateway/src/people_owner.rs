//! Which node works for people: sends, follows logs, and removes what is kept no longer. On the embedded file it is this one.

#[cfg(feature = "kafka")]
use std::sync::Arc;

#[cfg(feature = "kafka")]
use storage::kafka::KafkaPeople;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Whether this node works for people.
#[derive(Clone, Default)]
pub struct PeopleOwner {
    /// `None` for always.
    shared: Option<Shared>,
}

/// The ownership among several nodes.
#[derive(Clone)]
#[cfg_attr(not(feature = "kafka"), expect(dead_code, reason = "there is one node"))]
struct Shared {
    is_owner: watch::Receiver<bool>,
    /// Keeps it open.
    #[cfg(feature = "kafka")]
    people: Arc<KafkaPeople>,
}

impl PeopleOwner {
    /// One of the nodes on Kafka.
    #[cfg(feature = "kafka")]
    pub fn among_nodes(people: Arc<KafkaPeople>) -> Self {
        Self { shared: Some(Shared { is_owner: people.ownership(), people }) }
    }

    /// Whether another node may be the one.
    pub fn is_shared(&self) -> bool {
        self.shared.is_some()
    }

    /// Does the work while this node is the one, until it is to stop. When another node takes over, the work ends at once, with all
    /// that is under way.
    pub async fn run_while<F: Future<Output = ()>>(
        self,
        stop: CancellationToken,
        work: impl Fn(CancellationToken) -> F,
    ) {
        let Some(mut owner) = self.shared.as_ref().map(|shared| shared.is_owner.clone()) else {
            return work(stop).await;
        };
        while !stop.is_cancelled() {
            let gained = async { owner.wait_for(|is| *is).await.is_ok() };
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                gained = gained => if !gained {
                    return;
                },
            }
            let lost = async { drop(owner.wait_for(|is| !*is).await) };
            let own = async {
                work(stop.clone()).await;
                if !stop.is_cancelled() {
                    // There is nothing more to do as long as this node is the one.
                    std::future::pending::<()>().await;
                }
            };
            tokio::select! {
                biased;
                () = own => {}
                () = lost => tracing::info!("another node works for people now"),
            }
        }
    }

    /// Calls `notice` after another node stored something, until this node stops.
    #[cfg(feature = "kafka")]
    pub async fn follow<F: Future<Output = ()>>(self, notice: impl Fn() -> F) {
        let Some(mut changes) = self.shared.as_ref().map(|shared| shared.people.changes()) else { return };
        while changes.changed().await.is_ok() {
            notice().await;
        }
    }
}
