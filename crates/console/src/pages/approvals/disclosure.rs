//! What of each event an approval discloses: the fields of the form, and the request that they make.

use management::kanalen::DisclosureRequest;
use model::{AttributeName, approval::Disclosure};

use crate::{View, choice::Choice, form::Form};

/// The field with one of [`WORDS`].
const CHOICE: &str = "onthulling";

/// The field with the names of attributes.
pub const NAMES: &str = "kenmerken";

/// Most attributes that can be named.
const MAX_ATTRIBUTES: usize = 100;

/// Everything; all attributes without payload; the named attributes with and without payload.
const WORDS: [&str; 4] = ["alles", "zonder-inhoud", "genoemde-met-inhoud", "genoemde"];

/// The values of the fields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields {
    choice: String,
    /// The names, separated by commas, spaces or line ends.
    pub names: String,
}

impl Fields {
    /// The fields for what is disclosed now.
    pub fn of(disclosed: Option<&Disclosure>) -> Self {
        let Disclosure { attributes, data } = disclosed.unwrap_or(&Disclosure::ALL);
        let [all, all_without, named_with, named] = WORDS;
        let choice = match (attributes, *data) {
            (None, true) => all,
            (None, false) => all_without,
            (Some(_), true) => named_with,
            (Some(_), false) => named,
        };
        let names = attributes.iter().flatten().map(|name| name.as_str().to_owned()).collect::<Vec<_>>();
        Self { choice: choice.to_owned(), names: names.join(", ") }
    }

    /// The fields as posted.
    pub fn of_form(form: &Form) -> Self {
        Self { choice: form.text(CHOICE).to_owned(), names: form.text(NAMES).to_owned() }
    }

    /// The choices, in words.
    pub fn choices(&self, view: &View) -> Vec<Choice> {
        Choice::list(WORDS.into_iter().zip(view.text.approvals.choices), &self.choice)
    }

    /// The request; without a choice what was disclosed before stays so.
    ///
    /// # Errors
    /// The text that is no name of an attribute; an empty one for too many names.
    pub fn request(&self) -> Result<DisclosureRequest, String> {
        let [all, all_without, named_with, named] = WORDS;
        let only = |attributes, data| DisclosureRequest::Only(Disclosure { attributes, data });
        Ok(match self.choice.as_str() {
            choice if choice == all => DisclosureRequest::Everything,
            choice if choice == all_without => only(None, false),
            choice if choice == named_with => only(Some(self.attributes()?), true),
            choice if choice == named => only(Some(self.attributes()?), false),
            _ => DisclosureRequest::Keep,
        })
    }

    fn attributes(&self) -> Result<Vec<AttributeName>, String> {
        let names = self.names.split([',', ' ', '\r', '\n', '\t']).filter(|name| !name.is_empty());
        let mut attributes: Vec<AttributeName> = Vec::new();
        for name in names {
            let attribute = AttributeName::new(name).map_err(|_| name.to_owned())?;
            if !attributes.contains(&attribute) {
                attributes.push(attribute);
            }
        }
        if attributes.len() > MAX_ATTRIBUTES { Err(String::new()) } else { Ok(attributes) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(choice: &str, names: &str) -> Fields {
        Fields { choice: choice.to_owned(), names: names.to_owned() }
    }

    #[test]
    fn each_choice_discloses_a_part() {
        let named = |names: &[&str]| Some(names.iter().map(|name| AttributeName::new(name).unwrap()).collect());
        let only = |attributes, data| DisclosureRequest::Only(Disclosure { attributes, data });
        for (choice, names, expected) in [
            ("", "subject", DisclosureRequest::Keep),
            ("alles", "subject", DisclosureRequest::Everything),
            ("zonder-inhoud", "", only(None, false)),
            ("genoemde-met-inhoud", "subject,time\r\nsubject", only(named(&["subject", "time"]), true)),
            ("genoemde", "", only(named(&[]), false)),
        ] {
            let request = fields(choice, names).request();
            if let Ok(DisclosureRequest::Only(disclosure)) = &request {
                assert_eq!(Fields::of(Some(disclosure)).request(), request, "{choice}");
            }
            assert_eq!(request, Ok(expected), "{choice}");
        }
        assert_eq!(Fields::of(None), fields("alles", ""));
    }

    #[test]
    fn a_text_that_is_no_name_is_returned_and_names_are_bounded() {
        assert_eq!(fields("genoemde", "subject Zaaktype").request(), Err("Zaaktype".to_owned()));
        let many = (0..=MAX_ATTRIBUTES).map(|number| format!("a{number}")).collect::<Vec<_>>().join(" ");
        assert_eq!(fields("genoemde", &many).request(), Err(String::new()));
    }
}
