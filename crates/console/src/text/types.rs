//! The catalogue of types of events.

/// Its texts.
pub struct Texts {
    /// The title.
    pub title: &'static str,
    /// What the page shows.
    pub intro: &'static str,
    /// The button of the filter.
    pub search: &'static str,
    /// The link to the page without filter.
    pub reset: &'static str,
    /// There is no type.
    pub none_at_all: &'static str,
    /// No type matches.
    pub no_match: &'static str,
    /// The name of the table: how many are shown of how many.
    pub shown: fn(usize, usize) -> String,
    /// The heading of schemas of no type.
    pub untyped: &'static str,
    /// What these are.
    pub untyped_intro: &'static str,
    /// The name of their table, with their number.
    pub untyped_number: fn(&str) -> String,
    /// The withdrawal of the schema with a name.
    pub withdraw_of: fn(&str) -> String,
    /// A type.
    pub kind: &'static str,
    /// The column with the description.
    pub description: &'static str,
    /// The kanaal.
    pub kanaal: &'static str,
    /// No kanaal takes the type.
    pub no_kanaal: &'static str,
    /// The publisher.
    pub publisher: &'static str,
    /// Declared in the configuration.
    pub declared: &'static str,
    /// Why a registered schema is not changed here.
    pub read_only: &'static str,
    /// Why a declared schema is not changed here.
    pub read_only_declared: &'static str,
    /// The name of the schema.
    pub schema_name: &'static str,
    /// The attribute that names the schema.
    pub dataschema: &'static str,
    /// When it was registered.
    pub created: &'static str,
    /// The link to the form that publishes an event of the type.
    pub publish: &'static str,
    /// The heading of the subscriptions that ask for the type.
    pub asked_by: &'static str,
    /// There are none that this person sees.
    pub asked_by_nobody: &'static str,
    /// What the list says.
    pub asked_by_hint: &'static str,
    /// The name of the table, with their number.
    pub asked_by_number: fn(&str) -> String,
    /// The heading of the example.
    pub example: &'static str,
    /// There is no example.
    pub no_example: &'static str,
    /// The heading of the schema.
    pub schema: &'static str,
}

/// Dutch.
pub const NL: Texts = Texts {
    title: "Typen en schema's",
    intro: "Dit zijn de typen events waarvoor een schema is vastgelegd. Een aanbieder legt een schema vast op deze pagina of met de API.",
    search: "Zoeken",
    reset: "Filter wissen",
    none_at_all: "Er zijn nog geen typen vastgelegd. Een aanbieder doet dat met POST /v1/schemas, of de platformbeheerder in de configuratie.",
    no_match: "Geen type past bij dit filter. Vul de hele naam van het kanaal of de hele client-id in.",
    shown: |shown, total| format!("{shown} van {total} typen, op naam"),
    untyped: "Schema's zonder type",
    untyped_intro: "Deze schema's horen bij geen enkel type. Een event gebruikt ze alleen als het attribuut dataschema ernaar verwijst. De eerste 50 staan hier, op naam.",
    untyped_number: |number| if number == "1" { "1 schema".to_owned() } else { format!("{number} schema's") },
    withdraw_of: |name| format!("Schema {name} intrekken"),
    kind: "Type",
    description: "Beschrijving",
    kanaal: "Kanaal",
    no_kanaal: "Geen kanaal",
    publisher: "Aanbieder",
    declared: "Configuratie",
    read_only: "Een schema verandert nooit. Voor een ander schema legt de aanbieder een nieuw dataschema vast.",
    read_only_declared: "U kunt dit schema hier niet wijzigen, want het staat in het configuratiebestand.",
    schema_name: "Naam van het schema",
    dataschema: "Attribuut dataschema",
    created: "Vastgelegd op",
    publish: "Publiceer een event van dit type",
    asked_by: "Wie neemt dit type af",
    asked_by_nobody: "Geen abonnement dat u mag zien, vraagt om dit type.",
    asked_by_hint: "Deze abonnementen vragen om het type, volgens hun kanaal en typen. Filters en goedkeuring kunnen dat beperken. De nieuwste 50 staan hier.",
    asked_by_number: |number| if number == "1" { "1 abonnement".to_owned() } else { format!("{number} abonnementen") },
    example: "Voorbeeld",
    no_example: "De aanbieder heeft geen voorbeeld gegeven.",
    schema: "JSON Schema",
};

/// English.
pub const EN: Texts = Texts {
    title: "Types and schemas",
    intro: "These are the types of events that a schema is registered for. A publisher registers a schema on this page or with the API.",
    search: "Search",
    reset: "Clear the filter",
    none_at_all: "No types are registered yet. A publisher does that with POST /v1/schemas, or the platform engineer in the configuration.",
    no_match: "No type matches this filter. Enter the whole name of the kanaal or the whole client id.",
    shown: |shown, total| format!("{shown} of {total} types, by name"),
    untyped: "Schemas without a type",
    untyped_intro: "These schemas belong to no type. An event uses one only when its attribute dataschema names it. The first 50 are listed, by name.",
    untyped_number: |number| if number == "1" { "1 schema".to_owned() } else { format!("{number} schemas") },
    withdraw_of: |name| format!("Withdraw schema {name}"),
    kind: "Type",
    description: "Description",
    kanaal: "Kanaal",
    no_kanaal: "No kanaal",
    publisher: "Publisher",
    declared: "Configuration",
    read_only: "A schema never changes. For another schema the publisher registers a new dataschema.",
    read_only_declared: "This schema cannot be changed here, because it is in the configuration file.",
    schema_name: "Name of the schema",
    dataschema: "Attribute dataschema",
    created: "Registered at",
    publish: "Publish an event of this type",
    asked_by: "Who takes this type",
    asked_by_nobody: "No subscription that you may see asks for this type.",
    asked_by_hint: "These subscriptions ask for the type by their kanaal and types. Filters and approval may select less. The newest 50 are listed.",
    asked_by_number: |number| {
        if number == "1" { "1 subscription".to_owned() } else { format!("{number} subscriptions") }
    },
    example: "Example",
    no_example: "The publisher gave no example.",
    schema: "JSON Schema",
};
