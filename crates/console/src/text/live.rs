//! The live view.

/// Its texts.
pub struct Texts {
    /// The title.
    pub title: &'static str,
    /// What the page shows.
    pub intro: &'static str,
    /// The filter by subscription.
    pub subscription: &'static str,
    /// The filter by type.
    pub kind: &'static str,
    /// The link that reads the latest events again.
    pub again: &'static str,
    /// The button that starts.
    pub start: &'static str,
    /// The button that pauses.
    pub pause: &'static str,
    /// The button that removes the rows.
    pub clear: &'static str,
    /// It has not started.
    pub idle: &'static str,
    /// It connects.
    pub starting: &'static str,
    /// It runs.
    pub running: &'static str,
    /// It was paused.
    pub paused: &'static str,
    /// It stopped, because the page was out of sight.
    pub away: &'static str,
    /// It stopped after half an hour.
    pub over: &'static str,
    /// The gateway ended it.
    pub stopped: &'static str,
    /// Something was missed while the connection was away.
    pub gap: &'static str,
    /// Before the number of rows that were shown.
    pub shown: &'static str,
    /// Before the number of rows that were left out.
    pub skipped: &'static str,
    /// The caption of the table.
    pub latest: &'static str,
    /// The column with what happened.
    pub what: &'static str,
    /// The column with the type or receiver.
    pub detail: &'static str,
    /// The column with the link.
    pub place: &'static str,
    /// An event was accepted.
    pub accepted: &'static str,
    /// There is no event yet.
    pub none: &'static str,
}

/// Dutch.
pub const NL: Texts = Texts {
    title: "Live",
    intro: "Events zodra de gateway ze aanneemt, en bezorgingen zodra ze eindigen. De inhoud van events staat hier niet.",
    subscription: "Abonnement",
    kind: "Type",
    again: "Haal de laatste events opnieuw op",
    start: "Start live meekijken",
    pause: "Pauzeer",
    clear: "Maak de lijst leeg",
    idle: "Het meekijken is niet gestart.",
    starting: "Het meekijken start.",
    running: "U kijkt live mee.",
    paused: "Het meekijken is gepauzeerd. Wat er nu gebeurt, verschijnt hier niet.",
    away: "Het meekijken is gestopt, omdat deze pagina niet in beeld was.",
    over: "Het meekijken is na een half uur gestopt. Start opnieuw om verder te kijken.",
    stopped: "De gateway heeft het meekijken beëindigd: uw sessie is verlopen of er kijken te veel mensen mee.",
    gap: "De verbinding was weg. Wat er toen gebeurde, ontbreekt in deze lijst.",
    shown: "Getoond:",
    skipped: "overgeslagen omdat het er te veel waren:",
    latest: "Het nieuwste staat bovenaan",
    what: "Wat",
    detail: "Type of ontvanger",
    place: "Event of plaats",
    accepted: "Aangenomen",
    none: "Er zijn nog geen events die bij dit filter passen.",
};

/// English.
pub const EN: Texts = Texts {
    title: "Live",
    intro: "Events as the gateway accepts them, and deliveries as they end. The content of events is not shown here.",
    subscription: "Subscription",
    kind: "Type",
    again: "Read the latest events again",
    start: "Start to watch live",
    pause: "Pause",
    clear: "Empty the list",
    idle: "You are not watching live.",
    starting: "The live view starts.",
    running: "You are watching live.",
    paused: "The live view is paused. What happens now does not appear here.",
    away: "The live view stopped, because this page was out of sight.",
    over: "The live view stopped after half an hour. Start it again to go on.",
    stopped: "The gateway ended the live view: your session is over, or too many people are watching.",
    gap: "The connection was lost. What happened then is missing in this list.",
    shown: "Shown:",
    skipped: "left out because there were too many:",
    latest: "The newest comes first",
    what: "What",
    detail: "Type or receiver",
    place: "Event or place",
    accepted: "Accepted",
    none: "There are no events yet that match this filter.",
};
