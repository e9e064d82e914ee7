//! The message about one event to one addressee: what is the same for all is made once, the rest is rendered for each.

use std::{borrow::Cow, collections::BTreeMap};

use jiff::tz::TimeZone;
use message::template::{self, Locale, RenderError, Rendered, StaticToken, Values};
use model::{
    Event, Timestamp,
    addressee::{Addressee, AddresseeId, Channel, EventReference, Language},
    event::Data,
};
use people::{
    KeysError,
    administration::{Preview, SmsPreview},
};
use uuid::Uuid;

use super::{
    MailingParts, TemplatesError, Texts,
    disclosed::disclosed,
    obligation::{Field, Notice},
};
use crate::{About, ChannelComposer, Kind, Message, MessageError, Texts as ChannelTexts};

/// The zone in which moments are shown.
const ZONE: &str = "Europe/Amsterdam";

/// The event of a mailing, with what all its messages share.
pub(super) struct Letter {
    reference: EventReference,
    event: Event,
    data: Option<serde_json::Value>,
    dutch: Texts,
    english: Texts,
}

/// How values are written in a language.
pub(super) fn locale(language: Language) -> Locale {
    let language = match language {
        Language::Dutch => template::Language::Dutch,
        Language::English => template::Language::English,
    };
    Locale { language, zone: TimeZone::get(ZONE).unwrap_or(TimeZone::UTC) }
}

/// Why there is no message for an addressee. No variant has a value of the message.
#[derive(Debug, thiserror::Error)]
pub(super) enum LetterError {
    #[error("the address was erased")]
    NoAddress,
    #[error(transparent)]
    Keys(#[from] KeysError),
    #[error("a token has no value, and the texts are strict")]
    NoValue,
    #[error("the event has no value for {}", names(.0))]
    Missing(Vec<Field>),
    #[error(transparent)]
    Render(#[from] RenderError),
    #[error("a built-in text: {0}")]
    BuiltIn(template::ParseError),
    #[error(transparent)]
    Compose(#[from] MessageError),
}

/// The keys of fields in the configuration.
pub(super) fn names(fields: &[Field]) -> String {
    fields.iter().map(Field::to_string).collect::<Vec<_>>().join(", ")
}

impl Texts {
    /// What follows the texts of messages that must be sent.
    fn notice(&self, values: &Values<'_>) -> Result<Option<Notice>, LetterError> {
        let notice = self.obligation.as_ref().map(|own| own.notice(values, false)).transpose()?;
        if self.is_strict && notice.as_ref().is_some_and(|notice| !notice.remarks.is_empty()) {
            return Err(LetterError::NoValue);
        }
        Ok(notice)
    }

    /// The text that is sent.
    fn finished(&self, rendered: Rendered) -> Result<String, LetterError> {
        if self.is_strict && !rendered.remarks.is_empty() {
            return Err(LetterError::NoValue);
        }
        Ok(rendered.text)
    }
}

impl Letter {
    pub fn new(parts: &MailingParts, reference: EventReference, event: Event) -> Result<Self, TemplatesError> {
        let texts = |language| match parts.templates.of(&reference.kanaal, language) {
            Some(texts) => Ok(texts.clone()),
            None => Texts::built_in(language, &event),
        };
        let (dutch, english) = (texts(Language::Dutch)?, texts(Language::English)?);
        let data = event.data().and_then(|data| match data {
            Data::Json(bytes) => serde_json::from_slice(bytes).ok(),
            Data::Text(_) | Data::Binary(_) => None,
        });
        Ok(Self { reference, event, data, dutch, english })
    }

    pub fn event(&self) -> &Event {
        &self.event
    }

    /// The payload, if it is JSON.
    pub fn data(&self) -> Option<&serde_json::Value> {
        self.data.as_ref()
    }

    /// The fields of a notification of which the event has no value, so that nobody can get it (CH-85).
    pub fn missing(&self) -> Result<Vec<Field>, RenderError> {
        for texts in [&self.dutch, &self.english] {
            let notification = self.notification(texts);
            let values = self.values((None, notification.as_deref()), None);
            let missing = texts.obligation.as_ref().map(|own| own.missing(&values)).transpose()?.unwrap_or_default();
            if !missing.is_empty() {
                return Ok(missing);
            }
        }
        Ok(Vec::new())
    }

    /// What a person gets who has this language, without an address; its link leads nowhere. Fields of a notification that the event
    /// does not have are their tokens, and remarks.
    pub fn preview(&self, parts: &MailingParts, language: Language) -> Result<Preview, LetterError> {
        let (texts, locale) = self.texts(language);
        let notification = self.notification(texts);
        let nobody = AddresseeId(Uuid::nil());
        let statics = self.statics(nobody, texts, || parts.links.leave(nobody));
        let values = self.values((Some(&statics), notification.as_deref()), None);
        let subject = texts.subject.render(&values, &locale)?;
        let text = texts.text.render(&values, &locale)?;
        let html = texts.html.as_ref().map(|html| html.render(&values, &locale)).transpose()?;
        let most = parts.sms.as_ref().and_then(|outlet| outlet.composer.most_segments());
        let sms = most.map(|most| Ok::<_, RenderError>((texts.sms.render(&values, &locale)?, most))).transpose()?;
        let (notice, missing) = match &texts.obligation {
            Some(own) => (Some(own.notice(&values, true)?), own.missing(&values)?),
            None => (None, Vec::new()),
        };
        let mut remarks: Vec<(String, String)> = Vec::new();
        let rendered = [Some(&subject), Some(&text), html.as_ref(), sms.as_ref().map(|(text, _)| text)];
        let reason = notice.iter().flat_map(|notice| &notice.remarks);
        for remark in rendered.into_iter().flatten().flat_map(|part| &part.remarks).chain(reason) {
            let remark = (remark.token.clone(), remark.reason.to_string());
            if !remarks.contains(&remark) {
                remarks.push(remark);
            }
        }
        let needed = |field: Field| (field.to_string(), "an event without it is not sent (Awb 2:10)".to_owned());
        remarks.extend(missing.into_iter().map(needed));
        let notice = notice.as_ref();
        Ok(Preview {
            class: texts.class(),
            subject: subject.text,
            text: in_text(notice, text.text),
            html: html.map(|html| in_html(notice, html.text)).transpose()?,
            sms: sms.map(|(rendered, most)| SmsPreview::new(in_sms(notice, rendered.text), most)),
            remarks,
        })
    }

    /// What these texts see of the payload.
    fn notification(&self, texts: &Texts) -> Option<Cow<'_, serde_json::Value>> {
        let data = self.data.as_ref()?;
        Some(match &texts.disclosed {
            None => Cow::Borrowed(data),
            Some(members) => Cow::Owned(disclosed(data, members)),
        })
    }

    /// The texts in a language, and how values are written in them.
    fn texts(&self, language: Language) -> (&Texts, Locale) {
        let texts = match language {
            Language::Dutch => &self.dutch,
            Language::English => &self.english,
        };
        (texts, locale(language))
    }

    /// The values of the gateway for an addressee. A message that must be sent has no link to leave.
    fn statics(
        &self,
        addressee: AddresseeId,
        texts: &Texts,
        leave: impl Fn() -> String,
    ) -> BTreeMap<StaticToken, String> {
        let mut statics = BTreeMap::from([
            (StaticToken::ServiceName, self.reference.kanaal.to_string()),
            (StaticToken::SubscriptionId, addressee.to_string()),
        ]);
        if texts.obligation.is_none() {
            statics.insert(StaticToken::UnsubscriptionUrl, leave());
        }
        statics
    }

    /// What tokens are replaced by.
    fn values<'a>(
        &'a self,
        (statics, notification): (Option<&'a BTreeMap<StaticToken, String>>, Option<&'a serde_json::Value>),
        subscription: Option<&'a serde_json::Value>,
    ) -> Values<'a> {
        Values { statics, notification, subscription, event: Some(&self.event) }
    }

    /// The text of the event in a mail with others. It has no link to leave: the mail has one.
    pub fn item(&self, addressee: &Addressee) -> Result<String, LetterError> {
        let (texts, locale) = self.texts(addressee.language);
        let notification = self.notification(texts);
        let mut statics = self.statics(addressee.id, texts, String::new);
        statics.remove(&StaticToken::UnsubscriptionUrl);
        let attributes = serde_json::from_str::<serde_json::Value>(addressee.attributes.as_str()).ok();
        let values = self.values((Some(&statics), notification.as_deref()), attributes.as_ref());
        let built_in;
        let item = if let Some(item) = &texts.item {
            item
        } else {
            built_in = Texts::built_in_item(addressee.language, &self.event).map_err(LetterError::BuiltIn)?;
            &built_in
        };
        texts.finished(item.render(&values, &locale)?)
    }

    /// The message for an addressee at this moment. Source, id and addressee decide about its Message-ID or reference, not the moment
    /// (CH-18).
    pub fn message(
        &self,
        parts: &MailingParts,
        composer: &ChannelComposer,
        addressee: &Addressee,
        now: Timestamp,
    ) -> Result<Message, LetterError> {
        let sealed = addressee.address.as_ref().ok_or(LetterError::NoAddress)?;
        let to = parts.keys.open(sealed)?;
        let leave = parts.links.leave(addressee.id);
        let (texts, locale) = self.texts(addressee.language);
        let notification = self.notification(texts);
        let statics = self.statics(addressee.id, texts, || leave.clone());
        let attributes = serde_json::from_str::<serde_json::Value>(addressee.attributes.as_str()).ok();
        let values = self.values((Some(&statics), notification.as_deref()), attributes.as_ref());
        let notice = texts.notice(&values)?;
        let notice = notice.as_ref();
        let about = About { source: &self.reference.source, id: &self.reference.id, addressee: addressee.id };
        if composer.channel() == Channel::Sms {
            let text = texts.finished(texts.sms.render(&values, &locale)?)?;
            let text = in_sms(notice, text);
            return Ok(composer.compose(&to, about, ChannelTexts::Sms(&text), now)?);
        }
        let subject = texts.finished(texts.subject.render(&values, &locale)?)?;
        let text = in_text(notice, texts.finished(texts.text.render(&values, &locale)?)?);
        let html = match &texts.html {
            Some(html) => Some(in_html(notice, texts.finished(html.render(&values, &locale)?)?)?),
            None => None,
        };
        let kind = match texts.obligation {
            Some(_) => Kind::Obligatory,
            None => Kind::Mailing { kanaal: &self.reference.kanaal, leave: &leave },
        };
        let html = html.as_deref();
        Ok(composer.compose(&to, about, ChannelTexts::Mail { subject: &subject, text: &text, html, kind }, now)?)
    }
}

/// A plain text with the notice, if there is one.
fn in_text(notice: Option<&Notice>, text: String) -> String {
    match notice {
        Some(notice) => notice.in_text(&text),
        None => text,
    }
}

/// HTML with the notice, if there is one.
fn in_html(notice: Option<&Notice>, html: String) -> Result<String, LetterError> {
    match notice {
        Some(notice) => notice.in_html(&html),
        None => Ok(html),
    }
}

/// A text message with the notice, if there is one.
fn in_sms(notice: Option<&Notice>, text: String) -> String {
    match notice {
        Some(notice) => notice.in_sms(&text),
        None => text,
    }
}
