//! Clauses of deliveries: how a receiver handles valid and invalid events.

use super::{Applies, Clause, clause, text};

pub static ACCEPTED: Clause = clause(
    "NLG-WH-02",
    true,
    Applies::Always,
    text(
        "A received event is answered with 200, 201, 202 or 204.",
        "Een ontvangen gebeurtenis wordt beantwoord met 200, 201, 202 of 204.",
    ),
    text(
        "Answer 202 or 204 as soon as the event is safe, also for types you ignore. 410 ends all delivery; 415 refuses the format.",
        "Antwoord met 202 of 204 zodra de gebeurtenis veilig is, ook voor soorten die u negeert. 410 beëindigt alle levering; 415 weigert het formaat.",
    ),
);

pub static REPEATED: Clause = clause(
    "CE-CTX-12",
    false,
    Applies::Always,
    text("The same event again is accepted as well.", "Dezelfde gebeurtenis nog eens wordt ook aangenomen."),
    text(
        "Answer a repeat (same source and id) as the first time and process it once; delivery is at least once, and an error would only bring it again.",
        "Beantwoord een herhaling (zelfde source en id) als de eerste keer en verwerk haar één keer; een fout brengt haar alleen maar opnieuw.",
    ),
);

pub static EXTENSIONS: Clause = clause(
    "CE-CTX-36",
    true,
    Applies::Consent,
    text("Extension attributes that are not known do no harm.", "Onbekende extensie-attributen doen geen kwaad."),
    text(
        "Ignore attributes you do not know; publishers and gateways add them.",
        "Negeer attributen die u niet kent; publicerende systemen en gateways voegen ze toe.",
    ),
);

pub static LARGE: Clause = clause(
    "CE-CTX-40",
    false,
    Applies::Always,
    text("A message of 64 KiB is accepted.", "Een bericht van 64 KiB wordt aangenomen."),
    text(
        "Raise the limit on bodies to at least 64 KiB, in the application and in proxies before it.",
        "Verhoog de limiet op de inhoud naar minstens 64 KiB, in de applicatie en in proxy's ervoor.",
    ),
);

pub static INVALID: Clause = clause(
    "CE-CTX-01",
    true,
    Applies::Consent,
    text(
        "What lacks a required attribute is refused with 4xx, never with 5xx.",
        "Wat een verplicht attribuut mist, wordt geweigerd met 4xx, nooit met 5xx.",
    ),
    text(
        "Check id, source, specversion and type before processing and answer 400; after a 5xx the sender would try again for hours.",
        "Controleer id, source, specversion en type vóór de verwerking en antwoord met 400; na een 5xx probeert de afzender het urenlang opnieuw.",
    ),
);

pub static BROKEN: Clause = clause(
    "CE-JSON-25",
    true,
    Applies::Always,
    text(
        "What is no JSON is refused with 4xx, never with 5xx.",
        "Wat geen JSON is, wordt geweigerd met 4xx, nooit met 5xx.",
    ),
    text(
        "Catch the error of the JSON parser and answer 400; after a 5xx the sender would try again for hours.",
        "Vang de fout van de JSON-parser af en antwoord met 400; na een 5xx probeert de afzender het urenlang opnieuw.",
    ),
);

pub static MEDIA_TYPE: Clause = clause(
    "CE-HTTP-40",
    true,
    Applies::Consent,
    text(
        "Letter case and a charset parameter of the media type make no difference.",
        "Hoofdletters en een charset-parameter in het mediatype maken geen verschil.",
    ),
    text(
        "Compare the media type without regard to case and without its parameters.",
        "Vergelijk het mediatype zonder op hoofdletters te letten en zonder de parameters.",
    ),
);

pub static UNKNOWN_FORMAT: Clause = clause(
    "CE-WH-21",
    true,
    Applies::Consent,
    text(
        "A format that is not understood is answered with 415.",
        "Een formaat dat niet begrepen wordt, wordt beantwoord met 415.",
    ),
    text(
        "Check Content-Type before the body, and answer 415 to what you do not know; a sender may then use another format.",
        "Controleer Content-Type vóór de inhoud en beantwoord onbekende formaten met 415; een afzender kan dan een ander formaat kiezen.",
    ),
);

pub static OTHER_FORMATS: Clause = clause(
    "CE-WH-21",
    false,
    Applies::Consent,
    text(
        "Events in another standard format are accepted, or refused with 415.",
        "Gebeurtenissen in een ander standaardformaat worden aangenomen, of geweigerd met 415.",
    ),
    text(
        "Understand structured and binary mode both, or answer 415 to the one you do not; a sender may then use the other.",
        "Begrijp zowel structured als binary mode, of beantwoord wat u niet begrijpt met 415; een afzender kan dan het andere gebruiken.",
    ),
);

pub static EMPTY_BATCH: Clause = clause(
    "CE-BATCH-03",
    true,
    Applies::Consent,
    text("Who accepts batches accepts an empty one.", "Wie batches aanneemt, neemt ook een lege aan."),
    text(
        "Treat [] as a batch with nothing in it, not as an error.",
        "Behandel [] als een batch zonder inhoud, niet als een fout.",
    ),
);
