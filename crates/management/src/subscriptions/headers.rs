//! The headers of a subscription: their values may be secrets, so they are sealed, and never shown again.

use model::{Subscription, subscription::HeaderText};
use secrets::Secrets;

use super::SubscriptionRequest;
use crate::{Error, Update};

/// What is shown instead of a value; as the value in a request it keeps the present one.
pub const HIDDEN: &str = "***";

/// The headers of a new subscription, sealed.
///
/// # Errors
/// [`Error::Invalid`] names a header that has no value to keep; [`Error::Secrets`].
pub(super) fn sealed(
    requested: Vec<(String, Update<String>)>,
    secrets: &Secrets,
) -> Result<Vec<(String, HeaderText)>, Error> {
    requested.into_iter().map(|(name, value)| one(name, value, None, secrets)).collect()
}

/// The headers that a change makes of those of `present`. Clear values of before are sealed. Another origin as the sink gets
/// none of the present values.
///
/// # Errors
/// As for a new subscription.
pub(super) fn changed(
    present: &Subscription,
    request: &mut SubscriptionRequest,
    secrets: &Secrets,
) -> Result<Vec<(String, HeaderText)>, Error> {
    let mut requested = std::mem::take(&mut request.headers);
    if !present.sink.is_same_origin(&request.sink) {
        requested.retain(|(_, value)| *value != Update::Keep);
    }
    let kept =
        |name: &str| present.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, text)| text);
    let one = |(name, value): (String, Update<String>)| {
        let kept = kept(&name);
        one(name, value, kept, secrets)
    };
    requested.into_iter().map(one).collect()
}

/// Whether a request sets exactly the headers of `present`.
pub(super) fn are_same(requested: &[(String, Update<String>)], present: &Subscription, secrets: &Secrets) -> bool {
    let is_same = |((name, value), (own, text)): (&(String, Update<String>), &(String, HeaderText))| {
        name == own
            && match (value, text) {
                (Update::Keep, _) => true,
                (Update::Set(value), HeaderText::Clear(text)) => value == text,
                (Update::Set(value), HeaderText::Sealed(sealed)) => {
                    secrets.open(sealed).is_ok_and(|opened| opened == value.as_bytes())
                }
            }
    };
    requested.len() == present.headers.len() && requested.iter().zip(&present.headers).all(is_same)
}

fn one(
    name: String,
    value: Update<String>,
    kept: Option<&HeaderText>,
    secrets: &Secrets,
) -> Result<(String, HeaderText), Error> {
    let text = match (value, kept) {
        (Update::Set(text), _) => HeaderText::Sealed(secrets.seal(text.as_bytes())?),
        (Update::Keep, Some(HeaderText::Clear(text))) => HeaderText::Sealed(secrets.seal(text.as_bytes())?),
        (Update::Keep, Some(sealed)) => sealed.clone(),
        (Update::Keep, None) => {
            let rule = format!("has no value that {HIDDEN} could keep");
            return Err(Error::invalid(format!("protocolsettings.headers.{name}"), rule));
        }
    };
    Ok((name, text))
}

#[cfg(test)]
mod tests {
    use model::{
        Sink, SubscriptionId, Timestamp,
        selection::{NativeSelection, Selection},
        subscription::RetryPolicy,
    };

    use super::*;

    #[test]
    fn e2_values_are_sealed_kept_and_dropped_for_another_origin() {
        let dir = tempfile::tempdir().unwrap();
        let secrets = Secrets::open_file(&dir.path().join("key")).unwrap();
        let opened = |headers: &[(String, HeaderText)]| -> Vec<(String, String)> {
            let open = |text: &HeaderText| match text {
                HeaderText::Sealed(sealed) => String::from_utf8(secrets.open(sealed).unwrap()).unwrap(),
                HeaderText::Clear(text) => format!("clear {text}"),
            };
            headers.iter().map(|(name, text)| (name.clone(), open(text))).collect()
        };
        let pairs = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        let set = |name: &str, value: &str| (name.to_owned(), Update::Set(value.to_owned()));
        let keep = |name: &str| (name.to_owned(), Update::Keep);

        let new = sealed(vec![set("a", "1")], &secrets).unwrap();
        assert_eq!(opened(&new), pairs(&[("a", "1")]));
        assert!(matches!(sealed(vec![keep("a")], &secrets), Err(Error::Invalid(_))));

        let selection = Selection::Native(NativeSelection::default());
        let (id, sink) = (SubscriptionId(uuid::Uuid::nil()), Sink::Webhook("https://sink.example/a".into()));
        let secret = secrets.seal(b"x").unwrap();
        let mut present = Subscription::new(id, "a".into(), selection, sink, secret, Timestamp::default());
        present.headers = vec![("a".into(), new[0].1.clone()), ("old".into(), HeaderText::Clear("2".into()))];
        let mut request = SubscriptionRequest::new(present.sink.clone(), RetryPolicy::default());
        request.headers = vec![keep("A"), keep("old"), set("b", "3")];
        let to = changed(&present, &mut request, &secrets).unwrap();
        assert_eq!(opened(&to), pairs(&[("A", "1"), ("old", "2"), ("b", "3")]));
        assert!(are_same(&[set("a", "1"), set("old", "2")], &present, &secrets));
        assert!(!are_same(&[set("a", "2"), set("old", "2")], &present, &secrets));
        assert!(!are_same(&[set("a", "1")], &present, &secrets));

        request.sink = Sink::Webhook("https://other.example/".into());
        request.headers = vec![keep("a"), set("b", "3")];
        assert_eq!(opened(&changed(&present, &mut request, &secrets).unwrap()), pairs(&[("b", "3")]));
    }
}
