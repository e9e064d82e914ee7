//! A request for the link to the page of the person's data. The link itself is made when the message is sent.

use super::{Accepted, Addressee, Decision, Message, Rejection, State};
use crate::Timestamp;

/// Requests the link. Only a confirmed addressee has such a page; requests are bounded as those for codes are (CH-46).
pub(super) fn request(addressee: &Addressee, now: Timestamp) -> Decision {
    let State::Confirmed { .. } = addressee.state else { return Err(Rejection::WrongState) };
    let code_requests =
        addressee.code_requests.with(now).map_err(|retry_at| Rejection::TooManyRequests { retry_at })?;
    Ok(Accepted::change(Addressee { code_requests, ..addressee.clone() }).with(Message::DataLink))
}
