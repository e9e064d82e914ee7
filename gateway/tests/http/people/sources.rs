//! Events of Dutch systems that inform citizens, as they publish them: the status of a notification by the NMC, and a message in a
//! federated Berichtenbox. The forms are those of their public sources of July and August 2026.

use http::Method;
use serde_json::{Value, json};

use super::gateway;
use crate::support::PUBLISHER;

const STRUCTURED: (&str, &str) = ("content-type", "application/cloudevents+json");

fn status_of_nmc() -> Value {
    json!({
        "specversion": "1.0", "id": "1b4e28ba-2fa1-41d2-883f-0016d3cca427",
        "type": "nl.rijksoverheid.moz.nmc.notificatie.status",
        "source": "/api/nmc/v1/notificaties/6fa459ea-ee8a-4ca4-894e-db77e160355e",
        "subject": "notificatie/6fa459ea-ee8a-4ca4-894e-db77e160355e", "time": "2026-07-01T10:00:00.123456Z",
        "datacontenttype": "application/json",
        "data": { "notificatieId": "6fa459ea-ee8a-4ca4-894e-db77e160355e", "status": "DELIVERED" },
    })
}

fn message_of_fbs() -> Value {
    json!({
        "specversion": "1.0", "id": "11111111-1111-4111-8111-111111111111",
        "type": "nl.rijksoverheid.fbs.bericht.gepubliceerd",
        "source": "urn:nld:oin:00000001003214345000:systeem:fbs-magazijn",
        "subject": "7d444840-9dc0-41d1-b245-5ffdce74fad2", "time": "2026-05-12T10:00:00Z",
        "datacontenttype": "application/json",
        "dataschema": "https://schemas.fbs.rijksoverheid.nl/bericht-gepubliceerd/v1",
        "data": {
            "berichtId": "7d444840-9dc0-41d1-b245-5ffdce74fad2", "afzender": "00000001003214345000",
            "ontvanger": { "type": "BSN", "waarde": "999993653" }, "onderwerp": "Uw aanvraag", "inhoud": "Geheime inhoud",
            "tijdstipOntvangst": "2026-05-12T10:00:00Z", "publicatietijdstip": "2026-05-12T10:00:00Z",
        },
    })
}

#[tokio::test]
async fn events_of_nmc_and_fbs_are_taken_in_as_published_ch_159_ch_160() {
    let gateway = gateway().await;
    let publisher = gateway.client(PUBLISHER);
    for (event, source_is_remarked) in [(status_of_nmc(), true), (message_of_fbs(), false)] {
        let path = "/v1/events?kanaal=weg&findings=true";
        let answer = publisher.send(Method::POST, path, &[STRUCTURED], event.to_string()).await.expect(202).json();
        let findings = answer["events"][0]["findings"].as_array().cloned().unwrap_or_default();
        let remarks = findings.iter().any(|finding| finding["member"] == "source");
        assert_eq!(remarks, source_is_remarked, "{answer}");
        assert!(!answer.to_string().contains("Geheime"), "{answer}");
    }
}
