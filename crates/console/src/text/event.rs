//! One event, and delivering it again.

/// Its texts.
pub struct Texts {
    /// The title.
    pub title: &'static str,
    /// The heading of the attributes.
    pub attributes: &'static str,
    /// The column with the name of an attribute.
    pub name: &'static str,
    /// The column with its value.
    pub value: &'static str,
    /// The heading of what the gateway knows.
    pub place: &'static str,
    /// Kanaal, partition and position.
    pub position: &'static str,
    /// The rules that it was checked by.
    pub rules: &'static str,
    /// The publisher.
    pub publisher: &'static str,
    /// The payload.
    pub payload: &'static str,
    /// There is no payload for this person.
    pub no_payload: &'static str,
    /// The size of the payload.
    pub bytes: fn(&str) -> String,
    /// The button that asks for the payload.
    pub show_content: &'static str,
    /// The heading of the findings.
    pub findings: &'static str,
    /// There are none.
    pub no_findings: &'static str,
    /// The rule of a finding.
    pub rule: &'static str,
    /// The heading of the receivers.
    pub receivers: &'static str,
    /// That what is not in the journal follows from present settings.
    pub receivers_hint: &'static str,
    /// There are no subscriptions.
    pub no_receivers: &'static str,
    /// The column with the outcome.
    pub result: &'static str,
    /// The column with the reason.
    pub reason: &'static str,
    /// The column with the moment.
    pub at: &'static str,
    /// The next attempt.
    pub next: &'static str,
    /// The delivery waits its turn.
    pub coming: &'static str,
    /// What that means.
    pub coming_why: &'static str,
    /// The delivery waits for an obstacle.
    pub after: &'static str,
    /// There is no delivery.
    pub not: &'static str,
    /// A reason of the use case in words.
    pub why: fn(&str) -> &'static str,
    /// The link that delivers again to one.
    pub again: &'static str,
    /// The same with the name of the receiver.
    pub again_to: fn(&str) -> String,
    /// The link that delivers everything from this event on again.
    pub from_here: &'static str,
    /// The same with the name of the receiver.
    pub from_here_to: fn(&str) -> String,
    /// The link that delivers again to those that missed it.
    pub again_missed: &'static str,
    /// The link that delivers again to everybody.
    pub again_everybody: &'static str,
    /// The title of the confirmation.
    pub redeliver: &'static str,
    /// To whom: those that missed it.
    pub to_missed: &'static str,
    /// To whom: everybody.
    pub to_everybody: &'static str,
    /// To whom.
    pub to: &'static str,
    /// The number of deliveries.
    pub count: &'static str,
    /// Those that got it get it twice.
    pub twice: &'static str,
    /// There is nothing to deliver.
    pub nothing: &'static str,
    /// The form was not complete.
    pub wrong: &'static str,
    /// The button that delivers again.
    pub redeliver_now: fn(&str) -> String,
    /// The event as a command.
    pub as_curl: &'static str,
    /// The link back to the event.
    pub back: &'static str,
}

/// Dutch.
pub const NL: Texts = Texts {
    title: "Event",
    attributes: "Kenmerken van het event",
    name: "Kenmerk",
    value: "Waarde",
    place: "Plaats",
    position: "Partitie en positie",
    rules: "Gecontroleerd volgens",
    publisher: "Gepubliceerd door",
    payload: "Inhoud",
    no_payload: "Geen inhoud, of u mag de inhoud niet zien",
    bytes: |number| format!("{number} bytes, niet getoond"),
    show_content: "Inhoud tonen",
    findings: "Bevindingen",
    no_findings: "De regels van nu vinden geen fouten in dit event.",
    rule: "Regel",
    receivers: "Wie kreeg dit event",
    receivers_hint: "Is er geen bezorging, dan volgt de reden uit de instellingen van nu. Die kunnen anders zijn dan toen het event kwam.",
    no_receivers: "Er zijn geen abonnementen die u mag zien.",
    result: "Uitkomst",
    reason: "Waarom",
    at: "Moment",
    next: "Volgende poging:",
    coming: "Komt nog",
    coming_why: "De bezorging is aan de beurt zodra eerdere events bezorgd zijn.",
    after: "Wacht",
    not: "Niet bezorgd",
    why: why_nl,
    again: "Opnieuw bezorgen",
    again_to: |name| format!("Opnieuw bezorgen aan {name}"),
    from_here: "Alles vanaf hier",
    from_here_to: |name| format!("Alles vanaf hier opnieuw bezorgen aan {name}"),
    again_missed: "Opnieuw bezorgen aan wie het miste",
    again_everybody: "Opnieuw bezorgen aan iedereen",
    redeliver: "Event opnieuw bezorgen",
    to_missed: "Abonnementen die dit event willen en het niet kregen",
    to_everybody: "Alle abonnementen die dit event willen",
    to: "Aan",
    count: "Aantal bezorgingen",
    twice: "Wie het event al kreeg, krijgt het nog een keer.",
    nothing: "Er is niets te bezorgen: niemand miste dit event, het abonnement wil het niet, of het wordt al opnieuw bezorgd.",
    wrong: "Het formulier was niet volledig. Controleer het aantal en probeer het opnieuw.",
    redeliver_now: |number| match number {
        "1" => "Bezorg 1 keer opnieuw".to_owned(),
        number => format!("Bezorg {number} keer opnieuw"),
    },
    as_curl: "Dit event met curl",
    back: "Terug naar het event",
};

/// English.
pub const EN: Texts = Texts {
    title: "Event",
    attributes: "Attributes of the event",
    name: "Attribute",
    value: "Value",
    place: "Place",
    position: "Partition and position",
    rules: "Checked by",
    publisher: "Published by",
    payload: "Payload",
    no_payload: "No payload, or you may not see it",
    bytes: |number| format!("{number} bytes, not shown"),
    show_content: "Show payload",
    findings: "Findings",
    no_findings: "The present rules find nothing wrong with this event.",
    rule: "Rule",
    receivers: "Who got this event",
    receivers_hint: "Without a delivery, the reason follows from the present settings. They may differ from those when the event came.",
    no_receivers: "There are no subscriptions that you may see.",
    result: "Outcome",
    reason: "Why",
    at: "Moment",
    next: "Next attempt:",
    coming: "To come",
    coming_why: "It is delivered when earlier events are delivered.",
    after: "Waiting",
    not: "Not delivered",
    why: why_en,
    again: "Deliver again",
    again_to: |name| format!("Deliver again to {name}"),
    from_here: "All from here on",
    from_here_to: |name| format!("All from here on: deliver again to {name}"),
    again_missed: "Deliver again to those that missed it",
    again_everybody: "Deliver again to everybody",
    redeliver: "Deliver the event again",
    to_missed: "Subscriptions that want this event and did not get it",
    to_everybody: "All subscriptions that want this event",
    to: "To",
    count: "Number of deliveries",
    twice: "Those that got the event get it once more.",
    nothing: "There is nothing to deliver: nobody missed this event, the subscription does not want it, or it is being delivered again.",
    wrong: "The form was not complete. Check the number and try again.",
    redeliver_now: |number| match number {
        "1" => "Deliver once more".to_owned(),
        number => format!("Deliver {number} times more"),
    },
    as_curl: "This event with curl",
    back: "Back to the event",
};

fn why_nl(reason: &str) -> &'static str {
    match reason {
        "kanaal" => "Het abonnement krijgt geen events van dit kanaal.",
        "filter" => "Het event past niet bij het filter van het abonnement.",
        "approval" => "De eigenaar van het kanaal heeft het abonnement niet goedgekeurd.",
        "consent" => "De ontvanger heeft nog geen toestemming gegeven.",
        "paused" => "Het abonnement is gepauzeerd. Na hervatten wordt het event bezorgd.",
        "suspended" => "Het abonnement is stopgezet na een storing. Na hervatten wordt het event bezorgd.",
        "gone" => "De ontvanger bestaat niet meer.",
        "expired" => "Het abonnement is verlopen.",
        "start" => "Het abonnement begint later dan dit event.",
        "passed" => "Het abonnement wil het event nu, maar wilde het niet toen het langskwam.",
        _ => "De reden is niet bekend.",
    }
}

fn why_en(reason: &str) -> &'static str {
    match reason {
        "kanaal" => "The subscription gets no events of this kanaal.",
        "filter" => "The event does not match the filter of the subscription.",
        "approval" => "The owner of the kanaal has not approved the subscription.",
        "consent" => "The receiver has not consented yet.",
        "paused" => "The subscription is paused. The event is delivered after it is resumed.",
        "suspended" => "The subscription is suspended after an outage. The event is delivered after it is resumed.",
        "gone" => "The receiver no longer exists.",
        "expired" => "The subscription has expired.",
        "start" => "The subscription starts later than this event.",
        "passed" => "The subscription wants the event now, but did not when it came.",
        _ => "The reason is not known.",
    }
}
