//! Migration from the embedded file to Apache Kafka, while the gateway is stopped: events, registry, dead letters,
//! progress and people, so that deliveries continue where they stopped and receivers are not asked for consent again.
//!
//! The file is only read. An interrupted migration resumes: the log is compared with the topics record by record, and missing
//! records are appended; registry, dead letters and progress are written under the same keys with the same content each
//! time, and so are rows of people that are not there yet. A marker on the topics (`storage::kafka::BackfillWriter`) names the source and keeps nodes from starting until the
//! migration is complete. The history of successful deliveries is not migrated.

mod apply;
mod compare;
mod people;
mod positions;
mod registry;
mod report;
mod source;
mod translate;

pub use apply::{MigrationSummary, State, Target, apply};
pub use compare::{KanaalComparison, LogDigest};
pub use people::{PeopleSummary, check as check_people};
pub use report::{next_steps, plan, table};
pub use source::Source;

/// Why nothing was migrated, or not everything.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// Nothing was changed; the text, in Dutch, names what must be changed first.
    #[error("{0}")]
    Refused(String),
    /// Started and not finished; repeating the command resumes it.
    #[error(
        "de verhuizing is onderbroken: {0}\nHerhaal dezelfde opdracht; die gaat verder waar het bleef. Start tot die tijd geen \
         gateway op deze bron en geen op dit doel."
    )]
    Interrupted(String),
    /// Kafka and the file differ; the text, in Dutch, names the difference.
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
