//! Maps errors of the Kafka client to [`Error`].

use std::time::Duration;

use rdkafka::{error::KafkaError, types::RDKafkaErrorCode};

use crate::Error;

/// `retry_after` of an `Unavailable` caused by the brokers.
const RETRY_AFTER: Duration = Duration::from_secs(2);

/// An `Unavailable` with this reason.
pub(super) fn unavailable(reason: impl Into<String>) -> Error {
    Error::Unavailable { reason: reason.into(), retry_after: RETRY_AFTER }
}

/// The error of an operation described by `what`: `Fenced` or `Unavailable`.
pub(super) fn kafka(what: &str, error: &KafkaError) -> Error {
    if is_fenced(error) { Error::Fenced } else { unavailable(format!("{what}: {error}")) }
}

/// The error of a blocking task that panicked or was cancelled.
pub(super) fn join(error: tokio::task::JoinError) -> Error {
    unavailable(format!("a task failed: {error}"))
}

/// Whether another process has, or may have, taken over what this client owned.
pub(super) fn is_fenced(error: &KafkaError) -> bool {
    let code = match error {
        KafkaError::Transaction(error) => Some(error.code()),
        other => other.rdkafka_error_code(),
    };
    code.is_some_and(is_fencing)
}

/// As [`is_fenced`], for an error code.
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

/// Whether no broker answered a call.
pub(super) fn is_unanswered(error: &KafkaError) -> bool {
    use RDKafkaErrorCode as Code;
    let code = match error {
        KafkaError::AdminOp(code) => Some(*code),
        other => other.rdkafka_error_code(),
    };
    matches!(code, Some(Code::AllBrokersDown | Code::BrokerTransportFailure | Code::OperationTimedOut))
}

/// Whether the error passes without action: partitions are being created, brokers restart, leaders move.
pub(super) fn is_transient(error: &KafkaError) -> bool {
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
