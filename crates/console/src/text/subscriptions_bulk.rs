//! An action on several subscriptions.

/// Its texts.
pub struct Texts {
    /// The titles: pause, resume, ask for consent again.
    pub titles: [&'static str; 3],
    /// How many are acted on.
    pub count: fn(usize) -> String,
    /// Nothing was selected.
    pub nothing_selected: &'static str,
    /// Nothing that was selected can be acted on.
    pub nothing_to_do: &'static str,
    /// Those that are left out.
    pub left_out: &'static str,
    /// Why they are left out.
    pub left_out_why: &'static str,
    /// The table of those that are acted on.
    pub acted_on: &'static str,
    /// The buttons that confirm: pause, resume, ask for consent again.
    pub confirm: [fn(usize) -> String; 3],
    /// The link back.
    pub back: &'static str,
    /// The title of the result.
    pub result: &'static str,
    /// How many succeeded.
    pub done: fn(usize) -> String,
    /// The table of those that failed.
    pub failed: &'static str,
    /// The column with the reason.
    pub why: &'static str,
}

const fn plural_nl(number: usize) -> &'static str {
    if number == 1 { "abonnement" } else { "abonnementen" }
}

const fn plural_en(number: usize) -> &'static str {
    if number == 1 { "subscription" } else { "subscriptions" }
}

/// Dutch.
pub const NL: Texts = Texts {
    titles: ["Abonnementen pauzeren", "Abonnementen hervatten", "Opnieuw toestemming vragen"],
    count: |number| {
        format!("Deze handeling geldt voor {number} {}. Andere abonnementen veranderen niet.", plural_nl(number))
    },
    nothing_selected: "U koos geen abonnementen. Ga terug en zet een vinkje bij de abonnementen.",
    nothing_to_do: "Bij geen van de gekozen abonnementen kan deze handeling nu.",
    left_out: "Deze abonnementen doen niet mee",
    left_out_why: "Deze handeling past niet bij hun toestand.",
    acted_on: "Deze abonnementen doen mee",
    confirm: [
        |number| format!("Pauzeer {number} {}", plural_nl(number)),
        |number| format!("Hervat {number} {}", plural_nl(number)),
        |number| format!("Vraag {number} {} opnieuw om toestemming", plural_nl(number)),
    ],
    back: "Terug naar de lijst",
    result: "Resultaat",
    done: |number| format!("Gelukt bij {number} {}.", plural_nl(number)),
    failed: "Niet gelukt",
    why: "Reden",
};

/// English.
pub const EN: Texts = Texts {
    titles: ["Pause subscriptions", "Resume subscriptions", "Ask for consent again"],
    count: |number| format!("This acts on {number} {}. Other subscriptions do not change.", plural_en(number)),
    nothing_selected: "You selected no subscriptions. Go back and tick the subscriptions.",
    nothing_to_do: "This is not possible now for any of the selected subscriptions.",
    left_out: "These subscriptions are left out",
    left_out_why: "The action does not fit their state.",
    acted_on: "This acts on these subscriptions",
    confirm: [
        |number| format!("Pause {number} {}", plural_en(number)),
        |number| format!("Resume {number} {}", plural_en(number)),
        |number| format!("Ask {number} {} for consent again", plural_en(number)),
    ],
    back: "Back to the list",
    result: "Result",
    done: |number| format!("Done for {number} {}.", plural_en(number)),
    failed: "Not done",
    why: "Reason",
};
