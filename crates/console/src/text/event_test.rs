//! The test of the choice of events in the form of a subscription on one event.

/// The texts.
pub struct Texts {
    /// The heading.
    pub title: &'static str,
    /// The field with the id of an event.
    pub event: &'static str,
    /// Which events can be named.
    pub hint: &'static str,
    /// The button.
    pub button: &'static str,
    /// The id is missing.
    pub missing: &'static str,
    /// No event with the id can be tested.
    pub unknown: &'static str,
    /// Events of several sources have the id.
    pub several: &'static str,
    /// The event is selected; the subscription does not exist yet.
    pub selected: &'static str,
    /// The subscription would get the event immediately.
    pub now: &'static str,
    /// The subscription would get the event after what the reason says.
    pub after: &'static str,
    /// The subscription would not get the event, for the reason that follows.
    pub not: &'static str,
    /// The event does not match the part that follows.
    pub fails: fn(&str) -> String,
    /// The filter at a place, counted from 1.
    pub filter: fn(usize) -> String,
    /// The kenmerk with a name.
    pub kenmerk: fn(&str) -> String,
    /// Whether events were published as a notificatie or a CloudEvent.
    pub published_as: &'static str,
    /// The types.
    pub types: &'static str,
}

/// Dutch.
pub const NL: Texts = Texts {
    title: "Test met één event",
    event: "Id van het event",
    hint: "Plak het id van een event dat nog bewaard is. Er wordt niets verstuurd of opgeslagen.",
    button: "Test dit event",
    missing: "Vul het id van een event in.",
    unknown: "Er is geen event met dit id dat u mag zien, of het is niet meer bewaard.",
    several: "Events van meer dan één bron hebben dit id. Kies een ander event.",
    selected: "Het event past bij deze keuze. Na het opslaan krijgt het abonnement zulke events, zodra de ontvanger toestemming geeft.",
    now: "Het abonnement krijgt dit event.",
    after: "Het event past bij deze keuze, maar wordt nu niet verstuurd.",
    not: "Het abonnement krijgt dit event niet.",
    fails: |part| format!("Het abonnement krijgt dit event niet. Het past niet bij: {part}."),
    filter: |number| format!("filter {number}"),
    kenmerk: |name| format!("kenmerk {name}"),
    published_as: "hoe het is gepubliceerd",
    types: "de typen",
};

/// English.
pub const EN: Texts = Texts {
    title: "Test with one event",
    event: "Id of the event",
    hint: "Paste the id of an event that is still kept. Nothing is sent or stored.",
    button: "Test this event",
    missing: "Enter the id of an event.",
    unknown: "There is no event with this id that you may see, or it is no longer kept.",
    several: "Events of more than one source have this id. Choose another event.",
    selected: "The event matches this choice. Once saved, the subscription gets such events as soon as the receiver consents.",
    now: "The subscription gets this event.",
    after: "The event matches this choice, but is not sent now.",
    not: "The subscription does not get this event.",
    fails: |part| format!("The subscription does not get this event. It does not match: {part}."),
    filter: |number| format!("filter {number}"),
    kenmerk: |name| format!("kenmerk {name}"),
    published_as: "how it was published",
    types: "the types",
};
