//! Declares kanalen. An existing kanaal keeps its identity, and the members that the declaration keeps.

use model::{Kanaal, KanaalName, decide::Command};

use super::{Declaration, DeclareError};
use crate::{Error, kanalen::KanaalRequest};

impl Declaration<'_> {
    pub(super) async fn declare_kanalen(&self, declared: &[KanaalRequest]) -> Result<(), DeclareError> {
        for kanaal in declared {
            let Some(naam) = &kanaal.naam else { continue };
            if let Some(command) = self.declare_kanaal(naam, kanaal.clone())? {
                self.submit(command).await?;
            }
        }
        Ok(())
    }

    /// Creates a kanaal if there is none of this name.
    pub(super) async fn create_missing_kanaal(&self, naam: &KanaalName) -> Result<(), DeclareError> {
        if self.control.registry().read().kanaal(naam.as_str()).is_some() {
            return Ok(());
        }
        self.submit(Command::CreateKanaal(self.new_kanaal(naam))).await
    }

    /// The command that creates or changes the kanaal; `None` when it equals the declaration.
    fn declare_kanaal(&self, naam: &KanaalName, declared: KanaalRequest) -> Result<Option<Command>, DeclareError> {
        let present = self.control.registry().read().kanaal(naam.as_str()).cloned();
        let base = present.as_ref().map_or_else(|| self.new_kanaal(naam), |present| Kanaal::clone(present));
        let wanted = declared.over(base).map_err(|error| invalid(naam, &error))?;
        Ok(match present {
            None => Some(Command::CreateKanaal(wanted)),
            Some(present) if *present == wanted => None,
            Some(_) => Some(Command::ChangeKanaal(wanted)),
        })
    }

    fn new_kanaal(&self, naam: &KanaalName) -> Kanaal {
        Kanaal::new(self.random.uuid(), naam.clone(), self.clock.now())
    }
}

fn invalid(naam: &KanaalName, error: &Error) -> DeclareError {
    DeclareError::Kanaal { naam: naam.clone(), reason: error.to_string() }
}
