//! The search by anything that is pasted.

/// Its texts.
pub struct Texts {
    /// The title.
    pub title: &'static str,
    /// What can be sought.
    pub intro: &'static str,
    /// The label of the field.
    pub label: &'static str,
    /// The button.
    pub search: &'static str,
    /// Nothing was found; the text that was sought.
    pub none: fn(&str) -> String,
    /// What to do then.
    pub none_remedy: &'static str,
    /// The number of hits.
    pub found: fn(usize) -> String,
    /// The column with the kind.
    pub kind: &'static str,
    /// The column with the name.
    pub name: &'static str,
    /// The column with more about it.
    pub about: &'static str,
    /// A subscription.
    pub subscription: &'static str,
    /// A kanaal.
    pub kanaal: &'static str,
    /// An event, by its id.
    pub event: &'static str,
    /// An event, by its subject.
    pub event_of_subject: &'static str,
    /// An event, by another attribute.
    pub event_of_attribute: &'static str,
    /// A dead letter.
    pub dead_letter: &'static str,
    /// A run.
    pub run: &'static str,
    /// The link to the query as a command.
    pub as_curl: &'static str,
    /// The heading of the actions of a page as commands.
    pub actions_as_curl: &'static str,
    /// How the command is used.
    pub curl_hint: &'static str,
}

/// Dutch.
pub const NL: Texts = Texts {
    title: "Zoeken",
    intro: "Plak wat u hebt: het nummer van een abonnement, run of dead letter, de id of het onderwerp van een event (zoals de URL of de UUID van een zaak), een trace-id of traceparent, de naam van een kanaal, een eigenaar of een deel van het adres van een ontvanger. In andere kenmerken zoekt de gateway bij de nieuwste 5.000 events.",
    label: "Zoek naar",
    search: "Zoek",
    none: |text| format!("Niets gevonden voor: {text}"),
    none_remedy: "Controleer of u alles hebt geplakt. Events verdwijnen na hun bewaartermijn. Wat van een ander is, vindt u hier niet.",
    found: |number| if number == 1 { "1 resultaat".to_owned() } else { format!("{number} resultaten") },
    kind: "Soort",
    name: "Naam of id",
    about: "Meer",
    subscription: "Abonnement",
    kanaal: "Kanaal",
    event: "Event",
    event_of_subject: "Event over dit onderwerp",
    event_of_attribute: "Event met deze waarde in een kenmerk",
    dead_letter: "Dead letter",
    run: "Run",
    as_curl: "Deze lijst met curl",
    actions_as_curl: "Deze acties met curl",
    curl_hint: "Zet eerst een token in de variabele TOKEN, bijvoorbeeld met: gateway token.",
};

/// English.
pub const EN: Texts = Texts {
    title: "Search",
    intro: "Paste what you have: the number of a subscription, run or dead letter, the id or the subject of an event (such as the URL or the UUID of a zaak), a trace id or traceparent, the name of a kanaal, an owner or a part of the address of a receiver. Other attributes are sought in the newest 5,000 events.",
    label: "Search for",
    search: "Search",
    none: |text| format!("Nothing found for: {text}"),
    none_remedy: "Check that you pasted all of it. Events disappear after their retention. What belongs to others is not found here.",
    found: |number| if number == 1 { "1 result".to_owned() } else { format!("{number} results") },
    kind: "Kind",
    name: "Name or id",
    about: "More",
    subscription: "Subscription",
    kanaal: "Kanaal",
    event: "Event",
    event_of_subject: "Event about this subject",
    event_of_attribute: "Event with this value in an attribute",
    dead_letter: "Dead letter",
    run: "Run",
    as_curl: "This list with curl",
    actions_as_curl: "These actions with curl",
    curl_hint: "First put a token into the variable TOKEN, for example with: gateway token.",
};
