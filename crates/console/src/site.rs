//! What pages are made with, without the layers of HTTP: those need it to write the pages of refusals.

use std::sync::Arc;

use management::Management;
use model::{Clock, Random};
use secrets::Secrets;
use tokio::sync::Semaphore;
use web::{
    Problem,
    face::{PageHead, RefusalPages},
};

use crate::{
    Settings, View, assets::Assets, once::Forms, provider::LogInProvider, rate::Limits, refusal,
    session::activity::Activity,
};

/// The parts of the console.
pub struct Site {
    /// The use cases.
    pub management: Management,
    /// Seals sessions.
    pub secrets: Arc<Secrets>,
    /// What administrators see of messages to people, when they are configured.
    pub people: Option<Arc<people::administration::Administration>>,
    /// The time, replaced in tests.
    pub clock: Arc<dyn Clock>,
    /// Tokens of sessions, replaced in tests.
    pub random: Arc<dyn Random>,
    /// The configured values.
    pub settings: Settings,
    /// The provider to log in with, when one is configured.
    pub provider: Option<LogInProvider>,
    /// Style sheets and images.
    pub assets: Assets,
    /// Bounds of log-ins and actions.
    pub(crate) limits: Limits,
    /// When this node saw the last request of each session.
    pub(crate) activity: Activity,
    /// Taken while the audit trail is verified, so that one request at a time does.
    pub(crate) verification: Semaphore,
    /// Forms that were handled.
    pub(crate) forms: Forms,
}

impl Site {
    /// The console with these parts.
    pub fn new(
        management: Management,
        secrets: Arc<Secrets>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        settings: Settings,
        provider: Option<LogInProvider>,
    ) -> Self {
        let assets = Assets::new(&settings);
        Self {
            management,
            people: None,
            secrets,
            clock,
            random,
            settings,
            provider,
            assets,
            limits: Limits::default(),
            activity: Activity::default(),
            verification: Semaphore::new(1),
            forms: Forms::default(),
        }
    }

    /// The same with pages about messages to people.
    #[must_use]
    pub fn with_people(self, people: Option<Arc<people::administration::Administration>>) -> Self {
        Self { people, ..self }
    }
}

/// The pages of a site for refusals of the layers around it.
pub struct Refusals(pub Arc<Site>);

impl RefusalPages for Refusals {
    fn page(&self, problem: &Problem, head: &PageHead, instance: &str) -> String {
        refusal::page(&View::of_request(&self.0, head, None), problem, instance)
    }
}
