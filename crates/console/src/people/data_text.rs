//! The texts of the pages that take a code and show the data of a person, for readers at level B1.

/// The texts.
pub struct DataTexts {
    /// The title of the page that takes a code.
    pub code_title: &'static str,
    /// Where the code is.
    pub code: &'static str,
    /// The label of the field.
    pub code_label: &'static str,
    /// The button below it.
    pub code_button: &'static str,
    /// The fault of a code that is not right.
    pub code_wrong: &'static str,
    /// The offer of a link to the data.
    pub offer: &'static str,
    /// The button that sends it.
    pub offer_button: &'static str,
    /// What was done after that button.
    pub link_sent: &'static str,
    /// The title of the page with the data.
    pub title: &'static str,
    /// Before the address.
    pub address: &'static str,
    /// Before the moment of a request.
    pub unconfirmed: &'static str,
    /// Before the moment of a confirmation.
    pub confirmed: &'static str,
    /// Before the moment of an end.
    pub ended: &'static str,
    /// The link to the page of another kanaal.
    pub other: &'static str,
    /// The title of the part to change the address.
    pub change_title: &'static str,
    /// Before the kanaal whose address changes.
    pub change: &'static str,
    /// What happens then.
    pub change_then: &'static str,
    /// That another address waits already.
    pub changing: &'static str,
    /// The label of the field.
    pub change_label: &'static str,
    /// The button below it.
    pub change_button: &'static str,
    /// The fault of what is no address.
    pub change_wrong: &'static str,
    /// The title of the part to change the number.
    pub number_title: &'static str,
    /// What happens then.
    pub number_then: &'static str,
    /// The label of the field.
    pub number_label: &'static str,
    /// The button below it.
    pub number_button: &'static str,
    /// The fault of what is no number.
    pub number_wrong: &'static str,
    /// What was done after that button.
    pub address_sent: &'static str,
    /// The title of the part with how often mails come.
    pub frequency_title: &'static str,
    /// What that is about, before the kanaal.
    pub frequency: &'static str,
    /// The choices: at once, daily, weekly.
    pub frequencies: [&'static str; 3],
    /// The button below them.
    pub frequency_button: &'static str,
    /// What was done after that button.
    pub frequency_changed: &'static str,
    /// The title of the part with attributes.
    pub attributes_title: &'static str,
    /// What these are for, before the kanaal.
    pub attributes: &'static str,
    /// The choices of an attribute: no answer, yes, no.
    pub attribute_choices: [&'static str; 3],
    /// The fault of what is no value of an attribute.
    pub attribute_wrong: &'static str,
    /// The button below them.
    pub attributes_button: &'static str,
    /// What was done after that button.
    pub attributes_changed: &'static str,
    /// The title of the part to leave all.
    pub leave_title: &'static str,
    /// The title of the part with the copy.
    pub copy_title: &'static str,
    /// What is in the copy.
    pub copy: &'static str,
    /// The link to it.
    pub copy_link: &'static str,
    /// The title of the part to erase.
    pub erase_title: &'static str,
    /// What erasure does.
    pub erase: &'static str,
    /// Opens the button to erase.
    pub erase_open: &'static str,
    /// The button to erase.
    pub erase_button: &'static str,
    /// The title after erasure.
    pub erased_title: &'static str,
    /// What was erased.
    pub erased: &'static str,
}

/// Dutch.
pub const NL: DataTexts = DataTexts {
    code_title: "Vul de code in",
    code: "Wij hebben u een bericht gestuurd. Daarin staat een code. De code werkt 10 minuten.",
    code_label: "Code uit het bericht",
    code_button: "Bevestigen",
    code_wrong: "Deze code klopt niet, of werkt niet meer. Kijk of u het nieuwste bericht gebruikt. In een e-mail staat ook een link die u kunt gebruiken.",
    offer: "Wilt u zien wat wij van u bewaren, uw adres of nummer wijzigen of uw gegevens wissen? Wij sturen u een bericht met een link.",
    offer_button: "Stuur mij een link naar mijn gegevens",
    link_sent: "Wij sturen u een bericht met een link naar uw gegevens. De link werkt 24 uur.",
    title: "Uw gegevens",
    address: "Dit bewaren wij bij",
    unconfirmed: "aangevraagd, nog niet bevestigd, op",
    confirmed: "u krijgt berichten sinds",
    ended: "gestopt op",
    other: "Adres of nummer hiervoor wijzigen",
    change_title: "E-mailadres wijzigen",
    change: "Dit geldt voor berichten over:",
    change_then: "U krijgt op het nieuwe adres een e-mail om het te bevestigen. Tot dan krijgt u de berichten op het oude adres.",
    changing: "Een nieuw adres of nummer wacht nog op bevestiging. Een ander komt daarvoor in de plaats.",
    change_label: "Nieuw e-mailadres",
    change_button: "Wijzig het adres",
    change_wrong: "Dit is geen e-mailadres. Een voorbeeld: naam@voorbeeld.nl",
    number_title: "Telefoonnummer wijzigen",
    number_then: "U krijgt op het nieuwe nummer een sms met een code. Die vult u daarna in. Tot dan krijgt u de berichten op het oude nummer.",
    number_label: "Nieuw mobiel nummer",
    number_button: "Wijzig het nummer",
    number_wrong: "Dit is geen nummer waar wij een sms naar kunnen sturen. Een voorbeeld: 06 12345678",
    address_sent: "Wij sturen een e-mail naar het nieuwe adres. Bevestig het adres daar.",
    frequency_title: "Hoe vaak u een e-mail krijgt",
    frequency: "Kies hoe vaak u berichten krijgt over:",
    frequencies: [
        "Meteen: een e-mail voor elk bericht",
        "Elke dag: één e-mail met alle berichten van die dag",
        "Elke week: één e-mail met alle berichten van die week",
    ],
    frequency_button: "Bewaar de keuze",
    frequency_changed: "Uw keuze is bewaard. Berichten die al klaarstaan, krijgt u nog op het oude moment.",
    attributes_title: "Welke berichten bij u passen",
    attributes: "Wij kiezen met deze gegevens berichten voor u. Een leeg vak bewaren wij niet. Dit geldt voor berichten over:",
    attribute_choices: ["Geen antwoord", "Ja", "Nee"],
    attribute_wrong: "Dit kunnen wij niet bewaren. Vul een kortere tekst in, of een getal als daarom wordt gevraagd.",
    attributes_button: "Bewaar deze gegevens",
    attributes_changed: "Uw gegevens zijn bewaard. Ze gelden vanaf het volgende bericht.",
    leave_title: "Stoppen met alle berichten",
    copy_title: "Een kopie van uw gegevens",
    copy: "In dit bestand staan uw aanmeldingen en welke berichten wij u hebben gestuurd.",
    copy_link: "Download uw gegevens (JSON)",
    erase_title: "Uw gegevens wissen",
    erase: "Wij wissen uw adres of nummer en uw aanmeldingen. U krijgt dan geen berichten meer. Dit kan niet worden hersteld. Wij bewaren \
            nog een tijd dat wij berichten hebben gestuurd, zonder adres of nummer.",
    erase_open: "Ik wil mijn gegevens wissen",
    erase_button: "Ja, wis mijn gegevens",
    erased_title: "Uw gegevens zijn gewist",
    erased: "Uw adres of nummer en uw aanmeldingen zijn gewist. U krijgt geen berichten meer.",
};

/// English.
pub const EN: DataTexts = DataTexts {
    code_title: "Enter the code",
    code: "We have sent you a message with a code. The code works for 10 minutes.",
    code_label: "Code from the message",
    code_button: "Confirm",
    code_wrong: "This code is wrong, or does not work any more. Check that you use the newest message. An e-mail also has a link that you can use.",
    offer: "Do you want to see what we keep about you, change your address or number, or erase your data? We send you a message with a link.",
    offer_button: "Send me a link to my data",
    link_sent: "We send you a message with a link to your data. The link works for 24 hours.",
    title: "Your data",
    address: "This is what we keep for",
    unconfirmed: "requested, not confirmed yet, on",
    confirmed: "you get messages since",
    ended: "stopped on",
    other: "Change the address or number for this",
    change_title: "Change your e-mail address",
    change: "This is for messages about:",
    change_then: "You get an e-mail at the new address to confirm it. Until then you get the messages at the old address.",
    changing: "A new address or number waits to be confirmed. Another one takes its place.",
    change_label: "New e-mail address",
    change_button: "Change the address",
    change_wrong: "This is not an e-mail address. An example: name@example.com",
    number_title: "Change your phone number",
    number_then: "You get a text message with a code at the new number. You enter it after this. Until then you get the messages at the old number.",
    number_label: "New mobile number",
    number_button: "Change the number",
    number_wrong: "This is not a number that we can send a text message to. An example: +31 6 12345678",
    address_sent: "We send an e-mail to the new address. Confirm the address there.",
    frequency_title: "How often you get an e-mail",
    frequency: "Choose how often you get messages about:",
    frequencies: [
        "At once: an e-mail for each message",
        "Every day: one e-mail with all messages of that day",
        "Every week: one e-mail with all messages of that week",
    ],
    frequency_button: "Save the choice",
    frequency_changed: "Your choice is saved. Messages that wait already come at the old moment.",
    attributes_title: "Which messages are for you",
    attributes: "We use these data to choose messages for you. We do not keep an empty field. This is for messages about:",
    attribute_choices: ["No answer", "Yes", "No"],
    attribute_wrong: "We cannot keep this. Enter a shorter text, or a number where that is asked.",
    attributes_button: "Save these data",
    attributes_changed: "Your data are saved. They count from the next message.",
    leave_title: "Stop all messages",
    copy_title: "A copy of your data",
    copy: "This file has your subscriptions, and which messages we have sent you.",
    copy_link: "Download your data (JSON)",
    erase_title: "Erase your data",
    erase: "We erase your address or number and your subscriptions. You get no more messages then. This cannot be undone. For some time we \
            keep that we have sent messages, without address or number.",
    erase_open: "I want to erase my data",
    erase_button: "Yes, erase my data",
    erased_title: "Your data are erased",
    erased: "Your address or number and your subscriptions are erased. You get no more messages.",
};
