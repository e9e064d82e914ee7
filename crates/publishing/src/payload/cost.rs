//! Bounds the cost of checking a payload against a schema. A reference works like a function call, so a small schema can
//! need exponentially many steps: by references that double at every level, or by recursion that branches at every level of
//! the payload. Such schemas are refused.
//!
//! The estimate is an upper bound that needs no payload. Three rules: no definition refers back to itself at the same place
//! in a payload; none does so twice for the same part of a payload; and with all references expanded (recursive definitions
//! as often as a payload may be deep), a schema has at most [`MAX_STEPS`] parts.

use std::collections::HashMap;

use serde_json::Value;

use super::schema::SchemaFault;

/// The maximum number of parts of a schema with all references expanded.
const MAX_STEPS: u64 = 10_000_000;
/// How often a recursive definition is expanded: the maximum depth of a payload.
const DEPTH: u64 = 64;
/// The maximum number of definitions that references lead to.
const MAX_DEFINITIONS: usize = 1_000;

/// The place of a part in a payload, seen from the definition it belongs to: the names of members, or anything.
type Path = Vec<Option<String>>;

/// A reference inside a definition.
#[derive(Debug)]
struct Call {
    /// Its place in the schema, as a JSON pointer.
    place: String,
    /// The definition it leads to.
    to: usize,
    /// The part of a payload it is about.
    path: Path,
}

/// A part of the schema that references lead to.
#[derive(Debug, Default)]
struct Definition {
    parts: u64,
    calls: Vec<Call>,
}

/// Refuses a schema that exceeds the bounds; the fault names the reference that exceeds them.
pub fn check(schema: &Value) -> Result<(), SchemaFault> {
    let mut reader = Reader {
        schema,
        targets: HashMap::new(),
        known: HashMap::from([(String::new(), 0)]),
        all: vec![Definition::default()],
        open: vec![(0, String::new())],
    };
    while let Some((definition, place)) = reader.open.pop() {
        if let Some(part) = schema.pointer(&place) {
            reader.part(part, definition, &place, &mut Vec::new());
        }
    }
    if reader.all.len() > MAX_DEFINITIONS {
        return Err(SchemaFault::new(format!("refers to more than {MAX_DEFINITIONS} definitions")));
    }
    let circles = components(&reader.all, |call| call.path.is_empty());
    for (at, definition) in reader.all.iter().enumerate() {
        let back = |call: &&Call| call.path.is_empty() && circles[call.to] == circles[at];
        if let Some(call) = definition.calls.iter().find(back) {
            let rule = "leads back to the same definition for the same place in a payload, without end";
            return Err(SchemaFault::new(rule).at(&call.place));
        }
    }
    let components = components(&reader.all, |_| true);
    recursion(&reader.all, &components)?;
    let mut steps = vec![None; reader.all.len()];
    if expanded_parts(&reader.all, &components, components[0], &mut steps) > MAX_STEPS {
        let rule = format!("has more than {MAX_STEPS} parts when its references are written out");
        return Err(SchemaFault::new(rule));
    }
    Ok(())
}

struct Reader<'a> {
    schema: &'a Value,
    /// The target of each reference, by its text.
    targets: HashMap<String, Option<usize>>,
    /// The definitions by their place.
    known: HashMap<String, usize>,
    all: Vec<Definition>,
    /// Definitions that are still to be read.
    open: Vec<(usize, String)>,
}

impl Reader<'_> {
    fn part(&mut self, part: &Value, definition: usize, place: &str, path: &mut Path) {
        self.all[definition].parts += 1;
        let Value::Object(members) = part else { return };
        for (keyword, value) in members {
            let place = format!("{place}/{}", escape(keyword));
            match keyword.as_str() {
                "$ref" | "$dynamicRef" | "$recursiveRef" => {
                    if let Some(to) = value.as_str().and_then(|target| self.target(target)) {
                        self.all[definition].calls.push(Call { place, to, path: path.clone() });
                    }
                }
                // Applies to the same place of the payload.
                "allOf" | "anyOf" | "oneOf" => self.list(value, definition, &place, path),
                "not" | "if" | "then" | "else" => self.part(value, definition, &place, path),
                "dependentSchemas" | "dependencies" => self.members(value, definition, &place, path, |_| None),
                // Applies to a member or an item of the payload.
                "properties" => self.members(value, definition, &place, path, |name| Some(Some(name.to_owned()))),
                "patternProperties" => self.members(value, definition, &place, path, |_| Some(None)),
                "prefixItems" => self.items(value, definition, &place, path),
                "items" | "additionalItems" if value.is_array() => self.items(value, definition, &place, path),
                "items"
                | "additionalItems"
                | "additionalProperties"
                | "contains"
                | "propertyNames"
                | "unevaluatedItems"
                | "unevaluatedProperties" => {
                    path.push(None);
                    self.part(value, definition, &place, path);
                    path.pop();
                }
                _ => {}
            }
        }
    }

    fn list(&mut self, value: &Value, definition: usize, place: &str, path: &mut Path) {
        for (at, part) in value.as_array().into_iter().flatten().enumerate() {
            self.part(part, definition, &format!("{place}/{at}"), path);
        }
    }

    fn items(&mut self, value: &Value, definition: usize, place: &str, path: &mut Path) {
        for (at, part) in value.as_array().into_iter().flatten().enumerate() {
            path.push(Some(at.to_string()));
            self.part(part, definition, &format!("{place}/{at}"), path);
            path.pop();
        }
    }

    fn members(
        &mut self,
        value: &Value,
        definition: usize,
        place: &str,
        path: &mut Path,
        step: impl Fn(&str) -> Option<Option<String>>,
    ) {
        for (name, part) in value.as_object().into_iter().flatten() {
            let step = step(name);
            let depth = path.len();
            path.extend(step);
            self.part(part, definition, &format!("{place}/{}", escape(name)), path);
            path.truncate(depth);
        }
    }

    /// The definition that a reference leads to; `None` when it leads out of the schema, which compiling refuses, or to
    /// a meta-schema.
    fn target(&mut self, target: &str) -> Option<usize> {
        if let Some(known) = self.targets.get(target) {
            return *known;
        }
        // Beyond the bound the schema is refused anyway.
        let found = if self.all.len() > MAX_DEFINITIONS { None } else { self.find(target) };
        self.targets.insert(target.to_owned(), found);
        found
    }

    fn find(&mut self, target: &str) -> Option<usize> {
        let place = match target.split_once('#') {
            Some(("", "")) => String::new(),
            Some(("", pointer)) if pointer.starts_with('/') => decode(pointer),
            Some((document, anchor)) => find(self.schema, document, anchor, String::new())?,
            None => find(self.schema, target, "", String::new())?,
        };
        self.schema.pointer(&place)?;
        if let Some(known) = self.known.get(&place) {
            return Some(*known);
        }
        let number = self.all.len();
        self.all.push(Definition::default());
        self.known.insert(place.clone(), number);
        self.open.push((number, place));
        Some(number)
    }
}

/// The place of the part that calls itself `document` or, when that is empty, bears the anchor.
fn find(schema: &Value, document: &str, anchor: &str, place: String) -> Option<String> {
    match schema {
        Value::Object(members) => {
            let is = |name: &str, text: &str| {
                !text.is_empty()
                    && members
                        .get(name)
                        .and_then(Value::as_str)
                        .is_some_and(|own| own.trim_end_matches('#').ends_with(text))
            };
            let named = if document.is_empty() {
                is("$anchor", anchor) || is("$dynamicAnchor", anchor) || is("$id", anchor) || is("id", anchor)
            } else {
                is("$id", document) || is("id", document)
            };
            if named {
                return Some(if document.is_empty() || !anchor.starts_with('/') {
                    place
                } else {
                    place + &decode(anchor)
                });
            }
            members.iter().find_map(|(name, value)| find(value, document, anchor, format!("{place}/{}", escape(name))))
        }
        Value::Array(items) => {
            items.iter().enumerate().find_map(|(at, item)| find(item, document, anchor, format!("{place}/{at}")))
        }
        _ => None,
    }
}

/// A number for every definition, the same for those that lead to each other by calls that count.
fn components(all: &[Definition], counts: impl Fn(&Call) -> bool) -> Vec<usize> {
    let reached: Vec<Vec<bool>> = (0..all.len())
        .map(|from| {
            let mut seen = vec![false; all.len()];
            let mut open = vec![from];
            while let Some(at) = open.pop() {
                for call in all[at].calls.iter().filter(|call| counts(call)) {
                    if !std::mem::replace(&mut seen[call.to], true) {
                        open.push(call.to);
                    }
                }
            }
            seen
        })
        .collect();
    (0..all.len())
        .map(|one| (0..one).find(|other| reached[one][*other] && reached[*other][one]).unwrap_or(one))
        .collect()
}

fn recursion(all: &[Definition], components: &[usize]) -> Result<(), SchemaFault> {
    for (at, definition) in all.iter().enumerate() {
        let back: Vec<&Call> = definition.calls.iter().filter(|call| components[call.to] == components[at]).collect();
        for (number, call) in back.iter().enumerate() {
            if back[..number].iter().any(|other| overlap(&call.path, &other.path)) {
                let rule = "leads back to the same definition twice for the same part of a payload, which can take \
                            for ever: let one reference do";
                return Err(SchemaFault::new(rule).at(&call.place));
            }
        }
    }
    Ok(())
}

/// Whether one may be at or below the other.
fn overlap(one: &Path, other: &Path) -> bool {
    one.iter().zip(other).all(|(one, other)| one.is_none() || other.is_none() || one == other)
}

/// The number of parts of a component with its references expanded.
fn expanded_parts(all: &[Definition], components: &[usize], component: usize, steps: &mut Vec<Option<u64>>) -> u64 {
    if let Some(known) = steps[component] {
        return known;
    }
    let (mut sum, mut factor) = (0_u64, 1);
    for (definition, _) in all.iter().zip(components).filter(|(_, own)| **own == component) {
        sum = sum.saturating_add(definition.parts);
        for call in &definition.calls {
            if components[call.to] == component {
                factor = DEPTH;
            } else {
                sum = sum.saturating_add(expanded_parts(all, components, components[call.to], steps));
            }
        }
    }
    let sum = sum.saturating_mul(factor);
    steps[component] = Some(sum);
    sum
}

fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// A fragment as a pointer.
fn decode(fragment: &str) -> String {
    percent_encoding::percent_decode_str(fragment).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn usual_recursion_is_allowed() {
        for schema in [
            json!({"properties": {"left": {"$ref": "#"}, "right": {"$ref": "#"}}}),
            json!({"$defs": {"a": {"items": {"oneOf": [{"type": "string"}, {"$ref": "#/$defs/a"}]}}}, "$ref": "#/$defs/a"}),
            json!({"definitions": {"a": {"$id": "#a", "additionalProperties": {"$ref": "#a"}}}, "allOf": [{"$ref": "#a"}]}),
            json!({"prefixItems": [{"$ref": "#"}, {"$ref": "#"}]}),
            json!({"$ref": "http://json-schema.org/draft-07/schema#"}),
            json!(true),
        ] {
            assert_eq!(check(&schema), Ok(()), "{schema}");
        }
    }

    #[test]
    fn doubling_recursion_is_refused_with_its_place() {
        for (schema, place) in [
            (json!({"anyOf": [{"items": {"$ref": "#"}}, {"items": {"$ref": "#"}}]}), "/anyOf/1/items/$ref"),
            (
                json!({"properties": {"a": {"$ref": "#"}}, "patternProperties": {".": {"$ref": "#"}}}),
                "/properties/a/$ref",
            ),
            (
                json!({"$defs": {"a": {"items": {"allOf": [{"$ref": "#/$defs/b"}, {"$ref": "#/$defs/b"}]}}, "b": {"$ref": "#/$defs/a"}},
                    "$ref": "#/$defs/a"}),
                "/$defs/a/items/allOf/1/$ref",
            ),
            (
                json!({"$defs": {"a": {"$anchor": "a", "contains": {"$ref": "#a"}, "items": {"$ref": "#a"}}}, "$ref": "#a"}),
                "/$defs/a/items/$ref",
            ),
        ] {
            let fault = check(&schema).expect_err(&schema.to_string());
            assert_eq!(fault.pointer.as_deref(), Some(place), "{schema}");
        }
    }

    #[test]
    fn calls_that_double_at_every_level_are_refused() {
        let doubled = |levels: usize| {
            let mut definitions = serde_json::Map::new();
            for level in 0..levels {
                let next = json!({"$ref": format!("#/$defs/d{}", level + 1)});
                definitions.insert(format!("d{level}"), json!({"allOf": [next, next]}));
            }
            definitions.insert(format!("d{levels}"), json!({"type": "string"}));
            json!({"$defs": definitions, "$ref": "#/$defs/d0"})
        };
        assert_eq!(check(&doubled(10)), Ok(()));
        assert!(check(&doubled(40)).unwrap_err().rule.contains("written out"));
    }

    #[test]
    fn recursion_inside_recursion_adds_up() {
        let nested = |levels: usize| {
            let own = |level: usize| format!("#/$defs/d{level}");
            let mut definitions = serde_json::Map::new();
            for level in 0..levels {
                let calls = json!({"items": {"$ref": own(level)}, "allOf": [{"$ref": own(level + 1)}]});
                definitions.insert(format!("d{level}"), calls);
            }
            definitions.insert(format!("d{levels}"), json!({"type": "string"}));
            json!({"$defs": definitions, "$ref": own(0)})
        };
        assert_eq!(check(&nested(2)), Ok(()));
        assert!(check(&nested(10)).unwrap_err().rule.contains("written out"));
    }

    #[test]
    fn circles_are_refused() {
        for (schema, place) in [
            (json!({"$ref": "#"}), "/$ref"),
            (json!({"$defs": {"a": {"not": {"$ref": "#"}}}, "if": {"$ref": "#/$defs/a"}}), "/if/$ref"),
        ] {
            assert_eq!(check(&schema).expect_err("a circle").pointer.as_deref(), Some(place), "{schema}");
        }
    }
}
