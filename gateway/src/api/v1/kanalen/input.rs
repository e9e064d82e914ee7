//! A kanaal as it is asked for. Unlike the Notificaties API, names of filters whose attributes collide are refused
//! unless they bring an alias (MAP-12).

use model::{
    AttributeName, KanaalName,
    clearance::{Clearance, MAX_ENTRIES},
    kanaal::{Filterkenmerk, MAX_NAME, RESERVED_ATTRIBUTES},
    profile::{Mode, Profile, Rules},
    schema::PayloadCheck,
};
use serde_json::{Map, Value};

use super::SECONDS_PER_DAY;
use crate::{
    api::v1::members::{Faults, Members},
    problem::Problem,
};

/// Most filters and type routes of a kanaal.
const MAX_LIST: usize = 100;
/// Longest text, in characters.
const MAX_TEXT: usize = 1_000;

/// What is asked for.
#[derive(Debug)]
pub struct Wanted {
    /// Its name; `None` when the body names none.
    pub naam: Option<KanaalName>,
    /// See [`model::Kanaal`].
    pub documentatie_link: String,
    /// See [`model::Kanaal`].
    pub filters: Vec<Filterkenmerk>,
    /// See [`model::Kanaal`].
    pub type_routes: Vec<String>,
    /// See [`model::Kanaal`].
    pub source: Option<String>,
    /// See [`model::Kanaal`].
    pub retention_seconds: Option<u64>,
    /// See [`model::Kanaal`].
    pub rules: Rules,
    /// See [`model::Kanaal`].
    pub payloads: PayloadCheck,
    /// Whether the body names `clearance`, as none or as some.
    pub names_clearance: bool,
    /// See [`model::Kanaal`].
    pub clearance: Option<Clearance>,
    /// Whether the body names `owner`, as nobody or as somebody.
    pub names_owner: bool,
    /// See [`model::Kanaal`].
    pub owner: Option<String>,
    /// See [`model::Kanaal`]; `None` when the body does not say.
    pub approval: Option<bool>,
}

/// Reads a body; `naam` must be in it when `named`.
pub fn read(object: &Map<String, Value>, named: bool) -> Result<Wanted, Problem> {
    let faults = Faults::default();
    let top = Members::new(object, &faults);
    top.only(&[
        "naam",
        "documentatieLink",
        "filters",
        "typeRoutes",
        "source",
        "retentionDays",
        "profile",
        "strictness",
        "privacy",
        "payloadSchemas",
        "clearance",
        "owner",
        "approval",
        "url",
        "created",
    ]);
    let naam = if named { top.required("naam") } else { top.text("naam") };
    let wanted = Wanted {
        naam: naam.and_then(|naam| {
            let name = KanaalName::new(naam);
            if name.is_none() {
                top.fault("naam", format!("must have at most {MAX_NAME} characters"));
            }
            name
        }),
        documentatie_link: link(&top),
        filters: filters(&top),
        type_routes: top.texts("typeRoutes", MAX_LIST).into_iter().map(str::to_owned).collect(),
        source: source(&top),
        retention_seconds: top.integer("retentionDays", 1, 36_500).map(|days| days * SECONDS_PER_DAY),
        rules: Rules {
            profile: top.word("profile", &Profile::ALL.map(|profile| (profile.label(), profile))),
            mode: top.word("strictness", &Mode::ALL.map(|mode| (mode.label(), mode))),
            privacy: top.word("privacy", &Mode::ALL.map(|mode| (mode.label(), mode))),
        },
        payloads: top
            .word("payloadSchemas", &PayloadCheck::ALL.map(|check| (check.label(), check)))
            .unwrap_or_default(),
        names_clearance: top.names("clearance"),
        clearance: clearance(&top),
        names_owner: top.names("owner"),
        owner: owner(&top),
        approval: top.word("approval", &[("none", false), ("required", true)]),
    };
    faults.check(wanted)
}

fn clearance(top: &Members<'_>) -> Option<Clearance> {
    let object = top.object("clearance")?;
    object.only(&["classifications", "regulations"]);
    let list = |name: &str| object.texts(name, MAX_ENTRIES).into_iter().map(str::to_owned).collect();
    Some(Clearance { classifications: list("classifications"), regulations: list("regulations") })
}

fn owner(top: &Members<'_>) -> Option<String> {
    let owner = top.text("owner")?;
    if owner.chars().nth(100).is_some() {
        top.fault("owner", "must have at most 100 characters");
    }
    Some(owner.to_owned())
}

fn link(top: &Members<'_>) -> String {
    let link = top.free_text("documentatieLink").unwrap_or_default();
    let http = link.starts_with("https://") || link.starts_with("http://");
    if !link.is_empty() && (!http || link.len() > MAX_TEXT || link.parse::<http::Uri>().is_err()) {
        top.fault("documentatieLink", "must be an absolute http(s) URL");
    }
    link.to_owned()
}

fn source(top: &Members<'_>) -> Option<String> {
    let source = top.text("source")?;
    // The rule for `source` of an event holds for what fills it in.
    let attributes = [("id", "1"), ("source", source), ("type", "t")];
    let valued = attributes.map(|(name, text)| Some((AttributeName::new(name).ok()?, model::Value::text(text).ok()?)));
    let valid = valued
        .into_iter()
        .collect::<Option<Vec<_>>>()
        .is_some_and(|attributes| model::Event::new(attributes, None).is_ok());
    if !valid || source.chars().nth(MAX_TEXT).is_some() {
        top.fault("source", "must be a URI-reference (RFC 3986)");
    }
    Some(source.to_owned())
}

fn filters(top: &Members<'_>) -> Vec<Filterkenmerk> {
    let mut filters: Vec<Filterkenmerk> = Vec::new();
    for (at, value) in top.list("filters", MAX_LIST).iter().enumerate() {
        let Some(filter) = one(top, at, value) else { continue };
        let Some(attribute) = &filter.attribute else { continue };
        if RESERVED_ATTRIBUTES.contains(&attribute.as_str()) {
            top.item_fault(
                "filters",
                at,
                format!("becomes the attribute {attribute}, which has a meaning of its own: give an alias"),
            );
        } else if filters.iter().any(|other| other.attribute.as_ref() == Some(attribute)) {
            top.item_fault(
                "filters",
                at,
                format!("becomes the attribute {attribute}, as an earlier filter does: give an alias"),
            );
        } else {
            filters.push(filter);
        }
    }
    filters
}

fn one(top: &Members<'_>, at: usize, value: &Value) -> Option<Filterkenmerk> {
    let (naam, alias) = match value {
        Value::String(naam) => (naam.as_str(), None),
        Value::Object(_) => {
            let object = top.item("filters", at, value)?;
            object.only(&["naam", "attribute"]);
            let alias = object.text("attribute");
            if let Some(Err(error)) = alias.map(AttributeName::new) {
                object.fault("attribute", error.to_string());
            }
            (object.required("naam")?, alias)
        }
        _ => {
            top.item_fault("filters", at, "must be a name, or an object with naam and attribute");
            return None;
        }
    };
    if naam.is_empty() || naam.chars().nth(100).is_some() {
        top.item_fault("filters", at, "must have 1 to 100 characters");
        return None;
    }
    let attribute = alias.map_or_else(|| AttributeName::from_free_text(naam), |alias| AttributeName::new(alias).ok());
    if attribute.is_none() && alias.is_none() {
        top.item_fault("filters", at, "leaves no letter or digit for an attribute: give an alias");
    }
    attribute.map(|attribute| Filterkenmerk { naam: naam.to_owned(), attribute: Some(attribute) })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parse(change: Value) -> Result<Wanted, Problem> {
        let mut body = json!({"naam": "zaken"});
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        read(body.as_object().unwrap(), true)
    }

    #[test]
    fn a_name_is_enough() {
        let wanted = parse(json!({})).unwrap();
        assert_eq!(wanted.naam.unwrap().as_str(), "zaken");
        assert!(wanted.filters.is_empty() && wanted.retention_seconds.is_none());
    }

    #[test]
    fn filters_become_attributes_map_11_12() {
        let filters = json!(["zaaktype", "zaaktype.catalogus", {"naam": "id", "attribute": "kenmerkid"}]);
        let wanted = parse(json!({ "filters": filters })).unwrap();
        let attributes: Vec<_> =
            wanted.filters.iter().map(|filter| filter.attribute.as_ref().unwrap().as_str()).collect();
        assert_eq!(attributes, ["zaaktype", "zaaktypecatalogus", "kenmerkid"]);
    }

    #[test]
    fn wrong_members_are_named_map_12() {
        for (change, member) in [
            (json!({"naam": ""}), "naam"),
            (json!({"naam": null}), "naam"),
            (json!({"naam": "x".repeat(51)}), "naam"),
            (json!({"name": "x"}), "name"),
            (json!({"filters": ["id"]}), "filters[0]"),
            (json!({"filters": ["a.b", "ab"]}), "filters[1]"),
            (json!({"filters": ["..."]}), "filters[0]"),
            (json!({"filters": [1]}), "filters[0]"),
            (json!({"filters": [{"naam": "id", "attribute": "Kenmerk"}]}), "filters[0].attribute"),
            (json!({"documentatieLink": "ftp://x"}), "documentatieLink"),
            (json!({"source": "a b"}), "source"),
            (json!({"retentionDays": 0}), "retentionDays"),
            (json!({"typeRoutes": [""]}), "typeRoutes"),
            (json!({"profile": "vng"}), "profile"),
            (json!({"strictness": "hard"}), "strictness"),
            (json!({"privacy": true}), "privacy"),
            (json!({"payloadSchemas": "strict"}), "payloadSchemas"),
            (json!({"owner": ""}), "owner"),
            (json!({"clearance": []}), "clearance"),
            (json!({"clearance": {"classifications": "public"}}), "clearance.classifications"),
            (json!({"clearance": {"labels": []}}), "clearance.labels"),
            (json!({"approval": true}), "approval"),
        ] {
            let problem = parse(change.clone()).expect_err(&change.to_string());
            assert_eq!(problem.errors[0].member, member, "{change}");
            let pointer = format!("/{}", member.replace(['[', '.'], "/").replace(']', ""));
            assert_eq!(problem.errors[0].pointer.as_ref(), Some(&pointer), "{change}");
        }
    }
}
