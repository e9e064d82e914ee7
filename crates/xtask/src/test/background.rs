//! A command that runs beside the stages at the lowest priority, so that it uses only idle processor time; its
//! output is shown when it is waited for.

use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::stages::Stages;
use crate::workspace::Failure;

/// A running command. It is killed when this is dropped before the command has been waited for.
pub struct Background {
    name: &'static str,
    start: Instant,
    state: State,
}

enum State {
    Running(Child, JoinHandle<(String, Instant)>),
    Ended(Ended),
}

/// The result of a command that has ended.
pub struct Ended {
    name: &'static str,
    /// Standard output and standard error of the command.
    pub output: String,
    pub took: Duration,
    pub failure: Option<Failure>,
}

impl Ended {
    /// Shows what it printed, and adds it to the stages.
    pub fn report(&self, stages: &mut Stages) {
        println!("\n== {}", self.name);
        print!("{}", self.output);
        stages.beside(self.name, self.took, self.failure.clone());
    }
}

impl Background {
    /// Starts a command at the lowest priority.
    pub fn start(name: &'static str, command: &Command) -> Result<Self, Failure> {
        let fault = |error: std::io::Error| format!("{name} does not start: {error}");
        let mut nice = Command::new("nice");
        nice.args(["-n", "19"]).arg(command.get_program()).args(command.get_args());
        nice.current_dir(command.get_current_dir().unwrap_or_else(|| ".".as_ref()));
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => nice.env(name, value),
                None => nice.env_remove(name),
            };
        }
        let (mut reader, writer) = std::io::pipe().map_err(fault)?;
        nice.stdin(Stdio::null()).stdout(writer.try_clone().map_err(fault)?).stderr(writer);
        let child = nice.spawn().map_err(fault)?;
        drop(nice);
        let output = std::thread::spawn(move || {
            let mut bytes = Vec::new();
            // What was read before an error is shown.
            let _ = reader.read_to_end(&mut bytes);
            (String::from_utf8_lossy(&bytes).into_owned(), Instant::now())
        });
        Ok(Self { name, start: Instant::now(), state: State::Running(child, output) })
    }

    /// Waits until it has ended.
    pub fn wait(&mut self) -> &Ended {
        if let State::Running(child, _) = &mut self.state {
            let failure = match child.wait() {
                Ok(status) if status.success() => None,
                Ok(status) => Some(format!("ended with {status}")),
                Err(error) => Some(format!("cannot be waited for: {error}")),
            };
            let nothing = Ended { name: self.name, output: String::new(), took: Duration::ZERO, failure };
            if let State::Running(_, output) = std::mem::replace(&mut self.state, State::Ended(nothing))
                && let (State::Ended(ended), Ok((text, end))) = (&mut self.state, output.join())
            {
                (ended.output, ended.took) = (text, end.saturating_duration_since(self.start));
            }
        }
        match &self.state {
            State::Ended(ended) => ended,
            State::Running(..) => unreachable!("it has ended"),
        }
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        if let State::Running(child, _) = &mut self.state {
            // Fails only for one that has ended already.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_and_verdict_are_those_of_the_command() {
        for (script, text, fails) in [("echo a; echo b >&2", "a\nb\n", false), ("echo c; exit 3", "c\n", true)] {
            let mut command = Command::new("sh");
            command.args(["-c", script]);
            let mut background = Background::start("it", &command).expect("it starts");
            let ended = background.wait();
            assert_eq!(
                (ended.output.as_str(), ended.failure.is_some()),
                (text, fails),
                "{script}: {:?}",
                ended.failure
            );
            assert_eq!(background.wait().output, text, "what is asked twice is said twice");
        }
    }
}
