//! A receiver on a raw socket, for faults that an HTTP library prevents.

use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Starts a receiver and returns its URL. `OPTIONS` gets consent at `rate`; `answer` maps the head of any other request
/// to a status line.
pub async fn start(rate: u32, answer: fn(&str) -> &'static str) -> io::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/hook", listener.local_addr()?);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(speak(stream, rate, answer));
        }
    });
    Ok(url)
}

async fn speak(mut stream: TcpStream, rate: u32, answer: fn(&str) -> &'static str) -> io::Result<()> {
    let mut request = Vec::new();
    let mut piece = [0; 4096];
    let text = loop {
        let text = String::from_utf8_lossy(&request).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let head = head.to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            let whole = match length.and_then(|digits| digits.parse().ok()) {
                Some(length) => body.len() >= length,
                None => !head.contains("chunked") || body.ends_with("0\r\n\r\n"),
            };
            if whole {
                break text;
            }
        }
        match stream.read(&mut piece).await? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => request.extend_from_slice(&piece[..read]),
        }
    };
    let (head, _) = text.split_once("\r\n\r\n").unwrap_or_default();
    let said = if head.starts_with("OPTIONS") {
        format!(
            "HTTP/1.1 200 OK\r\nAllow: POST\r\nWebHook-Allowed-Origin: gateway.example\r\n\
             WebHook-Allowed-Rate: {rate}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        )
    } else {
        format!("HTTP/1.1 {}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", answer(head))
    };
    stream.write_all(said.as_bytes()).await
}
