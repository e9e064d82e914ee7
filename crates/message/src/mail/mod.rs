//! One mail to one person: a MIME message from rendered texts (CH-16 to CH-21, CH-29). It sends nothing and adds nothing to
//! the texts.

mod compose;
mod data;
mod dkim;
mod encoded_word;
mod list;
mod message_id;
mod sender;

pub use compose::{Class, Mail, MailError, compose};
pub use data::smtp_data;
pub use dkim::{DkimError, DkimSigner};
pub use list::{List, ListError, ListId, Unsubscribe};
pub use message_id::MessageId;
pub use sender::{AllowedSenders, Mailbox, Sender, SenderError};
