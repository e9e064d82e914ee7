//! How many mails a second the client sends to a sink in this process, beside a bare loop that writes the same commands and looks at
//! no more of a reply than its first digit (CH-93).
//!
//! `cargo run --release -p channel-email --example mail_rate`: mails of 2 KiB, 1 and 10 connections, without TLS, with and without
//! PIPELINING; rounds take turns, because what else runs on the machine changes.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use channel_email::{Class, Client, Envelope, EnvelopeAddress, Message, Security, Settings};
use egress::{Cidr, Egress, Policy};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;

const ROUND: Duration = Duration::from_secs(2);
const ROUNDS: usize = 5;
const SENDER: &str = "sender@example.nl";
const RECIPIENT: &str = "recipient@example.nl";

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        for pipelining in [false, true] {
            let port = sink(pipelining).await;
            for connections in [1, 10] {
                for _ in 0..ROUNDS {
                    let bare = bare(port, connections, pipelining).await;
                    let ours = ours(port, connections).await;
                    println!(
                        "{connections} connections, pipelining {pipelining}: {bare:.0} mails/s bare, {ours:.0} ours, {:.0} %",
                        100.0 * ours / bare
                    );
                }
            }
        }
    });
}

fn content() -> String {
    format!(
        "Subject: rate\r\nMessage-ID: <1@example.nl>\r\n\r\n{}",
        "Sixty-two characters of text and a line end make 64 bytes....\r\n".repeat(31)
    )
}

/// A sink that accepts everything.
async fn sink(pipelining: bool) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(swallow(stream, pipelining));
        }
    });
    port
}

async fn swallow(mut stream: TcpStream, pipelining: bool) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    stream.write_all(b"220 sink ESMTP\r\n").await?;
    let (mut buffer, mut replies, mut in_content) = (Vec::new(), Vec::new(), false);
    loop {
        if stream.read_buf(&mut buffer).await? == 0 {
            return Ok(());
        }
        let mut used = 0;
        while let Some(length) = memchr::memchr(b'\n', &buffer[used..]) {
            let line = &buffer[used..=used + length];
            used += length + 1;
            let reply: &[u8] = match (in_content, line) {
                (true, b".\r\n") => b"250 2.0.0 queued\r\n",
                (true, _) => continue,
                (false, line) if line.starts_with(b"EHLO") && pipelining => b"250-sink\r\n250 PIPELINING\r\n",
                (false, line) if line.starts_with(b"EHLO") => b"250 sink\r\n",
                (false, b"DATA\r\n") => b"354 go ahead\r\n",
                (false, _) => b"250 2.1.0 ok\r\n",
            };
            in_content = reply.starts_with(b"354");
            replies.extend_from_slice(reply);
        }
        buffer.drain(..used);
        stream.write_all(&replies).await?;
        replies.clear();
    }
}

/// Mails a second of loops that only write and read.
async fn bare(port: u16, connections: usize, pipelining: bool) -> f64 {
    let count = Arc::new(AtomicU64::new(0));
    let begin = Instant::now();
    let loops = (0..connections).map(|_| tokio::spawn(bare_loop(port, pipelining, begin + ROUND, Arc::clone(&count))));
    for ended in loops.collect::<Vec<_>>() {
        ended.await.expect("no panic").expect("a sink");
    }
    count.load(Ordering::Relaxed) as f64 / begin.elapsed().as_secs_f64()
}

async fn bare_loop(port: u16, pipelining: bool, until: Instant, count: Arc<AtomicU64>) -> std::io::Result<()> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    stream.set_nodelay(true)?;
    replies(&mut stream, 1).await?;
    stream.write_all(b"EHLO bare\r\n").await?;
    replies(&mut stream, if pipelining { 2 } else { 1 }).await?;
    let content = format!("{}.\r\n", content());
    let commands = [format!("MAIL FROM:<{SENDER}>\r\n"), format!("RCPT TO:<{RECIPIENT}>\r\n"), "DATA\r\n".to_owned()];
    let all = commands.concat();
    while Instant::now() < until {
        if pipelining {
            stream.write_all(all.as_bytes()).await?;
            replies(&mut stream, 3).await?;
        } else {
            for command in &commands {
                stream.write_all(command.as_bytes()).await?;
                replies(&mut stream, 1).await?;
            }
        }
        stream.write_all(content.as_bytes()).await?;
        replies(&mut stream, 1).await?;
        count.fetch_add(1, Ordering::Relaxed);
    }
    Ok(())
}

/// Reads this many lines, none of which is a refusal.
async fn replies(stream: &mut TcpStream, mut lines: usize) -> std::io::Result<()> {
    let mut buffer = [0; 512];
    while lines > 0 {
        let read = stream.read(&mut buffer).await?;
        if read == 0 || matches!(buffer[0], b'4' | b'5') {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        lines = lines.saturating_sub(memchr::memchr_iter(b'\n', &buffer[..read]).count());
    }
    Ok(())
}

/// Mails a second of the client.
async fn ours(port: u16, connections: usize) -> f64 {
    let ranges: Vec<Cidr> = vec!["127.0.0.0/8".parse().expect("a range")];
    let policy = Policy { allow: ranges.clone(), allow_http: ranges };
    let egress = Egress::new(egress::Settings { policy, ..egress::Settings::default() }).expect("good settings");
    let settings = Settings {
        connections: NonZeroUsize::new(connections).expect("some"),
        ..Settings::new("127.0.0.1", port, Security::Plain, "gateway.example")
    };
    let client = Arc::new(Client::new(Arc::new(egress), settings).expect("good settings"));
    let count = Arc::new(AtomicU64::new(0));
    let begin = Instant::now();
    let loops = (0..connections).map(|_| {
        let (client, count) = (Arc::clone(&client), Arc::clone(&count));
        tokio::spawn(async move {
            let address = |text| EnvelopeAddress::new(text).expect("an address");
            let envelope = Envelope { sender: Some(address(SENDER)), recipient: address(RECIPIENT) };
            while begin.elapsed() < ROUND {
                // Every mail has bytes of its own, as in a mailing.
                let message = Message::new(content()).expect("a message");
                assert_eq!(client.send(&envelope, &message).await.class, Class::Accepted);
                count.fetch_add(1, Ordering::Relaxed);
            }
        })
    });
    for ended in loops.collect::<Vec<_>>() {
        ended.await.expect("no panic");
    }
    let rate = count.load(Ordering::Relaxed) as f64 / begin.elapsed().as_secs_f64();
    client.close().await;
    rate
}
