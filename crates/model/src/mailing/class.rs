//! What kind of messages the texts of a kanaal make (CH-21, CH-85).

/// The class of the texts of a kanaal. The configuration gives it, and it is the right to send to those who left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Class {
    /// Messages that people asked for and can end.
    #[default]
    Normal,
    /// Messages that the organisation has to send. They go to those who left as well, and have no way to unsubscribe (CH-21).
    Obligatory,
    /// Obligatory, and with what the Awb asks of a notification: its nature and legal effect, whether an answer is expected, and the
    /// term (article 2:10, paragraph 2; CH-85).
    Wmebv,
}

impl Class {
    /// All, in the order above.
    pub const ALL: [Self; 3] = [Self::Normal, Self::Obligatory, Self::Wmebv];

    /// The word for it in the configuration and in APIs.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Obligatory => "obligatory",
            Self::Wmebv => "wmebv",
        }
    }

    /// Whether the messages go to those who left as well.
    pub const fn is_obligatory(self) -> bool {
        matches!(self, Self::Obligatory | Self::Wmebv)
    }
}
