//! The driver of NotifyNL: one request a message, each with a token of its moment.

use std::{fmt, sync::Arc};

use egress::{Egress, Request};
use model::Clock;

use super::{
    answer::outcome,
    key::{ApiKey, token},
    receipt::{Receipt, ReceiptError, parse_notification},
    request::{BaseUrl, Mail, Template, mail_request, receipt_request, text_request},
};
use crate::{
    client::{ClientSettings, Sender, answer},
    outcome::Outcome,
    text::TextMessage,
};

/// Sends text messages and mails through NotifyNL. Created once and shared.
pub struct Client {
    sender: Sender,
    base: BaseUrl,
}

/// Why it is not known what became of a message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StatusError {
    /// The id is not one of NotifyNL.
    #[error("this is no id of NotifyNL")]
    Id,
    /// There is no answer, or one without a receipt.
    #[error("{0}")]
    Answer(Outcome),
    /// The answer cannot be read.
    #[error(transparent)]
    Receipt(#[from] ReceiptError),
}

impl Client {
    /// A client of the API at a base URL. Opens no connection.
    pub fn new(egress: Arc<Egress>, base: BaseUrl, clock: Arc<dyn Clock>, settings: ClientSettings) -> Self {
        Self { sender: Sender { egress, clock, settings }, base }
    }

    /// Sends a text message with a template whose body is `((text))`, and returns how that ended. It is not sent again (CH-36).
    pub async fn send_text(&self, key: &ApiKey, template: &Template, message: &TextMessage) -> Outcome {
        self.send(text_request(&self.base, &self.token(key), template, message)).await
    }

    /// Sends a mail with a template whose subject is `((subject))` and whose body is `((text))`, and returns how that ended. It is not
    /// sent again.
    pub async fn send_mail(&self, key: &ApiKey, template: &Template, mail: &Mail) -> Outcome {
        self.send(mail_request(&self.base, &self.token(key), template, mail)).await
    }

    /// What became of a message, by the id in its outcome.
    ///
    /// # Errors
    /// When NotifyNL does not answer with it.
    pub async fn receipt(&self, key: &ApiKey, id: &str) -> Result<Receipt, StatusError> {
        let request = receipt_request(&self.base, &self.token(key), id).ok_or(StatusError::Id)?;
        let (response, wait) = match self.sender.send(request).await {
            Ok(answered) => answered,
            Err(error) => return Err(StatusError::Answer(Outcome::no_answer(&error))),
        };
        if response.status.as_u16() != 200 || response.truncated {
            return Err(StatusError::Answer(outcome(answer(&response, wait))));
        }
        Ok(parse_notification(&response.body)?)
    }

    fn token(&self, key: &ApiKey) -> String {
        token(key, self.sender.clock.now())
    }

    async fn send(&self, request: Option<Request>) -> Outcome {
        let Some(request) = request else {
            return Outcome::no_credential("the token cannot be in a header".to_owned());
        };
        match self.sender.send(request).await {
            Ok((response, wait)) => outcome(answer(&response, wait)),
            Err(error) => Outcome::no_answer(&error),
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Client(…)")
    }
}
