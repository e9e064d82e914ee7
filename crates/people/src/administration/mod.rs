//! What administrators see of messages to people: providers and the outbox, mailings with their progress, what there is of one
//! address, and the texts of mailings; and a mailing is stopped, or sent again to those who failed, and a kanaal is paused or tried. One file per use case.
//!
//! Not here: who may do that (`management::rights`), sending (`mailer`), and the use cases of the people themselves.

mod bounces;
mod cancel;
mod look_up;
mod mailings;
mod overview;
mod provider;
mod replace;
mod resend;
mod sending;
mod stop;
mod texts;
mod wait;

use std::sync::Arc;

use management::audit::Recorder;
use storage::Mailings;
use tokio::sync::Semaphore;

pub use self::{
    bounces::{BounceReason, Bounced, BouncesPage, BouncesWanted},
    cancel::MailingCancel,
    look_up::{Found, MAX_EVIDENCE, MAX_REASON, Subscription},
    mailings::{MAX_ENDED, MAX_OPEN, Mailing, MailingList, MailingState},
    overview::{Addressees, Outbox, Overview, ProviderShown},
    provider::{Provider, ProviderState},
    replace::{EventReplace, PublishedEvent},
    resend::{ResendCount, ResendRefusal, ResendRequest, Resent},
    sending::{KanaalSending, TrialFault},
    stop::{MailingStop, Running},
    texts::{KanaalTexts, Letters, Preview, PreviewFault, SAMPLE_SUBJECT, SmsPreview, sample_event},
    wait::MAX_WAIT,
};
use crate::{People, Replacements};

/// The use cases.
pub struct Administration {
    people: Arc<People>,
    mailings: Arc<dyn Mailings>,
    providers: Vec<Arc<dyn Provider>>,
    /// The texts of mailings; `None` when nothing is sent.
    letters: Option<Arc<dyn Letters>>,
    /// What stops mailings; `None` when nothing is sent.
    running: Option<Arc<dyn Running>>,
    replacements: Arc<Replacements>,
    recorder: Arc<Recorder>,
    /// For requests that wait for mailings.
    waiting: Semaphore,
}

impl Administration {
    /// The use cases over these parts.
    pub fn new(
        people: Arc<People>,
        mailings: Arc<dyn Mailings>,
        providers: Vec<Arc<dyn Provider>>,
        letters: Option<Arc<dyn Letters>>,
        replacements: Arc<Replacements>,
        recorder: Arc<Recorder>,
    ) -> Self {
        let waiting = Semaphore::new(wait::MAX_WAITING);
        Self { people, mailings, providers, letters, running: None, replacements, recorder, waiting }
    }

    /// The same, with what stops mailings.
    #[must_use]
    pub fn with_running(self, running: Option<Arc<dyn Running>>) -> Self {
        Self { running, ..self }
    }
}
