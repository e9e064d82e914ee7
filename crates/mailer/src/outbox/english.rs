//! The English texts of due messages, at level B1.

use super::texts::{Texts, Topic, list};

/// Subject and text.
pub(super) fn texts(topic: Topic<'_>, organisation: &str) -> Texts {
    let (subject, body) = match topic {
        Topic::Confirmation { kanaal, link, new_address: false } => (
            "Confirm your subscription".to_owned(),
            format!(
                "You get this e-mail because this address was entered for messages about {kanaal}.\n\n\
                 Do you want these messages? Then open this page and choose Confirm:\n{link}\n\n\
                 The link works for 24 hours.\n\n\
                 Did you not subscribe? Then you do not have to do anything. You will not get these messages.\n"
            ),
        ),
        Topic::Confirmation { kanaal, link, new_address: true } => (
            "Confirm your new e-mail address".to_owned(),
            format!(
                "You get this e-mail because this address was entered for messages about {kanaal}.\n\n\
                 Do you want the messages at this address? Then open this page and choose Confirm:\n{link}\n\n\
                 The link works for 24 hours.\n\n\
                 Did you not ask for this? Then you do not have to do anything.\n"
            ),
        ),
        Topic::AlreadySubscribed { kanaal, leave } => (
            "You have subscribed already".to_owned(),
            format!(
                "Somebody entered this address for messages about {kanaal}. You get these messages already.\n\n\
                 You do not have to do anything. Nothing has changed.\n\n\
                 Do you want no more messages? Then you can unsubscribe here:\n{leave}\n"
            ),
        ),
        Topic::Acknowledgement { kanalen, undo } => (
            "You have unsubscribed".to_owned(),
            format!(
                "You will get no more messages about:\n{}{}",
                list(kanalen),
                undo.map_or_else(String::new, |undo| format!(
                    "\nDo you want the messages after all? Then you can subscribe again here:\n{undo}\n"
                ))
            ),
        ),
    };
    Texts { subject, text: format!("Dear reader,\n\n{body}\nKind regards,\n{organisation}\n") }
}
