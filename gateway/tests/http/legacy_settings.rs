//! Settings of the Notificaties API whose effects a black-box suite cannot test.

use std::sync::Arc;

use http::Method;
use model::{Clock, Timestamp, clock::ManualClock};
use serde_json::json;

use crate::support::{Client, Gateway, PUBLISHER};

/// The time at which the clock starts, in seconds since 1970.
const NOW: i64 = 1_735_732_800;

fn seconds_later(by: i64) -> Timestamp {
    Timestamp::from_seconds(NOW + by)
}

/// A token with this `iat`, in seconds from the time of the clock.
fn aged(gateway: &Gateway, iat: i64) -> Client {
    let secret = format!("the long enough secret of {PUBLISHER}");
    let token = web::auth::jwt::mint(PUBLISHER, secret.as_bytes(), seconds_later(iat));
    Client::new(gateway.base.clone(), Some(token))
}

#[tokio::test]
async fn clocks_may_differ_as_much_as_is_configured() {
    for (leeway, ahead, age) in [
        (0, [(0, 201), (1, 400)], [(-3_599, 200), (-3_600, 403), (4, 200)]),
        (5, [(4, 201), (6, 400)], [(-3_601, 200), (-3_605, 403), (4, 200)]),
    ] {
        let clock = Arc::new(ManualClock::new(seconds_later(0)));
        let gateway = Gateway::with_clock(&format!("[auth]\nleeway_seconds = {leeway}"), &clock).await;
        let publisher = gateway.client(PUBLISHER);
        publisher.post("/api/v1/kanaal", json!({"naam": "zaken"})).await.expect(201);
        for (seconds, status) in ahead {
            let body = json!({
                "kanaal": "zaken", "hoofdObject": "https://z.nl/zaken/1", "resource": "status",
                "resourceUrl": "https://z.nl/statussen/2", "actie": "create", "kenmerken": {},
                "aanmaakdatum": seconds_later(seconds).to_rfc3339(),
            });
            let answer = publisher.post("/api/v1/notificaties", body).await;
            assert_eq!(answer.status.as_u16(), status, "leeway {leeway}, {seconds} s ahead");
        }
        for (seconds, status) in age {
            let answer = aged(&gateway, seconds).send(Method::GET, "/api/v1/kanaal", &[], "").await;
            assert_eq!(answer.status.as_u16(), status, "leeway {leeway}, iat {seconds} s from now");
        }
        assert_eq!(clock.now(), seconds_later(0));
    }
}
