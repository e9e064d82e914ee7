//! Where a partition is followed from when its kanaal has its first addressees: at the moment at which the first of them
//! subscribed. Nobody gets an event from before (CH-91), and none after that is missed.

use model::{
    KanaalName, Mark, Partition, Timestamp,
    addressee::{Addressee, Channel, State, StateKind},
};
use storage::{
    audience::{self, Walk},
    log::Point,
};

use super::MailingParts;

const CHUNK: u32 = 1_000;

pub(super) async fn first_mark(
    parts: &MailingParts,
    kanaal: &KanaalName,
    partition: Partition,
) -> Result<Mark, audience::Error> {
    let point = first_subscribed(parts, kanaal).await?.map_or(Point::End, Point::Since);
    let marks = parts.log.marks(&[(kanaal.clone(), partition)], point).await?;
    Ok(marks.first().copied().unwrap_or(Mark::BEGINNING))
}

/// When the first of the addressees subscribed that may get something. It reads all of them, once in the life of a kanaal.
async fn first_subscribed(parts: &MailingParts, kanaal: &KanaalName) -> Result<Option<Timestamp>, audience::Error> {
    let mut first: Option<Timestamp> = None;
    for channel in parts.channels() {
        let found = first_by(parts, kanaal, channel).await?;
        first = first.into_iter().chain(found).min();
    }
    Ok(first)
}

/// The same of one channel.
async fn first_by(
    parts: &MailingParts,
    kanaal: &KanaalName,
    channel: Channel,
) -> Result<Option<Timestamp>, audience::Error> {
    let (mut first, mut after) = (None, None);
    loop {
        let walk = Walk {
            kanaal: kanaal.clone(),
            channel,
            after,
            state: (!parts.is_obligatory(kanaal)).then_some(StateKind::Confirmed),
            filters: None,
            limit: CHUNK,
        };
        let chunk = parts.audience.walk(walk).await?;
        let moments = chunk.addressees.iter().filter_map(|stored| subscribed(&stored.addressee));
        first = moments.chain(first).min();
        after = chunk.next;
        if after.is_none() {
            return Ok(first);
        }
    }
}

/// The earliest moment that the machine of a mailing may take as that of the subscription.
fn subscribed(addressee: &Addressee) -> Option<Timestamp> {
    let confirmation = match &addressee.state {
        State::Confirmed { confirmation, .. } => confirmation,
        State::Unconfirmed { .. } | State::Ended { .. } => addressee.left()?.1,
    };
    Some(confirmation.at.min(addressee.created))
}
