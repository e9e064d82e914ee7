//! Moving from the embedded file to Apache Kafka, while the gateway stands still: everything that lasts, so that deliveries
//! go on where they were, with nothing skipped and nothing asked anew.
//!
//! The file is only read. What is on the topics so far says where to go on: the log is held against them record by record,
//! and what they lack is appended; control, dead letters and progress are written under the same names with the same
//! content each time. A note on the topics (`storage::kafka::Intake`) names the source and keeps nodes away until all is
//! there. What happened to deliveries that ended well is not moved; it may be lost.

mod apply;
mod compare;
mod control;
mod places;
mod report;
mod source;
mod translate;

pub use apply::{Moved, State, Target, apply};
pub use compare::{Compared, Side};
pub use report::{next_steps, plan, table};
pub use source::Source;

/// Why nothing was moved, or not everything.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// Nothing was changed: what has to be otherwise first, in Dutch.
    #[error("{0}")]
    Refused(String),
    /// Begun and not finished: it can be repeated, and goes on where it was.
    #[error(
        "de verhuizing is onderbroken: {0}\nHerhaal dezelfde opdracht; die gaat verder waar het bleef. Start tot die tijd geen \
         gateway op deze bron en geen op dit doel."
    )]
    Interrupted(String),
    /// What stands in Kafka is not what stood in the file: where they differ, in Dutch.
    #[error(
        "de controle klopt niet: {0}\nDe bron is niet veranderd. Verwijder de topics van dit doel en begin opnieuw; start er \
         geen gateway op."
    )]
    Differs(String),
}

impl From<storage::Error> for MigrateError {
    fn from(error: storage::Error) -> Self {
        match error {
            storage::Error::Fenced => {
                Self::Interrupted("een andere verhuizing naar hetzelfde doel heeft het overgenomen".to_owned())
            }
            other => Self::Interrupted(other.to_string()),
        }
    }
}
