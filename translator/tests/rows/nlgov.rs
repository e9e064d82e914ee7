//! The NL GOV profile: findings, examples, guidelines (NLG).

use model::{
    Data,
    profile::{self, Finding, POSSIBLE_BSN, Profile},
};
use translator::{Strictness, cloudevents::structured};

use crate::support::{
    MINTED, event, mapped, notification, read, read_binary, read_strict, refused, subject_of, text, through_log, with,
    write, write_binary,
};

/// The extensive example of the profile.
const EXTENSIVE: &str = r#"{
    "specversion": "1.0",
    "type": "nl.overheid.zaken.zaakstatus-gewijzigd",
    "source": "urn:nld:oin:00000001823288444000:systeem:BRP-component",
    "subject": "999990342",
    "id": "f3dce042-cd6e-4977-844d-05be8dce7cea",
    "time": "2021-12-10T17:31:00Z",
    "nlbrpnationaliteit": "0083",
    "geheimnummer": null,
    "dataref": "https://gemeenteX/api/persoon/999990342",
    "sequence": "1234",
    "sequencetype": "integer",
    "datacontenttype": "application/json",
    "data": {
        "bsn": "1234567789",
        "naam": "Jan Jansen",
        "gecontroleerd": "ja"
    }
}"#;

/// A source without remarks.
const SOURCE: &str = "\"source\":\"urn:nld:oin:00000001823288444000:systeem:zaken\"";

fn findings(members: &str) -> Vec<Finding> {
    profile::check(&read(&with(members)).expect(members), Profile::NlGov)
}

/// Rules and whether they reject in strict mode.
fn rules(members: &str) -> Vec<(&'static str, bool)> {
    findings(members).into_iter().map(|finding| (finding.rule, finding.strict)).collect()
}

fn of_source(source: &str) -> Vec<(&'static str, bool)> {
    rules(&format!("\"source\":\"{source}\""))
}

fn of_type(kind: &str) -> Vec<(&'static str, bool)> {
    rules(&format!("{SOURCE},\"type\":\"{kind}\""))
}

#[test]
fn a_mapped_event_has_its_id_explained_nlg_ctx_02_03() {
    let event = mapped(&notification("{}"), &[]);
    assert_eq!(event.id(), MINTED.id);
    assert_eq!(text(&event, "dataschema"), Some(MINTED.dataschema));
}

#[test]
fn sources_nlg_ctx_05_06_07() {
    for good in [
        "urn:nld:oin:00000001823288444000:systeem:BRP-component",
        "urn:nld:kvknr:09220932.x",
        "URN:NLD:OIN:00000001823288444000.x",
        "urn:nld:gemeente-Bergen%20%28L%29.burgerzakensysteem",
    ] {
        assert_eq!(of_source(good), [], "{good}");
    }
    assert_eq!(of_source("https://x/y"), [("source-not-urn-nld", false)]);
    assert_eq!(of_source("urn:nld:oin:00000001823288444000"), [("source-no-system", false)]);
    assert_eq!(of_source("urn:nld:oin:00000001823288444000:"), [("source-no-system", false)]);
    assert_eq!(of_source("urn:nld:oin:123:systeem:x"), [("oin-length", false)]);
    assert_eq!(of_source("oz"), [("source-not-absolute", false), ("source-not-urn-nld", false)]);
}

#[test]
fn source_is_no_location_nlg_ctx_08() {
    let located = "https://x.nl/zaken/f3dce042-cd6e-4977-844d-05be8dce7cea";
    assert_eq!(of_source(located), [("source-is-location", true), ("source-not-urn-nld", false)]);
    let same = rules("\"source\":\"urn:nld:kvk:1.x\",\"dataref\":\"urn:nld:kvk:1.x\"");
    assert_eq!(same, [("source-is-location", true)]);
}

#[test]
fn percent_signs_in_source_stay_nlg_ctx_09() {
    let source = "urn:nld:gemeente-Bergen%20%28L%29.burgerzakensysteem";
    let event = through_log(&event(&format!("\"source\":\"{source}\",\"data\":1")));
    assert!(write(&event).contains(source));
    let expected = "urn:nld:gemeente-Bergen%2520%2528L%2529.burgerzakensysteem";
    assert!(write_binary(&event).0.contains(&("ce-source".into(), expected.into())));
}

#[test]
fn errors_are_there_in_dutch_nlg_ctx_10() {
    let rejection = read(&with("\"specversion\":\"0.3\"")).unwrap_err();
    assert_eq!((rejection.rule(), rejection.text_nl().as_ref()), ("unsupported-specversion", "moet \"1.0\" zijn"));
}

#[test]
fn types_nlg_ctx_11_12() {
    for good in
        ["nl.brp.persoon-verhuisd", "nl.overheid.zaken.zaakstatus-gewijzigd", "nl.brp.verhuizing.binnengemeentelijk"]
    {
        assert_eq!(of_type(good), [], "{good}");
    }
    for bad in ["zaak", "Zaak aangemaakt", ".nl.x", "nl..x", "nl.x.", "https://x", "n.x", "nl.é"] {
        assert_eq!(of_type(bad), [("type-not-reverse-domain", true)], "{bad}");
    }
}

#[test]
fn versions_nlg_ctx_13() {
    assert_eq!(of_type("nl.x.y.v1"), []);
    assert_eq!(of_type("nl.x.v1.y.v2"), [("type-version", true)]);
    assert_eq!(of_type("nl.x.y.1"), [("type-version", false)]);
    assert_eq!(of_type("nl.x.y.v1.2"), [("type-version", false)]);
}

#[test]
fn mapped_types_name_the_domain_nlg_ctx_16() {
    assert_eq!(mapped(&notification("{}"), &[]).kind(), "nl.overheid.zaken.status.create");
}

#[test]
fn payload_nlg_ctx_17_18_19() {
    assert_eq!(
        rules(&format!("{SOURCE},\"datacontenttype\":\"text/xml\",\"data\":\"x\"")),
        [("payload-not-json", false)]
    );
    assert_eq!(rules(&format!("{SOURCE},\"data_base64\":\"YWFw\"")), [("payload-not-json", false)]);
    for none in ["\"data\":1", "\"datacontenttype\":\"application/x+json\"", "\"dataschema\":\"https://unreachable\""] {
        assert_eq!(rules(&format!("{SOURCE},{none}")), [], "{none}");
    }
}

#[test]
fn time_and_dataref_nlg_ctx_20_22() {
    let event = mapped(&notification("{}"), &[]);
    assert_eq!(text(&event, "time"), Some("2025-01-01T12:00:00.123456+01:00"));
    assert_eq!(text(&event, "dataref"), Some("https://zaken.nl/zrc/api/v1/statussen/d7a22/721c9"));
}

#[test]
fn sequences_nlg_ctx_24_25_26() {
    assert_eq!(text(&event("\"sequence\":\"1234\""), "sequence"), Some("1234"));
    assert_eq!(refused(&with("\"sequence\":\"\"")), ("sequence".into(), "empty"));
    assert_eq!(refused(&with("\"sequence\":1234")), ("sequence".into(), "not-text"));
    assert_eq!(refused(&with("\"sequencetype\":\"\"")), ("sequencetype".into(), "empty"));
    let of =
        |kind: &str, number: &str| rules(&format!("{SOURCE},\"sequencetype\":\"{kind}\",\"sequence\":\"{number}\""));
    for (kind, number) in [("Integer", "-2147483648"), ("Integer", "1"), ("x", "12a")] {
        assert_eq!(of(kind, number), [], "{kind} {number}");
    }
    assert_eq!(of("integer", "1"), [("sequencetype-case", false)]);
    for number in ["12a", "2147483648", "+1", "1.0"] {
        assert_eq!(of("Integer", number), [("sequence-integer", true)], "{number}");
    }
}

#[test]
fn size_nlg_ctx_28_34() {
    let members = |count| (0..count).map(|at| format!(",\"x{at}\":\"\"")).collect::<Vec<_>>().concat();
    assert_eq!(rules(&format!("{SOURCE}{}", members(21))), [("many-extensions", false)]);
    assert_eq!(rules(&format!("{SOURCE}{}", members(20))), []);
    assert_eq!(rules(&format!("{SOURCE},\"x\":\"{}\"", "y".repeat(8_192))), [("many-extensions", false)]);
    assert_eq!(rules(&format!("{SOURCE},\"data\":\"{}\"", "y".repeat(65_536))), [("event-large", false)]);
}

#[test]
fn names_nlg_ctx_29_35() {
    assert_eq!(rules(&format!("{SOURCE},\"nlbrpnationaliteit\":\"0083\"")), []);
    assert_eq!(refused(&with("\"nlBrp\":\"x\"")).1, "attribute-name");
    assert_eq!(text(&through_log(&event("\"nlunknown\":\"x\"")), "nlunknown"), Some("x"));
}

#[test]
fn the_extensive_example_nlg_ctx_30_nlg_sec_06_nlg_json_02() {
    let event = read_strict(EXTENSIVE).unwrap();
    assert!(profile::check(&event, Profile::NlGov).iter().all(|finding| !finding.strict));
    let mut sent: serde_json::Value = serde_json::from_str(EXTENSIVE).unwrap();
    sent.as_object_mut().unwrap().remove("geheimnummer");
    let written = write(&through_log(&event));
    assert_eq!(serde_json::from_str::<serde_json::Value>(&written).unwrap(), sent);
    assert!(!written.contains("geheimnummer"));
    let (headers, body) = write_binary(&event);
    assert!(headers.iter().all(|(name, _)| name != "ce-geheimnummer"));
    assert_eq!(Some(&Data::Json(body)), event.data());
    let parts = translator::record::encode(&crate::support::accepted(event));
    assert_eq!(crate::support::header(&parts, "ce_geheimnummer"), None);
}

#[test]
fn the_minimal_example_nlg_ctx_31_32_33() {
    let event = read_strict(&with("")).unwrap();
    assert_eq!(read(&write(&through_log(&event))), Ok(event));
}

#[test]
fn possible_bsn_nlg_sec_01() {
    let members = |members: &str| -> Vec<String> {
        let found = findings(&format!("{SOURCE},{members}"));
        found.iter().filter(|finding| finding.rule == POSSIBLE_BSN).map(|finding| finding.member.to_string()).collect()
    };
    for member in ["subject", "id", "dataref", "persoon"] {
        assert_eq!(members(&format!("\"{member}\":\"https://x.nl/999990342\"")), [member]);
    }
    assert_eq!(members("\"persoon\":999990342"), ["persoon"]);
    for none in [
        "\"bronorganisatie\":\"999990342\"",
        "\"rsin\":\"999990342\"",
        "\"subject\":\"999990343\"",
        "\"n\":12",
        "\"data\":{\"bsn\":\"999990342\"}",
    ] {
        assert_eq!(members(none), [""; 0], "{none}");
    }
    for finding in findings("\"subject\":\"999990342\"") {
        assert!(!format!("{finding:?}").contains("999990342"));
    }
}

#[test]
fn encrypted_payloads_pass_nlg_sec_03() {
    let jose = b"eyJhbGciOiJkaXIifQ..x.y.z";
    let event = read_binary(&[("content-type", b"application/jose")], jose).unwrap();
    assert_eq!(write_binary(&through_log(&event)).1, jose.as_slice());
}

#[test]
fn modes_and_header_coding_nlg_http_01_05_06_07() {
    for strictness in [Strictness::Lenient, Strictness::Strict] {
        assert_eq!(subject_of(b"\"a b\"", strictness).as_deref(), Ok("a b"));
        assert_eq!(subject_of(b"a%20b", strictness).as_deref(), Ok("a b"));
    }
    assert!(read_binary(&[], b"").is_ok() && read(&with("")).is_ok());
    let empty =
        translator::cloudevents::batch::decode(&"[]".into(), Strictness::Strict, &translator::Limits::default());
    assert_eq!(empty, Ok(vec![]));
    assert_eq!(structured::CONTENT_TYPE, "application/cloudevents+json");
}

#[test]
fn attributes_do_not_depend_on_headers_nlg_http_04() {
    let event = read(&with("\"kanaal\":\"zaken\",\"partitionkey\":\"p\"")).unwrap();
    assert_eq!((text(&event, "kanaal"), event.key()), (Some("zaken"), "p"));
}

#[test]
fn guideline_examples_nlg_json_01_03() {
    let head = concat!(
        r#""specversion":"1.0","type":"nl.overheid.zaken.zaakstatus-gewijzigd","#,
        r#""source":"urn:nld:oin:00000001823288444000:systeem:BRP-component","#,
        r#""id":"f3dce042-cd6e-4977-844d-05be8dce7cea""#
    );
    for members in [
        r#""datacontenttype":"application/vnd.apache.thrift.binary","data_base64":"YWFwIG5vb3QgbWllcw==""#,
        r#""data_base64":"YWFwIG5vb3QgbWllcw==""#,
    ] {
        let event = read_strict(&format!("{{{head},{members}}}")).unwrap();
        assert_eq!(event.data(), Some(&Data::Binary("aap noot mies".into())));
        assert!(write(&through_log(&event)).ends_with("\"data_base64\":\"YWFwIG5vb3QgbWllcw==\"}"));
    }
    assert!(read_strict(EXTENSIVE).is_ok());
}

#[test]
fn findings_are_in_two_languages_and_only_in_the_profile() {
    let found = findings("\"type\":\"x\",\"subject\":\"999990342\"");
    assert!(found.len() >= 4);
    assert!(found.iter().all(|finding| finding.text_en != finding.text_nl));
    let core = profile::check(&read(&with("\"source\":\"https://x.nl/y\"")).unwrap(), Profile::CloudEvents);
    assert_eq!(core, []);
}
