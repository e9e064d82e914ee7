//! Every page is accessible, keeps its policy, loads nothing from elsewhere and shows hostile data literally, in a gateway where
//! something of everything is. Which pages are visited: `interop/console/visits.js`, and what they link to.

use std::collections::BTreeSet;

use interop::Failure;
use serde_json::json;

use super::{browse, filled::Filled, is_empty};

/// Visits the pages of one face, and checks each. Returns the paths.
async fn walk(filled: &Filled, link: &str, start: &str, visits: &str) -> Result<BTreeSet<String>, Failure> {
    let (places, marks) = (filled.places(), Filled::marks());
    let walk = json!({"link": link, "start": start, "visits": visits, "places": places, "marks": marks});
    let lines = browse(&json!({"base": filled.gateway.url(""), "walk": walk})).await?;
    for page in &lines {
        assert_eq!(page["status"], page["expected"], "{page}");
        assert_eq!(page["tag"], page["language"], "{page}");
        for member in ["violations", "policy", "foreign", "spacing", "bidi", "missing"] {
            assert!(is_empty(page, member), "{member}: {page:#}");
        }
        assert_eq!((&page["overflow"], &page["executed"]), (&json!(false), &json!(false)), "{page}");
    }
    let paths: BTreeSet<String> = lines.iter().filter_map(|line| line["path"].as_str()).map(str::to_owned).collect();
    let visits: BTreeSet<u64> = lines.iter().filter_map(|line| line["visit"].as_u64()).collect();
    assert_eq!(lines.len(), 2 * visits.len(), "each visit in Dutch at 1280 pixels and in English at 320");
    println!("{} pages of {start}, {} visits", paths.len(), visits.len());
    Ok(paths)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_is_accessible_keeps_its_policy_and_shows_hostile_data_literally() -> Result<(), Failure> {
    let filled = Filled::with_hostile_data().await?;
    let link = filled.gateway.login_link_with("beheerder", &["inhoud", "publiceren", "geadresseerden"]).await?;
    let paths = walk(&filled, &link, "/beheer", "beheer").await?;
    // Found by the main navigation and links alone.
    for path in [
        "/mensen",
        "/mensen/mailings",
        "/mensen/onbestelbaar",
        "/mensen/opzoeken",
        "/mensen/teksten",
        "",
        "/logboek",
        "/configuratie",
        "/systeem",
        "/applicaties",
        "/over",
        "/typen",
        "/kanalen",
    ] {
        assert!(paths.contains(&format!("/beheer{path}")), "{path} in {paths:?}");
    }
    Ok(())
}
