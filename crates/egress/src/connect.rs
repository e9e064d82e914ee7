//! Connects to the first of several addresses that answers, as RFC 8305 (Happy Eyeballs) describes in sections 4 and 5. The
//! addresses were checked before.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::net::TcpStream;

use crate::dial::DialError;
use crate::shortage::Shortage;

/// The Connection Attempt Delay: how long one address has before the next is tried beside it.
const DELAY: Duration = Duration::from_millis(250);

/// A connection to one of these addresses, or the error of the last one that failed. The caller bounds the time.
pub(crate) async fn connect(addresses: Vec<SocketAddr>) -> Result<TcpStream, DialError> {
    let mut waiting = alternating(addresses).into_iter();
    let mut attempts = FuturesUnordered::new();
    let mut last = DialError::Dns("the name has no address".to_owned());
    loop {
        if let Some(address) = waiting.next() {
            attempts.push(attempt(address));
        } else if attempts.is_empty() {
            return Err(last);
        }
        let more = waiting.len() > 0;
        tokio::select! {
            Some(ended) = attempts.next() => match ended {
                Ok(stream) => return Ok(stream),
                Err(own @ DialError::Own(_)) => return Err(own),
                Err(error) => last = error,
            },
            () = tokio::time::sleep(DELAY), if more => {}
        }
    }
}

/// The addresses with the families in turn, in the order of the resolver within a family (section 4).
fn alternating(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let Some(first) = addresses.first().map(SocketAddr::is_ipv4) else { return addresses };
    let (first, second): (Vec<_>, Vec<_>) = addresses.into_iter().partition(|address| address.is_ipv4() == first);
    let (mut first, mut second) = (first.into_iter(), second.into_iter());
    let mut all = Vec::with_capacity(first.len() + second.len());
    while first.len() + second.len() > 0 {
        all.extend(first.next());
        all.extend(second.next());
    }
    all
}

async fn attempt(address: SocketAddr) -> Result<TcpStream, DialError> {
    let connected = async {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok::<_, io::Error>(stream)
    };
    connected.await.map_err(|error| match Shortage::of_connecting(address, &error) {
        Some(shortage) => DialError::Own(shortage),
        None => DialError::Connect(format!("{address}: {}", words(&error))),
    })
}

/// The text for a network error.
fn words(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "nothing listens there (connection refused)".to_owned(),
        io::ErrorKind::ConnectionReset => "the other side closed the connection at once".to_owned(),
        io::ErrorKind::HostUnreachable => "there is no route to the host; check network and firewall".to_owned(),
        io::ErrorKind::NetworkUnreachable => "the network cannot be reached; check routes and firewall".to_owned(),
        io::ErrorKind::TimedOut => "no answer in time; check the address and firewalls".to_owned(),
        io::ErrorKind::PermissionDenied => "a firewall of this machine forbids it".to_owned(),
        io::ErrorKind::AddrNotAvailable => "this machine has no address from which it can be reached".to_owned(),
        kind => kind.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::{TcpListener, TcpSocket};

    use super::*;

    #[test]
    fn b7_families_take_turns() {
        let parse = |all: &[&str]| all.iter().map(|text| text.parse().unwrap()).collect::<Vec<SocketAddr>>();
        for (given, tried) in [
            (&["[::1]:1", "[::2]:1", "1.1.1.1:1", "[::3]:1"][..], &["[::1]:1", "1.1.1.1:1", "[::2]:1", "[::3]:1"][..]),
            (&["1.1.1.1:1", "1.1.1.2:1", "[::1]:1"], &["1.1.1.1:1", "[::1]:1", "1.1.1.2:1"]),
            (&["1.1.1.1:1"], &["1.1.1.1:1"]),
            (&[], &[]),
        ] {
            assert_eq!(alternating(parse(given)), parse(tried));
        }
    }

    /// A listener whose queue is full, so that connections to it get no answer, and what fills it.
    async fn silent() -> (SocketAddr, TcpListener, Vec<tokio::task::JoinHandle<io::Result<TcpStream>>>) {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(1).unwrap();
        let address = listener.local_addr().unwrap();
        let filling = (0..8).map(|_| tokio::spawn(TcpStream::connect(address))).collect::<Vec<_>>();
        // At least one of them waits for good: nobody accepts.
        while filling.iter().filter(|task| task.is_finished()).count() < 2 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        (address, listener, filling)
    }

    #[tokio::test]
    async fn b7_a_first_address_that_is_silent_does_not_hold_up_the_next() {
        let (dead, _listener, _filling) = silent().await;
        let good = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let good = (good.local_addr().unwrap(), good);
        // Each silent address alone would take minutes; the bound only keeps a failure short.
        let connecting = connect(vec![dead, dead, dead, good.0]);
        let stream = tokio::time::timeout(Duration::from_mins(1), connecting).await.expect("no wait").unwrap();
        assert_eq!(stream.peer_addr().unwrap(), good.0);
    }

    #[tokio::test]
    async fn b9_a_refused_connection_is_explained() {
        let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let error = connect(vec![free]).await.unwrap_err().to_string();
        assert!(error.contains("nothing listens there") && !error.contains("os error"), "{error}");
    }
}
