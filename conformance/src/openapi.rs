//! Checks an OpenAPI description against NL API Design Rules: names in paths and queries, versions, the language it is
//! written in. Reads only the document; sends no request.

use serde_json::{Map, Value};

/// A rule that a description can be checked against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Resources are nouns: a verb is at most the last segment of something that can only be posted to (ADR-01).
    Nouns,
    /// What is listed is plural (ADR-02).
    Plurals,
    /// Segments are lower-case letters, digits and hyphens; the last may begin with an underscore (ADR-05).
    KebabCase,
    /// Query keys begin in lower case and have letters and digits (ADR-06).
    CamelCase,
    /// Summaries and descriptions are in Dutch (ADR-22).
    Dutch,
    /// The address ends in the major version, and paths have none (ADR-24).
    VersionInAddress,
}

/// The rule of this name in a scenario.
pub fn rule_by_name(name: &str) -> Option<Rule> {
    Some(match name {
        "nouns" => Rule::Nouns,
        "plurals" => Rule::Plurals,
        "kebab-case" => Rule::KebabCase,
        "camel-case" => Rule::CamelCase,
        "dutch" => Rule::Dutch,
        "version-in-address" => Rule::VersionInAddress,
        _ => return None,
    })
}

/// A query key that comes from elsewhere: RFC 6750 and the webhooks of CloudEvents.
const ACCESS_TOKEN: &str = "access_token";

/// Imperatives that names of resources begin with when they are no resources.
const VERBS: &str = "add approve change close create delete do execute fetch find get list make modify pause post process publish \
    put read register reject remove resume revalidate run save search send set start stop submit subscribe \
    unsubscribe update validate aanmaken bijwerken maken ophalen opvragen registreren sturen toevoegen verwijderen \
    wijzigen zoeken";

/// Words that are frequent in one of two languages and do not exist in the other.
const DUTCH: &[&str] =
    &["de", "het", "een", "van", "en", "voor", "met", "niet", "wordt", "zijn", "die", "dat", "bij", "naar"];
const ENGLISH: &[&str] =
    &["the", "and", "for", "with", "not", "which", "are", "this", "that", "from", "it", "its", "by", "when"];

/// Where a document breaks a rule; empty when it keeps it, or has nothing the rule is about.
pub fn broken(rule: Rule, document: &Value) -> Vec<String> {
    let none = Map::new();
    let paths = document["paths"].as_object().unwrap_or(&none);
    let paths_that_break = |holds: fn(&str, &Value) -> bool| {
        paths.iter().filter(|(path, item)| !holds(path, item)).map(|(path, _)| path.clone()).collect::<Vec<_>>()
    };
    match rule {
        Rule::Nouns => paths_that_break(is_of_nouns),
        Rule::Plurals => paths_that_break(is_plural),
        Rule::KebabCase => paths_that_break(|path, _| is_kebab_case(path)),
        Rule::CamelCase => query_keys(paths).filter(|key| !is_camel_case(key)).map(str::to_owned).collect(),
        Rule::Dutch => {
            let mut texts = vec![];
            collect_texts(document, &mut texts);
            texts.into_iter().filter(|text| !is_dutch(text)).map(str::to_owned).collect()
        }
        Rule::VersionInAddress => version(document, paths),
    }
}

/// The segments of a path that are names, not placeholders.
fn names(path: &str) -> Vec<&str> {
    path.split('/').filter(|segment| !segment.is_empty() && !segment.starts_with('{')).collect()
}

fn can_only_be_posted_to(item: &Value) -> bool {
    let other = |method: &&str| item.get(*method).is_some();
    !["get", "put", "patch", "delete"].iter().any(other)
}

fn is_of_nouns(path: &str, item: &Value) -> bool {
    let names = names(path);
    let is_operation = can_only_be_posted_to(item) && !path.ends_with('}');
    let nouns = if is_operation { names.split_last().map_or(&[][..], |(_, nouns)| nouns) } else { &names[..] };
    let is_verb = |name: &&str| {
        let first_word = name.split(|c: char| !c.is_ascii_lowercase()).next().unwrap_or_default();
        VERBS.split(' ').any(|verb| verb == first_word)
    };
    !nouns.iter().any(is_verb)
}

/// What a caller has one of, although it has members.
const SINGLE: &str = "inbox";

/// Whether something with members, or that is posted to as a list, has a plural name.
fn is_plural(path: &str, item: &Value) -> bool {
    let is_list = item.pointer("/get/responses/200").is_some() && item.get("post").is_some() && !path.ends_with('}');
    let list =
        if is_list { names(path).pop() } else { path.strip_suffix('}').and_then(|path| path.split('/').rev().nth(1)) };
    list.is_none_or(|name| name.starts_with('{') || name.ends_with('s') || name.ends_with("en") || name == SINGLE)
}

fn is_kebab_case(path: &str) -> bool {
    let is_word =
        |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let names = names(path.trim_end_matches("/openapi.json").trim_end_matches("/openapi.yaml"));
    names.iter().enumerate().all(|(at, name)| {
        let name = if at + 1 == names.len() { name.strip_prefix('_').unwrap_or(name) } else { name };
        name.split('-').all(is_word)
    })
}

fn query_keys(paths: &Map<String, Value>) -> impl Iterator<Item = &str> {
    let items = paths.values().filter_map(Value::as_object);
    let operations = items.flat_map(Map::values);
    let parameters = operations.filter_map(|operation| operation["parameters"].as_array()).flatten();
    parameters.filter(|parameter| parameter["in"] == "query").filter_map(|parameter| parameter["name"].as_str())
}

fn is_camel_case(key: &str) -> bool {
    let camel = key.starts_with(|first: char| first.is_ascii_lowercase())
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric());
    camel || key == ACCESS_TOKEN
}

/// Texts for people: summaries and descriptions.
fn collect_texts<'a>(value: &'a Value, texts: &mut Vec<&'a str>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(text) if name == "description" || name == "summary" => texts.push(text),
                    other => collect_texts(other, texts),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect_texts(item, texts)),
        _ => {}
    }
}

/// Whether a text does not have more English than Dutch words; a short text may have neither.
fn is_dutch(text: &str) -> bool {
    let count = |of: &[&str]| {
        let words = text.split(|c: char| !c.is_alphabetic()).map(str::to_lowercase);
        words.filter(|word| of.contains(&word.as_str())).count()
    };
    count(ENGLISH) <= count(DUTCH)
}

fn version(document: &Value, paths: &Map<String, Value>) -> Vec<String> {
    let is_version = |segment: &str| {
        segment.strip_prefix('v').is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
    };
    let servers = document["servers"].as_array().map(Vec::as_slice).unwrap_or_default();
    let urls = servers.iter().map(|server| server["url"].as_str().unwrap_or_default());
    let mut broken: Vec<String> = urls
        .filter(|url| !is_version(url.trim_end_matches('/').rsplit('/').next().unwrap_or_default()))
        .map(|url| format!("server {url:?}"))
        .collect();
    if servers.is_empty() {
        broken.push("no servers".to_owned());
    }
    broken.extend(paths.keys().filter(|path| names(path).into_iter().any(is_version)).cloned());
    broken
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(rule: Rule, path: &str, item: Value) -> usize {
        let mut document = json!({"servers": [{"url": "https://x.example/api/v1"}], "paths": {}});
        document["paths"][path] = item;
        broken(rule, &document).len()
    }

    #[test]
    fn each_rule_holds_and_is_broken() {
        let list = || json!({"get": {"responses": {"200": {}}}, "post": {}});
        let query = |name: &str| json!({"get": {"parameters": [{"name": name, "in": "query"}, {"name": "X-Y", "in": "header"}]}});
        for (rule, path, item, wrong) in [
            (Rule::Nouns, "/events/{id}/deliveries", list(), 0),
            (Rule::Nouns, "/subscriptions/{id}/pause", json!({"post": {}}), 0),
            (Rule::Nouns, "/get-events", list(), 1),
            (Rule::Nouns, "/getEvents", list(), 1),
            (Rule::Nouns, "/zoeken/{id}", json!({"get": {}}), 1),
            (Rule::Nouns, "/create/{id}/events", json!({"post": {}}), 1),
            (Rule::Plurals, "/kanalen", list(), 0),
            (Rule::Plurals, "/kanalen/{naam}/subscriptions/{id}", json!({"get": {}}), 0),
            (Rule::Plurals, "/inbox/{id}", json!({"get": {}}), 0),
            (Rule::Plurals, "/kanaal", list(), 1),
            (Rule::Plurals, "/kanaal/{uuid}", json!({"get": {}}), 1),
            (Rule::KebabCase, "/dead-letters/{letterId}/_zoek", json!({}), 0),
            (Rule::KebabCase, "/openapi.json", json!({}), 0),
            (Rule::KebabCase, "/deadLetters", json!({}), 1),
            (Rule::KebabCase, "/dead_letters", json!({}), 1),
            (Rule::KebabCase, "/_zoek/{id}/letters", json!({}), 1),
            (Rule::KebabCase, "/dead-/x", json!({}), 1),
            (Rule::CamelCase, "/x", query("pageSize"), 0),
            (Rule::CamelCase, "/x", query("access_token"), 0),
            (Rule::CamelCase, "/x", query("page_size"), 1),
            (Rule::CamelCase, "/x", query("PageSize"), 1),
            (Rule::Dutch, "/x", json!({"get": {"summary": "Lijst van de kanalen"}}), 0),
            (Rule::Dutch, "/x", json!({"get": {"summary": "`id`."}}), 0),
            (Rule::Dutch, "/x", json!({"get": {"summary": "The list of kanalen"}}), 1),
            (Rule::VersionInAddress, "/x", json!({}), 0),
            (Rule::VersionInAddress, "/v1/x", json!({}), 1),
        ] {
            assert_eq!(found(rule, path, item), wrong, "{rule:?} {path}");
        }
        for address in [json!([]), json!([{"url": "/"}]), json!([{"url": "https://x.example/v1.2"}]), json!(null)] {
            assert_eq!(broken(Rule::VersionInAddress, &json!({"servers": address})).len(), 1, "{address}");
        }
    }
}
