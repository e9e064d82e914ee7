//! Reads the figures of everything, a kanaal or a subscription, for those who may see them.

use std::{collections::HashSet, sync::PoisonError};

use model::{Actor, KanaalName, SubscriptionId, Timestamp};

use super::ring::{Counts, MINUTES, Rows, Series, minute_of, start_of};
use crate::{Error, Management, Resource};

/// What figures are asked of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// Everything; for who is no administrator all its own subscriptions.
    Everything,
    /// A kanaal: for administrators and its owner.
    Kanaal(KanaalName),
    /// A subscription: for administrators and its owner.
    Subscription(SubscriptionId),
}

/// The period that one count covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// One minute.
    Minute,
    /// One hour.
    Hour,
}

impl Step {
    const fn minutes(self) -> i64 {
        match self {
            Self::Minute => 1,
            Self::Hour => 60,
        }
    }
}

/// A request for figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Of what.
    pub subject: Subject,
    /// The period of each count.
    pub step: Step,
    /// The first moment; `None` for the last 60 steps of a minute, or the last 24 of an hour.
    pub from: Option<Timestamp>,
}

/// The figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figures {
    /// From when on counts are complete; before it this node was not running, or had no room.
    pub since: Timestamp,
    /// The start of each step and its counts, oldest first, without gaps until now.
    pub steps: Vec<(Timestamp, Counts)>,
}

/// The first minute of the last 24 hours, which begin at the start of an hour.
pub(super) const fn first_of_day(present: i64) -> i64 {
    present.div_euclid(60) * 60 - 23 * 60
}

/// Whose rows are added up.
enum SeriesSelection {
    One(Series),
    Own(HashSet<SubscriptionId>),
}

impl SeriesSelection {
    fn sum(&self, rows: &Rows) -> Counts {
        let mut sum = Counts::default();
        match self {
            Self::One(series) => rows.get(series).into_iter().for_each(|counts| sum.add(counts)),
            Self::Own(ids) => {
                let own = ids.iter().filter_map(|id| rows.get(&Series::Subscription(*id)));
                own.for_each(|counts| sum.add(counts));
            }
        }
        sum
    }
}

impl Management {
    /// The figures that are asked for, of at most the last 24 hours.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a subscription of another client and for an unknown kanaal, [`Error::Forbidden`] for a kanaal of
    /// another client, [`Error::Invalid`] when `from` is in the future.
    pub fn read_statistics(&self, actor: &Actor, request: &Request) -> Result<Figures, Error> {
        let selection = self.selection(actor, &request.subject)?;
        let now = self.clock.now();
        let present = minute_of(now);
        let default = match request.step {
            Step::Minute => present - 59,
            Step::Hour => first_of_day(present),
        };
        let first = request.from.map_or(default, minute_of);
        if first > present {
            return Err(Error::invalid("from", "must not be in the future"));
        }
        let (since, minutes) = {
            let ring = self.statistics.ring.lock().unwrap_or_else(PoisonError::into_inner);
            let first = first.max(present - MINUTES + 1);
            (ring.since(now), ring.snapshot(first))
        };
        let step = request.step.minutes();
        let start = |minute: i64| minute.div_euclid(step) * step;
        let first = start(first.max(present - MINUTES + 1));
        let mut steps: Vec<(Timestamp, Counts)> =
            (first..=present).step_by(step as usize).map(|minute| (start_of(minute), Counts::default())).collect();
        for (minute, rows) in minutes {
            let place = usize::try_from((start(minute) - first) / step).unwrap_or(usize::MAX);
            if let Some((_, counts)) = steps.get_mut(place) {
                counts.add(&selection.sum(&rows));
            }
        }
        Ok(Figures { since: start_of(since), steps })
    }

    /// From when on figures are complete, when that is within the 24 hours that [`Self::read_statistics`] covers by hour. This node
    /// counts what happens on all nodes since it started; another one that started earlier has more.
    pub fn incomplete_before(&self) -> Option<Timestamp> {
        let now = self.clock.now();
        let since = self.statistics.ring.lock().unwrap_or_else(PoisonError::into_inner).since(now);
        (since > first_of_day(minute_of(now))).then(|| start_of(since))
    }

    fn selection(&self, actor: &Actor, subject: &Subject) -> Result<SeriesSelection, Error> {
        Ok(match subject {
            Subject::Everything if actor.sees_all() => SeriesSelection::One(Series::All),
            Subject::Everything => {
                SeriesSelection::Own(self.visible_subscriptions(actor).iter().map(|own| own.id).collect())
            }
            Subject::Subscription(id) => {
                self.visible_subscription(actor, *id)?;
                SeriesSelection::One(Series::Subscription(*id))
            }
            Subject::Kanaal(naam) => {
                let kanaal = self.registry.read().kanaal(naam.as_str()).cloned();
                let kanaal = kanaal.ok_or(Error::NotFound(Resource::Kanaal))?;
                let may_see = actor.sees_all() || kanaal.owner.as_deref().is_some_and(|owner| actor.may_see(owner));
                if !may_see {
                    let text = "Only administrators and the owner of a kanaal see its figures.";
                    return Err(Error::Forbidden(text.to_owned()));
                }
                SeriesSelection::One(Series::Kanaal(naam.clone()))
            }
        })
    }
}
