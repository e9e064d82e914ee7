//! The texts of the pages of people, for readers at level B1.

use web::language::Language;

use super::data_text::{self, DataTexts};

/// The texts.
pub struct Texts {
    /// The first link of a page.
    pub skip_to_content: &'static str,
    /// The name of the choice of a language.
    pub language: &'static str,
    /// The link to the accessibility statement.
    pub accessibility: &'static str,
    /// The name of the pages, after that of the organisation.
    pub product: &'static str,
    /// The title of the page to confirm.
    pub confirm_title: &'static str,
    /// What confirming does.
    pub confirm: &'static str,
    /// What to do when somebody else asked for it.
    pub confirm_not_you: &'static str,
    /// The button to confirm.
    pub confirm_button: &'static str,
    /// The title after confirming.
    pub confirmed_title: &'static str,
    /// What was confirmed.
    pub confirmed: &'static str,
    /// How to leave later.
    pub confirmed_leave: &'static str,
    /// The title of the page to leave.
    pub leave_title: &'static str,
    /// What leaving does.
    pub leave: &'static str,
    /// The same with several subjects.
    pub leave_many: &'static str,
    /// The choice between one and all.
    pub leave_choice: &'static str,
    /// The button to leave the only subject.
    pub leave_button: &'static str,
    /// The button to leave the first of several.
    pub leave_first_button: &'static str,
    /// The button to leave all.
    pub leave_all_button: &'static str,
    /// The title after leaving.
    pub left_title: &'static str,
    /// What was left.
    pub left: &'static str,
    /// The offer to undo it.
    pub left_undo: &'static str,
    /// Some messages come also after leaving.
    pub obligatory: &'static str,
    /// The title of the page to undo.
    pub undo_title: &'static str,
    /// What an undo does.
    pub undo: &'static str,
    /// The button to undo.
    pub undo_button: &'static str,
    /// The title for a wrong or void link.
    pub void_title: &'static str,
    /// What to do then.
    pub void: &'static str,
    /// The title for too many requests.
    pub too_many_title: &'static str,
    /// What to do then.
    pub too_many: &'static str,
    /// The title for a failure of ours.
    pub failed_title: &'static str,
    /// What to do then.
    pub failed: &'static str,
    /// The title for a request that is not correct.
    pub invalid_title: &'static str,
    /// What to do then.
    pub invalid: &'static str,
    /// The label of the number in the log.
    pub reference: &'static str,
    /// Those of the pages that take a code and show the data of a person.
    pub data: DataTexts,
}

/// Dutch.
pub static NL: Texts = Texts {
    skip_to_content: "Naar de inhoud",
    language: "Taal",
    accessibility: "Toegankelijkheid",
    product: "berichten per e-mail",
    confirm_title: "Wilt u berichten per e-mail?",
    confirm: "Druk op de knop. Daarna krijgt u berichten over:",
    confirm_not_you: "Hebt u dit niet zelf gevraagd? Sluit dan deze pagina. U krijgt dan geen berichten.",
    confirm_button: "Ja, stuur mij berichten",
    confirmed_title: "Het is gelukt",
    confirmed: "U krijgt voortaan berichten over:",
    confirmed_leave: "Wilt u geen berichten meer? Onder elk bericht staat een link om te stoppen.",
    leave_title: "Wilt u stoppen met deze berichten?",
    leave: "Druk op de knop. Daarna krijgt u geen berichten meer over:",
    leave_many: "U krijgt berichten over:",
    leave_choice: "U kunt alleen stoppen met het eerste onderwerp, of met alles.",
    leave_button: "Ja, stop met deze berichten",
    leave_first_button: "Stop met het eerste onderwerp",
    leave_all_button: "Stop met alles",
    left_title: "U krijgt deze berichten niet meer",
    left: "U bent gestopt met berichten over:",
    left_undo: "Was dit niet de bedoeling? Met de knop krijgt u de berichten weer.",
    obligatory: "Soms moeten wij u hierover een bericht sturen. Dat krijgt u ook als u bent gestopt.",
    undo_title: "Wilt u de berichten weer krijgen?",
    undo: "Druk op de knop. Daarna krijgt u weer berichten over:",
    undo_button: "Ja, stuur mij de berichten weer",
    void_title: "Deze link werkt niet meer",
    void: "De link is te oud, is al gebruikt of klopt niet. Er is niets veranderd. Vraag zo nodig een nieuwe e-mail aan.",
    too_many_title: "Even wachten",
    too_many: "Er kwamen in korte tijd te veel verzoeken. Wacht een minuut en probeer het opnieuw.",
    failed_title: "Er ging iets mis",
    failed: "Het is nu niet gelukt. Probeer het later opnieuw.",
    invalid_title: "Dit verzoek klopt niet",
    invalid: "Er is niets veranderd. Open de link in uw e-mail opnieuw.",
    reference: "Nummer van deze melding",
    data: data_text::NL,
};

/// English.
pub static EN: Texts = Texts {
    skip_to_content: "Skip to content",
    language: "Language",
    accessibility: "Accessibility",
    product: "messages by e-mail",
    confirm_title: "Do you want messages by e-mail?",
    confirm: "Press the button. After that, you get messages about:",
    confirm_not_you: "Did you not ask for this yourself? Then close this page. You will not get messages.",
    confirm_button: "Yes, send me messages",
    confirmed_title: "It worked",
    confirmed: "From now on, you get messages about:",
    confirmed_leave: "Do you want no more messages? Each message has a link to stop.",
    leave_title: "Do you want to stop these messages?",
    leave: "Press the button. After that, you get no more messages about:",
    leave_many: "You get messages about:",
    leave_choice: "You can stop the first subject only, or everything.",
    leave_button: "Yes, stop these messages",
    leave_first_button: "Stop the first subject",
    leave_all_button: "Stop everything",
    left_title: "You no longer get these messages",
    left: "You have stopped messages about:",
    left_undo: "Was this a mistake? With the button you get the messages again.",
    obligatory: "Sometimes we have to send you a message about this. You get it also when you have stopped.",
    undo_title: "Do you want to get the messages again?",
    undo: "Press the button. After that, you get messages again about:",
    undo_button: "Yes, send me the messages again",
    void_title: "This link does not work any more",
    void: "The link is too old, was used before or is wrong. Nothing has changed. If you need to, request a new e-mail.",
    too_many_title: "Please wait",
    too_many: "There were too many requests in a short time. Wait a minute and try again.",
    failed_title: "Something went wrong",
    failed: "It did not work now. Try again later.",
    invalid_title: "This request is not correct",
    invalid: "Nothing has changed. Open the link in your e-mail again.",
    reference: "Number of this report",
    data: data_text::EN,
};

/// The texts of a language.
pub fn of(language: Language) -> &'static Texts {
    match language {
        Language::Dutch => &NL,
        Language::English => &EN,
    }
}
