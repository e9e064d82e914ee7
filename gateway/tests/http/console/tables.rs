//! Tables keep their roles and the names of their columns where their rows are stacked on a small screen (WCAG 1.3.1 and 1.4.10), and
//! texts that are copied have a name.

use model::Role;
use serde_json::json;

use super::{Browser, subscriptions::gateway_with_subscription, text};
use crate::support::{PUBLISHER, eventually};

/// The start tags of these elements.
fn tags<'a>(page: &'a str, names: &'a [&'a str]) -> impl Iterator<Item = &'a str> {
    let tags = page.split('<').skip(1).filter_map(|rest| rest.split('>').next());
    tags.filter(|tag| names.contains(&tag.split(' ').next().unwrap_or_default()))
}

/// The value of an attribute of a start tag.
fn value<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    tag.split_once(&format!(" {name}=\""))?.1.split('"').next()
}

#[tokio::test]
async fn parts_of_tables_have_their_roles_and_cells_the_name_of_their_column() {
    let (gateway, sink, id) = gateway_with_subscription().await;
    sink.answers(&[422]);
    gateway.client(PUBLISHER).publish("zaken", "1", json!({"type": "a.b"})).await.expect(202);
    let browser = Browser::with_role(&gateway, Role::Beheerder).await;
    eventually("a dead letter", || async {
        text(&browser.get("/beheer/dead-letters").await.expect(200)).contains("1 dead letter").then_some(())
    })
    .await;
    let own = format!("/beheer/abonnementen/{id}");
    let paths =
        ["/beheer", "/beheer/events", "/beheer/kanalen", "/beheer/dead-letters", "/beheer/logboek", own.as_str()];
    for path in paths {
        let page = text(&browser.get(path).await.expect(200));
        let heads: Vec<&str> = page
            .split("<th role=\"columnheader\"")
            .skip(1)
            .filter_map(|head| head.split_once('>')?.1.split("</th>").next())
            .collect();
        let mut cells = 0;
        for tag in tags(&page, &["table", "thead", "tbody", "tr", "th", "td"]) {
            let expected: &[&str] = match tag.split(' ').next() {
                Some("table") => &["table"],
                Some("thead" | "tbody") => &["rowgroup"],
                Some("tr") => &["row"],
                Some("th") => &["columnheader", "rowheader"],
                _ => &["cell"],
            };
            assert!(value(tag, "role").is_some_and(|role| expected.contains(&role)), "{tag} of {path}");
            if tag.starts_with("td ") {
                let label = value(tag, "data-label").expect("the name of the column");
                let is_head = |head: &&str| *head == label || head.contains(&format!(">{label}</a>"));
                assert!(!label.is_empty() && heads.iter().any(is_head), "{tag} of {path}");
                cells += 1;
            }
        }
        assert!(cells > 0, "{path}");
    }
}

#[tokio::test]
async fn what_is_copied_has_a_name_and_there_is_no_button_without_the_script() {
    let (gateway, _sink, id) = gateway_with_subscription().await;
    gateway.client(PUBLISHER).publish("zaken", "1", json!({"type": "a.b"})).await.expect(202);
    let browser = Browser::with_role(&gateway, Role::Beheerder).await;
    let own = format!("/beheer/abonnementen/{id}");
    for (path, expected) in
        [(own.as_str(), vec!["Nummer", "Ontvanger"]), ("/beheer/events", vec!["Deze lijst met curl"])]
    {
        let page = text(&browser.get(path).await.expect(200));
        let names: Vec<&str> = page.split('<').filter_map(|tag| value(tag.split('>').next()?, "data-copy")).collect();
        assert!(expected.iter().all(|name| names.contains(name)) && !names.contains(&""), "{names:?} of {path}");
        assert!(!page.contains(">Kopieer"), "{page}");
        assert!(page.contains("role=\"status\" data-button=\"Kopieer\" data-copied=\"Gekopieerd\""), "{page}");
        let (_, rest) = page.split_once("<script type=\"module\" src=\"").expect("a script");
        let script = gateway.nobody().get(rest.split('"').next().unwrap_or_default()).await.expect(200);
        assert!(String::from_utf8_lossy(&script.body).contains("navigator.clipboard"), "{script:?}");
    }
    let english = text(&browser.get(&format!("{own}?taal=en")).await.expect(200));
    assert!(english.contains("data-button=\"Copy\" data-copied=\"Copied\" data-failed=\"Not copied\""), "{english}");
}

#[tokio::test]
async fn what_a_page_lists_is_a_command_for_the_api_with_its_filter() {
    let (gateway, _sink, _id) = gateway_with_subscription().await;
    let browser = Browser::with_role(&gateway, Role::Beheerder).await;
    let schema =
        json!({"name": "a", "types": ["nl.overheid.zaken.a"], "description": "a", "schema": {"type": "object"}});
    gateway.client(PUBLISHER).post("/v1/schemas", schema).await.expect(201);
    for (page, expected) in [
        ("/beheer/kanalen", "/v1/kanalen"),
        ("/beheer/typen?kanaal=zaken&aanbieder=publisher", "/v1/types?kanaal=zaken&#38;publisher=publisher"),
        ("/beheer/applicaties", "/v1/applicaties"),
        ("/beheer/systeem", "/v1/nodes"),
        ("/beheer/configuratie", "/v1/configuration/checks"),
        ("/beheer/logboek?actie=kanaal&tot=2100-01-01", "/v1/audit?action=kanaal&#38;until=2100-01-01T23%3A00%3A00Z"),
    ] {
        let shown = text(&browser.get(page).await.expect(200));
        let command = format!("{}{expected}&#39;", gateway.base);
        assert!(shown.contains(&command), "{command} in {shown}");
    }
}
