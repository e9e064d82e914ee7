//! Binds a listener, with a queue of connections that wait to be accepted.

use std::{io, net::SocketAddr};

use tokio::net::{TcpListener, TcpSocket};

/// Listens at `address`; `backlog` connections may wait to be accepted (the system has a bound of its own, on Linux
/// `net.core.somaxconn`).
///
/// # Errors
/// Those of the system.
pub fn bind(address: SocketAddr, backlog: u32) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // A program that starts again gets the port although connections of the one before are not over yet.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(backlog)
}

#[cfg(test)]
mod tests {
    use std::{net::SocketAddr, time::Duration};

    use tokio::net::TcpStream;

    use super::bind;

    /// The system completes connections as far as the backlog goes, and answers no more until some are accepted.
    #[tokio::test]
    async fn h19_as_many_connections_wait_as_the_backlog_says() {
        let listener = bind(SocketAddr::from(([127, 0, 0, 1], 0)), 1_024).unwrap();
        let address = listener.local_addr().unwrap();
        let mut waiting = Vec::new();
        for number in 0..300 {
            let connecting = tokio::time::timeout(Duration::from_secs(20), TcpStream::connect(address));
            waiting.push(connecting.await.unwrap_or_else(|_| panic!("{number} connections wait")).unwrap());
        }
        assert_eq!(waiting.len(), 300);
    }
}
