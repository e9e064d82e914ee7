//! The gateways that an event passed: the header `Gateway-Via` of requests and deliveries, which ends loops of gateways that
//! deliver to each other.
//!
//! The value is a list of ids of installations, oldest first, separated by commas. A gateway refuses what passed it before,
//! keeps the list beside the event, and appends its own id when it delivers the event. It is a header of HTTP, so that it goes
//! with every format of events and changes none.

use std::str;

use translator::record;

/// The header, in lower case.
pub const HEADER: &str = "gateway-via";
/// Most gateways that an event passes; one more is a loop of gateways that do not know each other.
pub const MAX_GATEWAYS: usize = 32;
/// Longest id of an installation, in bytes.
const MAX_ID: usize = 64;

/// The gateways that the events of a request passed, oldest first; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Via(String);

/// Why a request is refused for the gateways that it passed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ViaError {
    /// This gateway sent the event itself, and it came back.
    #[error(
        "the event came back to this gateway (loop): it passed {0}; a subscription there delivers to a gateway that delivers it here"
    )]
    Loop(String),
    /// It passed more than [`MAX_GATEWAYS`].
    #[error("the event passed more than {MAX_GATEWAYS} gateways (loop)")]
    TooMany,
    /// The header is not a list of ids.
    #[error(
        "the header Gateway-Via must be a list of ids, each 1 to {MAX_ID} letters, digits, hyphens, underscores and dots"
    )]
    Malformed,
}

impl ViaError {
    /// The text of the error in Dutch.
    pub fn text_nl(&self) -> String {
        match self {
            Self::Loop(passed) => format!(
                "het event kwam terug bij deze gateway (lus): het ging langs {passed}; een abonnement daar levert aan een gateway die \
                 het hier weer aflevert"
            ),
            Self::TooMany => format!("het event ging langs meer dan {MAX_GATEWAYS} gateways (lus)"),
            Self::Malformed => "de header Gateway-Via moet een lijst van ids zijn".to_owned(),
        }
    }
}

impl Via {
    /// Reads the values of the header in a request to the installation `own`; `None` when there is none.
    ///
    /// # Errors
    /// When it passed `own` before, or too many gateways, or is no list of ids.
    pub fn read<'a>(values: impl Iterator<Item = &'a [u8]>, own: &str) -> Result<Option<Self>, ViaError> {
        let mut ids = Vec::new();
        for value in values {
            let text = str::from_utf8(value).map_err(|_| ViaError::Malformed)?;
            for id in text.split(',').map(str::trim).filter(|id| !id.is_empty()) {
                if !is_id(id) {
                    return Err(ViaError::Malformed);
                }
                if ids.len() == MAX_GATEWAYS {
                    return Err(ViaError::TooMany);
                }
                ids.push(id);
            }
        }
        if ids.contains(&own) {
            return Err(ViaError::Loop(ids.join(", ")));
        }
        Ok((!ids.is_empty()).then(|| Self(ids.join(", "))))
    }

    /// Puts the list on the record of an event.
    pub(crate) fn put(&self, record: &mut storage::log::Record) {
        record.headers.push(record::via_header(&self.0));
    }
}

fn is_id(text: &str) -> bool {
    text.len() <= MAX_ID && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[&str]) -> Result<Option<String>, ViaError> {
        Via::read(values.iter().map(|value| value.as_bytes()), "own").map(|via| via.map(|via| via.0))
    }

    #[test]
    fn d4_what_passed_this_gateway_or_too_many_is_refused() {
        let many = |count: usize| (0..count).map(|at| format!("g{at}")).collect::<Vec<_>>().join(",");
        for (values, expected) in [
            (&[][..], Ok(None)),
            (&["", " , "], Ok(None)),
            (&["a"], Ok(Some("a".to_owned()))),
            (&["a,b", " c "], Ok(Some("a, b, c".to_owned()))),
            (&["owner"], Ok(Some("owner".to_owned()))),
            (&["a, own"], Err(ViaError::Loop("a, own".to_owned()))),
            (&["own", "b"], Err(ViaError::Loop("own, b".to_owned()))),
            (&["a b"], Err(ViaError::Malformed)),
            (&["é"], Err(ViaError::Malformed)),
            (&[&"x".repeat(65)], Err(ViaError::Malformed)),
            (&[&many(33)], Err(ViaError::TooMany)),
        ] {
            assert_eq!(read(values), expected, "{values:?}");
        }
        assert!(read(&[&many(32)]).is_ok());
    }
}
