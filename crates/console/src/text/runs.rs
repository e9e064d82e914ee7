//! The runs.

/// Its texts.
pub struct Texts {
    /// The title.
    pub title: &'static str,
    /// What a run is.
    pub intro: &'static str,
    /// The state, and the filter by it.
    pub state: &'static str,
    /// It goes on.
    pub active: &'static str,
    /// It has ended.
    pub ended: &'static str,
    /// The id.
    pub run: &'static str,
    /// The kind.
    pub kind: &'static str,
    /// A replay of a period.
    pub replay: &'static str,
    /// A redrive of chosen events.
    pub records: &'static str,
    /// The receiver.
    pub receiver: &'static str,
    /// Who asked for it.
    pub by: &'static str,
    /// When it was started.
    pub started: &'static str,
    /// How far it is.
    pub done: &'static str,
    /// The deliveries that succeeded.
    pub delivered: &'static str,
    /// The deliveries that failed.
    pub failed: &'static str,
    /// How many events it does in a second.
    pub speed: &'static str,
    /// When it ended or ends.
    pub end: &'static str,
    /// Before an expected end.
    pub expected: &'static str,
    /// The button that stops it.
    pub stop: &'static str,
    /// The name of that button.
    pub stop_one: fn(&str) -> String,
    /// There are no runs.
    pub none: &'static str,
    /// No run matches.
    pub none_match: &'static str,
}

/// Dutch.
pub const NL: Texts = Texts {
    title: "Runs",
    intro: "Een run bezorgt events opnieuw: een periode, of gekozen events.",
    state: "Stand",
    active: "Bezig",
    ended: "Klaar",
    run: "Run",
    kind: "Soort",
    replay: "Replay van een periode",
    records: "Gekozen events",
    receiver: "Ontvanger",
    by: "Door",
    started: "Gestart",
    done: "Gedaan",
    delivered: "Bezorgd",
    failed: "Mislukt",
    speed: "Events per seconde",
    end: "Einde",
    expected: "verwacht",
    stop: "Stop",
    stop_one: |id| format!("Stop run {id}"),
    none: "Er zijn nog geen runs. Een run begint als iemand events opnieuw laat bezorgen.",
    none_match: "Er is geen run met deze stand.",
};

/// English.
pub const EN: Texts = Texts {
    title: "Runs",
    intro: "A run delivers events again: a period, or chosen events.",
    state: "Status",
    active: "Active",
    ended: "Ended",
    run: "Run",
    kind: "Kind",
    replay: "Replay of a period",
    records: "Chosen events",
    receiver: "Receiver",
    by: "By",
    started: "Started",
    done: "Done",
    delivered: "Delivered",
    failed: "Failed",
    speed: "Events per second",
    end: "End",
    expected: "expected",
    stop: "Stop",
    stop_one: |id| format!("Stop run {id}"),
    none: "There are no runs yet. A run starts when somebody has events delivered again.",
    none_match: "There is no run with this status.",
};
