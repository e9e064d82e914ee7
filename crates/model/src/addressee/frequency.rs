//! How often a person gets mails about events (CH-101).

/// How often mails about events are sent to an addressee.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Frequency {
    /// One mail for each event, at once.
    #[default]
    AtOnce,
    /// One mail a day with all events since the last one.
    Daily,
    /// One mail a week with all events since the last one.
    Weekly,
}

impl Frequency {
    /// All, in the order above.
    pub const ALL: [Self; 3] = [Self::AtOnce, Self::Daily, Self::Weekly];

    /// The word for it in APIs.
    pub const fn label(self) -> &'static str {
        match self {
            Self::AtOnce => "at-once",
            Self::Daily => "daily",
            Self::Weekly => "weekly",
        }
    }

    /// The frequency with this label.
    pub fn of_label(label: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|own| own.label() == label)
    }
}
