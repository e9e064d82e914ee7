//! One subscription, and what can be done with it.

/// Its texts.
pub struct Texts {
    /// The title.
    pub title: &'static str,
    /// The heading of the state.
    pub state: &'static str,
    /// The label of the technical reason.
    pub reason: &'static str,
    /// The label of what to do.
    pub remedy: &'static str,
    /// The heading of the properties.
    pub properties: &'static str,
    /// The id.
    pub id: &'static str,
    /// Whom to contact about it.
    pub contact: &'static str,
    /// Its description.
    pub description: &'static str,
    /// The receiver.
    pub receiver: &'static str,
    /// What it selects besides kanalen.
    pub selects: &'static str,
    /// The order of deliveries.
    pub order: &'static str,
    /// Events do not wait for each other.
    pub order_none: &'static str,
    /// Events with the same key wait for each other.
    pub order_key: &'static str,
    /// How often a failed delivery is tried again.
    pub retries: &'static str,
    /// The kind of credential.
    pub credential: &'static str,
    /// No credential.
    pub credential_none: &'static str,
    /// A fixed Authorization header.
    pub credential_authorization: &'static str,
    /// A token in the query.
    pub credential_query: &'static str,
    /// An access token.
    pub credential_access: &'static str,
    /// A refresh token.
    pub credential_refresh: &'static str,
    /// A ZGW client id and secret.
    pub credential_zgw: &'static str,
    /// OAuth 2 client credentials.
    pub credential_oauth2: &'static str,
    /// The value of a credential is not shown.
    pub never_shown: &'static str,
    /// The TLS profile.
    pub tls: &'static str,
    /// The default TLS profile.
    pub tls_default: &'static str,
    /// When it was created.
    pub created: &'static str,
    /// When its owner changed it.
    pub changed: &'static str,
    /// When it expires.
    pub expires: &'static str,
    /// It does not expire.
    pub never: &'static str,
    /// The heading of the consent.
    pub consent: &'static str,
    /// The state of the consent.
    pub consent_state: &'static str,
    /// The receiver consented.
    pub granted: &'static str,
    /// The receiver refused.
    pub refused: &'static str,
    /// The receiver is being asked.
    pub validating: &'static str,
    /// The receiver may confirm later.
    pub pending: &'static str,
    /// When.
    pub consent_at: &'static str,
    /// The end of the time to confirm.
    pub consent_until: &'static str,
    /// When the receiver is asked again.
    pub consent_next: &'static str,
    /// How often the receiver was asked.
    pub consent_attempts: &'static str,
    /// For whom the receiver consented.
    pub origin: &'static str,
    /// The granted rate.
    pub rate: &'static str,
    /// No limit on the rate.
    pub unlimited: &'static str,
    /// Requests per minute.
    pub per_minute: fn(u32) -> String,
    /// An agreement replaces the consent.
    pub agreement: &'static str,
    /// The heading of the progress.
    pub progress: &'static str,
    /// Events that were not delivered.
    pub lag: &'static str,
    /// The oldest of them.
    pub oldest: &'static str,
    /// Requests under way.
    pub in_flight: &'static str,
    /// Deliveries that wait for their next attempt.
    pub parked: &'static str,
    /// Until when nothing is sent.
    pub not_before: &'static str,
    /// Since when the receiver fails.
    pub outage_since: &'static str,
    /// The last error.
    pub last_error: &'static str,
    /// The heading of the approvals.
    pub approvals: &'static str,
    /// The kanaal.
    pub kanaal: &'static str,
    /// The decision.
    pub decision: &'static str,
    /// No decision yet.
    pub awaiting: &'static str,
    /// Approved.
    pub approved: &'static str,
    /// Rejected.
    pub rejected: &'static str,
    /// Who decided.
    pub by: &'static str,
    /// When.
    pub at: &'static str,
    /// What the owner discloses.
    pub discloses: &'static str,
    /// Everything.
    pub everything: &'static str,
    /// No payload.
    pub without_data: &'static str,
    /// Some attributes only.
    pub some_attributes: &'static str,
    /// The heading of the last deliveries.
    pub deliveries: &'static str,
    /// The link to all deliveries.
    pub all_deliveries: &'static str,
    /// The link to the dead letters.
    pub dead_letters: &'static str,
    /// There are no deliveries.
    pub no_deliveries: &'static str,
    /// The heading of the actions.
    pub actions: &'static str,
    /// The button that pauses.
    pub pause: &'static str,
    /// The button that resumes.
    pub resume: &'static str,
    /// The button that asks for consent again.
    pub revalidate: &'static str,
    /// The link to delete it.
    pub delete: &'static str,
    /// The link to replay events.
    pub replay: &'static str,
    /// The heading of the count.
    pub replay_check: &'static str,
    /// The start of the period.
    pub replay_from: &'static str,
    /// The end of the period.
    pub replay_until: &'static str,
    /// What an empty end means.
    pub replay_until_hint: &'static str,
    /// The choice of kanalen.
    pub replay_kanalen: &'static str,
    /// A kanaal that is not covered.
    pub replay_kanaal: &'static str,
    /// The end is not after the start.
    pub replay_order: &'static str,
    /// What type, source and subject do.
    pub replay_filter_hint: &'static str,
    /// The fault of a filter that too many events match.
    pub replay_too_many: &'static str,
    /// The button that counts.
    pub replay_count: &'static str,
    /// The number of events.
    pub replay_events: &'static str,
    /// Before a number that is a lower bound.
    pub replay_at_least: &'static str,
    /// How long it lasts at the granted rate.
    pub replay_seconds: &'static str,
    /// Nothing would be delivered.
    pub replay_none: &'static str,
    /// What a replay does.
    pub replay_warning: &'static str,
    /// The button that starts.
    pub replay_start: &'static str,
    /// The link to change it.
    pub change: &'static str,
    /// The configuration declares it under this id, so that it is not changed here.
    pub declared: fn(&str) -> String,
    /// The button that sends a test event.
    pub test: &'static str,
    /// The button that checks the receiver.
    pub check: &'static str,
    /// The title of the page that deletes.
    pub delete_title: &'static str,
    /// What deletion does.
    pub delete_warning: &'static str,
    /// What is lost.
    pub lost: &'static str,
    /// Dead letters that only administrators see afterwards.
    pub lost_letters: &'static str,
    /// The label of the confirmation.
    pub confirm: fn(&str) -> String,
    /// Where that text is from.
    pub confirm_hint: &'static str,
    /// The confirmation is another text.
    pub confirm_wrong: fn(&str) -> String,
    /// The button that deletes.
    pub delete_now: &'static str,
    /// The link back.
    pub back: &'static str,
}

/// Dutch.
pub const NL: Texts = Texts {
    title: "Abonnement",
    state: "Toestand",
    reason: "Reden",
    remedy: "Wat u kunt doen",
    properties: "Gegevens",
    id: "Nummer",
    contact: "Contact",
    description: "Omschrijving",
    receiver: "Ontvanger",
    selects: "Filters",
    order: "Volgorde",
    order_none: "Events wachten niet op elkaar",
    order_key: "Events met dezelfde sleutel komen na elkaar",
    retries: "Nieuwe pogingen na een fout",
    credential: "Soort toegangsgegevens",
    credential_none: "Geen",
    credential_authorization: "Vaste tekst in de header Authorization",
    credential_query: "Token in het webadres",
    credential_access: "Toegangstoken met einddatum",
    credential_refresh: "Toegangstoken dat zichzelf vernieuwt",
    credential_zgw: "ZGW-token (client-id en geheim)",
    credential_oauth2: "OAuth 2 (client-gegevens)",
    never_shown: "De waarde is nooit te zien.",
    tls: "TLS-profiel",
    tls_default: "Standaard",
    created: "Gemaakt",
    changed: "Laatst gewijzigd",
    expires: "Loopt af",
    never: "Nooit",
    consent: "Toestemming van de ontvanger",
    consent_state: "Stand",
    granted: "Gegeven",
    refused: "Geweigerd",
    validating: "Wordt gevraagd",
    pending: "Wacht op bevestiging",
    consent_at: "Sinds",
    consent_until: "Bevestigen kan tot",
    consent_next: "Volgende vraag",
    consent_attempts: "Aantal keer gevraagd",
    origin: "Voor afzender",
    rate: "Tempo",
    unlimited: "Onbeperkt",
    per_minute: |number| format!("{number} verzoeken per minuut"),
    agreement: "Afspraak in plaats van toestemming",
    progress: "Voortgang",
    lag: "Nog te bezorgen",
    oldest: "Oudste daarvan",
    in_flight: "Nu onderweg",
    parked: "Wacht op een nieuwe poging",
    not_before: "Niets versturen tot",
    outage_since: "Storing sinds",
    last_error: "Laatste fout",
    approvals: "Goedkeuring door eigenaren van kanalen",
    kanaal: "Kanaal",
    decision: "Besluit",
    awaiting: "Nog geen besluit",
    approved: "Goedgekeurd",
    rejected: "Afgekeurd",
    by: "Door",
    at: "Op",
    discloses: "Wat de afnemer krijgt",
    everything: "Alles",
    without_data: "Zonder inhoud",
    some_attributes: "Alleen een deel van de kenmerken",
    deliveries: "Laatste bezorgingen",
    all_deliveries: "Alle bezorgingen van dit abonnement",
    dead_letters: "Dead letters van dit abonnement",
    no_deliveries: "Er is nog niets bezorgd of geprobeerd.",
    actions: "Acties",
    pause: "Pauzeren",
    resume: "Hervatten",
    revalidate: "Opnieuw toestemming vragen",
    delete: "Verwijderen",
    replay: "Events opnieuw bezorgen",
    replay_check: "Controleer en bevestig",
    replay_from: "Vanaf",
    replay_until: "Tot",
    replay_until_hint: "Leeg betekent: tot nu.",
    replay_kanalen: "Kanalen (kies niets voor alle)",
    replay_kanaal: "Kies een kanaal van dit abonnement",
    replay_order: "Het einde moet na het begin liggen",
    replay_filter_hint: "Type, bron en onderwerp: alleen events die alles hebben wat u invult. Hooguit 5.000 per keer.",
    replay_too_many: "Er zijn te veel events met dit type, deze bron of dit onderwerp. Kies een kortere periode.",
    replay_count: "Tel de events",
    replay_events: "Aantal events",
    replay_at_least: "ten minste",
    replay_seconds: "Duurt ten minste (seconden)",
    replay_none: "In deze periode zijn er geen bewaarde events voor dit abonnement.",
    replay_warning: "De ontvanger krijgt deze events nog een keer, ook die al bezorgd zijn.",
    replay_start: "Bezorg opnieuw",
    change: "Wijzigen",
    declared: |id| {
        format!(
            "Dit abonnement staat in de configuratie van de gateway, als id = \"{id}\" onder [[subscription]]. Wijzig of verwijder het daar: een wijziging hier zou bij de volgende start verdwijnen."
        )
    },
    test: "Verstuur een testbericht",
    check: "Ontvanger controleren",
    delete_title: "Abonnement verwijderen",
    delete_warning: "Dit kunt u niet ongedaan maken. De ontvanger krijgt daarna niets meer.",
    lost: "Wat verloren gaat",
    lost_letters: "Dead letters die niet meer opnieuw te bezorgen zijn",
    confirm: |part| format!("Typ {part} om te bevestigen"),
    confirm_hint: "Dit is het eerste deel van het nummer van het abonnement.",
    confirm_wrong: |part| format!("Typ precies {part}"),
    delete_now: "Verwijder dit abonnement",
    back: "Terug naar het abonnement",
};

/// English.
pub const EN: Texts = Texts {
    title: "Subscription",
    state: "State",
    reason: "Reason",
    remedy: "What you can do",
    properties: "Properties",
    id: "Id",
    contact: "Contact",
    description: "Description",
    receiver: "Receiver",
    selects: "Filters",
    order: "Order",
    order_none: "Events do not wait for each other",
    order_key: "Events with the same key arrive in order",
    retries: "Retries after an error",
    credential: "Kind of credential",
    credential_none: "None",
    credential_authorization: "Fixed text in the header Authorization",
    credential_query: "Token in the address",
    credential_access: "Access token with an end date",
    credential_refresh: "Access token that is renewed",
    credential_zgw: "ZGW token (client id and secret)",
    credential_oauth2: "OAuth 2 (client credentials)",
    never_shown: "The value is never shown.",
    tls: "TLS profile",
    tls_default: "Default",
    created: "Created",
    changed: "Last changed",
    expires: "Expires",
    never: "Never",
    consent: "Consent of the receiver",
    consent_state: "Status",
    granted: "Granted",
    refused: "Refused",
    validating: "Being asked",
    pending: "Waiting for confirmation",
    consent_at: "Since",
    consent_until: "Confirmation is possible until",
    consent_next: "Next request",
    consent_attempts: "Times asked",
    origin: "For sender",
    rate: "Rate",
    unlimited: "Unlimited",
    per_minute: |number| format!("{number} requests per minute"),
    agreement: "Agreement instead of consent",
    progress: "Progress",
    lag: "Still to deliver",
    oldest: "Oldest of them",
    in_flight: "Under way now",
    parked: "Waiting for the next attempt",
    not_before: "Send nothing until",
    outage_since: "Outage since",
    last_error: "Last error",
    approvals: "Approval by owners of kanalen",
    kanaal: "Kanaal",
    decision: "Decision",
    awaiting: "No decision yet",
    approved: "Approved",
    rejected: "Rejected",
    by: "By",
    at: "At",
    discloses: "What the subscriber receives",
    everything: "Everything",
    without_data: "Without payload",
    some_attributes: "Only some of the attributes",
    deliveries: "Last deliveries",
    all_deliveries: "All deliveries of this subscription",
    dead_letters: "Dead letters of this subscription",
    no_deliveries: "Nothing was delivered or tried yet.",
    actions: "Actions",
    pause: "Pause",
    resume: "Resume",
    revalidate: "Ask for consent again",
    delete: "Delete",
    replay: "Deliver events again",
    replay_check: "Check and confirm",
    replay_from: "From",
    replay_until: "Until",
    replay_until_hint: "Empty means: until now.",
    replay_kanalen: "Kanalen (choose none for all)",
    replay_kanaal: "Choose a kanaal of this subscription",
    replay_order: "The end must be after the start",
    replay_filter_hint: "Type, source and subject: only events that have all that you fill in. At most 5,000 at a time.",
    replay_too_many: "There are too many events with this type, source or subject. Choose a shorter period.",
    replay_count: "Count the events",
    replay_events: "Number of events",
    replay_at_least: "at least",
    replay_seconds: "Takes at least (seconds)",
    replay_none: "There are no stored events for this subscription in this period.",
    replay_warning: "The receiver gets these events once more, also those that were delivered.",
    replay_start: "Deliver again",
    change: "Change",
    declared: |id| {
        format!(
            "This subscription is in the configuration of the gateway, as id = \"{id}\" below [[subscription]]. Change or delete it there: a change made here would be undone at the next start."
        )
    },
    test: "Send a test event",
    check: "Check the receiver",
    delete_title: "Delete subscription",
    delete_warning: "You cannot undo this. The receiver gets nothing after it.",
    lost: "What is lost",
    lost_letters: "Dead letters that can no longer be delivered again",
    confirm: |part| format!("Type {part} to confirm"),
    confirm_hint: "This is the first part of the id of the subscription.",
    confirm_wrong: |part| format!("Type exactly {part}"),
    delete_now: "Delete this subscription",
    back: "Back to the subscription",
};
