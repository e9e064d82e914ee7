//! The web console in a browser (`console/`, Chromium by Playwright): every page is accessible, keeps its policy and loads nothing
//! from elsewhere; people log in by a link, and with `oidc-provider` (`oidc/people.js`), a certified provider.

use std::collections::BTreeSet;
use std::time::Duration;

use interop::gateway::{BEHEER, CONSUMER, Gateway, PUBLISHER};
use interop::program::{self, Server};
use interop::{Failure, http, sources, tools};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;

/// Longest that a browser prints nothing: for one page, or one task.
const PATIENCE: Duration = Duration::from_mins(20);

/// Runs the browser on a task; returns its lines.
async fn browse(task: &Value) -> Result<Vec<Value>, Failure> {
    let folder = sources().join("console");
    let mut command = Command::new("node");
    command.arg(folder.join("walk.js")).arg(tools::node(&folder)?).arg(task.to_string());
    program::run("the browser", command, PATIENCE).await
}

fn is_empty(line: &Value, member: &str) -> bool {
    line[member].as_array().is_some_and(Vec::is_empty)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_is_accessible_keeps_its_policy_and_loads_nothing_from_elsewhere() -> Result<(), Failure> {
    let gateway = Gateway::start("[console]\norganisation = \"Gemeente Voorbeeld\"\n").await?;
    // A receiver that does not answer, so that something needs attention; and its text is shown as it is.
    let token = gateway.token(CONSUMER).await?;
    let subscription = json!({
        "sink": "http://127.0.0.1:9/%3Cscript%3Ealert(1)%3C%2Fscript%3E", "protocol": "HTTP",
        "config": {"kanalen": ["interop"]},
    });
    let made = http::send("POST", &gateway.url("/v1/subscriptions"), &token, Some(&subscription)).await?;
    assert_eq!(made.0, 201, "{}", made.1);
    let event = json!({"specversion": "1.0", "id": "1", "source": "urn:x", "type": "nl.overheid.zaken.x"});
    let beheer = gateway.token(BEHEER).await?;
    let kind = "application/cloudevents+json";
    assert_eq!(http::send_as(kind, "POST", &gateway.url("/v1/events"), &beheer, Some(&event)).await?.0, 202);

    let schema = json!({
        "name": "zaak", "types": ["nl.overheid.zaken.x"], "description": "Een zaak</p><script>alert(1)</script>",
        "schema": {"type": "object"}, "example": {"naam": "x"},
    });
    assert_eq!(http::send("POST", &gateway.url("/v1/schemas"), &beheer, Some(&schema)).await?.0, 201);

    let id = made.1["id"].as_str().unwrap_or_default();
    let paths = [
        format!("/beheer/abonnementen/{id}/verwijderen"),
        format!("/beheer/abonnementen/samen?handeling=pauzeren&kies={id}"),
        format!("/beheer/abonnementen/samen?handeling=hervatten&kies={id}"),
        format!("/beheer/abonnementen/{id}/bezorgingen?uitkomst=delivered"),
        "/beheer/abonnementen?zoek=niets".to_owned(),
        "/beheer/events?onderwerp=niets".to_owned(),
        "/beheer/events/urn%3Ax/1/opnieuw?aan=iedereen".to_owned(),
        "/beheer/kanalen?zoek=niets".to_owned(),
        "/beheer/kanalen/interop".to_owned(),
        "/beheer/goedkeuringen".to_owned(),
        "/beheer/dead-letters/opnieuw".to_owned(),
        "/beheer/dead-letters/verwijderen".to_owned(),
    ];
    let forms = json!([
        {
            "page": "/beheer/publiceren", "action": "/beheer/publiceren", "button": "main button[value=proef]",
            "fields": {"source": "urn:x", "type": "nl.overheid.zaken.x", "data": "{\"a\": 1}"},
        },
        {
            "page": "/beheer/publiceren", "action": "/beheer/publiceren?fout", "button": "main button[value=proef]",
            "fields": {"source": "geen uri", "type": "nl.overheid.zaken.x"},
        },
        {
            "page": "/beheer/logboek", "action": "/beheer/logboek/keten", "fields": {},
            "button": "main form[action$='/keten'] button",
        },
    ]);
    let event =
        json!({"specversion": "1.0", "id": "tijdens-live", "source": "urn:x", "type": "<script>alert(1)</script>"});
    let live = json!({
        "link": gateway.login_link("lezer").await?, "url": gateway.url("/v1/events?kanaal=interop"), "token": beheer, "event": event,
    });
    let task = json!({
        "base": gateway.url(""), "paths": paths, "link": gateway.login_link_with("beheerder", &["publiceren"]).await?,
        "second": gateway.login_link("lezer").await?, "third": gateway.login_link("lezer").await?,
        "forms": forms, "live": live,
        "fourth": gateway.login_link("beheerder").await?, "sink": "http://127.0.0.1:9/toetsenbord",
    });
    let lines = browse(&task).await?;
    let (pages, others): (Vec<&Value>, Vec<&Value>) = lines.iter().partition(|line| line["path"].is_string());
    let paths: BTreeSet<&str> = pages.iter().filter_map(|page| page["path"].as_str()).collect();
    let change = format!("abonnementen/{id}/wijzigen");
    for path in [
        "logboek",
        "configuratie",
        "systeem",
        "applicaties",
        "over",
        "typen",
        "typen/nl%2Eoverheid%2Ezaken%2Ex",
        "live",
        "publiceren",
        "publiceren?soort=notificatie",
        "sessies",
        "events/urn%3Ax/1/nieuw",
        "abonnementen/nieuw",
        &change,
    ] {
        assert!(paths.contains(format!("/beheer/{path}").as_str()), "{path} in {paths:?}");
    }
    assert!(paths.contains("/beheer") && pages.len() == 2 * paths.len(), "{paths:?} in {} lines", pages.len());
    for page in pages {
        let expected = match page["path"].as_str() {
            Some("/beheer/nergens") => 404,
            Some("POST /beheer/publiceren?fout") => 400,
            _ => 200,
        };
        assert_eq!(page["status"], expected, "{page}");
        assert_eq!(page["tag"], page["language"], "{page}");
        for member in ["violations", "policy", "foreign", "spacing"] {
            assert!(is_empty(page, member), "{member}: {page:#}");
        }
        assert_eq!(page["overflow"], false, "{page}");
    }
    assert_eq!(others.len(), 4, "{others:?}");
    assert_eq!(others[0]["skip"], "#inhoud", "{}", others[0]);
    assert!(
        others[0]["copied"] == true && others[0]["announced"].as_str().is_some_and(|own| own.contains(": ")),
        "{}",
        others[0]
    );
    assert_eq!(others[1]["after"], "/beheer/inloggen", "{}", others[1]);
    // An event that is published while the live view is open appears there, as text.
    let live = others[2];
    assert!(live["shown"].as_str().is_some_and(|row| row.contains("<script>alert(1)</script>")), "{live:#}");
    assert!(live["published"] == 202 && live["left"] == 0, "{live:#}");
    assert!(is_empty(live, "violations") && is_empty(live, "policy"), "{live:#}");
    let made = others[3];
    for (step, focus) in [("wrong", "fouten"), ("rows", "kenmerk-3"), ("preview", "voorbeeld"), ("end", "")] {
        let page = &made[step];
        assert!(focus.is_empty() || page["focus"] == focus, "{step}: {page:#}");
        assert!(is_empty(page, "violations") && is_empty(page, "policy"), "{step}: {page:#}");
    }
    let found = http::send("GET", &gateway.url("/v1/subscriptions?q=toetsenbord"), &beheer, None).await?;
    let own = &found.1["results"][0];
    assert_eq!((&own["sink"], &own["config"]["kenmerken"]), (&task["sink"], &json!({"zaaktype": "x"})), "{own}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_of_the_portal_is_accessible_and_a_subscriber_recovers_without_javascript() -> Result<(), Failure> {
    let gateway = Gateway::start("[console]\norganisation = \"Gemeente Voorbeeld\"\n[portaal]\n").await?;
    let beheer = gateway.token(BEHEER).await?;
    let schema = json!({
        "name": "zaak", "types": ["nl.overheid.zaken.x"], "kanaal": "interop", "description": "Een zaak</p><script>alert(1)</script>",
        "schema": {"type": "object"}, "example": {"naam": "x"},
    });
    assert_eq!(http::send("POST", &gateway.url("/v1/schemas"), &beheer, Some(&schema)).await?.0, 201);
    // A kanaal of a publisher, with a subscription that waits for approval.
    let publisher = gateway.token(PUBLISHER).await?;
    let own = json!({"naam": "eigen", "approval": "required"});
    assert_eq!(http::send("POST", &gateway.url("/v1/kanalen"), &publisher, Some(&own)).await?.0, 201);
    let waiting = json!({"sink": "http://127.0.0.1:9/wacht", "protocol": "HTTP", "config": {"kanalen": ["eigen"]}});
    let consumer = gateway.token(CONSUMER).await?;
    assert_eq!(http::send("POST", &gateway.url("/v1/subscriptions"), &consumer, Some(&waiting)).await?.0, 201);
    let event = json!({"specversion": "1.0", "id": "2", "source": "urn:y", "type": "X", "kanaal": "eigen"});
    let kind = "application/cloudevents+json";
    assert_eq!(http::send_as(kind, "POST", &gateway.url("/v1/events"), &publisher, Some(&event)).await?.0, 202);
    // A receiver that refuses events, so that something can be recovered.
    let refusing = refusing().await?;
    let agreement = json!({"kanalen": ["interop"], "validation": "manual", "agreement": "test"});
    let subscription = json!({"sink": refusing, "protocol": "HTTP", "config": agreement});
    let made = http::send("POST", &gateway.url("/v1/subscriptions"), &beheer, Some(&subscription)).await?;
    assert_eq!(made.0, 201, "{}", made.1);
    let id = made.1["id"].as_str().unwrap_or_default();
    let event = json!({"specversion": "1.0", "id": "1", "source": "urn:x", "type": "nl.overheid.zaken.x"});
    assert_eq!(http::send_as(kind, "POST", &gateway.url("/v1/events"), &beheer, Some(&event)).await?.0, 202);
    dead_letter(&gateway, &beheer).await?;

    let paths = [
        "/portaal/abonnementen/nieuw".to_owned(),
        "/portaal/catalogus?zoek=niets".to_owned(),
        "/portaal/kanalen".to_owned(),
        "/portaal/typen".to_owned(),
        "/portaal/applicaties".to_owned(),
        format!("/portaal/herstellen?stap=tellen&abonnement={id}&van=2000-01-01&wat=alles"),
        format!("/portaal/abonnementen/{id}/bezorgingen?uitkomst=delivered"),
        "/portaal/dead-letters/opnieuw".to_owned(),
        "/portaal/dead-letters/verwijderen".to_owned(),
        "/portaal/mijn-kanalen/interop".to_owned(),
    ];
    let clients = [BEHEER.0, PUBLISHER.0];
    let roles = ["afnemer", "kanaaleigenaar"];
    let task = json!({
        "base": gateway.url(""), "root": "/portaal", "paths": paths, "views": [[1280, "nl"], [320, "en"]],
        "link": gateway.login_link_of(&roles, &clients).await?,
        "recover": {
            "link": gateway.login_link_of(&roles[..1], &clients[..1]).await?, "subscription": id,
            "sink": "http://127.0.0.1:9/nieuw",
        },
    });
    let lines = browse(&task).await?;
    let (pages, others): (Vec<&Value>, Vec<&Value>) = lines.iter().partition(|line| line["path"].is_string());
    let found: BTreeSet<&str> = pages.iter().filter_map(|page| page["path"].as_str()).collect();
    for path in [
        "catalogus",
        "events",
        "mijn-kanalen/eigen",
        "herstellen",
        "dead-letters",
        "runs",
        "goedkeuringen",
        "logboek",
        "over",
        "mijn-kanalen",
        &format!("abonnementen/{id}"),
        &format!("abonnementen/{id}/testen"),
        &format!("abonnementen/{id}/inloggegevens"),
    ] {
        assert!(found.contains(format!("/portaal/{path}").as_str()), "{path} in {found:?}");
    }
    assert!(pages.len() == 2 * found.len(), "{found:?} in {} lines", pages.len());
    let expected = |page: &Value| {
        let missing = page["path"] == "/portaal/nergens" || page["path"] == "/portaal/mijn-kanalen/interop";
        page["status"] == if missing { 404 } else { 200 }
    };
    let unexpected: Vec<_> = pages.iter().filter(|page| !expected(page)).collect();
    assert!(unexpected.is_empty(), "{unexpected:#?}");
    for page in pages {
        assert_eq!(page["tag"], page["language"], "{page}");
        for member in ["violations", "policy", "foreign", "spacing"] {
            assert!(is_empty(page, member), "{member}: {page:#}");
        }
        assert_eq!(page["overflow"], false, "{page}");
    }
    let [seen] = others.as_slice() else { panic!("{others:?}") };
    assert!(is_empty(seen, "violations"), "{seen:#}");
    assert!(seen["counted"].as_str().is_some_and(|text| text.contains("Alleen wat mislukte")), "{seen:#}");
    assert!(seen["runs"].as_str().is_some_and(|text| text.contains("De events worden opnieuw bezorgd.")), "{seen:#}");
    assert!(seen["shown"].as_str().is_some_and(|text| text.contains("Het abonnement is gemaakt.")), "{seen:#}");
    Ok(())
}

/// The URL of a receiver that answers 422 to everything, until the test ends.
async fn refusing() -> Result<String, Failure> {
    let fault = |error: std::io::Error| Failure::Exchange { what: "a receiver".to_owned(), why: error.to_string() };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.map_err(fault)?;
    let address = listener.local_addr().map_err(fault)?;
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut received = Vec::new();
                while !is_complete(&received) && stream.read_buf(&mut received).await.is_ok_and(|read| read > 0) {}
                let answer = "HTTP/1.1 422 Unprocessable Content\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
                let _ = stream.write_all(answer.as_bytes()).await;
            });
        }
    });
    Ok(format!("http://{address}/weigert"))
}

/// Whether a request with a Content-Length has arrived as a whole.
fn is_complete(received: &[u8]) -> bool {
    let text = String::from_utf8_lossy(received).to_ascii_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
    body.len() >= length.unwrap_or(0)
}

/// Waits until there is a dead letter.
async fn dead_letter(gateway: &Gateway, token: &str) -> Result<(), Failure> {
    let mut last = Value::Null;
    for _ in 0..1_200 {
        last = http::send("GET", &gateway.url("/v1/dead-letters"), token, None).await?.1;
        if last["count"] == 1 {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Err(Failure::Exchange { what: "no dead letter".to_owned(), why: last.to_string() })
}

async fn provider() -> Result<Server, Failure> {
    let folder = sources().join("oidc");
    let mut command = Command::new("node");
    command.arg(folder.join("people.js")).arg(tools::node(&folder)?);
    Server::start("oidc-provider", command).await
}

fn configuration(issuer: &str, authentication: &str) -> String {
    format!(
        "[console]\norganisation = \"Gemeente Voorbeeld\"\n[console.oidc]\nissuer = \"{issuer}\"\n\
         client_id = \"eventgateway\"\n{authentication}\n[console.claims]\nroles = [\"roles\"]\n\
         [console.claims.grants]\nbeheerder = [\"gw-beheer\"]\nauditor = [\"gw-audit\"]\n"
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_log_in_with_a_provider_and_out_of_both() -> Result<(), Failure> {
    let mut provider = provider().await?;
    let issuer = format!("http://127.0.0.1:{}", provider.port);
    let secret = "client_secret = \"het geheim van de eventgateway\"";
    let gateway = Gateway::start(&configuration(&issuer, secret)).await?;
    let base = gateway.url("");
    provider.ask(&json!({"gateway": base, "authentication": "client_secret_basic"})).await?;
    provider.ask(&json!({"roles": ["gw-beheer", "gw-audit", "iets-anders"]})).await?;
    let seen = browse(&json!({"base": base, "provider": issuer, "logOut": true})).await?.remove(0);
    assert_eq!(seen["first"], "/beheer/inloggen", "{seen}");
    let shown = seen["shown"].as_str().unwrap_or_default();
    assert!(shown.contains("Anna de Vries") && shown.contains("auditor, administrator"), "{seen}");
    assert!(seen["title"].as_str().is_some_and(|title| title.starts_with("Overview")), "{seen}");
    assert!(is_empty(&seen, "breaches") && is_empty(&seen, "foreign"), "{seen}");
    assert!(seen["end"].as_str().is_some_and(|end| end.starts_with(&issuer)), "{seen}");
    assert_eq!(seen["cookies"], json!([]), "{seen}");
    // Without a role: a page that says so, and no session.
    provider.ask(&json!({"roles": ["iets-anders"]})).await?;
    let seen = browse(&json!({"base": base, "provider": issuer})).await?.remove(0);
    assert!(seen["title"].as_str().is_some_and(|title| title.starts_with("No access")), "{seen}");
    assert_eq!(seen["cookies"], json!([]), "{seen}");
    assert!(!gateway.log().contains("Anna"), "no name of a person is in the log");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_gateway_proves_itself_to_the_provider_with_a_private_key() -> Result<(), Failure> {
    let mut provider = provider().await?;
    let issuer = format!("http://127.0.0.1:{}", provider.port);
    let made = provider.ask(&json!({"gateway": "http://127.0.0.1:1", "authentication": "private_key_jwt"})).await?;
    let folder = tempfile::tempdir().map_err(Failure::file(&std::env::temp_dir()))?;
    let file = folder.path().join("client.pem");
    std::fs::write(&file, made["key"].as_str().unwrap_or_default()).map_err(Failure::file(&file))?;
    let by_key = format!(
        "client_authentication = \"private_key_jwt\"\nprivate_key_id = \"eventgateway-1\"\nprivate_key_file = {:?}",
        file.display().to_string()
    );
    let gateway = Gateway::start(&configuration(&issuer, &by_key)).await?;
    let base = gateway.url("");
    provider.ask(&json!({"gateway": base, "authentication": "private_key_jwt"})).await?;
    provider.ask(&json!({"roles": ["gw-audit"]})).await?;
    let seen = browse(&json!({"base": base, "provider": issuer})).await?.remove(0);
    assert!(seen["shown"].as_str().is_some_and(|shown| shown.contains("Anna de Vries (auditor)")), "{seen}");
    let cookie = json!([{"name": "gw-beheer", "httpOnly": true, "sameSite": "Lax"}]);
    assert_eq!(seen["cookies"], cookie, "{seen}");
    Ok(())
}
