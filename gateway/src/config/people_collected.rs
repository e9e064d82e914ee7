//! Section `[people.collected]`: when people get the mail with all events of a day or a week, if they chose that.

use mailer::mailings::Moments;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The moments of mails with all events of a day or a week. Events must be kept for longer than a week.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PeopleCollected {
    /// The hour of the day, 0 to 23.
    #[schema(minimum = 0, maximum = 23)]
    pub hour: u8,
    /// The day of weekly mails.
    pub weekday: Weekday,
    /// The time zone, by its name in the IANA database.
    pub time_zone: String,
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Weekday {
    /// Monday.
    Monday = 1,
    /// Tuesday.
    Tuesday,
    /// Wednesday.
    Wednesday,
    /// Thursday.
    Thursday,
    /// Friday.
    Friday,
    /// Saturday.
    Saturday,
    /// Sunday.
    Sunday,
}

impl Default for PeopleCollected {
    fn default() -> Self {
        Self { hour: 8, weekday: Weekday::Monday, time_zone: "Europe/Amsterdam".to_owned() }
    }
}

impl PeopleCollected {
    /// The moments; `None` when a value cannot be used.
    pub fn moments(&self) -> Option<Moments> {
        Moments::new(self.hour, self.weekday as u8, &self.time_zone)
    }

    /// What is wrong with it: the key and why.
    pub(super) fn fault(&self) -> Option<(&'static str, &'static str)> {
        let why = "needs an hour from 0 to 23, and a time zone such as Europe/Amsterdam";
        self.moments().is_none().then_some(("people.collected", why))
    }
}
