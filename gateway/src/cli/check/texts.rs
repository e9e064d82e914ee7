//! Whether the texts of messages to people can be read and used.

use super::check_result;
use crate::{
    config::{CheckResult, Config},
    mailings::templates,
};

/// The verdict; `None` without `[[people.template]]`.
pub(super) fn check(config: &Config) -> Option<CheckResult> {
    let configured = config.people.as_ref().map(|people| &people.template).filter(|all| !all.is_empty())?;
    let what = ("texts of messages to people", "teksten van berichten aan mensen");
    let remedy = (
        "correct the key or the file in [[people.template]], see docs/people.md",
        "verbeter de instelling of het bestand in [[people.template]], zie docs/people.md",
    );
    Some(check_result("people.template", what, templates(configured), remedy))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Severity, parse};

    #[test]
    fn ch_21_a_link_to_leave_in_a_message_that_must_be_sent_is_a_failure() {
        assert!(check(&parse("[people]\nurl = \"https://b.example\"\n").unwrap()).is_none());
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("besluiten.txt");
        let config = format!(
            "[people]\nurl = \"https://b.example\"\n[[people.template]]\nkanaal = \"besluiten\"\nsubject = \"Besluit\"\n\
             text_file = {file:?}\nclass = \"obligatory\"\nreason = \"U vroeg dit aan.\"\n"
        );
        for (text, expected, part) in [
            (None, Severity::Failure, "besluiten.txt"),
            (Some("Besluit. {Unsubscription_URL}"), Severity::Failure, "text_file: must not have {Unsubscription_URL}"),
            (Some("Besluit."), Severity::Pass, ""),
        ] {
            if let Some(text) = text {
                std::fs::write(&file, text).unwrap();
            }
            let result = check(&parse(&config).unwrap()).unwrap();
            assert_eq!(result.severity, expected, "{result}");
            assert!(result.to_string().contains(part), "{result}");
        }
    }
}
