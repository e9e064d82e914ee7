//! The form of a schema, and its withdrawal.

/// Its texts.
pub struct Texts {
    /// The title of the form, and the link to it.
    pub new: &'static str,
    /// What registering does.
    pub intro: &'static str,
    /// The person acts for no applicatie.
    pub no_owner: &'static str,
    /// The name.
    pub name: &'static str,
    /// Its rule.
    pub name_hint: &'static str,
    /// It breaks the rule.
    pub name_wrong: &'static str,
    /// The types.
    pub types: &'static str,
    /// How they are written.
    pub types_hint: &'static str,
    /// There are none.
    pub types_missing: &'static str,
    /// No kanaal is chosen.
    pub by_routes: &'static str,
    /// What `dataschema` is for.
    pub uri_hint: &'static str,
    /// The length of the description.
    pub description_hint: &'static str,
    /// What an example is.
    pub example_hint: &'static str,
    /// What a schema is.
    pub schema_hint: &'static str,
    /// There is none.
    pub schema_missing: &'static str,
    /// Registers it.
    pub register: &'static str,
    /// Leaves the page.
    pub cancel: &'static str,
    /// The title of the withdrawal, and the link to it.
    pub withdraw: &'static str,
    /// What a withdrawal does.
    pub withdraw_warning: &'static str,
    /// The label of the confirmation.
    pub confirm: fn(&str) -> String,
    /// What it is for.
    pub confirm_hint: &'static str,
    /// The confirmation is another text.
    pub confirm_wrong: &'static str,
    /// Withdraws it.
    pub withdraw_now: &'static str,
    /// It is registered.
    pub registered: &'static str,
    /// It is withdrawn.
    pub withdrawn: &'static str,
}

/// Dutch.
pub const NL: Texts = Texts {
    new: "Schema vastleggen",
    intro: "Een schema beschrijft de inhoud van een type event. Na het vastleggen verandert het niet meer. Het kanaal bepaalt of de gateway de inhoud controleert.",
    no_owner: "Een schema hoort bij een applicatie, en u beheert er geen. Vraag de beheerder om een applicatie aan uw account te koppelen.",
    name: "Naam van het schema",
    name_hint: "1 tot 100 tekens: kleine letters, cijfers, koppelteken, laag streepje en punt. Begin met een letter of cijfer.",
    name_wrong: "Gebruik 1 tot 100 kleine letters, cijfers, koppeltekens, lage streepjes en punten, en begin met een letter of cijfer",
    types: "Typen events",
    types_hint: "Eén type per regel, ten hoogste 20. Bijvoorbeeld nl.overheid.zaken.zaak.create",
    types_missing: "Vul ten minste één type in",
    by_routes: "Volgens de routes van de kanalen",
    uri_hint: "De URI die events in het attribuut dataschema hebben. Laat leeg voor het adres van het schema in deze gateway.",
    description_hint: "Wat een event van dit type betekent. Ten hoogste 1.000 tekens.",
    example_hint: "JSON dat bij het schema past, ten hoogste 16 KiB.",
    schema_hint: "JSON Schema, ten hoogste 64 KiB. Draft 4, 6, 7, 2019-09 of 2020-12, volgens $schema. Dit veld is verplicht.",
    schema_missing: "Vul een JSON Schema in",
    register: "Leg het schema vast",
    cancel: "Terug naar de typen",
    withdraw: "Schema intrekken",
    withdraw_warning: "De gateway controleert de inhoud van events dan niet meer met dit schema, en de typen verdwijnen uit de lijst. Events die er al zijn, veranderen niet.",
    confirm: |name| format!("Typ de naam van het schema ({name})"),
    confirm_hint: "Zo voorkomt u dat u het verkeerde schema intrekt.",
    confirm_wrong: "Dit is niet de naam van het schema. Typ de naam precies zo over.",
    withdraw_now: "Trek het schema in",
    registered: "Het schema is vastgelegd.",
    withdrawn: "Het schema is ingetrokken.",
};

/// English.
pub const EN: Texts = Texts {
    new: "Register a schema",
    intro: "A schema describes the payload of a type of events. Once it is registered it does not change any more. The kanaal decides whether the gateway checks payloads.",
    no_owner: "A schema belongs to an applicatie, and you manage none. Ask the administrator to connect an applicatie to your account.",
    name: "Name of the schema",
    name_hint: "1 to 100 characters: lower case letters, digits, hyphen, underscore and dot. Begin with a letter or a digit.",
    name_wrong: "Use 1 to 100 lower case letters, digits, hyphens, underscores and dots, and begin with a letter or a digit",
    types: "Types of events",
    types_hint: "One type a line, at most 20. For example nl.overheid.zaken.zaak.create",
    types_missing: "Enter at least one type",
    by_routes: "By the routes of the kanalen",
    uri_hint: "The URI that events have in the attribute dataschema. Leave empty for the address of the schema in this gateway.",
    description_hint: "What an event of this type means. At most 1,000 characters.",
    example_hint: "JSON that fits the schema, at most 16 KiB.",
    schema_hint: "JSON Schema, at most 64 KiB. Draft 4, 6, 7, 2019-09 or 2020-12, by $schema. This field is required.",
    schema_missing: "Enter a JSON Schema",
    register: "Register the schema",
    cancel: "Back to the types",
    withdraw: "Withdraw the schema",
    withdraw_warning: "The gateway then no longer checks payloads of events against this schema, and its types disappear from the list. Events that exist do not change.",
    confirm: |name| format!("Type the name of the schema ({name})"),
    confirm_hint: "It prevents that you withdraw the wrong schema.",
    confirm_wrong: "This is not the name of the schema. Type the name exactly.",
    withdraw_now: "Withdraw the schema",
    registered: "The schema is registered.",
    withdrawn: "The schema is withdrawn.",
};
