//! Follows the ends of logs: a task per partition that sends the shard an input when the end moves.

use std::{collections::HashMap, sync::Arc, time::Duration};

use model::{KanaalName, Mark, Partition};
use storage::EventLog;
use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
};

use super::message::Message;
use crate::machine::Input;

/// The ends of all partitions of a kanaal, as they move.
pub(crate) type Tails = Vec<watch::Receiver<Mark>>;

/// The tasks that follow logs for one shard, by kanaal.
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

    /// The ends of all partitions of a kanaal; retries until storage returns them.
    pub async fn tails(&self, naam: &KanaalName) -> Tails {
        tails(self.log.as_ref(), naam, self.retry).await
    }

    /// Looks a kanaal up that is new or has more partitions, in another task, which sends the shard the result.
    pub fn prepare(&self, naam: KanaalName) {
        let (log, sender, retry) = (Arc::clone(&self.log), self.sender.clone(), self.retry);
        tokio::spawn(async move {
            let tails = tails(log.as_ref(), &naam, retry).await;
            // The shard may have stopped meanwhile.
            let _ = sender.send(Message::Kanaal(naam, tails));
        });
    }

    /// Follows the partitions of a kanaal that are not followed yet; returns their ends as they are now.
    pub fn watch(&mut self, naam: &KanaalName, tails: Tails) -> Vec<Mark> {
        let ends = tails.iter().map(|tail| *tail.borrow()).collect();
        // Tasks end only with the shard, so there is one for each partition that is followed.
        let tasks = self.tasks.entry(naam.clone()).or_default();
        for number in tasks.len()..tails.len() {
            let partition = Partition(number as u32);
            // A new receiver: it has not seen any value, so what moved since `tails` was made is not missed.
            let mut tail = self.log.watch(naam, partition);
            let (sender, naam) = (self.sender.clone(), naam.clone());
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
        ends
    }

    /// Stops the tasks that follow a kanaal.
    pub fn forget(&mut self, naam: &KanaalName) {
        self.tasks.remove(naam);
    }
}

async fn tails(log: &dyn EventLog, naam: &KanaalName, retry: Duration) -> Tails {
    loop {
        match log.partitions(naam).await {
            Ok(partitions) => return (0..partitions).map(|number| log.watch(naam, Partition(number))).collect(),
            Err(error) => {
                tracing::warn!(kanaal = naam.as_str(), %error, "the partitions of a kanaal cannot be read now");
                tokio::time::sleep(retry).await;
            }
        }
    }
}
