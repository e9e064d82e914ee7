//! Reads a kanaal from a body, with every fault of it: names and types of members here, the rules of their values by
//! [`management::kanalen::rules`].

use management::{
    Update,
    kanalen::{FilterRequest, Filters, KanaalRequest, rules},
};
use model::{
    AttributeName, KanaalName,
    clearance::{Clearance, MAX_ENTRIES},
    kanaal::MAX_NAME,
    profile::{Mode, Profile, Rules},
    schema::PayloadCheck,
};
use serde_json::{Map, Value};
use web::problem::Problem;

use super::SECONDS_PER_DAY;
use crate::members::{Faults, Members};

/// Most filters and type routes of a kanaal.
const MAX_LIST: usize = 100;
/// Longest link, in bytes.
const MAX_LINK: usize = 1_000;

/// Reads a body; `naam` must be in it when `named`.
pub fn read(object: &Map<String, Value>, named: bool) -> Result<KanaalRequest, Problem> {
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
        "ownEvents",
        "url",
        "created",
    ]);
    let naam = if named { top.required("naam") } else { top.text("naam") };
    let request = KanaalRequest {
        naam: naam.and_then(|naam| {
            let name = KanaalName::new(naam);
            if name.is_none() {
                top.fault("naam", format!("must have at most {MAX_NAME} characters"));
            }
            name
        }),
        documentatie_link: link(&top),
        filters: Filters::Attributes(filters(&top)),
        type_routes: top.texts("typeRoutes", MAX_LIST).into_iter().map(str::to_owned).collect(),
        source: checked(&top, "source", rules::check_source),
        retention_seconds: top.integer("retentionDays", 1, 36_500).map(|days| days * SECONDS_PER_DAY),
        rules: Rules {
            profile: top.word("profile", &Profile::ALL.map(|profile| (profile.label(), profile))),
            mode: top.word("strictness", &Mode::ALL.map(|mode| (mode.label(), mode))),
            privacy: top.word("privacy", &Mode::ALL.map(|mode| (mode.label(), mode))),
        },
        payloads: top
            .word("payloadSchemas", &PayloadCheck::ALL.map(|check| (check.label(), check)))
            .unwrap_or_default(),
        clearance: given(&top, "clearance", clearance(&top)),
        owner: given(&top, "owner", checked(&top, "owner", rules::check_owner)),
        approval: match top.word("approval", &[("none", false), ("required", true)]) {
            Some(approval) => Update::Set(approval),
            None => Update::Keep,
        },
    };
    faults.check(request)
}

fn clearance(top: &Members<'_>) -> Option<Clearance> {
    let object = top.object("clearance")?;
    object.only(&["classifications", "regulations"]);
    let list = |name: &str| object.texts(name, MAX_ENTRIES).into_iter().map(str::to_owned).collect();
    Some(Clearance { classifications: list("classifications"), regulations: list("regulations") })
}

/// A text that is not empty, whose rule `check` knows.
fn checked(top: &Members<'_>, name: &str, check: fn(&str) -> Result<(), String>) -> Option<String> {
    let text = top.text(name)?;
    if let Err(rule) = check(text) {
        top.fault(name, rule);
    }
    Some(text.to_owned())
}

/// A member of which null is another request than its absence, which keeps what there is.
fn given<T>(top: &Members<'_>, name: &str, value: Option<T>) -> Update<Option<T>> {
    if top.names(name) { Update::Set(value) } else { Update::Keep }
}

fn link(top: &Members<'_>) -> String {
    let link = top.free_text("documentatieLink").unwrap_or_default();
    let http = link.starts_with("https://") || link.starts_with("http://");
    if !link.is_empty() && (!http || link.len() > MAX_LINK || link.parse::<http::Uri>().is_err()) {
        top.fault("documentatieLink", "must be an absolute http(s) URL");
    }
    link.to_owned()
}

fn filters(top: &Members<'_>) -> Vec<FilterRequest> {
    let (mut filters, mut kenmerken) = (Vec::new(), Vec::new());
    for (at, value) in top.list("filters", MAX_LIST).iter().enumerate() {
        let Some(filter) = one(top, at, value) else { continue };
        match rules::kenmerk(&filter, &kenmerken) {
            Ok(kenmerk) => {
                kenmerken.push(kenmerk);
                filters.push(filter);
            }
            Err(rule) => top.item_fault("filters", at, rule),
        }
    }
    filters
}

fn one(top: &Members<'_>, at: usize, value: &Value) -> Option<FilterRequest> {
    let (naam, attribute) = match value {
        Value::String(naam) => (naam.as_str(), Ok(None)),
        Value::Object(_) => {
            let object = top.item("filters", at, value)?;
            object.only(&["naam", "attribute"]);
            let attribute = object.text("attribute").map(AttributeName::new).transpose();
            if let Err(error) = &attribute {
                object.fault("attribute", error.to_string());
            }
            (object.required("naam")?, attribute)
        }
        _ => {
            top.item_fault("filters", at, "must be a name, or an object with naam and attribute");
            return None;
        }
    };
    if let Err(rule) = rules::check_filter_name(naam) {
        top.item_fault("filters", at, rule);
        return None;
    }
    Some(FilterRequest { naam: naam.to_owned(), attribute: attribute.ok()? })
}

#[cfg(test)]
mod tests {
    use model::{Kanaal, Timestamp};
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    /// The kanaal that a body asks for.
    fn parse(change: &Value) -> Result<Kanaal, Problem> {
        let mut body = json!({"naam": "zaken"});
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let naam = KanaalName::new("zaken").unwrap();
        Ok(read(body.as_object().unwrap(), true)?.over(Kanaal::new(Uuid::nil(), naam, Timestamp::default()))?)
    }

    #[test]
    fn a_name_is_enough() {
        let kanaal = parse(&json!({})).unwrap();
        assert_eq!(kanaal.naam.as_str(), "zaken");
        assert!(kanaal.filters.is_empty() && kanaal.retention_seconds.is_none());
    }

    #[test]
    fn filters_become_attributes_map_11_12() {
        let filters = json!(["zaaktype", "zaaktype.catalogus", {"naam": "id", "attribute": "kenmerkid"}]);
        let kanaal = parse(&json!({ "filters": filters })).unwrap();
        let attributes: Vec<_> =
            kanaal.filters.iter().map(|filter| filter.attribute.as_ref().unwrap().as_str()).collect();
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
            let problem = parse(&change).expect_err(&change.to_string());
            assert_eq!(problem.errors[0].member, member, "{change}");
            let pointer = format!("/{}", member.replace(['[', '.'], "/").replace(']', ""));
            assert_eq!(problem.errors[0].pointer.as_ref(), Some(&pointer), "{change}");
        }
    }
    #[test]
    fn one_answer_names_every_fault_ce_sub_21() {
        let problem = parse(&json!({
            "naam": "x".repeat(51), "name": "x", "documentatieLink": "ftp://x",
            "filters": ["a.b", 1, "id", "ab", {"naam": "x".repeat(101), "attribute": "X"}], "typeRoutes": "nl.",
            "source": "a b", "retentionDays": 0, "privacy": true, "clearance": [], "owner": "x".repeat(101), "approval": 1,
        }))
        .unwrap_err();
        let members: Vec<_> = problem.errors.iter().map(|fault| fault.member.as_str()).collect();
        let expected = [
            "name",
            "naam",
            "documentatieLink",
            "filters[1]",
            "filters[2]",
            "filters[3]",
            "filters[4].attribute",
            "filters[4]",
            "typeRoutes",
            "source",
            "retentionDays",
            "privacy",
            "clearance",
            "owner",
            "approval",
        ];
        assert_eq!(members, expected);
    }
}
