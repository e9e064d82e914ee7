//! The guide to filters beside their fields: what each way of comparing matches, and examples in CloudEvents SQL.

/// Its texts.
pub struct Texts {
    /// Opens the guide.
    pub title: &'static str,
    /// Which attributes there are.
    pub attributes: &'static str,
    /// The caption of the ways to compare.
    pub ways: &'static str,
    /// The column with the way.
    pub way: &'static str,
    /// The column with the attribute.
    pub attribute: &'static str,
    /// The column with the value.
    pub value: &'static str,
    /// The column with what matches.
    pub matches: &'static str,
    /// What matches, for each of [`WAYS`].
    pub what: [&'static str; 4],
    /// The caption of the examples.
    pub sql: &'static str,
    /// The column with the expression.
    pub expression: &'static str,
    /// What matches, for each of [`EXPRESSIONS`].
    pub meanings: [&'static str; 7],
    /// What an expression cannot do.
    pub limits: &'static str,
}

/// Attribute and value of the examples of equals, begins with, ends with, does not equal.
pub const WAYS: [(&str, &str); 4] = [
    ("type", "nl.overheid.zaken.zaak-aangemaakt"),
    ("type", "nl.overheid.zaken."),
    ("subject", "/documenten"),
    ("source", "urn:nld:oin:00000001234567890000:systeem:test"),
];

/// Examples in CloudEvents SQL.
pub const EXPRESSIONS: [&str; 7] = [
    "type = 'nl.overheid.zaken.zaak-aangemaakt'",
    "type LIKE 'nl.overheid.%'",
    "type IN ('zaak-aangemaakt', 'zaak-gesloten')",
    "EXISTS subject AND NOT (subject LIKE '%/concept/%')",
    "UPPER(subject) = 'A-1' OR LENGTH(subject) > 20",
    "EXISTS volgnummer AND volgnummer >= 100",
    "LEFT(source, 8) = 'urn:nld:'",
];

/// Dutch.
pub const NL: Texts = Texts {
    title: "Hoe schrijft u een filter?",
    attributes: "Een filter kijkt naar de attributen van een event: id, source, type, subject, time, datacontenttype, dataschema en de kenmerken van het kanaal, zonder punten en in kleine letters. Deze filters kijken niet naar de inhoud. Hoofdletters en kleine letters zijn verschillend.",
    ways: "Manieren van vergelijken",
    way: "Manier",
    attribute: "Attribuut",
    value: "Waarde",
    matches: "Past bij",
    what: [
        "events van precies dit type",
        "events van elk type dat zo begint",
        "events met een onderwerp dat zo eindigt",
        "events uit elke andere bron",
    ],
    sql: "Voorbeelden van CloudEvents SQL",
    expression: "Voorwaarde",
    meanings: [
        "precies dit type",
        "een type dat zo begint; % is elke tekst, _ is één teken",
        "een van deze typen",
        "een onderwerp dat niet in concept is",
        "een van beide: dit onderwerp in hoofdletters, of een lang onderwerp",
        "een getal dat er is en hoog genoeg is",
        "een bron die zo begint",
    ],
    limits: "Tekst staat tussen enkele aanhalingstekens. Ontbreekt een attribuut, dan past een voorwaarde die het gebruikt niet; vraag daarom eerst met EXISTS of het er is.",
};

/// English.
pub const EN: Texts = Texts {
    title: "How to write a filter",
    attributes: "A filter looks at the attributes of an event: id, source, type, subject, time, datacontenttype, dataschema and the kenmerken of the kanaal, without dots and in lower case. These filters do not look at the payload. Upper and lower case differ.",
    ways: "Ways to compare",
    way: "Way",
    attribute: "Attribute",
    value: "Value",
    matches: "Matches",
    what: [
        "events of exactly this type",
        "events of every type that begins so",
        "events with a subject that ends so",
        "events of every other source",
    ],
    sql: "Examples of CloudEvents SQL",
    expression: "Condition",
    meanings: [
        "exactly this type",
        "a type that begins so; % is any text, _ is one character",
        "one of these types",
        "a subject that is not in concept",
        "either this subject in upper case, or a long subject",
        "a number that is there and is high enough",
        "a source that begins so",
    ],
    limits: "Text is between single quotes. When an attribute is absent, a condition that uses it does not match; so ask with EXISTS first whether it is there.",
};

#[cfg(test)]
mod tests {
    use model::{AttributeName, Event, Value, filter::Filter};

    use super::*;

    fn event(more: &[(&str, Value)]) -> Event {
        let mut attributes = vec![
            ("id", Value::text("1").unwrap()),
            ("source", Value::text("urn:nld:bron").unwrap()),
            ("type", Value::text("x").unwrap()),
        ];
        for (name, value) in more {
            attributes.retain(|(own, _)| own != name);
            attributes.push((name, value.clone()));
        }
        let attributes = attributes.into_iter().map(|(name, value)| (AttributeName::new(name).unwrap(), value));
        Event::new(attributes.collect(), None).unwrap()
    }

    #[test]
    fn every_example_is_an_expression_that_matches_what_is_written_beside_it() {
        let text = |value: &str| Value::text(value).unwrap();
        let matching = [
            event(&[("type", text("nl.overheid.zaken.zaak-aangemaakt"))]),
            event(&[("type", text("nl.overheid.x"))]),
            event(&[("type", text("zaak-gesloten"))]),
            event(&[("subject", text("zaken/1"))]),
            event(&[("subject", text("a-1"))]),
            event(&[("volgnummer", Value::Integer(100))]),
            event(&[]),
        ];
        let others = [
            event(&[("type", text("nl.overheid.zaken.zaak"))]),
            event(&[("type", text("org.overheid"))]),
            event(&[("type", text("zaak"))]),
            event(&[("subject", text("zaken/concept/1"))]),
            event(&[("subject", text("b"))]),
            event(&[]),
            event(&[("source", text("https://elders.example"))]),
        ];
        for (at, expression) in EXPRESSIONS.iter().enumerate() {
            let filter = Filter::sql(expression).unwrap_or_else(|error| panic!("{expression}: {error}"));
            assert!(filter.matches(&matching[at]), "{expression}");
            assert!(!filter.matches(&others[at]), "{expression}");
        }
    }

    #[test]
    fn the_names_in_the_examples_are_attributes() {
        for (attribute, value) in WAYS {
            assert!(AttributeName::new(attribute).is_ok() && !value.is_empty());
        }
    }
}
