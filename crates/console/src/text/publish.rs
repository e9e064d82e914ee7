//! Publishing by hand.

/// Its texts.
pub struct Texts {
    /// The title.
    pub title: &'static str,
    /// What the page does.
    pub intro: &'static str,
    /// The event was published; its page follows.
    pub moments_later: &'static str,
    /// The link to the event that was published.
    pub to_event: &'static str,
    /// The link to the form of a notificatie.
    pub to_notificatie: &'static str,
    /// The link to the form of a CloudEvent.
    pub to_cloudevent: &'static str,
    /// The choice of a type with an example.
    pub example: &'static str,
    /// The choice of a kanaal with its kenmerken.
    pub example_kanaal: &'static str,
    /// The button that fills in the example.
    pub fill_in: &'static str,
    /// The first choice of a list.
    pub choose: &'static str,
    /// The routing rules choose the kanaal.
    pub any_kanaal: &'static str,
    /// The heading of a CloudEvent.
    pub cloudevent: &'static str,
    /// The heading of a notificatie.
    pub notificatie: &'static str,
    /// What an attribute or member means.
    pub about: fn(&str) -> &'static str,
    /// The field with extension attributes.
    pub extensions: &'static str,
    /// How to fill it in.
    pub extensions_hint: &'static str,
    /// The field with the payload.
    pub data: &'static str,
    /// How to fill it in.
    pub data_hint: &'static str,
    /// The field with kenmerken.
    pub kenmerken: &'static str,
    /// How to fill it in.
    pub kenmerken_hint: &'static str,
    /// A field that must be filled in.
    pub required: fn(&str) -> String,
    /// A line that is no extension attribute.
    pub no_extension: fn(&str) -> String,
    /// A line that is no kenmerk.
    pub no_kenmerk: fn(&str) -> String,
    /// The payload is no JSON.
    pub no_json: &'static str,
    /// The button of the dry run.
    pub try_it: &'static str,
    /// The button that publishes.
    pub publish: &'static str,
    /// The gateway refuses it.
    pub refused: &'static str,
    /// It was a dry run.
    pub nothing_stored: &'static str,
    /// The heading of the result of a dry run.
    pub outcome: &'static str,
    /// The type of the event.
    pub kind: &'static str,
    /// How many subscriptions receive it.
    pub number: &'static str,
    /// The caption of the table of subscriptions.
    pub receivers: &'static str,
    /// There are none.
    pub no_receivers: &'static str,
    /// A subscription receives it.
    pub receives: &'static str,
    /// A subscription does not receive it.
    pub receives_not: &'static str,
    /// The title of publishing a stored event as a new one, and the link to it.
    pub again: &'static str,
    /// What that does.
    pub again_intro: &'static str,
    /// That receivers take it for another event.
    pub again_warning: &'static str,
    /// The notice after it.
    pub published: &'static str,
}

/// Dutch.
pub const NL: Texts = Texts {
    title: "Publiceren",
    intro: "Publiceer met de hand een event. Proefdraaien slaat niets op: u ziet wat de gateway ervan vindt en wie het event krijgt. Publiceren komt in het logboek.",
    moments_later: "Het event is opgeslagen. Na enkele ogenblikken is het ook te vinden.",
    to_event: "Ga naar het event",
    to_notificatie: "Maak een notificatie",
    to_cloudevent: "Maak een CloudEvent",
    example: "Voorbeeld van een type",
    example_kanaal: "Kenmerken van een kanaal",
    fill_in: "Vul in",
    choose: "Kies",
    any_kanaal: "Volgens de regels van de gateway",
    cloudevent: "CloudEvent",
    notificatie: "Notificatie",
    about: about_nl,
    extensions: "Andere kenmerken",
    extensions_hint: "Op elke regel een naam en een waarde, bijvoorbeeld: dataref=https://voorbeeld.nl/zaak/1",
    data: "Inhoud (data)",
    data_hint: "JSON, of tekst als het mediatype geen JSON is.",
    kenmerken: "Kenmerken",
    kenmerken_hint: "Op elke regel een naam en een waarde, bijvoorbeeld: vertrouwelijkheidaanduiding=openbaar",
    required: |name| format!("Vul {name} in."),
    no_extension: |line| format!("Schrijf een naam, een is-teken en een waarde, met elke naam één keer: {line}"),
    no_kenmerk: |line| format!("Schrijf een kenmerk als naam, is-teken en waarde, met elke naam één keer: {line}"),
    no_json: "De inhoud is geen geldige JSON. Verbeter de inhoud, of vul een ander mediatype in.",
    try_it: "Proefdraaien",
    publish: "Publiceren",
    refused: "De gateway neemt dit event niet aan",
    nothing_stored: "Dit was een proef: er is niets opgeslagen en niets bezorgd.",
    outcome: "Uitkomst van de proef",
    kind: "Type",
    number: "Abonnementen die het event krijgen",
    receivers: "Wie het event krijgt, en wie niet",
    no_receivers: "Er zijn geen abonnementen.",
    receives: "Krijgt het event",
    receives_not: "Krijgt het event niet",
    again: "Opnieuw als nieuw event",
    again_intro: "De gateway maakt een nieuw event met een nieuw id. Alle andere kenmerken en de inhoud blijven gelijk. De inhoud wordt hier niet getoond.",
    again_warning: "Ontvangers zien dit als een ander event. Wie het eerste event al verwerkte, verwerkt het mogelijk nog een keer.",
    published: "Het event is gepubliceerd.",
};

/// English.
pub const EN: Texts = Texts {
    title: "Publish",
    intro: "Publish an event by hand. A dry run stores nothing: it shows what the gateway finds and who receives the event. The audit trail records what is published.",
    moments_later: "The event is stored. It can be found in a few moments.",
    to_event: "Go to the event",
    to_notificatie: "Make a notificatie",
    to_cloudevent: "Make a CloudEvent",
    example: "Example of a type",
    example_kanaal: "Kenmerken of a kanaal",
    fill_in: "Fill in",
    choose: "Choose",
    any_kanaal: "By the rules of the gateway",
    cloudevent: "CloudEvent",
    notificatie: "Notificatie",
    about: about_en,
    extensions: "Other attributes",
    extensions_hint: "A name and a value on each line, for example: dataref=https://example.com/zaak/1",
    data: "Content (data)",
    data_hint: "JSON, or text when the media type is not JSON.",
    kenmerken: "Kenmerken",
    kenmerken_hint: "A name and a value on each line, for example: vertrouwelijkheidaanduiding=openbaar",
    required: |name| format!("Fill in {name}."),
    no_extension: |line| format!("Write a name, an equals sign and a value, each name once: {line}"),
    no_kenmerk: |line| format!("Write a kenmerk as name, equals sign and value, each name once: {line}"),
    no_json: "The content is no valid JSON. Correct it, or fill in another media type.",
    try_it: "Dry run",
    publish: "Publish",
    refused: "The gateway does not accept this event",
    nothing_stored: "This was a dry run: nothing is stored and nothing is delivered.",
    outcome: "Result of the dry run",
    kind: "Type",
    number: "Subscriptions that receive the event",
    receivers: "Who receives the event, and who does not",
    no_receivers: "There are no subscriptions.",
    receives: "Receives the event",
    receives_not: "Does not receive it",
    again: "Publish again as a new event",
    again_intro: "The gateway makes a new event with a new id. All other attributes and the content stay the same. The content is not shown here.",
    again_warning: "Receivers take this for another event. Who has processed the first event may process it once more.",
    published: "The event is published.",
};

fn about_nl(name: &str) -> &'static str {
    match name {
        "id" => "Uniek voor deze bron. De gateway vulde een nieuw id in.",
        "source" => "De bron, als URI, bijvoorbeeld: urn:nld:oin:00000001234567890000:systeem:zaken",
        "type" => "Bijvoorbeeld: nl.overheid.zaken.zaak-geopend",
        "subject" => "Waarover het event gaat, bijvoorbeeld het nummer van de zaak.",
        "time" => "Wanneer het gebeurde, bijvoorbeeld: 2026-11-30T14:00:00+01:00",
        "datacontenttype" => "Het mediatype van de inhoud.",
        "dataschema" => "Het schema van de inhoud, als URI.",
        "hoofdObject" => "De URL van het hoofdobject, zoals de zaak.",
        "resource" => "De soort van wat veranderde, bijvoorbeeld: status",
        "resourceUrl" => "De URL van wat veranderde.",
        "actie" => "Wat er gebeurde, bijvoorbeeld: create",
        _ => "",
    }
}

fn about_en(name: &str) -> &'static str {
    match name {
        "id" => "Unique for this source. The gateway filled in a new id.",
        "source" => "The source as a URI, for example: urn:nld:oin:00000001234567890000:systeem:zaken",
        "type" => "For example: nl.overheid.zaken.zaak-geopend",
        "subject" => "What the event is about, for example the number of the zaak.",
        "time" => "When it happened, for example: 2026-11-30T14:00:00+01:00",
        "datacontenttype" => "The media type of the content.",
        "dataschema" => "The schema of the content, as a URI.",
        "hoofdObject" => "The URL of the main object, such as the zaak.",
        "resource" => "The kind of what changed, for example: status",
        "resourceUrl" => "The URL of what changed.",
        "actie" => "What happened, for example: create",
        _ => "",
    }
}
