//! The form of a kanaal, and its deletion.

/// The texts.
pub struct Texts {
    /// The title of a new one.
    pub new: &'static str,
    /// The title of a change.
    pub change: &'static str,
    /// The link to the change.
    pub to_change: &'static str,
    /// The link to the deletion, and its title.
    pub delete: &'static str,
    /// The name.
    pub naam: &'static str,
    /// Its rule.
    pub naam_hint: &'static str,
    /// The link to documentation.
    pub documentation: &'static str,
    /// Its rule.
    pub documentation_hint: &'static str,
    /// The kenmerken.
    pub kenmerken: &'static str,
    /// How they are written.
    pub kenmerken_hint: &'static str,
    /// The routes.
    pub routes: &'static str,
    /// What they do.
    pub routes_hint: &'static str,
    /// The default source.
    pub source: &'static str,
    /// Its rule.
    pub source_hint: &'static str,
    /// The days that events are kept.
    pub days: &'static str,
    /// Their rule.
    pub days_hint: &'static str,
    /// The owner.
    pub owner: &'static str,
    /// Its rule.
    pub owner_hint: &'static str,
    /// Whether the owner approves subscriptions.
    pub approval: &'static str,
    /// The heading of the rules.
    pub rules: &'static str,
    /// Saves it.
    pub save: &'static str,
    /// Leaves the form.
    pub cancel: &'static str,
    /// Somebody changed it meanwhile.
    pub changed: &'static str,
    /// A refusal without words of its own: the technical text.
    pub refused: fn(&str) -> String,
    /// A kenmerk that is refused: its line, and the technical text.
    pub kenmerk_wrong: fn(usize, &str) -> String,
    /// What a deletion does.
    pub delete_warning: &'static str,
    /// Removes the events as well.
    pub purge: &'static str,
    /// What that means.
    pub purge_hint: &'static str,
    /// The confirmation, with the name.
    pub confirm: fn(&str) -> String,
    /// What is typed.
    pub confirm_hint: &'static str,
    /// Another text was typed.
    pub confirm_wrong: &'static str,
    /// Deletes it.
    pub delete_now: &'static str,
    /// Subscriptions that name it, which prevent a deletion.
    pub has_subscriptions: fn(usize) -> String,
}

/// Dutch.
pub const NL: Texts = Texts {
    new: "Nieuw kanaal",
    change: "Kanaal wijzigen",
    to_change: "Wijzigen",
    delete: "Kanaal verwijderen",
    naam: "Naam",
    naam_hint: "Hoogstens 50 tekens, bijvoorbeeld: zaken. De naam kan later niet veranderen.",
    documentation: "Link naar de documentatie",
    documentation_hint: "Een volledig webadres, bijvoorbeeld: https://voorbeeld.nl/zaken.",
    kenmerken: "Kenmerken",
    kenmerken_hint: "Een per regel: de naam, of naam = attribuut. Bijvoorbeeld: zaaktype.catalogus = zaaktypecatalogus.",
    routes: "Routes",
    routes_hint: "Een per regel: het begin van het type van events die naar dit kanaal gaan, bijvoorbeeld: nl.overheid.zaken.",
    source: "Standaardbron",
    source_hint: "Voor notificaties, bijvoorbeeld: urn:nld:oin:00000001823288444000:systeem:zaken. Leeg: zoals de gateway is ingesteld.",
    days: "Bewaartermijn in dagen",
    days_hint: "1 tot 36.500. Leeg: zoals de gateway is ingesteld. Met een kortere termijn verdwijnen oude events binnen enkele minuten.",
    owner: "Eigenaar (client_id)",
    owner_hint: "De applicatie die events publiceert en afnemers goedkeurt. Leeg: niemand, alleen beheerders.",
    approval: "De eigenaar keurt elk abonnement goed",
    rules: "Regels voor events",
    save: "Opslaan",
    cancel: "Annuleren",
    changed: "Iemand anders heeft dit kanaal intussen gewijzigd. Uw invoer staat hieronder. Vergelijk de twee versies, en sla op als uw invoer moet gelden.",
    refused: |technical| format!("De gateway accepteert dit niet: {technical}"),
    kenmerk_wrong: |line, technical| format!("Kenmerk {line} kan niet: {technical}"),
    delete_warning: "Na het verwijderen kan niemand meer op dit kanaal publiceren. Dit is niet ongedaan te maken.",
    purge: "Verwijder ook alle events van dit kanaal, nu",
    purge_hint: "Zonder vinkje blijven de events tot hun bewaartermijn voorbij is.",
    confirm: |naam| format!("Typ de naam van het kanaal: {naam}"),
    confirm_hint: "Zo voorkomt u dat u het verkeerde kanaal verwijdert.",
    confirm_wrong: "Dit is niet de naam van het kanaal. Typ de naam precies zo over.",
    delete_now: "Verwijder het kanaal",
    has_subscriptions: |number| match number {
        1 => "1 abonnement noemt dit kanaal. Verwijder of wijzig dat eerst.".to_owned(),
        number => format!("{number} abonnementen noemen dit kanaal. Verwijder of wijzig die eerst."),
    },
};

/// English.
pub const EN: Texts = Texts {
    new: "New kanaal",
    change: "Change kanaal",
    to_change: "Change",
    delete: "Delete kanaal",
    naam: "Name",
    naam_hint: "At most 50 characters, for example: zaken. The name cannot change later.",
    documentation: "Link to the documentation",
    documentation_hint: "A complete web address, for example: https://example.com/zaken.",
    kenmerken: "Kenmerken",
    kenmerken_hint: "One a line: the name, or name = attribute. For example: zaaktype.catalogus = zaaktypecatalogus.",
    routes: "Routes",
    routes_hint: "One a line: the beginning of the type of events that go to this kanaal, for example: nl.overheid.zaken.",
    source: "Default source",
    source_hint: "For notificaties, for example: urn:nld:oin:00000001823288444000:systeem:zaken. Empty: as the gateway is configured.",
    days: "Retention in days",
    days_hint: "1 to 36,500. Empty: as the gateway is configured. With a shorter retention old events disappear within minutes.",
    owner: "Owner (client_id)",
    owner_hint: "The applicatie that publishes events and approves subscribers. Empty: nobody, administrators only.",
    approval: "The owner approves each subscription",
    rules: "Rules for events",
    save: "Save",
    cancel: "Cancel",
    changed: "Somebody else changed this kanaal meanwhile. What you typed is below. Compare the two versions, and save if what you typed must hold.",
    refused: |technical| format!("The gateway does not accept this: {technical}"),
    kenmerk_wrong: |line, technical| format!("Kenmerk {line} is not possible: {technical}"),
    delete_warning: "After the deletion nobody can publish on this kanaal any more. This cannot be undone.",
    purge: "Also remove all events of this kanaal, now",
    purge_hint: "Without it the events stay until their retention is over.",
    confirm: |naam| format!("Type the name of the kanaal: {naam}"),
    confirm_hint: "It prevents that you delete the wrong kanaal.",
    confirm_wrong: "This is not the name of the kanaal. Type the name exactly.",
    delete_now: "Delete the kanaal",
    has_subscriptions: |number| match number {
        1 => "1 subscription names this kanaal. Delete or change it first.".to_owned(),
        number => format!("{number} subscriptions name this kanaal. Delete or change them first."),
    },
};
