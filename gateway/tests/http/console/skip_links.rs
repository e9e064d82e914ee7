//! The links past the navigation lead to something on the page (WCAG 2.4.1).

use model::Role;
use serde_json::json;

use super::{Browser, subscriptions::gateway_with_subscription, text};
use crate::support::{PUBLISHER, eventually};

/// The targets of the links past the navigation.
fn targets(page: &str) -> Vec<&str> {
    let links = page.split("<a class=\"utrecht-skip-link").skip(1);
    links.map(|link| link.split_once("href=\"#").expect("a target").1.split('"').next().expect("its end")).collect()
}

#[tokio::test]
async fn lists_have_links_to_their_filter_and_rows_and_each_leads_to_one_place() {
    let (gateway, sink, id) = gateway_with_subscription().await;
    sink.answers(&[422]);
    gateway.client(PUBLISHER).publish("zaken", "1", json!({})).await.expect(202);
    let browser = Browser::with_role(&gateway, Role::Beheerder).await;
    eventually("a dead letter", || async {
        text(&browser.get("/beheer/dead-letters").await.expect(200)).contains("1 dead letter").then_some(())
    })
    .await;
    eventually("its delivery in the list", || async {
        let page = browser.get(&format!("/beheer/abonnementen/{id}/bezorgingen")).await.expect(200);
        text(&page).contains("id=\"bezorgingen\"").then_some(())
    })
    .await;
    for (path, expected) in [
        ("/beheer".to_owned(), vec!["inhoud"]),
        ("/beheer/abonnementen".to_owned(), vec!["inhoud", "filter", "abonnementen"]),
        ("/beheer/abonnementen?zoek=nergens".to_owned(), vec!["inhoud", "filter"]),
        (format!("/beheer/abonnementen/{id}/bezorgingen"), vec!["inhoud", "filter", "bezorgingen"]),
        ("/beheer/events".to_owned(), vec!["inhoud", "filter", "events"]),
        ("/beheer/dead-letters".to_owned(), vec!["inhoud", "filter", "dead-letters"]),
        ("/beheer/kanalen".to_owned(), vec!["inhoud", "filter", "kanalen"]),
        ("/beheer/runs".to_owned(), vec!["inhoud", "filter"]),
        ("/beheer/typen".to_owned(), vec!["inhoud", "filter"]),
        ("/beheer/applicaties".to_owned(), vec!["inhoud", "filter", "applicaties"]),
        ("/beheer/logboek".to_owned(), vec!["inhoud", "filter", "regels"]),
    ] {
        let page = text(&browser.get(&path).await.expect(200));
        let found = targets(&page);
        assert_eq!(found, expected, "{path}");
        for target in found {
            assert_eq!(page.matches(&format!("id=\"{target}\"")).count(), 1, "{path}#{target}");
        }
    }
}
