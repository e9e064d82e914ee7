//! Deliveries: the list of a subscription, and one with its attempts.

use management::waiting::WaitingFor;
use model::outcome::Outcome;

/// Its texts.
pub struct Texts {
    /// The title of the list.
    pub title: &'static str,
    /// The title of one delivery.
    pub one: &'static str,
    /// The event.
    pub event: &'static str,
    /// How it ended.
    pub outcome: &'static str,
    /// It has not ended.
    pub busy: &'static str,
    /// What that means.
    pub busy_why: &'static str,
    /// The number of attempts.
    pub attempts: &'static str,
    /// The status of the last answer.
    pub status: &'static str,
    /// No answer came.
    pub no_answer: &'static str,
    /// How long the last attempt took.
    pub duration: &'static str,
    /// When.
    pub at: &'static str,
    /// The filter: ended at or after.
    pub from: &'static str,
    /// The filter: ended before.
    pub until: &'static str,
    /// The form of a moment.
    pub moment_hint: &'static str,
    /// The text is no moment.
    pub moment_wrong: &'static str,
    /// The run.
    pub run: &'static str,
    /// The text is no id of a run.
    pub run_wrong: &'static str,
    /// It belongs to no run.
    pub live: &'static str,
    /// The place of the event.
    pub place: &'static str,
    /// The index no longer has the id.
    pub unknown_event: &'static str,
    /// There are no deliveries.
    pub none: &'static str,
    /// No delivery matches.
    pub none_match: &'static str,
    /// The subscription.
    pub subscription: &'static str,
    /// The heading of the attempts.
    pub timeline: &'static str,
    /// An attempt.
    pub attempt: fn(u32) -> String,
    /// The answer.
    pub answered: fn(u16) -> String,
    /// The answer asked to wait: a number of seconds, the same as text, and the moment until which.
    pub asked_to_wait: fn(u64, &str, &str) -> String,
    /// A duration in milliseconds.
    pub milliseconds: fn(&str) -> String,
    /// The start of the answer.
    pub excerpt: &'static str,
    /// The technical text.
    pub technical: &'static str,
    /// The journal keeps no attempts.
    pub no_attempts: &'static str,
    /// Some attempts were not kept.
    pub lost_attempts: &'static str,
    /// The heading of the outcome.
    pub rule: &'static str,
    /// The button that delivers the event again.
    pub redeliver: &'static str,
    /// What that does.
    pub redeliver_hint: &'static str,
    /// The link to the dead letter.
    pub to_dead_letter: &'static str,
    /// The earliest moment of the next attempt.
    pub next_attempt: &'static str,
    /// The label of what a delivery waits for.
    pub waits_for: &'static str,
    /// What a delivery waits for.
    pub waiting: fn(WaitingFor) -> &'static str,
    /// Why no answer came.
    pub failure: fn(&str) -> &'static str,
    /// Why an answer was classified as it was.
    pub why: fn(u16) -> &'static str,
    /// The word of an outcome and the rule behind it.
    pub of: fn(Outcome) -> (&'static str, &'static str),
}

/// Dutch.
pub const NL: Texts = Texts {
    title: "Bezorgingen",
    one: "Bezorging",
    event: "Event",
    outcome: "Uitkomst",
    busy: "Bezig",
    busy_why: "De gateway heeft het geprobeerd en probeert het opnieuw.",
    attempts: "Pogingen",
    status: "Laatste antwoord",
    no_answer: "Geen antwoord",
    duration: "Duur",
    at: "Moment",
    from: "Vanaf (datum en tijd)",
    until: "Tot (datum en tijd)",
    moment_hint: "Bijvoorbeeld 2026-11-30 14:00",
    moment_wrong: "Vul een datum en tijd in zoals 2026-11-30 14:00",
    run: "Run",
    run_wrong: "Het nummer van een run heeft 32 cijfers en letters a tot en met f",
    live: "Gewone bezorging",
    place: "Plaats (kanaal, partitie, positie)",
    unknown_event: "niet meer bekend",
    none: "Er is nog niets bezorgd of geprobeerd.",
    none_match: "Geen bezorging voldoet aan dit filter. Wis het filter om alles te zien.",
    subscription: "Abonnement",
    timeline: "Wat er gebeurde",
    attempt: |number| format!("Poging {number}"),
    answered: |code| format!("De ontvanger antwoordde {code}"),
    asked_to_wait: |seconds, text, until| {
        let unit = if seconds == 1 { "seconde" } else { "seconden" };
        format!("De ontvanger vroeg om {text} {unit} te wachten (Retry-After), dus tot {until}.")
    },
    milliseconds: |text| format!("{text} ms"),
    excerpt: "Begin van het antwoord",
    technical: "Technische tekst",
    no_attempts: "Er zijn geen pogingen bewaard.",
    lost_attempts: "Niet alle pogingen zijn bewaard.",
    rule: "Uitkomst en de regel erachter",
    redeliver: "Bezorg dit event opnieuw",
    redeliver_hint: "De ontvanger kan het event daardoor twee keer krijgen.",
    to_dead_letter: "Naar de dead letter",
    next_attempt: "Volgende poging, op zijn vroegst",
    waits_for: "Wacht op",
    waiting: waiting_nl,
    failure: failure_nl,
    why: why_nl,
    of: outcome_nl,
};

/// English.
pub const EN: Texts = Texts {
    title: "Deliveries",
    one: "Delivery",
    event: "Event",
    outcome: "Outcome",
    busy: "In progress",
    busy_why: "The gateway tried, and will try again.",
    attempts: "Attempts",
    status: "Last answer",
    no_answer: "No answer",
    duration: "Duration",
    at: "Moment",
    from: "From (date and time)",
    until: "Until (date and time)",
    moment_hint: "For example 2026-11-30 14:00",
    moment_wrong: "Enter a date and time like 2026-11-30 14:00",
    run: "Run",
    run_wrong: "The id of a run has 32 digits and letters a to f",
    live: "Ordinary delivery",
    place: "Place (kanaal, partition, position)",
    unknown_event: "no longer known",
    none: "Nothing was delivered or tried yet.",
    none_match: "No delivery matches this filter. Clear the filter to see all.",
    subscription: "Subscription",
    timeline: "What happened",
    attempt: |number| format!("Attempt {number}"),
    answered: |code| format!("The receiver answered {code}"),
    asked_to_wait: |seconds, text, until| {
        let unit = if seconds == 1 { "second" } else { "seconds" };
        format!("The receiver asked to wait {text} {unit} (Retry-After), so until {until}.")
    },
    milliseconds: |text| format!("{text} ms"),
    excerpt: "Start of the answer",
    technical: "Technical text",
    no_attempts: "No attempts were kept.",
    lost_attempts: "Not all attempts were kept.",
    rule: "Outcome and the rule behind it",
    redeliver: "Deliver this event again",
    redeliver_hint: "The receiver may get the event twice.",
    to_dead_letter: "To the dead letter",
    next_attempt: "Next attempt, at the earliest",
    waits_for: "Waits for",
    waiting: waiting_en,
    failure: failure_en,
    why: why_en,
    of: outcome_en,
};

/// The colour of the badge of an outcome; the word says the same.
pub const fn badge(outcome: Option<Outcome>) -> &'static str {
    match outcome {
        Some(Outcome::Delivered) => "success",
        Some(Outcome::Refused | Outcome::RetriesExhausted | Outcome::Untranslatable) => "error",
        Some(Outcome::Duplicate | Outcome::Ended) => "neutral",
        Some(Outcome::Expired) | None => "warning",
    }
}

fn failure_nl(text: &str) -> &'static str {
    match cause(text) {
        Cause::Refused => "De verbinding werd geweigerd: op dit adres luistert niets.",
        Cause::Timeout => "Er kwam niet op tijd een antwoord.",
        Cause::Certificate => "Het certificaat van de ontvanger wordt niet vertrouwd, of TLS lukte niet.",
        Cause::Name => "De naam van de ontvanger is niet gevonden.",
        Cause::Address => "Het adres is niet toegestaan door de regels voor uitgaand verkeer.",
        Cause::Other => "Er kwam geen antwoord.",
    }
}

fn failure_en(text: &str) -> &'static str {
    match cause(text) {
        Cause::Refused => "The connection was refused: nothing listens at this address.",
        Cause::Timeout => "No answer came in time.",
        Cause::Certificate => "The certificate of the receiver is not trusted, or TLS failed.",
        Cause::Name => "The name of the receiver was not found.",
        Cause::Address => "The rules for outgoing connections do not allow the address.",
        Cause::Other => "No answer came.",
    }
}

/// The cause of a failure, as far as its technical text shows it.
enum Cause {
    Refused,
    Timeout,
    Certificate,
    Name,
    Address,
    Other,
}

fn cause(text: &str) -> Cause {
    let text = text.to_ascii_lowercase();
    let contains = |parts: &[&str]| parts.iter().any(|part| text.contains(part));
    match () {
        () if contains(&["refused"]) => Cause::Refused,
        () if contains(&["timed out", "timeout", "no answer within", "in time"]) => Cause::Timeout,
        () if contains(&["certificate", "tls"]) => Cause::Certificate,
        () if contains(&["resolve", "dns", "lookup"]) => Cause::Name,
        () if contains(&["egress", "not allowed", "address"]) => Cause::Address,
        () => Cause::Other,
    }
}

fn why_nl(code: u16) -> &'static str {
    match code {
        200..=299 => {
            "Dit antwoord betekent dat de ontvanger het event aannam. Of hij het ook verwerkte, is hier niet te zien."
        }
        410 => "De ontvanger bestaat niet meer. Het abonnement wordt opgeheven.",
        400 | 413 | 422 => "De ontvanger weigert dit event. Opnieuw proberen helpt niet; het wordt een dead letter.",
        415 => "De ontvanger weigert de vorm. De gateway probeert het nog een keer als gewoon CloudEvent.",
        429 | 503 => "De ontvanger is te druk. Vroeg hij om te wachten (Retry-After), dan wacht de gateway zo lang.",
        300..=399 => "De ontvanger verwijst door. De gateway volgt dat niet en ziet dit als een storing.",
        401 | 403 => "De ontvanger accepteert de toegangsgegevens niet. De gateway ziet dit als een storing.",
        404 | 405 | 502 | 504 => {
            "De ontvanger kan nu niets aannemen. De gateway ziet dit als een storing en verliest geen poging."
        }
        408 | 425 => "De ontvanger kon dit nu niet aannemen. Dit kost een poging.",
        401..=499 | 501 => "De ontvanger keurt dit ene verzoek af. Dit kost een poging.",
        _ => "De ontvanger gaf een fout. Dit kost een poging; gebeurt het bij meer events, dan is het een storing.",
    }
}

fn why_en(code: u16) -> &'static str {
    match code {
        200..=299 => {
            "This answer means that the receiver accepted the event. Whether it was processed cannot be seen here."
        }
        410 => "The receiver no longer exists. The subscription ends.",
        400 | 413 | 422 => "The receiver refuses this event. Another attempt does not help; it becomes a dead letter.",
        415 => "The receiver refuses the format. The gateway tries once more as a plain CloudEvent.",
        429 | 503 => "The receiver is too busy. If it asked to wait (Retry-After), the gateway waits that long.",
        300..=399 => "The receiver redirects. The gateway does not follow, and regards this as an outage.",
        401 | 403 => "The receiver does not accept the credential. The gateway regards this as an outage.",
        404 | 405 | 502 | 504 => {
            "The receiver can accept nothing now. The gateway regards this as an outage; no retry is used."
        }
        408 | 425 => "The receiver could not accept this now. It uses a retry.",
        401..=499 | 501 => "The receiver rejects this one request. It uses a retry.",
        _ => "The receiver returned an error. It uses a retry; with more events it is an outage.",
    }
}

fn outcome_nl(outcome: Outcome) -> (&'static str, &'static str) {
    match outcome {
        Outcome::Delivered => ("Bezorgd", "De ontvanger antwoordde dat hij het event aannam."),
        Outcome::Refused => ("Geweigerd", "De ontvanger weigerde dit event. Het is bewaard als dead letter."),
        Outcome::RetriesExhausted => ("Mislukt", "Alle pogingen zijn gebruikt. Het event is bewaard als dead letter."),
        Outcome::Untranslatable => {
            ("Niet om te zetten", "Het event past niet in de vorm van het abonnement. Het is bewaard als dead letter.")
        }
        Outcome::Duplicate => ("Dubbel", "Hetzelfde event was kort daarvoor al bezorgd."),
        Outcome::Expired => ("Verlopen", "Het event was niet meer bewaard voordat het bezorgd kon worden."),
        Outcome::Ended => ("Beëindigd", "Het abonnement eindigde voordat het event bezorgd kon worden."),
    }
}

fn outcome_en(outcome: Outcome) -> (&'static str, &'static str) {
    match outcome {
        Outcome::Delivered => ("Delivered", "The receiver answered that it accepted the event."),
        Outcome::Refused => ("Refused", "The receiver refused this event. It is kept as a dead letter."),
        Outcome::RetriesExhausted => ("Failed", "All attempts were used. The event is kept as a dead letter."),
        Outcome::Untranslatable => {
            ("Not convertible", "The event does not fit the format of the subscription. It is kept as a dead letter.")
        }
        Outcome::Duplicate => ("Duplicate", "The same event was delivered shortly before."),
        Outcome::Expired => ("Expired", "The event was no longer kept when it could be delivered."),
        Outcome::Ended => ("Ended", "The subscription ended before the event could be delivered."),
    }
}

fn waiting_nl(reason: WaitingFor) -> &'static str {
    match reason {
        WaitingFor::Answer => "het antwoord van de ontvanger, of het bewaren van de dead letter",
        WaitingFor::Retry => "de wachttijd na een fout",
        WaitingFor::Pace => "het tempo dat de ontvanger vroeg",
        WaitingFor::Order => "een eerder event met dezelfde sleutel",
        WaitingFor::Turn => "andere events voor dezelfde ontvanger",
        WaitingFor::Outage => "het einde van de storing bij de ontvanger",
        WaitingFor::Consent => "toestemming van de ontvanger",
        WaitingFor::Approval => "goedkeuring door de eigenaar van het kanaal",
        WaitingFor::Paused => "hervatten van het gepauzeerde abonnement",
        WaitingFor::Suspended => "de afnemer: het abonnement is stopgezet of beëindigd",
    }
}

fn waiting_en(reason: WaitingFor) -> &'static str {
    match reason {
        WaitingFor::Answer => "the answer of the receiver, or the storing of the dead letter",
        WaitingFor::Retry => "the wait after an error",
        WaitingFor::Pace => "the rate that the receiver asked for",
        WaitingFor::Order => "an earlier event with the same key",
        WaitingFor::Turn => "other events for the same receiver",
        WaitingFor::Outage => "the end of the outage of the receiver",
        WaitingFor::Consent => "the consent of the receiver",
        WaitingFor::Approval => "the approval of the owner of the kanaal",
        WaitingFor::Paused => "the paused subscription to be resumed",
        WaitingFor::Suspended => "the subscriber: the subscription was suspended or has ended",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_has_words_for_its_cause() {
        for (technical, words) in [
            ("error trying to connect: Connection refused (os error 111)", "geweigerd"),
            ("no answer within 30 s", "niet op tijd"),
            ("invalid peer certificate: UnknownIssuer", "certificaat"),
            ("the name does not resolve", "naam"),
            ("something else", "geen antwoord"),
        ] {
            assert!((NL.failure)(technical).contains(words), "{technical}");
        }
    }
}
