//! Stored form of a run: its subscription, what it delivers, and who requested it.

use model::{Mark, Partition, Position, SubscriptionId, run};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Micros, kanaal::name};
use crate::Error;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Run {
    id: Uuid,
    subscription: Uuid,
    what: What,
    asked_by: String,
    created: Micros,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
enum What {
    Replay(Vec<Range>),
    Records(Vec<(String, u32, u64)>),
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Range {
    kanaal: String,
    partition: u32,
    from: u64,
    until: u64,
}

impl From<&run::Run> for Run {
    fn from(run: &run::Run) -> Self {
        let range = |range: &run::Range| Range {
            kanaal: range.kanaal.to_string(),
            partition: range.partition.0,
            from: range.from.0,
            until: range.until.0,
        };
        let what = match &run.what {
            run::RunSelection::Replay(ranges) => What::Replay(ranges.iter().map(range).collect()),
            run::RunSelection::Records(records) => {
                What::Records(records.iter().map(|(naam, part, at)| (naam.to_string(), part.0, at.0)).collect())
            }
        };
        Self {
            id: run.id.0,
            subscription: run.subscription.0,
            what,
            asked_by: run.asked_by.clone(),
            created: run.created.into(),
        }
    }
}

impl TryFrom<Run> for run::Run {
    type Error = Error;

    fn try_from(form: Run) -> Result<Self, Error> {
        let range = |range: Range| {
            let kanaal = name(&range.kanaal)?;
            let (from, until) = (Mark(range.from), Mark(range.until));
            Ok::<_, Error>(run::Range { kanaal, partition: Partition(range.partition), from, until })
        };
        let record = |(naam, partition, at): (String, u32, u64)| {
            Ok::<_, Error>((name(&naam)?, Partition(partition), Position(at)))
        };
        let what = match form.what {
            What::Replay(ranges) => run::RunSelection::Replay(ranges.into_iter().map(range).collect::<Result<_, _>>()?),
            What::Records(records) => {
                run::RunSelection::Records(records.into_iter().map(record).collect::<Result<_, _>>()?)
            }
        };
        Ok(Self {
            id: run::RunId(form.id),
            subscription: SubscriptionId(form.subscription),
            what,
            asked_by: form.asked_by,
            created: form.created.into(),
        })
    }
}
