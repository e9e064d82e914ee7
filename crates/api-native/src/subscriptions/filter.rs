//! The filter dialects of the CloudEvents Subscriptions API between JSON and the model: exact, prefix, suffix, all,
//! any, not, sql, and our dialect data. Any other dialect is refused by name (CE-SUB-12).

use compact_str::CompactString;
use model::{
    AttributeName,
    data_filter::{DataCondition, DataFilter, DataPath},
    filter::{Filter, MAX_DEPTH},
};
use serde_json::{Map, Value, json};

use crate::members::Members;

/// Most filters in one list, and most attributes in one filter.
const MAX_LIST: usize = 64;

/// Reads `filters`; faults go to where `members` collects them.
pub fn read(members: &Members<'_>) -> Vec<Filter> {
    read_list(members, "filters", 1)
}

fn read_list(members: &Members<'_>, name: &str, depth: usize) -> Vec<Filter> {
    let list = members.list(name, MAX_LIST);
    list.iter()
        .enumerate()
        .filter_map(|(at, value)| members.item(name, at, value).and_then(|item| read_one(&item, depth)))
        .collect()
}

fn read_one(filter: &Members<'_>, depth: usize) -> Option<Filter> {
    let mut dialects = filter.iter().map(|(name, _)| name.as_str());
    let (Some(dialect), None) = (dialects.next(), dialects.next()) else {
        filter.fault("", "a filter has exactly one dialect: exact, prefix, suffix, all, any, not, sql or data");
        return None;
    };
    if depth > MAX_DEPTH {
        filter.fault(dialect, format!("filters are nested deeper than {MAX_DEPTH}"));
        return None;
    }
    match dialect {
        "exact" => pairs(filter, dialect).map(Filter::Exact),
        "prefix" => pairs(filter, dialect).map(Filter::Prefix),
        "suffix" => pairs(filter, dialect).map(Filter::Suffix),
        "all" => some(filter, dialect, depth).map(Filter::All),
        "any" => some(filter, dialect, depth).map(Filter::Any),
        "not" => {
            let inner = inner(filter, dialect)?;
            read_one(&inner, depth + 1).map(|inner| Filter::Not(Box::new(inner)))
        }
        "sql" => match Filter::sql(filter.required(dialect)?) {
            Ok(sql) => Some(sql),
            Err(error) => {
                filter.fault(dialect, error.to_string());
                None
            }
        },
        "data" => data(&inner(filter, dialect)?).map(|data| Filter::Data(Box::new(data))),
        unknown => {
            filter.fault(unknown, format!("\"{unknown}\" is not a supported filter dialect"));
            None
        }
    }
}

/// The longest value that a member of the payload is compared with, in bytes.
const MAX_VALUE: usize = 1_000;

/// Reads the dialect data: a path and one condition.
fn data(filter: &Members<'_>) -> Option<DataFilter> {
    let path = match DataPath::new(filter.required("path")?) {
        Ok(path) => path,
        Err(error) => return fault(filter, "path", error.to_string()),
    };
    let mut conditions = filter.iter().filter(|(name, _)| *name != "path");
    let (Some((name, value)), None) = (conditions.next(), conditions.next()) else {
        return fault(filter, "", "needs, beside path, one of exact, in and exists");
    };
    let condition = match (name.as_str(), value) {
        ("exact", Value::String(text)) if text.len() <= MAX_VALUE => DataCondition::Exact(CompactString::new(text)),
        ("in", Value::Array(values)) if (1..=MAX_LIST).contains(&values.len()) => {
            let texts = values.iter().enumerate().map(|(at, one)| match one {
                Value::String(text) if text.len() <= MAX_VALUE => Some(CompactString::new(text)),
                _ => {
                    filter.item_fault("in", at, format!("must be a text of at most {MAX_VALUE} bytes"));
                    None
                }
            });
            DataCondition::In(texts.collect::<Option<_>>()?)
        }
        ("exists", Value::Bool(true)) => DataCondition::Exists,
        ("exact", _) => {
            let rule = format!("must be a text of at most {MAX_VALUE} bytes; write numbers and booleans as in JSON");
            return fault(filter, name, rule);
        }
        ("in", _) => return fault(filter, name, format!("must be a list of 1 to {MAX_LIST} texts")),
        ("exists", _) => return fault(filter, name, "must be true; for the opposite, use not"),
        _ => return fault(filter, name, "is no condition; there are exact, in and exists"),
    };
    Some(DataFilter { path, condition })
}

fn fault<T>(filter: &Members<'_>, member: &str, rule: impl Into<String>) -> Option<T> {
    filter.fault(member, rule);
    None
}

/// The object of a dialect; null is a fault as well.
fn inner<'a>(filter: &Members<'a>, dialect: &str) -> Option<Members<'a>> {
    let object = filter.object(dialect);
    if object.is_none() && filter.value(dialect).is_none() {
        filter.fault(dialect, "must be an object");
    }
    object
}

fn some(filter: &Members<'_>, dialect: &str, depth: usize) -> Option<Vec<Filter>> {
    let filters = read_list(filter, dialect, depth + 1);
    if filter.list(dialect, MAX_LIST).is_empty() {
        filter.fault(dialect, "must be a list of at least one filter");
    }
    (!filters.is_empty()).then_some(filters)
}

fn pairs(filter: &Members<'_>, dialect: &str) -> Option<Vec<(AttributeName, CompactString)>> {
    let Some(object) = filter.object(dialect) else {
        if filter.value(dialect).is_none() {
            filter.fault(dialect, "must be an object");
        }
        return None;
    };
    if object.iter().next().is_none() || object.iter().nth(MAX_LIST).is_some() {
        filter.fault(dialect, format!("must name 1 to {MAX_LIST} attributes"));
        return None;
    }
    let mut pairs = Vec::new();
    for (name, _) in object.iter() {
        let attribute = AttributeName::new(name);
        if let Err(error) = &attribute {
            object.fault(name, error.to_string());
        }
        if let (Ok(attribute), Some(value)) = (attribute, object.required(name)) {
            pairs.push((attribute, CompactString::new(value)));
        }
    }
    Some(pairs)
}

/// The JSON form of a filter.
pub fn show(filter: &Filter) -> Value {
    let list = |filters: &[Filter]| Value::Array(filters.iter().map(show).collect());
    let object = |pairs: &[(AttributeName, CompactString)]| {
        Value::Object(
            pairs.iter().map(|(name, value)| (name.to_string(), value.as_str().into())).collect::<Map<_, _>>(),
        )
    };
    match filter {
        Filter::Exact(pairs) => json!({"exact": object(pairs)}),
        Filter::Prefix(pairs) => json!({"prefix": object(pairs)}),
        Filter::Suffix(pairs) => json!({"suffix": object(pairs)}),
        Filter::All(filters) => json!({"all": list(filters)}),
        Filter::Any(filters) => json!({"any": list(filters)}),
        Filter::Not(filter) => json!({"not": show(filter)}),
        Filter::Sql(expression) => json!({"sql": expression.as_str()}),
        Filter::Data(filter) => {
            let path = filter.path.as_str();
            let condition = match &filter.condition {
                DataCondition::Exact(value) => json!({"path": path, "exact": value.as_str()}),
                DataCondition::In(values) => {
                    let values: Vec<&str> = values.iter().map(CompactString::as_str).collect();
                    json!({"path": path, "in": values})
                }
                DataCondition::Exists => json!({"path": path, "exists": true}),
            };
            json!({"data": condition})
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::members::Faults;
    use web::problem::Problem;

    fn parse(filters: Value) -> Result<Vec<Filter>, Problem> {
        let body = json!({ "filters": filters });
        let faults = Faults::default();
        let filters = read(&Members::new(body.as_object().unwrap(), &faults));
        faults.check(filters)
    }

    #[test]
    fn dialects_survive_ce_sub_11() {
        let filters = json!([
            {"exact": {"source": "/s", "type": "t"}},
            {"not": {"prefix": {"type": "nl."}}},
            {"any": [{"suffix": {"subject": "1"}}, {"all": [{"exact": {"id": "1"}}]}]},
            {"sql": "type LIKE 'nl.%' AND EXISTS subject"},
            {"data": {"path": "/zaak/zaaktype", "exact": "https://x/1"}},
            {"not": {"data": {"path": "/a~1b", "in": ["1", ""]}}},
            {"data": {"path": "/zaak", "exists": true}},
        ]);
        let parsed = parse(filters.clone()).unwrap();
        assert_eq!(Value::Array(parsed.iter().map(show).collect()), filters);
        assert!(parse(json!([])).unwrap().is_empty());
    }

    #[test]
    fn bad_filters_are_named_ce_sub_12() {
        for (filter, member) in [
            (json!({"jsonpath": "$.x"}), "filters[0].jsonpath"),
            (json!({"sql": "ABC("}), "filters[0].sql"),
            (json!({"sql": true}), "filters[0].sql"),
            (json!({}), "filters[0]."),
            (json!({"exact": {"type": "a"}, "prefix": {"type": "b"}}), "filters[0]."),
            (json!({"exact": {}}), "filters[0].exact"),
            (json!({"exact": null}), "filters[0].exact"),
            (json!({"exact": {"type": ""}}), "filters[0].exact.type"),
            (json!({"exact": {"Type": "a"}}), "filters[0].exact.Type"),
            (json!({"all": []}), "filters[0].all"),
            (json!({"any": [{"foo": 1}]}), "filters[0].any[0].foo"),
            (json!({"not": []}), "filters[0].not"),
            (json!({"not": null}), "filters[0].not"),
            (json!({"data": null}), "filters[0].data"),
            (json!({"data": {"path": "/zaak", "exact": null}}), "filters[0].data.exact"),
            (json!({"data": {"exact": "x"}}), "filters[0].data.path"),
            (json!({"data": {"path": "zaak", "exact": "x"}}), "filters[0].data.path"),
            (json!({"data": {"path": "/zaak"}}), "filters[0].data."),
            (json!({"data": {"path": "/zaak", "exact": "x", "in": ["x"]}}), "filters[0].data."),
            (json!({"data": {"path": "/zaak", "exact": 1}}), "filters[0].data.exact"),
            (json!({"data": {"path": "/zaak", "exact": "x".repeat(MAX_VALUE + 1)}}), "filters[0].data.exact"),
            (json!({"data": {"path": "/zaak", "in": []}}), "filters[0].data.in"),
            (json!({"data": {"path": "/zaak", "in": ["x", 1]}}), "filters[0].data.in[1]"),
            (json!({"data": {"path": "/zaak", "exists": false}}), "filters[0].data.exists"),
            (json!({"data": {"path": "/zaak", "matches": "x"}}), "filters[0].data.matches"),
            (json!("x"), "filters[0]"),
        ] {
            let problem = parse(json!([filter])).unwrap_err();
            assert_eq!(problem.errors[0].member, member, "{filter}");
        }
    }

    #[test]
    fn nesting_is_bounded() {
        let nested = |depth: usize| (0..depth).fold(json!({"exact": {"id": "1"}}), |inner, _| json!({ "not": inner }));
        assert_eq!(parse(json!([nested(MAX_DEPTH - 1)])).unwrap()[0].depth(), MAX_DEPTH);
        assert!(parse(json!([nested(MAX_DEPTH)])).is_err());
    }
}
