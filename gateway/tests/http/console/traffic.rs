//! Charts: bars on the overview, failures beside a subscription, and lag beside a kanaal.

use http::Method;
use model::{Grants, Role};
use serde_json::json;

use super::{Browser, subscriptions::gateway_with_subscription, text};
use crate::support::{CONSUMER, PUBLISHER, eventually};

#[tokio::test]
async fn the_overview_draws_what_was_accepted_and_delivered_and_has_it_in_a_table() {
    let (gateway, sink, _id) = gateway_with_subscription().await;
    let publisher = gateway.client(PUBLISHER);
    for id in ["1", "2", "3"] {
        publisher.publish("zaken", id, json!({})).await.expect(202);
    }
    sink.wait(Method::POST, 3).await;
    let reader = Browser::with_role(&gateway, Role::Lezer).await;
    let page = eventually("the figures", || async {
        let page = text(&reader.get("/beheer").await.expect(200));
        (page.matches("3 aangenomen, 3 bezorgd").count() == 2).then_some(page)
    })
    .await;
    for part in [
        "<svg class=\"gw-chart\" role=\"img\" aria-labelledby=\"uur uur-tekst\"",
        "gw-chart__first",
        "gw-chart__second",
        "Toon als tabel",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
    // The last hour by five minutes and the day by hour, in tables too.
    assert_eq!(page.matches("class=\"utrecht-table__cell\"><time").count(), 12 + 24, "{page}");
    let subscriber = Grants { client_ids: vec![CONSUMER.to_owned()], ..Grants::of(Role::Afnemer) };
    let page = text(&Browser::log_in(&gateway, subscriber).await.get("/beheer").await.expect(200));
    assert!(page.contains("3 bezorgd, 0 mislukt") && !page.contains("aangenomen"), "{page}");
}

#[tokio::test]
async fn failures_and_lag_are_numbers_with_a_line_and_a_bar() {
    let (gateway, sink, id) = gateway_with_subscription().await;
    sink.answers(&[422]);
    gateway.client(PUBLISHER).publish("zaken", "1", json!({})).await.expect(202);
    let browser = Browser::with_role(&gateway, Role::Beheerder).await;
    let page = eventually("a failure", || async {
        let page = text(&browser.get("/beheer/abonnementen").await.expect(200));
        page.contains("1 van 1").then_some(page)
    })
    .await;
    assert!(page.contains("aria-label=\"Het meest in een uur: 1\"") && page.contains("<polyline"), "{page}");
    // The node runs for less than 24 hours, so that the figures of the list are not complete.
    assert!(page.contains("Ze zijn compleet vanaf <time") && page.contains("wat er op alle nodes gebeurt"), "{page}");
    // By type, of each period; the type is known once the event is in the index.
    for (period, name) in [("uur", "laatste uur"), ("dag", "laatste 24 uur"), ("maand", "afgelopen 30 dagen")] {
        let path = format!("/beheer/abonnementen/{id}?periode={period}");
        let page = eventually("the type", || async {
            let page = text(&browser.get(&path).await.expect(200));
            page.contains("nl.overheid.zaken.iets</span></th>").then_some(page)
        })
        .await;
        assert!(page.contains(&format!("Per type event: {name}")) && page.contains("100 %"), "{page}");
        assert!(page.contains("Afgelopen 7 dagen") && page.contains("Ze zijn compleet vanaf"), "{page}");
    }
    browser.post(&format!("/beheer/abonnementen/{id}/pauzeren"), "").await.expect(303);
    for id in ["2", "3"] {
        gateway.client(PUBLISHER).publish("zaken", id, json!({})).await.expect(202);
    }
    let page = eventually("the lag", || async {
        let page = text(&browser.get("/beheer/kanalen").await.expect(200));
        page.contains("numeric-column\">2<br><svg").then_some(page)
    })
    .await;
    assert!(page.contains("class=\"gw-chart__bar\"") && page.contains("width=\"100\" height=\"8\"/>"), "{page}");
}
