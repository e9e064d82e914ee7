//! The rows of the journal and the queries over them, as use cases return and accept them.

pub use storage::{
    journal::{
        DeadLetter, DeadLetterQuery, DeliveryQuery, DeliveryRow, EventQuery, EventRow, Page, RecordOutcome,
        RecordPlace, RunRow,
    },
    log::Record,
};
