//! NotifyNL: the API of GOV.UK Notify as it is offered in the Netherlands. A message is a template of the organisation with values;
//! the token of a request is made of the API key (CH-146). Pure functions, and one driver.
//!
//! Not here: letters, files, and a server of this API.

mod answer;
mod client;
mod key;
mod receipt;
mod request;

pub use answer::outcome;
pub use client::{Client, StatusError};
pub use key::{ApiKey, KeyError, token};
pub use receipt::{Receipt, ReceiptError, ReceiptStatus, parse_callback, parse_notification};
pub use request::{BaseUrl, Mail, Template, mail_request, receipt_request, text_request};
