//! A page in Dutch shows no English sentence, but for technical texts that are folded and marked as English.

use http::Method;
use model::Role;
use serde_json::json;

use super::{Browser, routes::example, subscriptions::gateway_with_subscription, text};
use crate::support::{BEHEER, CONSUMER, PUBLISHER};

/// Words of English sentences that no Dutch sentence has.
const ENGLISH: [&str; 14] = [
    "the", "and", "with", "cannot", "must", "there", "this", "which", "should", "from", "needs", "not", "answered",
    "be",
];

/// The text of a page without the elements that are marked as English or as names, and without its head.
fn shown(page: &str) -> String {
    let body = page.split_once("<body").map_or(page, |(_, body)| body);
    let (mut text, mut rest, mut skipped) = (String::new(), body, None::<(String, usize)>);
    while let Some((before, after)) = rest.split_once('<') {
        let (tag, after) = after.split_once('>').unwrap_or((after, ""));
        rest = after;
        if skipped.is_none() {
            text.push_str(before);
            text.push(' ');
        }
        let name = tag.trim_start_matches('/').split([' ', '\n', '/']).next().unwrap_or_default().to_owned();
        let is_end = tag.starts_with('/');
        let is_void = matches!(name.as_str(), "input" | "br" | "meta" | "link" | "img" | "polyline" | "rect");
        match &mut skipped {
            Some((skipping, depth)) if *skipping == name && !is_void => {
                *depth = if is_end { *depth - 1 } else { *depth + 1 };
                if *depth == 0 {
                    skipped = None;
                }
            }
            None if !is_end && !is_void && (tag.contains("lang=\"en\"") || tag.contains("translate=\"no\"")) => {
                skipped = Some((name, 1));
            }
            _ => {}
        }
    }
    text
}

pub fn english(page: &str) -> Vec<String> {
    let text = shown(page);
    let words: Vec<&str> = text.split(|letter: char| !letter.is_alphanumeric()).collect();
    let is_english = |at: &usize| ENGLISH.contains(&words[*at].to_lowercase().as_str());
    let near = |at: usize| words[at.saturating_sub(4)..words.len().min(at + 5)].join(" ");
    (0..words.len()).filter(is_english).map(near).collect()
}

#[test]
fn english_sentences_are_found_unless_they_are_marked() {
    assert_eq!(english("<body><p>Dit is Nederlands.</p><p>The sink <b>cannot</b></p>").len(), 2);
    assert!(english("<body><p>Ja <span lang=\"en\">the <span>and</span> not</span> nee</p>").is_empty());
}

#[tokio::test]
async fn dutch_pages_have_no_english_sentences() {
    let (gateway, sink, id) = gateway_with_subscription().await;
    let admin = gateway.client(BEHEER);
    let publisher = gateway.client(PUBLISHER);
    publisher.post("/v1/kanalen", json!({"naam": "besluiten", "approval": "required"})).await.expect(201);
    let wanting = json!({
        "sink": sink.url("/b"), "protocol": "HTTP",
        "filters": [{"not": {"exact": {"subject": "x"}}}],
        "config": {"kanalen": ["besluiten"], "name": "Wachtend"},
    });
    let waiting = gateway.client(CONSUMER).post("/v1/subscriptions", wanting).await.expect(201).json();
    sink.answers(&[422]);
    publisher.publish("zaken", "1", json!({"type": "a.b"})).await.expect(202);
    crate::support::eventually("a dead letter", || async {
        let found = admin.get("/v1/dead-letters").await.expect(200).json();
        (found["results"].as_array()?.len() == 1).then_some(())
    })
    .await;
    let browser = Browser::with_role(&gateway, Role::Beheerder).await;
    let waiting = waiting["id"].as_str().expect("an id").to_owned();
    let mut paths: Vec<String> = ::console::routes()
        .into_iter()
        .filter(|route| {
            route.method == Method::GET && !route.path.contains("/stroom") && !route.path.contains("{file}")
        })
        .map(|route| example(route.path))
        .collect();
    for path in ["", "/wijzigen", "/herhalen", "/verwijderen", "/bezorgingen"] {
        paths.push(format!("/beheer/abonnementen/{id}{path}"));
        paths.push(format!("/beheer/abonnementen/{waiting}{path}"));
    }
    paths.extend([
        format!("/beheer/goedkeuringen/besluiten/{waiting}"),
        format!("/beheer/bezorgingen/{id}/zaken/0/0"),
        "/beheer/kanalen/zaken".to_owned(),
        "/beheer/events/urn%3Atest/1".to_owned(),
        format!("/beheer/abonnementen/samen?handeling=pauzeren&kies={id}"),
        "/beheer/abonnementen/samen?handeling=onzin".to_owned(),
        "/beheer/dead-letters?van=onzin".to_owned(),
    ]);
    let mut found = Vec::new();
    for path in &paths {
        let answer = browser.get(path).await;
        if answer.header("content-type").is_some_and(|kind| kind.starts_with("text/html")) {
            found.extend(
                english(&text(&answer)).into_iter().map(|words| format!("{path} ({}): {words}", answer.status)),
            );
        }
    }
    // Forms that are refused.
    for (path, form) in [
        (format!("/beheer/abonnementen/{id}/testen"), String::new()),
        (format!("/beheer/abonnementen/{id}/hervatten"), String::new()),
        ("/beheer/abonnementen/samen".to_owned(), format!("handeling=hervatten&kies={id}")),
        ("/beheer/abonnementen/samen".to_owned(), format!("handeling=toestemming&kies={id}&kies={waiting}")),
        (format!("/beheer/abonnementen/{waiting}/testen"), String::new()),
        (format!("/beheer/abonnementen/{waiting}/controleren"), String::new()),
        ("/beheer/logboek/keten".to_owned(), "hash=abc".to_owned()),
        ("/beheer/publiceren".to_owned(), "soort=cloudevent&type=&knop=proef".to_owned()),
    ] {
        let mut answer = browser.post(&path, &form).await;
        if let Some(next) = answer.header("location").map(str::to_owned) {
            answer = browser.get(&next).await;
        }
        found.extend(
            english(&text(&answer)).into_iter().map(|words| format!("POST {path} ({}): {words}", answer.status)),
        );
    }
    assert!(found.is_empty(), "{found:#?}");
}
