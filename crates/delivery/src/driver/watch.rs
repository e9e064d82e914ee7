//! Watching the ends of logs: a small task per partition that tells the shard when there is something to read.

use std::{collections::HashMap, sync::Arc, time::Duration};

use model::{KanaalName, Mark, Partition};
use storage::EventLog;
use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
};

use super::shard::Message;
use crate::machine::Input;

/// The ends of all partitions of a kanaal, as they move.
pub(crate) type Tails = Vec<watch::Receiver<Mark>>;

/// Everything that is watched for one shard.
pub(super) struct Watches {
    log: Arc<dyn EventLog>,
    sender: mpsc::UnboundedSender<Message>,
    retry: Duration,
    tasks: HashMap<KanaalName, JoinSet<()>>,
}

impl Watches {
    pub fn new(log: Arc<dyn EventLog>, sender: mpsc::UnboundedSender<Message>, retry: Duration) -> Self {
        Self { log, sender, retry, tasks: HashMap::new() }
    }

    /// The ends of a kanaal; waits until storage can tell.
    pub async fn tails(&self, naam: &KanaalName) -> Tails {
        tails(self.log.as_ref(), naam, self.retry).await
    }

    /// Finds out about a kanaal and has the shard told when that is done.
    pub fn prepare(&self, naam: KanaalName) {
        let (log, sender, retry) = (Arc::clone(&self.log), self.sender.clone(), self.retry);
        tokio::spawn(async move {
            let tails = tails(log.as_ref(), &naam, retry).await;
            // The shard may have stopped meanwhile.
            let _ = sender.send(Message::Kanaal(naam, tails));
        });
    }

    /// Watches a kanaal, if it is not watched yet, and gives its ends as they are now.
    pub fn watch(&mut self, naam: &KanaalName, tails: Tails) -> Vec<Mark> {
        let ends = tails.iter().map(|tail| *tail.borrow()).collect();
        let (sender, log) = (&self.sender, &self.log);
        self.tasks.entry(naam.clone()).or_insert_with(|| {
            let mut tasks = JoinSet::new();
            for number in 0..tails.len() {
                let partition = Partition(number as u32);
                // Subscribed to anew: what moved since `tails` was made must not be missed.
                let mut tail = log.watch(naam, partition);
                let (sender, naam) = (sender.clone(), naam.clone());
                tasks.spawn(async move {
                    loop {
                        let end = *tail.borrow_and_update();
                        let moved = Input::TailMoved(naam.clone(), partition, end);
                        if sender.send(Message::Input(moved)).is_err() || tail.changed().await.is_err() {
                            return;
                        }
                    }
                });
            }
            tasks
        });
        ends
    }

    /// Stops watching a kanaal.
    pub fn forget(&mut self, naam: &KanaalName) {
        self.tasks.remove(naam);
    }
}

async fn tails(log: &dyn EventLog, naam: &KanaalName, retry: Duration) -> Tails {
    loop {
        match log.partitions(naam).await {
            Ok(partitions) => return (0..partitions).map(|number| log.watch(naam, Partition(number))).collect(),
            Err(error) => {
                tracing::warn!(kanaal = naam.as_str(), %error, "the log of a kanaal is not available");
                tokio::time::sleep(retry).await;
            }
        }
    }
}
