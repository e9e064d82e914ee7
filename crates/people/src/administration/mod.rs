//! What administrators see of messages to people: providers and the outbox, mailings with their progress, what there is of one
//! address, and the texts of mailings. It only reads. One file per use case.
//!
//! Not here: who may do that (`management::rights`), sending (`mailer`), and the use cases of the people themselves.

mod look_up;
mod mailings;
mod overview;
mod provider;
mod texts;

use std::sync::Arc;

use management::audit::Recorder;
use storage::Mailings;

pub use self::{
    look_up::{Found, MAX_EVIDENCE, MAX_REASON, Subscription},
    mailings::{MAX_ENDED, MAX_OPEN, Mailing, MailingList, MailingState},
    overview::{Addressees, Outbox, Overview, ProviderShown},
    provider::{Provider, ProviderState},
    texts::{KanaalTexts, Letters, Preview, PreviewFault, SAMPLE_SUBJECT, sample_event},
};
use crate::People;

/// The use cases.
pub struct Administration {
    people: Arc<People>,
    mailings: Arc<dyn Mailings>,
    providers: Vec<Arc<dyn Provider>>,
    /// The texts of mailings; `None` when nothing is sent.
    letters: Option<Arc<dyn Letters>>,
    recorder: Arc<Recorder>,
}

impl Administration {
    /// The use cases over these parts.
    pub fn new(
        people: Arc<People>,
        mailings: Arc<dyn Mailings>,
        providers: Vec<Arc<dyn Provider>>,
        letters: Option<Arc<dyn Letters>>,
        recorder: Arc<Recorder>,
    ) -> Self {
        Self { people, mailings, providers, letters, recorder }
    }
}
