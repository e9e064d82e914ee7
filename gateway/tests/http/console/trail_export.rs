//! The export of the audit trail and the check of its chains.

use model::Role;
use serde_json::{Value, json};

use super::{Browser, CONSOLE, text};
use crate::support::{BEHEER, Gateway, PUBLISHER};

const EXPORT: &str = "/beheer/logboek/export";
const CHAIN: &str = "/beheer/logboek/keten";

#[tokio::test]
async fn an_auditor_exports_what_the_filter_matches_and_the_trail_has_it() {
    let gateway = Gateway::with(CONSOLE).await;
    let kanaal = json!({"naam": "zaken", "documentatieLink": "https://a.example/"});
    gateway.client(PUBLISHER).post("/v1/kanalen", kanaal).await.expect(201);
    gateway.client(PUBLISHER).post("/v1/kanalen", json!({"naam": "besluiten"})).await.expect(201);
    let auditor = Browser::with_role(&gateway, Role::Auditor).await;
    let page = text(&auditor.get("/beheer/logboek?object=zaken&actie=kanaal").await.expect(200));
    assert!(page.contains("export?vorm=csv&amp;actie=kanaal&#38;object=zaken"), "{page}");
    let answer = auditor.get(&format!("{EXPORT}?vorm=csv&actie=kanaal&object=zaken")).await.expect(200);
    assert_eq!(answer.header("content-disposition"), Some("attachment; filename=\"logboek.csv\""));
    let csv = String::from_utf8(answer.body.to_vec()).unwrap();
    let rows: Vec<&str> = csv.lines().collect();
    assert_eq!(rows.len(), 2, "{csv}");
    for part in ["kanaal.create", PUBLISHER, "-> https://a.example/"] {
        assert!(rows[1].contains(part), "{part} in {csv}");
    }
    let answer = auditor.get(&format!("{EXPORT}?vorm=regels&actie=kanaal")).await.expect(200);
    assert_eq!(answer.header("content-type"), Some("application/x-ndjson"));
    let lines = String::from_utf8(answer.body.to_vec()).unwrap();
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines.len(), 2);
    assert!(lines.iter().all(|line| line["hash"].is_string() && line["action"] == "kanaal.create"), "{lines:#?}");
    let found = gateway.client(BEHEER).get("/v1/audit?action=audit.export").await.expect(200).json();
    let reasons: Vec<&Value> = found["results"].as_array().unwrap().iter().map(|entry| &entry["reason"]).collect();
    assert_eq!(reasons, [&json!("json lines, action"), &json!("csv, action, object")]);
    for path in ["?vorm=xml", "?vorm=csv&van=gisteren"] {
        auditor.get(&format!("{EXPORT}{path}")).await.expect(400);
    }
    let administrator = Browser::with_role(&gateway, Role::Beheerder).await;
    administrator.get(&format!("{EXPORT}?vorm=csv")).await.expect(403);
    assert!(!text(&administrator.get("/beheer/logboek").await.expect(200)).contains("export?vorm"));
}

#[tokio::test]
async fn the_chain_is_verified_and_a_hash_that_is_missing_is_reported() {
    let gateway = Gateway::with(CONSOLE).await;
    let auditor = Browser::with_role(&gateway, Role::Auditor).await;
    let good = text(&auditor.post(CHAIN, "hash=").await.expect(200));
    assert!(good.contains("Elke regel volgt op de regel ervoor."), "{good}");
    let answer = auditor.get(&format!("{EXPORT}?vorm=regels")).await.expect(200);
    let newest: Value = serde_json::from_slice(answer.body.split(|byte| *byte == b'\n').next().unwrap()).unwrap();
    let kept = text(&auditor.post(CHAIN, &format!("hash={}", newest["hash"].as_str().unwrap())).await.expect(200));
    assert!(kept.contains("Elke regel volgt op de regel ervoor."), "{kept}");
    let bad = text(&auditor.post(CHAIN, &format!("hash={}", "0".repeat(64))).await.expect(200));
    assert!(bad.contains("Het logboek is niet gaaf"), "{bad}");
    let found = gateway.client(BEHEER).get("/v1/audit?action=audit.verify").await.expect(200).json();
    assert_eq!(found["results"].as_array().map(Vec::len), Some(3), "{found:#}");
    Browser::with_role(&gateway, Role::Lezer).await.post(CHAIN, "").await.expect(403);
}
