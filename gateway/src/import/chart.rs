//! The set-up file inside the values of a Helm chart: that of Open Notificaties itself (`configuration.data`), or one that
//! contains it, such as PodiumD (`opennotificaties.configuration.data`).
//!
//! Only the set-up file and the secrets beside it are read. The other values are about containers and other programs.

use serde_json::{Map, Value};

use super::{
    section,
    setup::{SetupError, parse},
};

/// The member with the values of Open Notificaties in the values of a chart that contains it.
const SUBCHART: &str = "opennotificaties";
/// Where the chart has the set-up file, for messages.
const DATA: &str = "configuration.data";

/// A set-up file, and the values that it may take from the environment.
pub struct SetupFile {
    /// Its sections.
    pub members: Map<String, Value>,
    /// The secrets of the chart, which it sets in the environment of Open Notificaties.
    pub secrets: Map<String, Value>,
    /// What of the chart is not imported, in Dutch.
    pub notes: Vec<String>,
}

/// The set-up file in a document: the document itself, or what the values of a chart contain.
pub fn setup_file(mut document: Map<String, Value>) -> Result<SetupFile, SetupError> {
    let mut values = match document.get_mut(SUBCHART).map(Value::take) {
        Some(Value::Object(values)) => values,
        _ => document,
    };
    let Some(Value::Object(mut configuration)) = values.remove("configuration") else {
        return Ok(SetupFile { members: values, secrets: Map::new(), notes: Vec::new() });
    };
    let refused = |why: &str| section::refused(DATA, why.to_owned());
    // The chart takes it as a text.
    let data = match configuration.remove("data") {
        Some(Value::String(text)) => parse(&text)?,
        Some(data) => data,
        None => return Err(refused("dit ontbreekt: het bestand is een chart zonder set-up-bestand")),
    };
    let members = match data {
        Value::Object(members) => members,
        Value::Null => return Err(refused("dit is leeg: geef het bestand met de waarden van uw omgeving")),
        _ => return Err(refused("dit moeten sleutels met waarden zijn")),
    };
    let secrets = match configuration.remove("secrets") {
        Some(Value::Object(secrets)) => secrets,
        _ => Map::new(),
    };
    let mut notes = Vec::new();
    if configuration.get("enabled") == Some(&Value::Bool(false)) {
        notes.push("configuration.enabled is false: de chart voert dit set-up-bestand niet uit".to_owned());
    }
    let retries = ["maxRetries", "retryBackoff", "retryBackoffMax"];
    if retries.iter().any(|name| !values.get("settings").unwrap_or(&Value::Null)[name].is_null()) {
        notes.push(format!(
            "settings.{}: niet overgenomen, alleen notifications_config in het set-up-bestand",
            retries.join(", ")
        ));
    }
    Ok(SetupFile { members, secrets, notes })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<SetupFile, SetupError> {
        let Value::Object(document) = parse(text).unwrap() else { panic!("{text}") };
        setup_file(document)
    }

    #[test]
    fn a_set_up_file_is_found_by_itself_and_in_two_charts() {
        for text in [
            "a: 1",
            "configuration:\n  data: |-\n    a: 1",
            "configuration: {data: {a: 1}}",
            "keycloak: {x: y}\nopennotificaties:\n  configuration:\n    enabled: true\n    data: |-\n      a: 1",
        ] {
            let found = read(text).unwrap();
            assert_eq!(Value::Object(found.members), serde_json::json!({"a": 1}), "{text}");
            assert!(found.notes.is_empty(), "{text}");
        }
    }

    #[test]
    fn what_a_chart_lacks_is_named() {
        for (text, expected) in [
            ("opennotificaties: {configuration: {data: ''}}", "configuration.data: dit is leeg"),
            ("opennotificaties: {configuration: {job: {}}}", "configuration.data: dit ontbreekt"),
            ("configuration: {data: [1]}", "configuration.data: dit moeten sleutels"),
            ("configuration: {data: 'a: ['}", "geen geldige YAML"),
        ] {
            let error = read(text).err().unwrap().to_string();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}
