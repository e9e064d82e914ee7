//! What the page of the figures of a kanaal and `GET /v1/kanalen/{naam}/statistics` have in common: its events by day, and what the
//! rules find in its newest events. Its deliveries are in [`crate::statistics`].

use std::time::Duration;

use model::{Actor, Timestamp};

use super::{KanaalFindings, volumes::MAX_PERIODS};
use crate::{Error, Management};

const DAY: Duration = Duration::from_hours(24);

/// The days that are counted unless others are asked for.
const DAYS: i64 = 7;

/// The events of a kanaal.
#[derive(Debug)]
pub struct KanaalStatistics {
    /// How many events were appended in each period; `None` while the log does not answer.
    pub volumes: Option<Vec<u64>>,
    /// What the rules find in the newest events.
    pub findings: KanaalFindings,
}

impl Management {
    /// The events of a kanaal of the actor, those of the periods that begin at `starts`, at most 31. A period lasts until the next
    /// one, the last until now.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such kanaal; [`Error::Forbidden`] when the actor does not answer for it;
    /// [`Error::Storage`] when its newest events cannot be read.
    pub async fn kanaal_statistics(
        &self,
        actor: &Actor,
        naam: &str,
        starts: &[Timestamp],
    ) -> Result<KanaalStatistics, Error> {
        let findings = self.find_findings(actor, naam).await?;
        Ok(KanaalStatistics { volumes: self.kanaal_volumes(actor, naam, starts).await.ok(), findings })
    }

    /// The beginnings of periods of 24 hours from a moment until now; without one from the beginning of the day in UTC six days ago.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a moment in the future, or more than 31 days ago.
    pub fn days_from(&self, from: Option<Timestamp>) -> Result<Vec<Timestamp>, Error> {
        days_from(from, self.clock.now())
    }
}

fn days_from(from: Option<Timestamp>, now: Timestamp) -> Result<Vec<Timestamp>, Error> {
    let day = i64::try_from(DAY.as_micros()).unwrap_or(i64::MAX);
    let today = now.as_micros().div_euclid(day);
    let first = from.unwrap_or_else(|| Timestamp::from_micros((today - (DAYS - 1)) * day));
    if first > now {
        return Err(Error::invalid("from", "must not be in the future"));
    }
    let days: Vec<Timestamp> =
        std::iter::successors(Some(first), |start| Some(*start + DAY).filter(|next| *next <= now))
            .take(MAX_PERIODS + 1)
            .collect();
    if days.len() > MAX_PERIODS {
        return Err(Error::invalid("from", format!("must be at most {MAX_PERIODS} days ago")));
    }
    Ok(days)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_follow_each_other_until_now_and_are_bounded() {
        let at = |text: &str| Timestamp::parse_rfc3339(text).unwrap();
        let now = at("2026-12-03T07:00:00Z");
        let days = |from: Option<&str>| {
            let days = days_from(from.map(at), now).ok()?;
            Some((days.len(), days.first()?.to_rfc3339(), days.last()?.to_rfc3339()))
        };
        let seven = Some((7, "2026-11-27T00:00:00Z".to_owned(), "2026-12-03T00:00:00Z".to_owned()));
        assert_eq!(days(None), seven);
        let local = Some((2, "2026-12-01T23:00:00Z".to_owned(), "2026-12-02T23:00:00Z".to_owned()));
        assert_eq!(days(Some("2026-12-02T00:00:00+01:00")), local);
        assert_eq!(days(Some("2026-12-03T07:00:00Z")).map(|(number, ..)| number), Some(1));
        assert_eq!(days(Some("2026-12-03T07:00:01Z")), None);
        assert_eq!(days(Some("2026-11-02T07:00:01Z")).map(|(number, ..)| number), Some(31));
        assert_eq!(days(Some("2026-11-02T07:00:00Z")), None);
    }
}
