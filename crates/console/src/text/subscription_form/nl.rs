//! The form of a subscription in Dutch.

use super::{Field, Texts};
use crate::text::problem;

/// Dutch.
pub const NL: Texts = Texts {
    new: "Nieuw abonnement",
    change: "Abonnement wijzigen",
    label,
    hint,
    wrong,
    missing: "Vul dit veld in. Het hoort bij wat u koos.",
    sink_wrong: |rule| format!("De gateway mag niet naar dit adres bezorgen. Technische uitleg: {rule}"),
    credential_other_sink: "Dit adres is van een andere ontvanger. Vul de toegangsgegevens opnieuw in, of kies Geen.",
    header_other_sink: "Dit adres is van een andere ontvanger. Vul de waarde van deze header opnieuw in.",
    refused: |rule| format!("De gateway accepteert dit niet. Technische uitleg: {rule}"),
    conflict: |problem| problem::NL(problem.kind).unwrap_or_default().to_owned(),
    secret_again: "Geheime waarden blijven niet staan. Vul deze waarde opnieuw in.",
    header_stays: "Laat leeg om de waarde te houden.",
    where_to: "Waarheen",
    what: "Welke events",
    how: "Hoe bezorgen",
    retry: "Nieuwe pogingen na een fout",
    names: "Namen en contact",
    period: "Begin en einde",
    headers: "Extra headers",
    kenmerken: "Kenmerken",
    filters: "Filters",
    kenmerken_hint: "Een event moet aan alle kenmerken voldoen. Vul * in voor elke waarde. Maak een rij leeg om die te verwijderen.",
    filters_hint: "Een event moet aan alle filters voldoen. Voorbeeld: attribuut type, begint met nl.overheid. Laat bij CloudEvents SQL het attribuut leeg en schrijf de voorwaarde bij de waarde, zoals type LIKE 'nl.%'. Maak een rij leeg om die te verwijderen.",
    abonnement: |selection| {
        format!(
            "Dit abonnement kiest events op de manier van de Notificaties API. Dat blijft zoals het is: {selection}"
        )
    },
    more_rows: "Nog een rij",
    show_kind: "Toon de velden van deze soort",
    preview: "Toon wat dit abonnement had gekregen",
    check_receiver: "Controleer de ontvanger",
    check_receiver_hint: "U kunt de ontvanger laten controleren voordat u opslaat. Er gaat geen event heen en er wordt niets opgeslagen. Dit duurt hoogstens ongeveer een minuut.",
    checked_title: "Controle van de ontvanger",
    save: "Opslaan",
    back: "Terug zonder opslaan",
    kinds: [
        "Houden zoals het is",
        "Geen",
        "Vaste Authorization-header",
        "Naam en wachtwoord (Basic)",
        "Toegangstoken",
        "Toegangstoken dat wordt vernieuwd",
        "ZGW-token (client-id en secret)",
        "OAuth 2.0 (client credentials)",
    ],
    places: ["In een header", "In het adres"],
    client_ways: ["In een header (Basic)", "In het verzoek (post)"],
    published_as: ["Alle events", "Alleen notificaties", "Alleen CloudEvents"],
    filter_kinds: ["is gelijk aan", "begint met", "eindigt op", "is niet gelijk aan", "CloudEvents SQL"],
    formats: [
        "CloudEvent",
        "CloudEvent zoals Open Notificaties 1.16",
        "CloudEvent, binair",
        "CloudEvents in groepen",
        "Notificatie (Notificaties API)",
    ],
    consents: [
        "De ontvanger bevestigt zelf (handshake van CloudEvents)",
        "Twee proefberichten (Notificaties API)",
        "Er is een afspraak buiten de gateway om",
    ],
    starts: ["Bij het eerste nieuwe event", "Bij het oudste event dat bewaard is", "Op een moment"],
    no_owner: "Geen (alleen beheerders)",
    changed_meanwhile: "Iemand anders wijzigde dit abonnement terwijl u bezig was. Uw wijziging is nog niet opgeslagen. Vergelijk de twee versies en kies.",
    overwrite: "Overschrijf met mijn versie",
    go_on: "Ga verder met de opgeslagen versie",
    preview_title: "Wat dit abonnement had gekregen",
    preview_count: |matched, examined| format!("{matched} van de laatste {examined} events"),
    preview_withheld: "De eigenaar van het kanaal moet eerst goedkeuren; u mag deze events niet zien.",
    preview_none: "Er zijn nog geen events om mee te vergelijken.",
    preview_broad: "Dit zijn te veel kanalen om te vergelijken. Kies minder kanalen.",
    preview_result: "Gekregen",
    preview_matches: "De nieuwste events die dit abonnement had gekregen",
    event: "Event",
    kind_of_event: "Type",
    accepted: "Geaccepteerd",
};

fn label(field: Field) -> &'static str {
    match field {
        Field::Owner => "Eigenaar",
        Field::Sink => "Adres van de ontvanger",
        Field::Kind => "Toegangsgegevens voor de ontvanger",
        Field::Authorization => "Waarde van Authorization",
        Field::User => "Naam",
        Field::Password => "Wachtwoord",
        Field::Token => "Toegangstoken",
        Field::TokenPlace => "Plaats van het token",
        Field::TokenEnd => "Token geldig tot",
        Field::RefreshToken => "Refresh token",
        Field::TokenUrl => "Adres voor tokens",
        Field::Client => "Client-id",
        Field::ClientSecret => "Client secret",
        Field::ClientWay => "Hoe het client secret wordt verstuurd",
        Field::Scope => "Scope",
        Field::Audience => "Audience",
        Field::TokenTls => "TLS-profiel voor het adres voor tokens",
        Field::Header => "Header",
        Field::HeaderValue => "Waarde van header",
        Field::Tls => "TLS-profiel",
        Field::GrantHash => "Grant hash van FSC",
        Field::Kanalen => "Kanalen",
        Field::PublishedAs => "Gepubliceerd als",
        Field::Types => "Typen",
        Field::Source => "Bron (source)",
        Field::Kenmerk => "Kenmerk",
        Field::KenmerkValue => "Waarde van kenmerk",
        Field::FilterAttribute => "Attribuut",
        Field::FilterKind => "Vergelijking",
        Field::FilterValue => "Waarde van filter",
        Field::OtherFilters => "Andere filters",
        Field::Format => "Vorm",
        Field::BatchSize => "Events in een groep",
        Field::BatchWait => "Wachttijd van een groep, in milliseconden",
        Field::Order => "Volgorde",
        Field::Rate => "Gevraagd tempo per minuut",
        Field::InFlight => "Verzoeken tegelijk",
        Field::Retries => "Aantal nieuwe pogingen",
        Field::Factor => "Factor, in seconden",
        Field::Base => "Grondtal",
        Field::Cap => "Langste wachttijd, in seconden",
        Field::Jitter => "Spreiding",
        Field::LadderOnly => "Elke fout telt als poging, zoals in Open Notificaties",
        Field::Consent => "Toestemming van de ontvanger",
        Field::Agreement => "De afspraak",
        Field::Expires => "Einde van het abonnement",
        Field::Name => "Naam van het abonnement",
        Field::Contact => "Contact",
        Field::Description => "Omschrijving",
        Field::Start => "Begin",
        Field::StartAt => "Moment van begin",
        Field::Whole => "Formulier",
    }
}

fn hint(field: Field) -> &'static str {
    match field {
        Field::Owner => "De applicatie die dit abonnement mag beheren.",
        Field::Sink => {
            "Begint met https://. Staan er puntjes na een vraagteken, dan is dat deel verborgen en blijft het zoals het is."
        }
        Field::Kind => "Geheime waarden worden nooit meer getoond.",
        Field::Authorization => "Bijvoorbeeld Token abc.",
        Field::TokenEnd | Field::Expires => "Bijvoorbeeld 2026-11-30 14:00. Leeg betekent: geen einde.",
        Field::StartAt => "Bijvoorbeeld 2026-11-30 14:00. Alleen bij begin op een moment.",
        Field::Tls => "De naam van een TLS-profiel uit de configuratie. Leeg betekent: het gewone profiel.",
        Field::GrantHash => "Alleen als de ontvanger een FSC Outway is. Begint met $1$.",
        Field::Kanalen => "Kies er geen voor alle kanalen, ook nieuwe.",
        Field::Types => "Eén type per regel. Leeg betekent: alle typen.",
        Field::OtherFilters => "Deze filters passen niet in rijen. Zet het vinkje uit om een filter te verwijderen.",
        Field::BatchSize => "1 tot 1.000. Alleen bij CloudEvents in groepen.",
        Field::BatchWait => "0 tot 60.000. Alleen bij CloudEvents in groepen.",
        Field::Rate => "Hoeveel verzoeken per minuut de gateway aan de ontvanger vraagt.",
        Field::InFlight => "1 tot 10.000. Leeg betekent: de waarde van de gateway.",
        Field::Retries => "0 tot 100.",
        Field::Factor => {
            "0 tot 3.600. De wachttijd is de factor maal het grondtal tot de macht van het aantal pogingen."
        }
        Field::Base => "1 tot 10.",
        Field::Cap => "1 tot 86.400.",
        Field::Jitter => "0 tot 1. Hoeveel van de wachttijd toeval is.",
        Field::Agreement => "Bijvoorbeeld het nummer van het contract. Alleen bij een afspraak buiten de gateway om.",
        Field::Name => "1 tot 100 tekens.",
        Field::Contact => "Een e-mailadres of een adres dat met https:// begint.",
        Field::Description => "Ten hoogste 1.000 tekens.",
        Field::User
        | Field::Password
        | Field::Token
        | Field::TokenPlace
        | Field::RefreshToken
        | Field::TokenUrl
        | Field::Client
        | Field::ClientSecret
        | Field::ClientWay
        | Field::Scope
        | Field::Audience
        | Field::TokenTls
        | Field::Header
        | Field::HeaderValue
        | Field::PublishedAs
        | Field::Source
        | Field::Kenmerk
        | Field::KenmerkValue
        | Field::FilterAttribute
        | Field::FilterKind
        | Field::FilterValue
        | Field::Format
        | Field::Order
        | Field::LadderOnly
        | Field::Consent
        | Field::Start
        | Field::Whole => "",
    }
}

fn wrong(field: Field) -> &'static str {
    match field {
        Field::Owner => "Kies een applicatie waarvoor u mag handelen.",
        Field::Sink | Field::TokenUrl => "Vul een adres in dat met https:// begint.",
        Field::Kind => "Kies een soort toegangsgegevens uit de lijst.",
        Field::Authorization | Field::Token => {
            "Gebruik alleen letters, cijfers en leestekens zonder accenten, zonder spatie aan het begin of einde."
        }
        Field::User => "De naam is te lang of bevat een dubbele punt.",
        Field::TokenPlace
        | Field::ClientWay
        | Field::PublishedAs
        | Field::FilterKind
        | Field::Format
        | Field::Order => "Kies een waarde uit de lijst.",
        Field::TokenEnd | Field::StartAt => "Vul een moment in, zoals 2026-11-30 14:00.",
        Field::Password
        | Field::RefreshToken
        | Field::ClientSecret
        | Field::Client
        | Field::Scope
        | Field::Audience => "Deze waarde is te lang.",
        Field::TokenTls | Field::Tls => "Vul de naam in van een TLS-profiel uit de configuratie dat u mag gebruiken.",
        Field::Header => {
            "Dit is geen naam van een header, de header staat er twee keer, of de gateway zet deze header zelf."
        }
        Field::HeaderValue => {
            "Gebruik alleen letters, cijfers en leestekens zonder accenten, ten hoogste 4.096 tekens."
        }
        Field::GrantHash => "Een grant hash heeft 1 tot 256 tekens zonder spaties.",
        Field::Kanalen => "Kies kanalen die bestaan.",
        Field::Types => "Vul ten hoogste 256 typen in, elk op een eigen regel.",
        Field::Source => "De bron is te lang.",
        Field::Kenmerk => "Vul een kenmerk in dat het kanaal heeft, en elk kenmerk één keer.",
        Field::KenmerkValue => "Vul een waarde in, of * voor elke waarde.",
        Field::FilterAttribute => {
            "Vul de naam van een attribuut in, zoals type, source of subject: kleine letters en cijfers."
        }
        Field::FilterValue => "Vul een waarde in. Bij CloudEvents SQL: een voorwaarde, zoals type LIKE 'nl.%'.",
        Field::OtherFilters => "Dit filter bestaat niet meer. Ga verder met de opgeslagen versie.",
        Field::BatchSize => "Vul een heel getal in van 1 tot 1.000.",
        Field::BatchWait => "Vul een heel getal in van 0 tot 60.000.",
        Field::Rate => "Vul een heel getal in van 1 of hoger.",
        Field::InFlight => "Vul een heel getal in van 1 tot 10.000.",
        Field::Retries => "Vul een heel getal in van 0 tot 100.",
        Field::Factor => "Vul een getal in van 0 tot 3.600.",
        Field::Base => "Vul een getal in van 1 tot 10.",
        Field::Cap => "Vul een heel getal in van 1 tot 86.400.",
        Field::Jitter => "Vul een getal in van 0 tot 1.",
        Field::LadderOnly | Field::Whole => "De gateway accepteert dit niet.",
        Field::Consent => {
            "Kies een manier uit de lijst. Alleen een beheerder mag een afspraak buiten de gateway om vastleggen."
        }
        Field::Agreement => "Noem de afspraak, zoals het nummer van het contract.",
        Field::Expires => "Vul een moment in de toekomst in, zoals 2026-11-30 14:00.",
        Field::Name => "De naam heeft 1 tot 100 tekens op één regel.",
        Field::Contact => "Vul een e-mailadres in, of een adres dat met https:// begint.",
        Field::Description => "De omschrijving heeft ten hoogste 1.000 tekens.",
        Field::Start => "Kies een begin uit de lijst.",
    }
}
