//! The runs: the list, and the stop of one.

use http::Method;
use model::{Grants, Role};
use serde_json::json;

use super::{Browser, subscriptions::gateway_with_subscription, text};
use crate::support::{CONSUMER, OTHER, PUBLISHER};

const LIST: &str = "/beheer/runs";

#[tokio::test]
async fn runs_are_listed_to_who_sees_their_subscription_and_stopped_by_who_manages_it() {
    let (gateway, sink, id) = gateway_with_subscription().await;
    let browser = Browser::with_role(&gateway, Role::Beheerder).await;
    assert!(text(&browser.get(LIST).await.expect(200)).contains("Er zijn nog geen runs"));
    gateway.client(PUBLISHER).publish("zaken", "1", json!({})).await.expect(202);
    sink.wait(Method::POST, 1).await;
    // The receiver fails, so the run goes on until it is stopped.
    sink.answers(&[503]);
    let body = json!({"from": "2000-01-01T00:00:00Z"});
    let run = gateway.client(CONSUMER).post(&format!("/v1/subscriptions/{id}/replay"), body).await.expect(202).json();
    let run = run["id"].as_str().expect("an id").to_owned();
    let page = text(&browser.get(&format!("{LIST}?stand=bezig")).await.expect(200));
    for part in [run.as_str(), "/ontvanger?…", "Replay", "Bezig</span>"] {
        assert!(page.contains(part), "{part} in {page}");
    }
    assert!(!text(&browser.get(&format!("{LIST}?stand=klaar")).await.expect(200)).contains(&run));
    let overview = text(&browser.get("/beheer").await.expect(200));
    for part in ["Runs die bezig zijn", &format!("bezorgingen?run={run}\">Replay"), "0 van 1 (0 %)", "Alle runs"] {
        assert!(overview.contains(part), "{part} in {overview}");
    }
    let stop = format!("{LIST}/{run}/stoppen");
    assert!(page.contains(&stop));
    let command = format!("{}/v1/runs/{run}", gateway.base);
    assert!(page.contains("curl -X DELETE") && page.contains(&command), "{page}");
    let reader = Browser::with_role(&gateway, Role::Lezer).await;
    let page = text(&reader.get(LIST).await.expect(200));
    assert!(page.contains(&run) && !page.contains(&stop) && !page.contains("curl -X DELETE"), "{page}");
    let other = Grants { client_ids: vec![OTHER.to_owned()], ..Grants::of(Role::Afnemer) };
    let other = Browser::log_in(&gateway, other).await;
    assert!(!text(&other.get(LIST).await.expect(200)).contains(&run));
    other.post(&stop, "").await.expect(404);
    browser.post(&format!("{LIST}/x/stoppen"), "").await.expect(404);
    let answer = browser.post(&stop, "").await.expect(303);
    assert_eq!(answer.header("location"), Some("/beheer/runs?gedaan=run-gestopt"));
    let page = text(&browser.get(&format!("{LIST}?gedaan=run-gestopt&stand=bezig")).await.expect(200));
    assert!(page.contains("De run is gestopt.") && !page.contains(&run), "{page}");
}
