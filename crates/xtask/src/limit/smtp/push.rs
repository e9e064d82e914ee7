//! The bare loop: the same mail to one recipient after another over a fixed number of connections. No store, no merge, no
//! checkpoint.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedReadHalf;
use tokio::task::JoinSet;

use crate::workspace::Failure;

/// Sends so many mails of so many bytes, and prints mails per second.
pub async fn run(port: u16, mails: u64, connections: usize, bytes: usize) -> Result<(), Failure> {
    let left = Arc::new(AtomicU64::new(mails));
    let text = format!("{}\r\n", "x".repeat(76)).repeat(bytes / 78);
    let content: Arc<str> = format!("Subject: mail\r\n\r\n{text}.\r\n").into();
    let start = Instant::now();
    let mut workers = JoinSet::new();
    for _ in 0..connections {
        let (left, content) = (Arc::clone(&left), Arc::clone(&content));
        workers.spawn(async move { converse(port, &left, &content).await.map_err(|error| format!("relay: {error}")) });
    }
    while let Some(worker) = workers.join_next().await {
        worker.map_err(|error| error.to_string())??;
    }
    println!("{:.0}", mails as f64 / start.elapsed().as_secs_f64());
    Ok(())
}

async fn converse(port: u16, left: &AtomicU64, content: &str) -> std::io::Result<()> {
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
    stream.set_nodelay(true)?;
    let (reader, mut writer) = stream.into_split();
    let mut reader = BufReader::new(reader);
    replies(&mut reader, 1).await?;
    writer.write_all(b"EHLO bench\r\n").await?;
    replies(&mut reader, 1).await?;
    while let Ok(number) = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)) {
        let commands = format!("MAIL FROM:<a@bench.example>\r\nRCPT TO:<{number}@bench.example>\r\nDATA\r\n");
        writer.write_all(commands.as_bytes()).await?;
        replies(&mut reader, 3).await?;
        writer.write_all(content.as_bytes()).await?;
        replies(&mut reader, 1).await?;
    }
    writer.write_all(b"QUIT\r\n").await
}

/// Reads so many replies, each of which may have several lines.
async fn replies(reader: &mut BufReader<OwnedReadHalf>, count: usize) -> std::io::Result<()> {
    let (mut line, mut read) = (String::new(), 0);
    while read < count {
        line.clear();
        if reader.read_line(&mut line).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if !matches!(line.as_bytes().first(), Some(b'2' | b'3')) {
            return Err(std::io::Error::other(line.trim_end().to_owned()));
        }
        read += usize::from(line.as_bytes().get(3) != Some(&b'-'));
    }
    Ok(())
}
