//! The OpenAPI document and the route table say the same.

use std::collections::BTreeSet;

use crate::support::Gateway;

#[tokio::test]
async fn every_native_route_is_described_and_nothing_else() {
    let gateway = Gateway::start().await;
    let answer = gateway.nobody().get("/v1/openapi.json").await.expect(200);
    let document = answer.json();
    let described: BTreeSet<(String, String)> = document["paths"]
        .as_object()
        .expect("paths")
        .iter()
        .flat_map(|(path, methods)| {
            methods.as_object().into_iter().flatten().map(|(method, _)| (method.to_uppercase(), path.clone()))
        })
        .collect();
    let served: BTreeSet<(String, String)> = gateway::router::table()
        .iter()
        .filter(|route| route.path.starts_with("/v1/") || route.path.starts_with("/consent/"))
        .map(|route| (route.method.to_string(), route.path.to_owned()))
        .collect();
    assert_eq!(described, served);
}
