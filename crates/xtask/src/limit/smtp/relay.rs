//! A relay that accepts every mail at once and keeps none. It counts mails by recipient; GET on its HTTP address answers
//! its counts as JSON, with the port for SMTP.

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, BufWriter};
use tokio::net::{TcpListener, TcpStream};

use crate::limit::serve;
use crate::workspace::Failure;

/// What was accepted.
#[derive(Default)]
struct Books {
    /// How often each recipient got a mail.
    recipients: HashMap<Box<[u8]>, u64>,
    mails: u64,
    /// Most mails to one recipient.
    most: u64,
    /// Of the contents.
    bytes: u64,
}

impl Books {
    fn count(&mut self, recipient: Box<[u8]>, bytes: usize) {
        let mails = self.recipients.entry(recipient).or_default();
        *mails += 1;
        self.most = self.most.max(*mails);
        self.mails += 1;
        self.bytes += bytes as u64;
    }
}

pub async fn run(port: u16) -> Result<(), Failure> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(|error| format!("no port: {error}"))?;
    let port = listener.local_addr().map_err(|error| format!("no port: {error}"))?.port();
    let books = Arc::<Mutex<Books>>::default();
    let counted = Arc::clone(&books);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let books = Arc::clone(&counted);
            // A conversation that breaks off is none of the relay's business.
            tokio::spawn(async move { drop(converse(stream, &books).await) });
        }
    });
    serve(Router::new().fallback(get(answer)).with_state((port, books)), 0).await
}

async fn answer(State((port, books)): State<(u16, Arc<Mutex<Books>>)>) -> axum::Json<Value> {
    let books = books.lock().unwrap_or_else(PoisonError::into_inner);
    let Books { recipients, mails, most, bytes } = &*books;
    let recipients = recipients.len();
    axum::Json(json!({ "port": port, "mails": mails, "recipients": recipients, "most": most, "bytes": bytes }))
}

/// One conversation, until the client ends it.
async fn converse(stream: TcpStream, books: &Mutex<Books>) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let (reader, writer) = stream.into_split();
    let (mut reader, mut writer) = (BufReader::new(reader), BufWriter::new(writer));
    writer.write_all(b"220 relay\r\n").await?;
    let (mut line, mut recipient) = (Vec::new(), Box::<[u8]>::default());
    loop {
        // Replies to commands that came together leave together.
        if reader.buffer().is_empty() {
            writer.flush().await?;
        }
        line.clear();
        if reader.read_until(b'\n', &mut line).await? == 0 {
            return Ok(());
        }
        let verb = line.get(..4).unwrap_or_default().to_ascii_uppercase();
        let reply: &[u8] = match verb.as_slice() {
            b"EHLO" | b"HELO" => b"250-relay\r\n250-PIPELINING\r\n250 8BITMIME\r\n",
            b"RCPT" => {
                recipient = line.trim_ascii_end().into();
                b"250 ok\r\n"
            }
            b"DATA" => {
                writer.write_all(b"354 go on\r\n").await?;
                writer.flush().await?;
                let mut bytes = 0;
                while line != b".\r\n" {
                    line.clear();
                    bytes += reader.read_until(b'\n', &mut line).await?;
                    if line.is_empty() {
                        return Ok(());
                    }
                }
                let mut books = books.lock().unwrap_or_else(PoisonError::into_inner);
                books.count(std::mem::take(&mut recipient), bytes);
                b"250 accepted\r\n"
            }
            b"QUIT" => {
                writer.write_all(b"221 bye\r\n").await?;
                return writer.flush().await;
            }
            _ => b"250 ok\r\n",
        };
        writer.write_all(reply).await?;
    }
}
