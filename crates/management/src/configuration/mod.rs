//! Verdicts about the configuration of this node, as `gateway check` gives them, while it runs.
//!
//! Not here: the checks themselves. They know the configuration, so `gateway` performs them behind the port [`Inspector`].

mod check;
pub mod sinks;

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use model::{Timestamp, clock::Instant};

use crate::InTwoLanguages;

/// The verdict of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It works.
    Ok,
    /// It works, but not as a production gateway should, or not for long.
    Warning,
    /// It does not work.
    Wrong,
}

/// The result of one check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What was checked: a key of the configuration, or the name of a part of the gateway.
    pub item: String,
    /// The value of the key; `None` where there is no single one, or it may hold a secret.
    pub value: Option<String>,
    /// The verdict.
    pub verdict: Verdict,
    /// What was found. The English text also has the error of the system, which the Dutch text leaves out.
    pub finding: InTwoLanguages,
    /// How to correct it; `None` when nothing is to be corrected or the finding contains it.
    pub remedy: Option<InTwoLanguages>,
    /// When what was checked ends, for certificates and other things with an end.
    pub expires: Option<Timestamp>,
}

impl Check {
    /// A result without value, remedy and end.
    pub fn new(item: impl Into<String>, verdict: Verdict, finding: impl Into<InTwoLanguages>) -> Self {
        Self { item: item.into(), value: None, verdict, finding: finding.into(), remedy: None, expires: None }
    }

    /// The same with what to do.
    #[must_use]
    pub fn with_remedy(self, remedy: impl Into<InTwoLanguages>) -> Self {
        Self { remedy: Some(remedy.into()), ..self }
    }
}

/// Performs the checks. `gateway` implements it.
#[async_trait]
pub trait Inspector: Send + Sync {
    /// Every check, in a fixed order. It may take seconds: brokers and files are contacted.
    async fn inspect(&self) -> Vec<Check>;
}

/// The results of one round of checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// When the checks ended.
    pub at: Timestamp,
    /// The results.
    pub checks: Vec<Check>,
}

/// The cached results of the last round.
#[derive(Debug, Default)]
pub struct LastReport {
    /// Held by the round that is under way.
    turn: tokio::sync::Mutex<()>,
    /// When the last round ended, and its results.
    last: Mutex<Option<(Instant, Arc<Report>)>>,
}

impl LastReport {
    fn last(&self) -> Option<(Instant, Arc<Report>)> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn keep(&self, ended: Instant, report: &Arc<Report>) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some((ended, Arc::clone(report)));
    }
}
