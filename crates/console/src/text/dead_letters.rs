//! Dead letters.

/// Its texts.
pub struct Texts {
    /// The title.
    pub title: &'static str,
    /// What a dead letter is.
    pub intro: &'static str,
    /// The filter by id of a subscription.
    pub subscription: &'static str,
    /// The text is no id.
    pub subscription_wrong: &'static str,
    /// The type of the event.
    pub kind: &'static str,
    /// The status of the last answer.
    pub status: &'static str,
    /// The text is no status.
    pub status_wrong: &'static str,
    /// The filter by whether the record can be read.
    pub sort: &'static str,
    /// Every dead letter.
    pub readable: &'static str,
    /// Records that nobody can read.
    pub unreadable: &'static str,
    /// A text is no id.
    pub number_wrong: &'static str,
    /// Too many ids.
    pub too_many: &'static str,
    /// Chosen dead letters.
    pub numbers: &'static str,
    /// The heading of the groups.
    pub groups: &'static str,
    /// The caption when not all were read.
    pub groups_of: &'static str,
    /// The caption when all were read.
    pub groups_all: &'static str,
    /// The column with the number.
    pub count: &'static str,
    /// The column with the newest.
    pub newest: &'static str,
    /// The link to the dead letters of a group.
    pub show: &'static str,
    /// The column with the receiver.
    pub receiver: &'static str,
    /// The subscription no longer exists.
    pub deleted: &'static str,
    /// A record that belongs to no subscription.
    pub nobody: &'static str,
    /// The column with the reason.
    pub reason: &'static str,
    /// The column with the event.
    pub event: &'static str,
    /// The column with the choice.
    pub choose: &'static str,
    /// The name of a check box.
    pub choose_one: fn(&str) -> String,
    /// How many match.
    pub found: fn(&str) -> String,
    /// There are older ones than those that are listed.
    pub older: &'static str,
    /// There are no dead letters.
    pub none: &'static str,
    /// No dead letter matches.
    pub none_match: &'static str,
    /// The button that continues with the chosen ones.
    pub redrive_chosen: &'static str,
    /// The button that continues with the chosen ones.
    pub delete_chosen: &'static str,
    /// The link that continues with all of the filter.
    pub redrive_all: &'static str,
    /// The link that continues with all of the filter.
    pub delete_all: &'static str,
    /// The title of the confirmation.
    pub redrive_title: &'static str,
    /// The title of the confirmation.
    pub delete_title: &'static str,
    /// The heading of the filter in words.
    pub which: &'static str,
    /// The time bound.
    pub until: &'static str,
    /// Nothing is selected.
    pub nothing: &'static str,
    /// What a redrive does.
    pub redrive_hint: &'static str,
    /// The button that starts.
    pub redrive_now: fn(&str) -> String,
    /// What deletion does.
    pub delete_warning: &'static str,
    /// The label of the confirmation.
    pub confirm: fn(&str) -> String,
    /// What to type.
    pub confirm_hint: &'static str,
    /// The confirmation is another text.
    pub confirm_wrong: fn(&str) -> String,
    /// The button that deletes.
    pub delete_now: fn(&str) -> String,
    /// The link back.
    pub back: &'static str,
}

/// Dutch.
pub const NL: Texts = Texts {
    title: "Dead letters",
    intro: "Een dead letter is een event dat niet bezorgd kon worden. Het is bewaard en kan opnieuw bezorgd worden.",
    subscription: "Nummer van het abonnement",
    subscription_wrong: "Het nummer van een abonnement heeft 32 cijfers en letters a tot en met f",
    kind: "Type event",
    status: "Laatste antwoord",
    status_wrong: "Vul een getal in van 100 tot en met 599",
    sort: "Soort",
    readable: "Alle",
    unreadable: "Onleesbare records",
    number_wrong: "Een nummer klopt niet",
    too_many: "Kies ten hoogste 1.000 dead letters",
    numbers: "Gekozen dead letters",
    groups: "Groepen",
    groups_of: "De nieuwste 5.000 dead letters, per abonnement, kanaal en antwoord",
    groups_all: "Per abonnement, kanaal en antwoord",
    count: "Aantal",
    newest: "Nieuwste",
    show: "Toon deze groep",
    receiver: "Ontvanger",
    deleted: "verwijderd abonnement",
    nobody: "geen abonnement",
    reason: "Reden",
    event: "Event",
    choose: "Kies",
    choose_one: |event| format!("Kies dead letter van event {event}"),
    older: "Er zijn meer dead letters. Hier staan en tellen alleen de nieuwste 5.000, of de nieuwste 5.000 van het abonnement of \
            kanaal dat u kiest. Kies een tijd om oudere te zien.",
    found: |number| match number {
        "1" => "1 dead letter".to_owned(),
        number => format!("{number} dead letters"),
    },
    none: "Er zijn geen dead letters. Alles is bezorgd of wordt nog geprobeerd.",
    none_match: "Geen dead letter voldoet aan dit filter. Wis het filter om alles te zien.",
    redrive_chosen: "Gekozen opnieuw bezorgen",
    delete_chosen: "Gekozen verwijderen",
    redrive_all: "Alles van dit filter opnieuw bezorgen",
    delete_all: "Alles van dit filter verwijderen",
    redrive_title: "Dead letters opnieuw bezorgen",
    delete_title: "Dead letters verwijderen",
    which: "Om welke dead letters het gaat",
    until: "Ontstaan vóór",
    nothing: "Er zijn geen dead letters die u mag behandelen en die hieraan voldoen.",
    redrive_hint: "Een ontvanger kan een event daardoor twee keer krijgen. Wat al opnieuw bezorgd wordt, gaat niet nog een keer.",
    redrive_now: |number| format!("Bezorg {number} opnieuw"),
    delete_warning: "Dit kunt u niet ongedaan maken. Deze events worden niet meer bezorgd.",
    confirm: |number| format!("Typ het aantal ({number}) om te bevestigen"),
    confirm_hint: "Typ alleen cijfers.",
    confirm_wrong: |number| format!("Typ precies {number}. Het aantal kan net veranderd zijn."),
    delete_now: |number| format!("Verwijder {number}"),
    back: "Terug naar de dead letters",
};

/// English.
pub const EN: Texts = Texts {
    title: "Dead letters",
    intro: "A dead letter is an event that could not be delivered. It is kept, and can be delivered again.",
    subscription: "Id of the subscription",
    subscription_wrong: "The id of a subscription has 32 digits and letters a to f",
    kind: "Type of event",
    status: "Last answer",
    status_wrong: "Enter a number from 100 to 599",
    sort: "Kind",
    readable: "All",
    unreadable: "Unreadable records",
    number_wrong: "An id is not right",
    too_many: "Choose at most 1,000 dead letters",
    numbers: "Chosen dead letters",
    groups: "Groups",
    groups_of: "The newest 5,000 dead letters, by subscription, kanaal and answer",
    groups_all: "By subscription, kanaal and answer",
    count: "Number",
    newest: "Newest",
    show: "Show this group",
    receiver: "Receiver",
    deleted: "deleted subscription",
    nobody: "no subscription",
    reason: "Reason",
    event: "Event",
    choose: "Choose",
    choose_one: |event| format!("Choose the dead letter of event {event}"),
    older: "There are more dead letters. Only the newest 5,000 are listed and counted here, or the newest 5,000 of the \
            subscription or kanaal that you choose. Choose a time to see older ones.",
    found: |number| match number {
        "1" => "1 dead letter".to_owned(),
        number => format!("{number} dead letters"),
    },
    none: "There are no dead letters. Everything was delivered or is still being tried.",
    none_match: "No dead letter matches this filter. Clear the filter to see all.",
    redrive_chosen: "Deliver the chosen ones again",
    delete_chosen: "Delete the chosen ones",
    redrive_all: "Deliver all of this filter again",
    delete_all: "Delete all of this filter",
    redrive_title: "Deliver dead letters again",
    delete_title: "Delete dead letters",
    which: "Which dead letters",
    until: "Created before",
    nothing: "There are no dead letters like this that you may handle.",
    redrive_hint: "A receiver may get an event twice. What is being delivered again already is not sent once more.",
    redrive_now: |number| format!("Deliver {number} again"),
    delete_warning: "You cannot undo this. These events are never delivered.",
    confirm: |number| format!("Type the number ({number}) to confirm"),
    confirm_hint: "Type digits only.",
    confirm_wrong: |number| format!("Type exactly {number}. The number may have changed just now."),
    delete_now: |number| format!("Delete {number}"),
    back: "Back to the dead letters",
};
