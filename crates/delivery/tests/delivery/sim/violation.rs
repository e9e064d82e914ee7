//! Runs one world and catches a broken promise: a panic of the oracle, of the world or of the machine.

use std::{
    cell::RefCell,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Once,
};

use super::{parameters::Parameters, trace::Trace, world::World};

/// A promise that did not hold in a world.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Where it was found, as `file:line`. Violations found in the same place count as the same.
    pub place: String,
    /// What was found.
    pub text: String,
}

impl Violation {
    /// The name of the promise, such as `I1`, or where the machine checks itself.
    #[cfg(feature = "planted")]
    pub fn promise(&self) -> &str {
        match self.text.split_once(": ") {
            Some((name, _)) if name.len() <= LONGEST_NAME && !name.contains(['{', '(']) => name,
            _ => "a check of the machine",
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.text, self.place)
    }
}

/// Most bytes of the name of a promise.
#[cfg(feature = "planted")]
const LONGEST_NAME: usize = 11;

/// The panic of the world that this thread runs.
enum Catching {
    /// It runs no world.
    Off,
    /// No panic so far.
    Quiet,
    Caught(Violation),
}

thread_local! {
    static CATCHING: RefCell<Catching> = const { RefCell::new(Catching::Off) };
}

/// Runs a world to its end; returns the number of requests.
pub fn run(parameters: &Parameters, trace: Trace) -> Result<u64, Violation> {
    catch(|| World::new(parameters, trace).run())
}

/// Runs something that panics when a promise breaks.
pub fn catch(world: impl FnOnce() -> u64) -> Result<u64, Violation> {
    install_hook();
    CATCHING.set(Catching::Quiet);
    let outcome = catch_unwind(AssertUnwindSafe(world));
    let caught = CATCHING.replace(Catching::Off);
    outcome.map_err(|_| match caught {
        Catching::Caught(violation) => violation,
        Catching::Off | Catching::Quiet => Violation { place: "unknown".into(), text: "a panic without a hook".into() },
    })
}

/// Panics of worlds are kept instead of printed; all others are printed as before.
fn install_hook() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let is_of_world = CATCHING.with_borrow_mut(|catching| {
                if matches!(catching, Catching::Quiet) {
                    let place = panic.location().map_or("unknown".into(), |at| format!("{}:{}", at.file(), at.line()));
                    let text = panic.payload_as_str().unwrap_or("a panic without text").to_owned();
                    *catching = Catching::Caught(Violation { place, text });
                }
                !matches!(catching, Catching::Off)
            });
            if !is_of_world {
                before(panic);
            }
        }));
    });
}
