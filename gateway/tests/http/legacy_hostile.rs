//! No input of the Notificaties API gives a 500 or hangs: strange values for every member of every resource, strange
//! bodies, paths and queries, and callbacks that misbehave.

use http::Method;
use serde_json::{Value, json};
use tokio::{io::AsyncWriteExt, net::TcpListener};

use crate::support::{Answer, BEHEER, Client, Gateway};

/// JSON values as text; some are no JSON at all.
fn values() -> Vec<String> {
    let long = |count: usize| format!("\"{}\"", "x".repeat(count));
    let deep = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
    let mut values: Vec<String> = [
        "null",
        "true",
        "false",
        "0",
        "-1",
        "1.5",
        "1e400",
        "-1e-400",
        "123456789012345678901234567890",
        "\"\"",
        "\" \"",
        "\"\\u0000\"",
        "\"a\\u0000b\"",
        "\"\\ud800\"",
        "\"\\udc00\\ud800\"",
        "\"\u{ffff}\u{1f600}\u{202e}\"",
        "\"\\uffff\"",
        "\"\u{7f}\\b\\f\\n\"",
        "[]",
        "[null]",
        "[[]]",
        "[{}]",
        "[0]",
        "[\"\"]",
        "[\"\\u0000\"]",
        "{}",
        "{\"\": null}",
        "{\"a\": {}}",
        "{\"a\": 1, \"a\": 2}",
        "{\"\\u0000\": \"\\u0000\"}",
        "{\"\\ud800\": \"\"}",
        "[{\"naam\": null, \"filters\": null}]",
        "[{\"naam\": \"zaken\", \"filters\": {\"\": \"\"}}]",
        "[{\"typeSubstring\": [], \"filters\": []}]",
        "nul",
        "'x'",
        "\"",
        "[",
        "NaN",
        "Infinity",
        "+1",
        "01",
        "\"\\x\"",
        "\"\t\"",
        "\"http://[::1\"",
        "\"http://a:b@c:99999/%zz#\"",
        "\"http://\u{e9}.nl/\u{e9}\"",
        "\"9999-99-99T99:99:99Z\"",
        "\"-292277026596-01-01T00:00:00Z\"",
        "\"0000-01-01T00:00:00-23:59\"",
        "\"9999-12-31T23:59:60Z\"",
    ]
    .map(str::to_owned)
    .into();
    values.extend([long(51), long(101), long(1_001), long(2_049), long(70_000), deep]);
    values.push(format!("[{}]", vec!["\"x\""; 2_000].join(",")));
    values.push(format!("{{{}}}", (0..2_000).map(|at| format!("\"k{at}\": \"v\"")).collect::<Vec<_>>().join(",")));
    values
}

#[track_caller]
fn is_refusal_or_success(answer: &Answer, what: &str) {
    let status = answer.status.as_u16();
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    assert!([200, 201, 400, 403, 404, 405, 406, 413, 415].contains(&status), "{what}: {status} {text}");
    if status >= 400 {
        assert!(answer.json().is_object(), "{what}: {status} {text}");
    }
}

async fn send(client: &Client, method: &Method, path: &str, kind: &str, body: impl Into<bytes::Bytes>) -> Answer {
    client.send(method.clone(), path, &[("content-type", kind)], body).await
}

/// `object` as text with `value` for `name`.
fn with(object: &Value, name: &str, value: &str) -> String {
    let mut object = object.clone();
    object[name] = json!("\u{1}placeholder");
    object.to_string().replace("\"\\u0001placeholder\"", value)
}

#[tokio::test]
async fn strange_values_of_every_member() {
    let gateway = Gateway::start().await;
    let client = gateway.client(BEHEER);
    let kanaal = client.post("/api/v1/kanaal", json!({"naam": "zaken", "filters": ["a"]})).await.expect(201).json();
    let kanaal = kanaal["url"].as_str().expect("a URL").to_owned();
    let notificatie = json!({
        "kanaal": "zaken", "source": "x", "hoofdObject": "https://z.nl/1", "resource": "r", "resourceUrl": "https://z.nl/2",
        "actie": "create", "aanmaakdatum": "2025-01-01T12:00:00Z", "kenmerken": {"a": "1"},
    });
    let abonnement = json!({
        "callbackUrl": "http://127.0.0.1:9/", "auth": "x", "kanalen": [], "sendCloudevents": true, "cloudeventFilters": [],
        "rendering": "on116", "validation": "probe",
    });
    let event = json!({
        "specversion": "1.0", "id": "1", "source": "s", "type": "t", "subject": "x", "time": "2025-01-01T12:00:00Z",
        "datacontenttype": "application/json", "dataschema": "https://z.nl/s", "dataref": "x", "data": {}, "iets": "x",
    });
    let (post, put, patch) = (Method::POST, Method::PUT, Method::PATCH);
    let (plain, cloudevent) = ("application/json", "application/cloudevents+json");
    let new = json!({"naam": "anders", "documentatieLink": "", "filters": []});
    let own = json!({"naam": "zaken", "documentatieLink": "", "filters": ["a"]});
    let mut sent = 0;
    for (method, path, kind, object) in [
        (&post, "/api/v1/kanaal", plain, &new),
        (&put, &kanaal, plain, &own),
        (&patch, &kanaal, plain, &own),
        (&post, "/api/v1/abonnement", plain, &abonnement),
        (&post, "/api/v1/notificaties", plain, &notificatie),
        (&post, "/api/v1/cloudevents", cloudevent, &event),
    ] {
        for name in object.as_object().expect("members").keys() {
            for value in values() {
                let answer = send(&client, method, path, kind, with(object, name, &value)).await;
                is_refusal_or_success(
                    &answer,
                    &format!("{method} {path} {name} {}", value.get(..60).unwrap_or(&value)),
                );
                sent += 1;
            }
        }
    }
    assert!(sent > 1_500);
    client.get("/api/v1/kanaal").await.expect(200);
    client.get("/api/v1/abonnement").await.expect(200);
}

#[tokio::test]
async fn strange_bodies_paths_and_queries() {
    let gateway = Gateway::start().await;
    let client = gateway.client(BEHEER);
    let bodies: [&[u8]; 9] = [
        b"",
        b" ",
        b"\xff\xfe{\0}\0",
        b"{\"naam\": \"\xff\"}",
        b"{\"\xc3\x28\": 1}",
        b"\xef\xbb\xbf{}",
        b"{} {}",
        b"\0",
        b"[",
    ];
    let paths = ["/api/v1/kanaal", "/api/v1/abonnement", "/api/v1/notificaties", "/api/v1/cloudevents"];
    let kinds = [
        "application/json",
        "application/json; charset=utf-16",
        "application/cloudevents+json",
        "application/cloudevents-batch+json",
        "x",
        "",
    ];
    for path in paths {
        for body in bodies {
            for kind in kinds {
                let answer = send(&client, &Method::POST, path, kind, body.to_vec()).await;
                is_refusal_or_success(&answer, &format!("{path} {kind} {body:?}"));
            }
        }
    }
    let long = format!("/api/v1/kanaal?naam={}", "x".repeat(20_000));
    for path in [
        "/api/v1/kanaal/%00",
        "/api/v1/kanaal/%FF",
        "/api/v1/abonnement/%ed%a0%80",
        "/api/v1/kanaal/..%2f..",
        "/api/v1/kanaal//",
        "/api/v1/kanaal?naam=%FF%00",
        "/api/v1/kanaal?naam",
        "/api/v1/kanaal?=&&=",
        "/api/v1/abonnement?%00=%00",
        "/api/v99999999999/x",
        "/ref/fouten/%FF/",
        &long,
    ] {
        for method in ["GET", "PUT", "PATCH", "DELETE", "POST", "OPTIONS"] {
            let answer = send(&client, &method.parse().expect("a method"), path, "application/json", "{}").await;
            is_refusal_or_success(&answer, &format!("{method} {path}"));
        }
    }
    for (name, value) in
        [("ce-id", "%00"), ("ce-time", "x"), ("ce-source", "\""), ("ce-x", "%"), ("ce-", "x"), ("ce-data", "x")]
    {
        let headers = [("ce-specversion", "1.0"), ("ce-type", "t"), (name, value)];
        let answer = client.send(Method::POST, "/api/v1/cloudevents", &headers, "x").await;
        is_refusal_or_success(&answer, name);
    }
}

/// A callback that sends these bytes and then closes, or for `None` sends nothing and keeps the connection.
async fn callback(says: Option<Vec<u8>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}/", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            match &says {
                // The client may have gone first.
                Some(bytes) => drop(stream.write_all(bytes).await),
                None => open.push(stream),
            }
        }
    });
    url
}

#[tokio::test]
async fn callbacks_that_misbehave_are_a_400_in_time() {
    let gateway = Gateway::with("[consent]\ntimeout_seconds = 1").await;
    let client = gateway.client(BEHEER);
    let headers = format!("HTTP/1.1 401 No\r\n{}\r\n", "x-a: b\r\n".repeat(50_000));
    for says in [
        None,
        Some(vec![]),
        Some(b"geen http\r\n\r\n".to_vec()),
        Some(b"HTTP/1.1 999999 x\r\n\r\n".to_vec()),
        Some(b"HTTP/1.1 401 No\r\ncontent-length: 5, 6\r\n\r\n".to_vec()),
        Some(b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n".to_vec()),
        Some(headers.into_bytes()),
    ] {
        let what = says.as_ref().map(|bytes| String::from_utf8_lossy(&bytes[..bytes.len().min(40)]).into_owned());
        let body = json!({"callbackUrl": callback(says).await, "auth": "x"});
        let refused = client.post("/api/v1/abonnement", body).await.expect(400).json();
        let reason = refused["invalidParams"][0]["reason"].as_str().unwrap_or_default().to_owned();
        assert!(reason.contains("zonder Authorization"), "{what:?}: {reason}");
    }
}
