//! A kanaal and a channel as one number: `kanaal << 2 | channel`.

use model::{KanaalName, addressee::Channel};
use rusqlite::Connection;

use super::names::{self, Kind, Names};
use crate::Error;

/// The number of a channel, stored: the two lowest bits of a topic.
pub(super) const fn channel_number(channel: Channel) -> i64 {
    match channel {
        Channel::Email => 0,
        Channel::Sms => 1,
        Channel::Inbox => 2,
    }
}

/// The topic of a kanaal, given its number.
pub(super) const fn of(kanaal: i64, channel: Channel) -> i64 {
    (kanaal << 2) | channel_number(channel)
}

/// What mailings that send an event again have in place of a topic; no channel has this number.
pub(super) const fn of_resends(kanaal: i64) -> i64 {
    (kanaal << 2) | 3
}

/// The topics of a kanaal; `None` when nothing is stored of it.
pub(super) fn of_kanaal(connection: &Connection, kanaal: &KanaalName) -> Result<Option<[i64; 3]>, Error> {
    let number = names::find(connection, Kind::Kanaal, kanaal.as_str())?;
    Ok(number.map(|number| Channel::ALL.map(|channel| of(number, channel))))
}

/// The kanaal and channel of a topic.
pub(super) fn decode(connection: &Connection, names: &mut Names, topic: i64) -> Result<(KanaalName, Channel), Error> {
    let corrupt = |reason: &str| Error::Corrupt { kind: "addressee", reason: reason.into() };
    let channel = Channel::ALL.into_iter().find(|channel| channel_number(*channel) == topic & 3);
    let name = names.text(connection, topic >> 2)?;
    let kanaal = KanaalName::new(&name).ok_or_else(|| corrupt("not a name of a kanaal"))?;
    Ok((kanaal, channel.ok_or_else(|| corrupt("not a channel"))?))
}
