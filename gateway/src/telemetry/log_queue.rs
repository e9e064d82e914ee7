//! A queue of log lines in front of standard error, so that a reader who is slow or gone stops nothing: lines wait in bounded
//! memory for a thread that writes them, and are dropped and counted when there is no room or when they cannot be written.

use std::{
    collections::VecDeque,
    fs::File,
    io::{self, Write},
    os::fd::AsFd,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use tracing_subscriber::fmt::MakeWriter;

/// Log lines that were dropped.
pub const DROPPED: &str = "gateway_log_lines_dropped_total";

/// Most bytes of lines that wait.
const MOST_BYTES: usize = 1024 * 1024;

/// The longest line; the rest of a longer one is cut off.
const LONGEST_LINE: usize = 16 * 1024;

/// How long the end of the program waits for the last lines.
const LAST_LINES: Duration = Duration::from_secs(1);

/// Takes lines; cheap to clone.
#[derive(Clone)]
pub struct LogQueue(Arc<Shared>);

struct Shared {
    lines: Mutex<Lines>,
    changed: Condvar,
}

#[derive(Default)]
struct Lines {
    waiting: VecDeque<Vec<u8>>,
    bytes: usize,
    /// Whether the thread is writing a line.
    writing: bool,
}

/// Waits for the last lines when it is dropped, for a second at most.
pub struct Flush(LogQueue);

impl LogQueue {
    /// Starts the thread that writes lines to standard error.
    ///
    /// # Errors
    /// Standard error cannot be duplicated, or there is no thread.
    pub fn start() -> io::Result<(Self, Flush)> {
        // Not through `Stderr`: its lock would be held while a write waits, and everything else that writes there would wait too.
        let output = File::from(io::stderr().as_fd().try_clone_to_owned()?);
        Self::writing_to(output)
    }

    fn writing_to(mut output: impl Write + Send + 'static) -> io::Result<(Self, Flush)> {
        let queue = Self(Arc::new(Shared { lines: Mutex::default(), changed: Condvar::new() }));
        let own = queue.clone();
        thread::Builder::new().name("log".into()).spawn(move || own.write_to(&mut output))?;
        Ok((queue.clone(), Flush(queue)))
    }

    fn push(&self, line: &[u8]) {
        let cut = line.len() > LONGEST_LINE;
        let mut lines = self.lock();
        let length = line.len().min(LONGEST_LINE) + usize::from(cut);
        if lines.bytes + length > MOST_BYTES {
            drop(lines);
            return dropped(1);
        }
        let mut kept = Vec::with_capacity(length);
        kept.extend_from_slice(&line[..line.len().min(LONGEST_LINE)]);
        if cut {
            kept.push(b'\n');
        }
        lines.bytes += length;
        lines.waiting.push_back(kept);
        drop(lines);
        self.0.changed.notify_all();
    }

    fn write_to(&self, output: &mut impl Write) {
        let mut lost = 0_u64;
        loop {
            let line = self.next();
            if output.write_all(&line).is_ok() {
                if lost > 0 {
                    tracing::warn!(lines = std::mem::take(&mut lost), "log lines could not be written");
                }
            } else {
                lost += 1;
                dropped(1);
            }
            let mut lines = self.lock();
            lines.writing = false;
            drop(lines);
            self.0.changed.notify_all();
        }
    }

    fn next(&self) -> Vec<u8> {
        let mut lines = self.lock();
        loop {
            if let Some(line) = lines.waiting.pop_front() {
                lines.bytes -= line.len();
                lines.writing = true;
                return line;
            }
            lines = self.0.changed.wait(lines).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Lines> {
        self.0.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn dropped(lines: u64) {
    metrics::counter!(DROPPED).increment(lines);
}

impl Drop for Flush {
    fn drop(&mut self) {
        let is_writing = |lines: &mut Lines| lines.writing || !lines.waiting.is_empty();
        drop(self.0.0.changed.wait_timeout_while(self.0.lock(), LAST_LINES, is_writing));
    }
}

/// The writer of one line: the formatter writes a line in one piece.
pub struct LineWriter<'a>(&'a LogQueue);

impl Write for LineWriter<'_> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.push(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for LogQueue {
    type Writer = LineWriter<'a>;

    fn make_writer(&'a self) -> LineWriter<'a> {
        LineWriter(self)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{PipeReader, Read},
        sync::mpsc,
    };

    use super::*;

    #[test]
    fn f1_a_pipe_that_nobody_reads_blocks_nothing_and_memory_is_bounded() {
        let (reader, writer) = io::pipe().unwrap();
        let (queue, flush) = LogQueue::writing_to(writer).unwrap();
        for _ in 0..1_000 {
            queue.push(&[b'x'; 4_096]);
        }
        assert!(queue.lock().bytes <= MOST_BYTES);
        drop(flush);
        drop::<PipeReader>(reader);
    }

    #[test]
    fn f1_a_reader_that_is_gone_stops_nothing() {
        struct Broken(mpsc::Sender<usize>);
        impl Write for Broken {
            fn write(&mut self, line: &[u8]) -> io::Result<usize> {
                self.0.send(line.len()).map_err(io::Error::other)?;
                Err(io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let (sender, tried) = mpsc::channel();
        let (queue, _flush) = LogQueue::writing_to(Broken(sender)).unwrap();
        for length in 1..10 {
            queue.push(&vec![b'x'; length]);
            assert_eq!(tried.recv(), Ok(length));
        }
    }

    #[test]
    fn f1_lines_come_out_in_order_and_long_ones_are_cut() {
        let (mut reader, writer) = io::pipe().unwrap();
        let (queue, flush) = LogQueue::writing_to(writer).unwrap();
        queue.push(b"one\n");
        queue.push(b"two\n");
        drop(flush);
        let mut read = [0; 8];
        reader.read_exact(&mut read).unwrap();
        assert_eq!(&read, b"one\ntwo\n");
        queue.push(&vec![b'x'; 2 * LONGEST_LINE]);
        let mut line = vec![0; LONGEST_LINE + 1];
        reader.read_exact(&mut line).unwrap();
        assert_eq!(line.last(), Some(&b'\n'));
    }
}
