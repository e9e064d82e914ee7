//! Which dead letters a run redrives: those are removed when their event is settled in the run, and they still hold
//! the record when the log was trimmed. One task keeps the book, so that nobody waits for it.

use std::{
    collections::{HashMap, hash_map},
    sync::Arc,
    time::Duration,
};

use model::{
    KanaalName, Partition, Position, SubscriptionId,
    outcome::DeliveryKey,
    run::{Run, RunId},
};
use storage::{
    Journal,
    journal::{DeadLetterQuery, Page},
};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

/// Dead letters read at once.
const PAGE: u32 = 1_000;

/// Where a record stands.
pub(super) type RecordPlace = (KanaalName, Partition, Position);

enum Question {
    Letters(Arc<Run>, RecordPlace, oneshot::Sender<Vec<Uuid>>),
    Settled(DeliveryKey),
    Ended(RunId),
}

/// The book of redriven dead letters.
#[derive(Clone)]
pub(super) struct Redrives(mpsc::UnboundedSender<Question>);

impl Redrives {
    pub fn start(journal: Arc<dyn Journal>, retry: Duration) -> Self {
        let (sender, receiver) = mpsc::unbounded_channel();
        tokio::spawn(keep(journal, retry, receiver));
        Self(sender)
    }

    /// The dead letters that this run redrives with this record.
    pub async fn letters_of(&self, run: Arc<Run>, place: RecordPlace) -> Vec<Uuid> {
        let (answer, letters) = oneshot::channel();
        if self.0.send(Question::Letters(run, place, answer)).is_err() {
            return Vec::new();
        }
        letters.await.unwrap_or_default()
    }

    /// A delivery of a run over records ended.
    pub fn settled(&self, key: DeliveryKey) {
        // The book closes with the shard.
        let _ = self.0.send(Question::Settled(key));
    }

    /// A run is over.
    pub fn ended(&self, run: RunId) {
        // The book closes with the shard.
        let _ = self.0.send(Question::Ended(run));
    }
}

type Letters = HashMap<RecordPlace, Vec<Uuid>>;

async fn keep(journal: Arc<dyn Journal>, retry: Duration, mut questions: mpsc::UnboundedReceiver<Question>) {
    let mut book: HashMap<RunId, Letters> = HashMap::new();
    while let Some(question) = questions.recv().await {
        match question {
            Question::Letters(run, place, answer) => {
                let letters = load(&mut book, journal.as_ref(), retry, run.id, run.subscription).await;
                // Whoever asked may have given up.
                let _ = answer.send(letters.get(&place).cloned().unwrap_or_default());
            }
            Question::Settled(key) => {
                let Some(run) = key.run else { continue };
                let letters = load(&mut book, journal.as_ref(), retry, run, key.subscription).await;
                let ids = letters.remove(&(key.kanaal, key.partition, key.position)).unwrap_or_default();
                if !ids.is_empty()
                    && let Err(error) = journal.remove_dead_letters(ids).await
                {
                    tracing::warn!(%error, "a redriven dead letter could not be removed");
                }
            }
            Question::Ended(run) => drop(book.remove(&run)),
        }
    }
}

/// The dead letters of a subscription that are not of this run, read once per run.
async fn load<'a>(
    book: &'a mut HashMap<RunId, Letters>,
    journal: &dyn Journal,
    retry: Duration,
    run: RunId,
    subscription: SubscriptionId,
) -> &'a mut Letters {
    match book.entry(run) {
        hash_map::Entry::Occupied(known) => known.into_mut(),
        hash_map::Entry::Vacant(unknown) => unknown.insert(read_all(journal, retry, run, subscription).await),
    }
}

async fn read_all(journal: &dyn Journal, retry: Duration, run: RunId, subscription: SubscriptionId) -> Letters {
    let mut letters = Letters::new();
    let mut offset = 0;
    loop {
        let query = DeadLetterQuery { subscription: Some(subscription), ..DeadLetterQuery::default() };
        match journal.dead_letters(query, Page { offset, limit: PAGE }).await {
            Ok(page) => {
                offset += page.len() as u64;
                let last = page.len() < PAGE as usize;
                for letter in page.into_iter().filter(|letter| letter.delivery.run != Some(run)) {
                    let DeliveryKey { kanaal, partition, position, .. } = letter.delivery;
                    letters.entry((kanaal, partition, position)).or_default().push(letter.id);
                }
                if last {
                    return letters;
                }
            }
            Err(error) => {
                tracing::warn!(%error, "dead letters cannot be read now");
                tokio::time::sleep(retry).await;
            }
        }
    }
}
