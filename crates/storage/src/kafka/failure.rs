//! What an error of the Kafka client means for the caller of a port.

use std::time::Duration;

use rdkafka::{error::KafkaError, types::RDKafkaErrorCode};

use crate::Error;

/// When trying again makes sense after the brokers did not do their work.
const AWAY: Duration = Duration::from_secs(2);

/// The brokers do not do their work now.
pub(super) fn away(reason: impl Into<String>) -> Error {
    Error::Unavailable { reason: reason.into(), retry_after: AWAY }
}

/// A failure of `what`.
pub(super) fn kafka(what: &str, error: &KafkaError) -> Error {
    if is_fenced(error) { Error::Fenced } else { away(format!("{what}: {error}")) }
}

/// A failure of a blocking task.
pub(super) fn task(error: tokio::task::JoinError) -> Error {
    away(format!("a task failed: {error}"))
}

/// Whether the error says that another process has taken over what this client owned, or may have.
pub(super) fn is_fenced(error: &KafkaError) -> bool {
    let code = match error {
        KafkaError::Transaction(error) => Some(error.code()),
        other => other.rdkafka_error_code(),
    };
    code.is_some_and(is_fencing)
}

/// The same for a code.
pub(super) fn is_fencing(code: RDKafkaErrorCode) -> bool {
    use RDKafkaErrorCode as Code;
    matches!(
        code,
        Code::Fenced
            | Code::ProducerFenced
            | Code::InvalidProducerEpoch
            | Code::FencedInstanceId
            | Code::IllegalGeneration
            | Code::UnknownMemberId
            | Code::AssignmentLost
    )
}

/// Whether the error is one of those that pass by themselves while partitions are made, brokers go and leaders move.
pub(super) fn is_passing(error: &KafkaError) -> bool {
    use RDKafkaErrorCode as Code;
    matches!(
        error.rdkafka_error_code(),
        Some(
            Code::AllBrokersDown
                | Code::BrokerDestroy
                | Code::DestroyBroker
                | Code::BrokerTransportFailure
                | Code::NotLeaderForPartition
                | Code::LeaderNotAvailable
                | Code::UnknownTopicOrPartition
                | Code::UnknownPartition
                | Code::ReplicaNotAvailable
                | Code::FencedLeaderEpoch
                | Code::UnknownLeaderEpoch
                | Code::OffsetNotAvailable
        )
    )
}
