//! Preconditions of a request on the state that it changes (RFC 9110 section 13.1.1).

use model::Timestamp;

use crate::Error;

/// The state that a request expects. The version of a resource is the time of its last change by its owner.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Precondition {
    /// The request has no precondition.
    #[default]
    None,
    /// Whatever version there is.
    Any,
    /// One of these versions.
    Versions(Vec<Timestamp>),
}

impl Precondition {
    /// Checks the version `present`.
    ///
    /// # Errors
    /// [`Error::PreconditionFailed`] when another version is expected; [`Error::PreconditionRequired`] when none is named
    /// and one is `required`.
    pub fn check(&self, present: Timestamp, required: bool) -> Result<(), Error> {
        match self {
            Self::None if required => Err(Error::PreconditionRequired),
            Self::None | Self::Any => Ok(()),
            Self::Versions(versions) if versions.contains(&present) => Ok(()),
            Self::Versions(_) => Err(Error::PreconditionFailed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_must_be_the_present_one_and_may_be_required() {
        let (one, two) = (Timestamp::from_seconds(1), Timestamp::from_seconds(2));
        for (expected, required, passes) in [
            (Precondition::None, false, true),
            (Precondition::None, true, false),
            (Precondition::Any, true, true),
            (Precondition::Versions(vec![one, two]), true, true),
            (Precondition::Versions(vec![one]), false, false),
            (Precondition::Versions(vec![]), false, false),
        ] {
            assert_eq!(expected.check(two, required).is_ok(), passes, "{expected:?} {required}");
        }
    }
}
