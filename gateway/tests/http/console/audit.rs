//! What the audit trail has of people: log-ins, ends of sessions, and what their role did not allow.

use std::time::Duration;

use model::{ExtraRight, Grants, Role};
use serde_json::{Value, json};

use super::{Browser, CONSOLE, OWN_FORM, login_code, post};
use crate::support::{BEHEER, Gateway, eventually};

async fn entries(gateway: &Gateway, query: &str) -> Vec<Value> {
    let list = gateway.client(BEHEER).get(&format!("/v1/audit?pageSize=500{query}")).await.expect(200).json();
    list["results"].as_array().cloned().expect("rows")
}

#[tokio::test]
async fn a_log_in_and_a_log_out_leave_an_entry_each_with_the_roles() {
    let gateway = Gateway::with(CONSOLE).await;
    let grants = Grants { extra: vec![ExtraRight::Inhoud], ..Grants::of(Role::Lezer) };
    let browser = Browser::log_in(&gateway, grants).await;
    browser.post("/beheer/uitloggen", "").await.expect(303);
    let actor =
        json!({"kind": "person", "id": format!("login-link#{}", browser.subject), "scopes": ["lezer", "inhoud"]});
    for action in ["session.start", "session.end"] {
        let found = eventually(action, || async {
            let found = entries(&gateway, &format!("&action={action}")).await;
            (!found.is_empty()).then_some(found)
        });
        let found = found.await;
        assert_eq!(found.len(), 1, "{action}: {found:#?}");
        assert_eq!((&found[0]["actor"], &found[0]["result"]), (&actor, &json!("accepted")), "{action}");
        assert_eq!(found[0]["origin"]["interface"], "console");
        assert_eq!(found[0]["origin"]["address"], "127.0.0.1");
    }
}

#[tokio::test]
async fn refused_log_ins_and_pages_leave_an_entry_without_the_code() {
    let gateway = Gateway::with(CONSOLE).await;
    let code = login_code(&gateway, Grants::of(Role::Lezer), Duration::ZERO);
    post(&gateway.nobody(), "/beheer/inloglink", &OWN_FORM, &format!("code={code}")).await.expect(403);
    let refused = eventually("the refused log-in", || async {
        entries(&gateway, "&action=token.refuse").await.into_iter().next()
    })
    .await;
    assert_eq!(
        (&refused["object"]["id"], &refused["reason"]),
        (&json!("POST /beheer/inloglink"), &json!("login-link"))
    );
    let browser = Browser::with_role(&gateway, Role::Lezer).await;
    browser.post_raw("/beheer/uitloggen", &OWN_FORM, "token=x").await.expect(403);
    let foreign = eventually("the foreign form", || async {
        let found = entries(&gateway, "&action=read").await;
        found.into_iter().find(|entry| entry["result"] == "refused")
    })
    .await;
    assert_eq!(
        (&foreign["object"]["id"], &foreign["reason"]),
        (&json!("POST /beheer/uitloggen"), &json!("foreign-form"))
    );
    let all = entries(&gateway, "").await;
    assert!(!json!(all).to_string().contains(&code[..40]), "no code is in the trail");
}
