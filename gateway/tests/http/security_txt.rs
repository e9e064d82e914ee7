//! `/.well-known/security.txt` (RFC 9116).

use crate::support::Gateway;

const PATH: &str = "/.well-known/security.txt";

#[tokio::test]
async fn e5_security_txt_names_the_configured_contact() {
    let gateway = Gateway::with(
        "public_url = \"https://gateway.gemeente.example/\"\n[security]\n\
         contact = [\"mailto:security@gemeente.example\", \"https://gemeente.example/melden\"]\n\
         expires = \"2035-06-01T00:00:00Z\"\npolicy = \"https://gemeente.example/beleid\"",
    )
    .await;
    let answer = gateway.nobody().get(PATH).await.expect(200);
    assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
    assert_eq!(
        String::from_utf8_lossy(&answer.body),
        "Contact: mailto:security@gemeente.example\nContact: https://gemeente.example/melden\n\
         Expires: 2035-06-01T00:00:00Z\nPreferred-Languages: nl, en\nPolicy: https://gemeente.example/beleid\n\
         Canonical: https://gateway.gemeente.example/.well-known/security.txt\n"
    );
}

#[tokio::test]
async fn e5_without_a_contact_there_is_no_security_txt() {
    Gateway::start().await.nobody().get(PATH).await.problem(404);
}
