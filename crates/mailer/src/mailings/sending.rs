//! Which kanalen send nothing for the time being, or to a test list only (CH-132), as this process knows it. It is read from the store
//! before anything is sent, when a use case changed it here, and with each look for kanalen, because another node may have changed it.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use model::{
    KanaalName, Timestamp,
    addressee::Digest,
    mailing::{Sending, SendingState},
};
use storage::Mailings;
use tokio::sync::{Mutex, watch};
use tokio_util::sync::CancellationToken;

use super::schedule::Waited;

/// How all kanalen send.
#[derive(Debug, Clone, Default)]
pub struct Sendings {
    known: Arc<watch::Sender<HashMap<KanaalName, Sending>>>,
    /// So that what was read earlier does not replace what was read later.
    reading: Arc<Mutex<()>>,
}

/// How the kanaal of an event sends it.
#[derive(Debug)]
pub(super) struct EventSending {
    kanaal: KanaalName,
    accepted: Timestamp,
    known: watch::Receiver<HashMap<KanaalName, Sending>>,
}

impl Sendings {
    /// Reads it again. Nothing is started by what was before once this returned.
    ///
    /// # Errors
    /// It cannot be read; what is known stays.
    pub async fn refresh(&self, mailings: &dyn Mailings) -> Result<(), storage::Error> {
        let _reading = self.reading.lock().await;
        let read: HashMap<KanaalName, Sending> = mailings.sendings().await?.into_iter().collect();
        self.known.send_if_modified(|known| {
            let is_other = *known != read;
            *known = read;
            is_other
        });
        Ok(())
    }

    /// Whether mails with several events of a kanaal wait: in a pause, and in a trial, where they may have events of before it.
    pub(super) fn holds_collected(&self, kanaal: &KanaalName) -> bool {
        self.known.borrow().get(kanaal).is_some_and(|sending| sending.state != SendingState::Open)
    }

    /// How an event of a kanaal is sent that was accepted then.
    pub(super) fn of(&self, kanaal: &KanaalName, accepted: Timestamp) -> EventSending {
        EventSending { kanaal: kanaal.clone(), accepted, known: self.known.subscribe() }
    }
}

impl EventSending {
    /// Whether its messages wait.
    pub fn is_held(&mut self) -> bool {
        let known = self.known.borrow_and_update();
        known.get(&self.kanaal).is_some_and(|sending| sending.holds(self.accepted))
    }

    /// The addresses of the trial that it is of.
    pub fn list(&self) -> Option<Arc<BTreeSet<Digest>>> {
        self.known.borrow().get(&self.kanaal)?.list_of(self.accepted).cloned()
    }

    /// Waits for another state of any kanaal.
    pub async fn changed(&mut self) {
        if self.known.changed().await.is_err() {
            // The program ends.
            std::future::pending::<()>().await;
        }
    }

    /// Waits until its messages do not wait any more.
    pub async fn released(&mut self, stopped: &CancellationToken, ending: &CancellationToken) -> Waited {
        while self.is_held() {
            tokio::select! {
                () = self.changed() => {}
                () = stopped.cancelled() => return Waited::Stopped,
                () = ending.cancelled() => return Waited::Ending,
            }
        }
        Waited::Due
    }
}
