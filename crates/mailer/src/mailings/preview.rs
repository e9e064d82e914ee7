//! What administrators see of the texts of mailings: which kanalen have texts of their own, and what a person would get.

use model::{
    Event, KanaalName,
    addressee::{EventReference, Language},
    mailing::Class,
};
use people::administration::{Letters, Preview, PreviewFault};

use super::{MailingParts, letter::Letter};

impl Letters for MailingParts {
    fn languages(&self, kanaal: &KanaalName) -> Vec<Language> {
        let all = [Language::Dutch, Language::English];
        all.into_iter().filter(|language| self.templates.has(kanaal, *language)).collect()
    }

    fn class(&self, kanaal: &KanaalName) -> Class {
        self.templates.class(kanaal)
    }

    fn preview(&self, kanaal: &KanaalName, language: Language, event: &Event) -> Result<Preview, PreviewFault> {
        let reference =
            EventReference { kanaal: kanaal.clone(), source: event.source().to_owned(), id: event.id().to_owned() };
        let letter = Letter::new(self, reference, event.clone()).map_err(|error| PreviewFault(error.to_string()))?;
        letter.preview(self, language).map_err(|error| PreviewFault(error.to_string()))
    }
}
