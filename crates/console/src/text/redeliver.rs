//! Chosen rows that are delivered again.

/// Its texts.
pub struct Texts {
    /// The title.
    pub title: &'static str,
    /// The column with the check boxes.
    pub choose: &'static str,
    /// The name of the check box of an event.
    pub choose_one: fn(&str) -> String,
    /// The button of a list.
    pub deliver_chosen: &'static str,
    /// The link of a list that is filtered.
    pub deliver_filter: &'static str,
    /// Nothing was ticked.
    pub nothing_chosen: &'static str,
    /// How many rows were ticked.
    pub chosen: &'static str,
    /// How many events these are that can be delivered.
    pub events: &'static str,
    /// The subscription whose deliveries were ticked.
    pub receiver: &'static str,
    /// To those that missed an event.
    pub to_missed: &'static str,
    /// To all that want an event.
    pub to_everybody: &'static str,
    /// Only rows that did not arrive.
    pub missed_rows: &'static str,
    /// All rows.
    pub all_rows: &'static str,
    /// Some get an event twice.
    pub twice: &'static str,
    /// There is nothing to deliver.
    pub nothing: &'static str,
    /// The link to the same rows without what was delivered.
    pub only_missed: &'static str,
    /// The link to the same rows with what was delivered.
    pub also_delivered: &'static str,
    /// The number changed between the count and the confirmation.
    pub changed: &'static str,
    /// The link to the list.
    pub back: &'static str,
}

/// Dutch.
pub const NL: Texts = Texts {
    title: "Gekozen events opnieuw bezorgen",
    choose: "Kies",
    choose_one: |event| format!("Kies event {event}"),
    deliver_chosen: "Gekozen opnieuw bezorgen",
    deliver_filter: "Alles van dit filter opnieuw bezorgen",
    nothing_chosen: "U koos niets. Ga terug en zet een vinkje bij de events.",
    chosen: "Gekozen events",
    events: "Daarvan nog bewaard en voor u te zien",
    receiver: "Ontvanger",
    to_missed: "Alleen abonnementen die een event misten",
    to_everybody: "Alle abonnementen die de events willen",
    missed_rows: "Deze ontvanger, alleen wat nog niet bezorgd is",
    all_rows: "Deze ontvanger, ook wat al bezorgd is",
    twice: "Wat al bezorgd is, wordt nog een keer bezorgd.",
    nothing: "Er is niets te bezorgen: alles is al bezorgd, wordt al opnieuw bezorgd, of het abonnement wil deze events niet.",
    only_missed: "Alleen bezorgen wat nog niet bezorgd is",
    also_delivered: "Ook bezorgen wat al bezorgd is",
    changed: "Er is iets veranderd sinds u koos, dus er is nog niets gedaan. Controleer het nieuwe aantal.",
    back: "Terug naar de lijst",
};

/// English.
pub const EN: Texts = Texts {
    title: "Deliver chosen events again",
    choose: "Choose",
    choose_one: |event| format!("Choose event {event}"),
    deliver_chosen: "Deliver the chosen ones again",
    deliver_filter: "Deliver everything of this filter again",
    nothing_chosen: "You chose nothing. Go back and tick the events.",
    chosen: "Chosen events",
    events: "Of these still kept and visible to you",
    receiver: "Receiver",
    to_missed: "Only subscriptions that missed an event",
    to_everybody: "All subscriptions that want the events",
    missed_rows: "This receiver, only what is not delivered yet",
    all_rows: "This receiver, also what is delivered already",
    twice: "What is delivered already is delivered once more.",
    nothing: "There is nothing to deliver: everything is delivered, is being delivered again, or the subscription does not want these events.",
    only_missed: "Deliver only what is not delivered yet",
    also_delivered: "Also deliver what is delivered already",
    changed: "Something changed since you chose, so nothing is done yet. Check the new number.",
    back: "Back to the list",
};
