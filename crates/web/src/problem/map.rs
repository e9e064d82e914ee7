//! The map from errors of other crates to problem documents: the only place where a failure gets a status.

use model::decide::Rejection;

use super::{Fault, Problem, ProblemType};

impl From<storage::Error> for Problem {
    fn from(error: storage::Error) -> Self {
        match error {
            storage::Error::Unavailable { reason, retry_after } => {
                tracing::warn!(%reason, "storage is unavailable");
                Self::unavailable("Storage did not confirm this; it is not accepted. Send it again later.", retry_after)
            }
            storage::Error::TooLarge { limit, .. } => Self::too_large(limit),
            other => {
                tracing::error!(error = %other, "storage failed");
                Self::unavailable(
                    "Storage did not confirm this; it is not accepted. Send it again later.",
                    std::time::Duration::from_secs(10),
                )
            }
        }
    }
}

impl From<secrets::Error> for Problem {
    fn from(error: secrets::Error) -> Self {
        tracing::error!(%error, "a secret cannot be sealed or opened");
        Self::internal()
    }
}

impl From<people::Error> for Problem {
    fn from(error: people::Error) -> Self {
        use people::Error;
        let text = error.to_string();
        let too_many = |wait| Self::new(ProblemType::TooManyRequests, text.clone()).with_retry_after(wait);
        match error {
            Error::Unknown => Self::not_found(text),
            Error::TooManyRequests { wait } => too_many(wait),
            // Ended ones are forgotten after their retention; a status of its own would reveal what there is of an address.
            Error::TooManyOfAddress => too_many(std::time::Duration::from_hours(1)),
            Error::AttributesTooLong => Self::invalid(vec![Fault::new("config.attributes", text)]),
            Error::Busy => Self::new(ProblemType::Busy, text),
            Error::Storage(error) => error.into(),
            Error::Keys(error) => {
                tracing::error!(%error, "an address or code cannot be sealed or opened");
                Self::internal()
            }
        }
    }
}

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        let text = rejection.to_string();
        match rejection {
            Rejection::KanaalExists(_) => Self::new(ProblemType::KanaalExists, text),
            Rejection::UnknownKanaal(_) => {
                Self::new(ProblemType::UnknownKanaal, text.clone()).with_errors(vec![Fault::new("kanalen", text)])
            }
            Rejection::KanaalInUse { .. } => Self::new(ProblemType::KanaalInUse, text),
            Rejection::SubscriptionExists(_) => Self::new(ProblemType::SubscriptionExists, text),
            Rejection::UnknownSubscription(_)
            | Rejection::UnknownRun(_)
            | Rejection::UnknownSchema(_)
            | Rejection::NotCovered { .. } => Self::not_found(text),
            Rejection::Conflict(_) => Self::precondition_failed(),
            Rejection::OutOfDate(_) | Rejection::AlreadyUsed => Self::new(ProblemType::OutOfDate, text),
            Rejection::Gone(_) => Self::new(ProblemType::SubscriptionGone, text),
            Rejection::TooManyRevocations => Self::new(ProblemType::Unavailable, text),
            Rejection::SchemaExists(_) => Self::new(ProblemType::SchemaExists, text),
            Rejection::SchemaTaken { .. } => Self::new(ProblemType::SchemaTaken, text),
            Rejection::TooManySchemas => Self::new(ProblemType::TooManySchemas, text),
            Rejection::Expired(_) => Self::new(ProblemType::SubscriptionExpired, text),
            Rejection::CreateKeyTaken(_) => Self::new(ProblemType::KeyTaken, text),
            Rejection::OlderRevision { .. } => Self::new(ProblemType::OlderRevision, text),
        }
    }
}

impl From<management::Error> for Problem {
    fn from(error: management::Error) -> Self {
        use management::{Conflict, Error};
        let text = error.to_string();
        match error {
            Error::Invalid(faults) => Self::invalid(faults.into_iter().map(Fault::from).collect()),
            Error::NotFound(_) | Error::NotIndexed | Error::NoLongerKept => Self::not_found(text),
            Error::TooBroad(_) => Self::new(ProblemType::TooBroad, text),
            Error::Interrupted => Self::internal(),
            Error::Gone(_) => Self::gone(text),
            Error::Forbidden(_) => Self::forbidden(text),
            Error::Conflict(Conflict::KeyReused(_)) => Self::new(ProblemType::KeyReused, text)
                .fault("Idempotency-Key", "was used for another request: choose another key"),
            Error::Conflict(Conflict::Busy) => Self::new(ProblemType::Busy, text),
            Error::Conflict(Conflict::CannotSend(_)) => Self::new(ProblemType::CannotSend, text),
            Error::Conflict(Conflict::SinkBusy) => Self::new(ProblemType::SinkBusy, text),
            Error::Conflict(Conflict::Manual) => Self::new(ProblemType::Manual, text),
            Error::Conflict(Conflict::Unreadable) => Self::new(ProblemType::Unreadable, text),
            Error::Conflict(Conflict::SubscriptionDeleted) => Self::new(ProblemType::SubscriptionDeleted, text),
            Error::Conflict(Conflict::Quota { .. } | Conflict::Viewers { .. }) => Self::new(ProblemType::Quota, text),
            Error::Conflict(Conflict::RouteTaken { .. }) => {
                Self::new(ProblemType::RouteTaken, text.clone()).with_errors(vec![Fault::new("typeRoutes", text)])
            }
            Error::Conflict(Conflict::KanaalDeclared(_)) => Self::new(ProblemType::KanaalDeclared, text),
            Error::Conflict(Conflict::SubscriptionDeclared(_)) => Self::new(ProblemType::SubscriptionDeclared, text),
            Error::Conflict(Conflict::SchemaDeclared) => Self::new(ProblemType::SchemaDeclared, text),
            Error::Conflict(Conflict::SchemaBuiltIn(_)) => Self::new(ProblemType::SchemaExists, text),
            Error::PreconditionRequired => Self::precondition_required(),
            Error::Probe(_) => Self::invalid(vec![Fault::new("sink", text).at("/sink")]),
            Error::PreconditionFailed => Self::precondition_failed(),
            Error::Rejected(rejection) => rejection.into(),
            Error::Storage(error) => error.into(),
            Error::Secrets(error) => error.into(),
        }
    }
}

impl From<management::Fault> for Fault {
    /// The pointer follows from the path and the place in the value: `filters[2].x` is `/filters/2/x`. A key of kenmerken is
    /// one part of it, dots or not.
    fn from(fault: management::Fault) -> Self {
        const KENMERKEN: &str = "config.kenmerken.";
        let member = match fault.member.split_once(KENMERKEN) {
            Some((before, key)) => {
                let (before, key) = (before.replace('.', "/"), key.replace('~', "~0").replace('/', "~1"));
                format!("{before}config/kenmerken/{key}")
            }
            None => fault.member.replace(['.', '['], "/").replace(']', ""),
        };
        let pointer = format!("/{member}{}", fault.place);
        Self::new(fault.member, fault.rule).at(pointer)
    }
}
