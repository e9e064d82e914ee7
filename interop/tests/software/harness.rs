//! The harness itself: the gateway starts, its clients may what they are meant to, and the packages of each language
//! can be prepared. What is then done with them is in the other tests.

use interop::gateway::{BEHEER, CONSUMER, Gateway, KANAAL, PUBLISHER};
use interop::{Failure, http, sources, tools};
use serde_json::json;

#[tokio::test]
async fn the_gateway_starts_and_knows_its_clients() -> Result<(), Failure> {
    let mut gateway = Gateway::start("").await?;
    let url = gateway.url("/v1/subscriptions");
    for (client, expected) in [(PUBLISHER, 403), (CONSUMER, 200), (BEHEER, 200)] {
        let token = gateway.token(client).await?;
        assert_eq!(http::send("GET", &url, &token, None).await?.0, expected, "{}", client.0);
        let (status, kanaal) = http::send("GET", &gateway.url(&format!("/v1/kanalen/{KANAAL}")), &token, None).await?;
        assert_eq!((status, &kanaal["naam"]), (200, &json!(KANAAL)), "{}", client.0);
    }
    assert_eq!(http::send("GET", &url, "", None).await?.0, 401);
    assert!(gateway.token(("nobody", "")).await.is_err());
    assert!(gateway.runs());
    Ok(())
}

#[tokio::test]
async fn a_gateway_that_does_not_start_says_why() {
    let failure = Gateway::start("[nonsense]\n").await.err().expect("a table that there is not");
    assert!(failure.to_string().contains("nonsense"), "{failure}");
}

#[test]
fn packages_are_prepared_once_and_found_again() -> Result<(), Failure> {
    let python = tools::python(&sources().join("python"))?;
    assert!(python.join("bin/python").exists());
    assert_eq!(tools::python(&sources().join("python"))?, python);
    assert!(tools::node(&sources().join("js"))?.join("cloudevents").is_dir());
    Ok(())
}
