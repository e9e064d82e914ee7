//! A new subscription.

/// Its texts.
pub struct Texts {
    /// The title.
    pub title: &'static str,
    /// A step of four.
    pub step: fn(usize) -> String,
    /// The first step.
    pub where_title: &'static str,
    /// The second step.
    pub what_title: &'static str,
    /// The third step.
    pub how_title: &'static str,
    /// The fourth step.
    pub check_title: &'static str,
    /// The client that the subscription belongs to.
    pub owner: &'static str,
    /// The name.
    pub name: &'static str,
    /// An example.
    pub name_hint: &'static str,
    /// The contact.
    pub contact: &'static str,
    /// Its form.
    pub contact_hint: &'static str,
    /// The receiver.
    pub sink: &'static str,
    /// Its form.
    pub sink_hint: &'static str,
    /// The kanalen.
    pub kanalen: &'static str,
    /// The types.
    pub types: &'static str,
    /// Their form.
    pub types_hint: &'static str,
    /// The kenmerken.
    pub kenmerken: &'static str,
    /// Their form.
    pub kenmerken_hint: &'static str,
    /// Whether the order is kept.
    pub order: &'static str,
    /// What that does.
    pub order_hint: &'static str,
    /// Where it starts.
    pub start: &'static str,
    /// From now.
    pub start_now: &'static str,
    /// From the oldest event.
    pub start_beginning: &'static str,
    /// From a moment.
    pub start_moment: &'static str,
    /// The moment.
    pub moment: &'static str,
    /// The rate.
    pub rate: &'static str,
    /// What that does.
    pub rate_hint: &'static str,
    /// The preview.
    pub preview: &'static str,
    /// The column with the result.
    pub preview_result: &'static str,
    /// The events are not shown.
    pub preview_withheld: &'static str,
    /// So many of so many events.
    pub preview_matched: fn(usize, usize) -> String,
    /// Why credentials are asked for.
    pub credential_hint: &'static str,
    /// What the check does.
    pub check_hint: &'static str,
    /// The secret is asked again.
    pub fill_in_again: &'static str,
    /// The button that creates.
    pub make: &'static str,
    /// The button to the next step.
    pub go_on: &'static str,
    /// The button to the step before.
    pub go_back: &'static str,
    /// The link that leaves the form.
    pub stop: &'static str,
    /// The client is none of the person's.
    pub owner_wrong: &'static str,
    /// The name breaks the rule.
    pub name_wrong: &'static str,
    /// The contact breaks the rule.
    pub contact_wrong: &'static str,
    /// The address is not allowed.
    pub address_wrong: fn(&str) -> String,
    /// No kanaal was chosen.
    pub kanaal_needed: &'static str,
    /// A kanaal does not exist.
    pub kanaal_unknown: &'static str,
    /// There are too many lines.
    pub too_many: &'static str,
    /// The kenmerken break the rule.
    pub kenmerken_wrong: &'static str,
    /// The rate breaks the rule.
    pub rate_wrong: &'static str,
    /// A member breaks a rule of the gateway.
    pub member_wrong: fn(&str, &str) -> String,
}

/// Dutch.
pub const NL: Texts = Texts {
    title: "Nieuw abonnement",
    step: |number| format!("Stap {number} van 4"),
    where_title: "Waar",
    what_title: "Wat",
    how_title: "Hoe",
    check_title: "Controleren en maken",
    owner: "Applicatie",
    name: "Naam",
    name_hint: "Waaraan u het abonnement herkent, zoals Zaken naar het portaal.",
    contact: "Contact",
    contact_hint: "Een mailadres of een webadres.",
    sink: "Adres van uw ontvanger",
    sink_hint: "Een webadres waar de gateway events naartoe stuurt, zoals https://ontvanger.example/events.",
    kanalen: "Van welke kanalen?",
    types: "Alleen deze typen",
    types_hint: "Eén type per regel. Leeg: alle typen.",
    kenmerken: "Alleen met deze kenmerken",
    kenmerken_hint: "Eén per regel, als naam=waarde. Leeg: alle events.",
    order: "Houd de volgorde per zaak of object aan",
    order_hint: "Een event wacht dan tot het vorige over hetzelfde onderwerp is bezorgd.",
    start: "Vanaf wanneer",
    start_now: "Vanaf nu",
    start_beginning: "Vanaf het oudste event dat er nog is",
    start_moment: "Vanaf een moment",
    moment: "Moment",
    rate: "Hoogste aantal per minuut",
    rate_hint: "Zoveel verzoeken vraagt de gateway aan uw ontvanger.",
    preview: "Voorbeeld: wat u van de laatste events zou krijgen",
    preview_result: "Past bij uw keuze",
    preview_withheld: "De eigenaar van dit kanaal beslist eerst over uw abonnement.",
    preview_matched: |matched, examined| format!("{matched} van de laatste {examined} events"),
    credential_hint: "Vraagt uw ontvanger om inloggegevens, vul ze dan hier in. Ze worden versleuteld bewaard en nooit meer getoond.",
    check_hint: "Controleer uw ontvanger eerst als u zeker wilt weten dat hij werkt. Na het maken vraagt de gateway hem om toestemming.",
    fill_in_again: "Vul het geheim hieronder opnieuw in; het is niet bewaard.",
    make: "Maak abonnement",
    go_on: "Verder",
    go_back: "Terug",
    stop: "Stoppen",
    owner_wrong: "Kies een van uw applicaties.",
    name_wrong: "Gebruik 1 tot 100 tekens op één regel.",
    contact_wrong: "Vul een mailadres of een webadres in.",
    address_wrong: |rule| {
        format!(
            "De gateway kan hier niet naartoe sturen. Gebruik een adres met https:// dat de beheerder toestaat. ({rule})"
        )
    },
    kanaal_needed: "Kies minstens één kanaal.",
    kanaal_unknown: "Een gekozen kanaal bestaat niet meer.",
    too_many: "Dit is te veel. Gebruik hooguit 256 regels en 2.000 tekens.",
    kenmerken_wrong: "Schrijf elk kenmerk op een regel als naam=waarde.",
    rate_wrong: "Vul een geheel getal vanaf 1 in.",
    member_wrong: |member, rule| format!("De gateway weigert dit. Technische uitleg: {member} {rule}"),
};

/// English.
pub const EN: Texts = Texts {
    title: "New subscription",
    step: |number| format!("Step {number} of 4"),
    where_title: "Where",
    what_title: "What",
    how_title: "How",
    check_title: "Check and create",
    owner: "Application",
    name: "Name",
    name_hint: "By which you recognise the subscription, such as Cases to the portal.",
    contact: "Contact",
    contact_hint: "A mail address or a web address.",
    sink: "Address of your receiver",
    sink_hint: "A web address to which the gateway sends events, such as https://receiver.example/events.",
    kanalen: "Of which kanalen?",
    types: "These types only",
    types_hint: "One type a line. Empty: all types.",
    kenmerken: "With these kenmerken only",
    kenmerken_hint: "One a line, as name=value. Empty: all events.",
    order: "Keep the order for each case or object",
    order_hint: "An event then waits until the one before about the same subject is delivered.",
    start: "From when",
    start_now: "From now",
    start_beginning: "From the oldest event that is kept",
    start_moment: "From a moment",
    moment: "Moment",
    rate: "Highest number a minute",
    rate_hint: "The gateway asks your receiver for so many requests.",
    preview: "Preview: what you would get of the last events",
    preview_result: "Matches your choice",
    preview_withheld: "The owner of this kanaal first decides about your subscription.",
    preview_matched: |matched, examined| format!("{matched} of the last {examined} events"),
    credential_hint: "If your receiver asks for credentials, fill them in here. They are stored encrypted and never shown again.",
    check_hint: "Check your receiver first if you want to be sure that it works. After that the gateway asks it for consent.",
    fill_in_again: "Fill in the secret below again; it was not kept.",
    make: "Create subscription",
    go_on: "Next",
    go_back: "Back",
    stop: "Cancel",
    owner_wrong: "Choose one of your applications.",
    name_wrong: "Use 1 to 100 characters on one line.",
    contact_wrong: "Fill in a mail address or a web address.",
    address_wrong: |rule| {
        format!(
            "The gateway cannot send to this address. Use an address with https:// that the administrator allows. ({rule})"
        )
    },
    kanaal_needed: "Choose at least one kanaal.",
    kanaal_unknown: "A chosen kanaal does not exist any more.",
    too_many: "This is too much. Use at most 256 lines and 2,000 characters.",
    kenmerken_wrong: "Write each kenmerk on a line as name=value.",
    rate_wrong: "Fill in a whole number from 1.",
    member_wrong: |member, rule| format!("The gateway refuses this. ({member} {rule})"),
};
