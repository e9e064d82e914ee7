//! A token endpoint (OAuth 2.0, client credentials) that grants one client unsigned tokens, which brokers can be configured to accept.

use std::convert::Infallible;

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE};
use hyper::{Request, Response, StatusCode, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use interop::Failure;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// When a token ends for the brokers: in the year 2100.
const END: i64 = 4_102_444_800;

/// Starts it on a free port; where it is. It ends with the test.
pub async fn endpoint(client: &str, secret: &str) -> Result<String, Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await.map_err(Failure::file("127.0.0.1".as_ref()))?;
    let url = format!("http://{}/token", listener.local_addr().map_err(Failure::file("127.0.0.1".as_ref()))?);
    let (client, expected) =
        (client.to_owned(), format!("Basic {}", BASE64_STANDARD.encode(format!("{client}:{secret}"))));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let service = service_fn(|request: Request<Incoming>| {
                let given = request.headers().get(AUTHORIZATION).map(|given| given.as_bytes() == expected.as_bytes());
                let answer =
                    if given == Some(true) { Ok(token(&client)) } else { Err(json!({"error": "invalid_client"})) };
                async { Ok::<_, Infallible>(response(answer)) }
            });
            // A connection that breaks off is the caller's to complain of.
            drop(http1::Builder::new().serve_connection(TokioIo::new(stream), service).await);
        }
    });
    Ok(url)
}

/// RFC 7515 appendix A.5.
fn token(subject: &str) -> Value {
    let part = |value: Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let claims = json!({"sub": subject, "scope": "kafka", "iat": 0, "exp": END});
    let token = format!("{}.{}.", part(json!({"alg": "none"})), part(claims));
    json!({"access_token": token, "token_type": "Bearer", "expires_in": 600})
}

fn response(answer: Result<Value, Value>) -> Response<Full<Bytes>> {
    let status = if answer.is_ok() { StatusCode::OK } else { StatusCode::UNAUTHORIZED };
    let (Ok(body) | Err(body)) = answer;
    let response = Response::builder().status(status).header(CONTENT_TYPE, "application/json");
    response.body(Full::from(body.to_string())).expect("a response")
}
