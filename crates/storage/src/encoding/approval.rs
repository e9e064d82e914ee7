//! Stored form of an approval: the decision of the owner of a kanaal about a subscription.

use model::approval;
use serde::{Deserialize, Serialize};

use super::{
    Micros,
    kanaal::{attribute, name},
};
use crate::Error;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Approval {
    kanaal: String,
    state: State,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    disclose: Option<Disclosure>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
enum State {
    Awaiting,
    Approved { by: String, at: Micros, reason: Option<String> },
    Rejected { by: String, at: Micros, reason: Option<String> },
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Disclosure {
    attributes: Option<Vec<String>>,
    data: bool,
}

impl From<&approval::Approval> for Approval {
    fn from(from: &approval::Approval) -> Self {
        use approval::{ApprovalDecision, ApprovalState as From};
        Self {
            kanaal: from.kanaal.to_string(),
            state: match &from.state {
                From::Awaiting => State::Awaiting,
                From::Approved(ApprovalDecision { by, at, reason }) => {
                    State::Approved { by: by.clone(), at: (*at).into(), reason: reason.clone() }
                }
                From::Rejected(ApprovalDecision { by, at, reason }) => {
                    State::Rejected { by: by.clone(), at: (*at).into(), reason: reason.clone() }
                }
            },
            disclose: from.disclose.as_ref().map(|own| Disclosure {
                attributes: own.attributes.as_ref().map(|names| names.iter().map(ToString::to_string).collect()),
                data: own.data,
            }),
        }
    }
}

impl TryFrom<Approval> for approval::Approval {
    type Error = Error;

    fn try_from(form: Approval) -> Result<Self, Error> {
        use approval::{ApprovalDecision, ApprovalState as To};
        let disclose = |form: Disclosure| {
            let names = form.attributes.map(|names| names.iter().map(|own| attribute(own)).collect());
            Ok::<_, Error>(approval::Disclosure { attributes: names.transpose()?, data: form.data })
        };
        Ok(Self {
            kanaal: name(&form.kanaal)?,
            state: match form.state {
                State::Awaiting => To::Awaiting,
                State::Approved { by, at, reason } => To::Approved(ApprovalDecision { by, at: at.into(), reason }),
                State::Rejected { by, at, reason } => To::Rejected(ApprovalDecision { by, at: at.into(), reason }),
            },
            disclose: form.disclose.map(disclose).transpose()?,
        })
    }
}
