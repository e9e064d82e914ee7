//! The gateway as a process of its own, for tests that kill it or limit its resources. Not how it is configured or
//! called.

use std::process::{Child, Command, Stdio};

/// A running process; killed when dropped.
pub struct Process(pub Child);

impl Process {
    /// Starts it with an empty standard input and its standard output discarded.
    pub fn start(command: &mut Command) -> Self {
        Self(command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().expect("the program starts"))
    }

    /// Kills it with SIGKILL, and waits until it is gone.
    pub fn kill(&mut self) {
        // Fails only for a process that has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}
