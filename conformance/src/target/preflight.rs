//! Checks before the first scenario: the target answers, it accepts the credentials, the declared abilities are consistent.
//! Changes nothing.

use std::time::Duration;

use super::client::MAIN;
use super::{Sender, Target, TargetError};
use crate::broker::{self, BrokerError};
use crate::message::Request;

/// Runs the checks; the error explains what to change.
pub async fn check(target: &Target, patience: Duration) -> Result<(), TargetError> {
    if target.can("delivery") && target.calls.subscribe(target.can("subscriptions")).is_none() {
        let what = "the ability delivery needs a way to subscribe: the ability subscriptions, or calls.subscribe in a \
                    target file";
        return Err(TargetError::Abilities(what.to_owned()));
    }
    if target.kafka.is_some() && !broker::AVAILABLE {
        return Err(TargetError::Abilities(BrokerError::Absent.to_string()));
    }
    let unreachable = |error: TargetError| TargetError::Unreachable {
        target: target.address(),
        what: error.to_string().trim_start_matches("no answer: ").to_owned(),
    };
    let known = [("subscriptions", "subscriptions", ""), ("kanalen", "kanalen", ""), ("zgw", "zgw", "/kanaal")];
    let protected = known.into_iter().find(|(ability, ..)| target.can(ability));
    let path = protected.and_then(|(_, name, rest)| Some(format!("{}{rest}", target.value(name, "")?)));
    let target_path = path.clone().unwrap_or_else(|| "/".to_owned());
    let request = Request { method: "GET".to_owned(), target: target_path, headers: vec![], body: vec![] };
    let answer = target.send(request, Sender::Main, false, patience).await.map_err(unreachable)?;
    let Some(path) = path.filter(|_| matches!(answer.status, 401 | 403)) else { return Ok(()) };
    let advice = if target.can(&format!("{}{MAIN}", super::CLIENT)) {
        "look at its id, secret and scopes"
    } else {
        "give --client-id and --secret, or [client.main] in a target file"
    };
    Err(TargetError::Refused(format!("GET {path} is answered {}; {advice}", answer.status)))
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(5);

    async fn server(answer: &'static [u8]) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                drop(stream.read(&mut [0; 1024]).await);
                drop(stream.write_all(answer).await);
            }
        });
        address
    }

    async fn fault(address: &str, credentials: Option<(&str, &str)>) -> String {
        let target = Target::new(address, credentials).unwrap();
        check(&target, PATIENCE).await.map_or_else(|error| error.to_string(), |()| String::new())
    }

    #[tokio::test]
    async fn what_stands_in_the_way_is_told() {
        let closed = {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            format!("http://{}", listener.local_addr().unwrap())
        };
        assert!(fault(&closed, None).await.contains(&format!("{closed} cannot be reached")));
        let refusing = server(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n").await;
        assert!(fault(&refusing, None).await.contains("give --client-id"));
        assert!(fault(&refusing, Some(("a", "b"))).await.contains("id, secret and scopes"));
        let content = server(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]").await;
        assert_eq!(fault(&content, None).await, "");
        let strange = server(b"SSH-2.0-x\r\n\r\n").await;
        assert!(fault(&strange, None).await.contains("no HTTP/1.1"));
    }

    #[tokio::test]
    async fn deliveries_need_a_way_to_subscribe() {
        let mut target = Target::new("http://127.0.0.1:9", None).unwrap();
        target.only(&["delivery".to_owned()]).unwrap();
        assert!(check(&target, PATIENCE).await.unwrap_err().to_string().contains("calls.subscribe"));
    }
}
