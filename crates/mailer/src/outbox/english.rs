//! The English texts of due messages, at level B1.

use super::texts::{Texts, Topic, list};

/// Subject and text.
pub(super) fn texts(topic: Topic<'_>, organisation: &str) -> Texts {
    let (subject, body) = match topic {
        Topic::Confirmation { kanaal, link, code, new_address: false } => (
            "Confirm your subscription".to_owned(),
            format!(
                "You get this e-mail because this address was entered for messages about {kanaal}.\n\n\
                 Do you want these messages? Then open this page and choose Confirm:\n{link}\n\n\
                 The link works for 24 hours.\n\n{}\
                 Did you not subscribe? Then you do not have to do anything. You will not get these messages.\n",
                enter(code)
            ),
        ),
        Topic::Confirmation { kanaal, link, code, new_address: true } => (
            "Confirm your new e-mail address".to_owned(),
            format!(
                "You get this e-mail because this address was entered for messages about {kanaal}.\n\n\
                 Do you want the messages at this address? Then open this page and choose Confirm:\n{link}\n\n\
                 The link works for 24 hours.\n\n{}\
                 Did you not ask for this? Then you do not have to do anything.\n",
                enter(code)
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
        Topic::Acknowledgement { kanalen, undo, obligatory } => (
            "You have unsubscribed".to_owned(),
            format!(
                "You will get no more messages about:\n{}{}{}",
                list(kanalen),
                if obligatory { "\nYou still get messages that we have to send you.\n" } else { "" },
                undo.map_or_else(String::new, |undo| format!(
                    "\nDo you want the messages after all? Then you can subscribe again here:\n{undo}\n"
                ))
            ),
        ),
        Topic::DataLink { link } => (
            "Your data".to_owned(),
            format!(
                "You asked for a link to your data. On this page you see what we keep about you. There you can also change your \
                 e-mail address, stop, and erase your data:\n{link}\n\n\
                 The link works for 24 hours. Do not forward this e-mail.\n\n\
                 Did you not ask for this? Then you do not have to do anything. Nothing has changed.\n"
            ),
        ),
        Topic::ChangeRequested { kanaal, leave } => (
            "Your e-mail address is being changed".to_owned(),
            format!(
                "Somebody asked to send messages about {kanaal} to another e-mail address. That happens only when the other \
                 address is confirmed. Until then you get the messages at this address.\n\n\
                 Did you ask for this yourself? Then you do not have to do anything here.\n\n\
                 Did you not ask for this? Then contact us. You can also unsubscribe:\n{leave}\n"
            ),
        ),
    };
    Texts { subject, text: format!("Dear reader,\n\n{body}\nKind regards,\n{organisation}\n") }
}

/// The part about the code, with the empty line behind it.
fn enter(code: Option<&str>) -> String {
    code.map_or_else(String::new, |code| {
        format!("You can also type this code on the page where you subscribed:\n{code}\n\nThe code works for 10 minutes.\n\n")
    })
}
