//! From parts and values to text. Nothing that is inserted is looked at again (CH-79).

use std::{borrow::Cow, collections::BTreeMap, fmt};

use model::Event;
use serde_json::Value;

use super::{
    Locale, MAX_RENDERED, Part, Path, Segment, Source, StaticToken, Token,
    escape::{Context, Trust, UnsafeUrl, escape},
    locale,
};

/// What tokens are replaced by. Disclosure is the caller's: what an event or subscriber must not show is not in here.
#[derive(Clone, Copy, Default)]
pub struct Values<'a> {
    /// Values of the gateway (CH-75). One that is absent stays a token.
    pub statics: Option<&'a BTreeMap<StaticToken, String>>,
    /// The data of the event.
    pub notification: Option<&'a Value>,
    /// The attributes of the subscriber; `None` in a confirmation, which must not have anything of theirs (CH-47).
    pub subscription: Option<&'a Value>,
    /// The event, for its context attributes.
    pub event: Option<&'a Event>,
}

/// A rendered template.
#[derive(Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The text. Personal data.
    pub text: String,
    /// The tokens that were not replaced, each once. A strict kanaal does not send when there is one (CH-77).
    pub remarks: Vec<Remark>,
}

/// A token that was not replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// The token as written, without braces.
    pub token: String,
    /// Why.
    pub reason: Reason,
}

/// Why a token was not replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// It has no value; the token stays (CH-77).
    #[error("no value")]
    Unknown,
    /// Its value is an object or a list; the token stays (CH-79).
    #[error("the value is an object or a list")]
    NotScalar,
    /// It is the URL of a link, and its value is none that a link may have; `#` was inserted (CH-80).
    #[error("the value is no http, https, mailto, tel or sms URL")]
    UnsafeUrl,
}

/// Why a template cannot be rendered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// The result would be longer than [`MAX_RENDERED`] bytes.
    #[error("the rendered text is longer than 1 MiB")]
    TooLong,
}

impl fmt::Debug for Rendered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rendered").field("bytes", &self.text.len()).field("remarks", &self.remarks).finish()
    }
}

pub(super) fn render(parts: &[Part], values: &Values<'_>, locale: &Locale) -> Result<Rendered, RenderError> {
    let mut text = String::new();
    let mut remarks: Vec<Remark> = Vec::new();
    for part in parts {
        match part {
            Part::Literal(literal) => push(&mut text, literal)?,
            Part::Token { token, written, context } => {
                let inserted = insert(token, *context, values, locale);
                match &inserted {
                    Ok(value) => push(&mut text, value)?,
                    Err(Reason::UnsafeUrl) => push(&mut text, "#")?,
                    Err(Reason::Unknown | Reason::NotScalar) => push(&mut text, &format!("{{{written}}}"))?,
                }
                if let Err(reason) = inserted
                    && !remarks.iter().any(|remark| remark.token == *written)
                {
                    remarks.push(Remark { token: written.clone(), reason });
                }
            }
        }
    }
    Ok(Rendered { text, remarks })
}

fn push(text: &mut String, more: &str) -> Result<(), RenderError> {
    if text.len() + more.len() > MAX_RENDERED {
        return Err(RenderError::TooLong);
    }
    text.push_str(more);
    Ok(())
}

/// The value of a token in the form of its place.
fn insert(token: &Token, context: Context, values: &Values<'_>, locale: &Locale) -> Result<String, Reason> {
    let (value, trust) = match token {
        Token::Unknown => return Err(Reason::Unknown),
        Token::Static(token) => {
            let value = values.statics.and_then(|statics| statics.get(token)).ok_or(Reason::Unknown)?;
            (value.clone(), if token.is_url() { Trust::OwnUrl } else { Trust::Value })
        }
        Token::Field(source, path) => {
            let value = field(*source, path, values).ok_or(Reason::Unknown)?;
            let form = if context.is_url() { locale::plain(&value) } else { locale.shown(&value) };
            (form.ok_or(Reason::NotScalar)?, Trust::Value)
        }
    };
    escape(context, trust, &value).map_err(|UnsafeUrl| Reason::UnsafeUrl)
}

/// The value at a path; null counts as none.
fn field<'a>(source: Source, path: &Path, values: &Values<'a>) -> Option<Cow<'a, Value>> {
    let of = |data: Option<&'a Value>| data.and_then(|data| at(data, path)).map(Cow::Borrowed);
    match source {
        Source::Notification => of(values.notification),
        Source::Subscription => of(values.subscription),
        Source::Either => of(values.notification).or_else(|| of(values.subscription)),
        Source::Event => attribute(path, values.event?).map(Cow::Owned),
    }
}

/// A context attribute. The name of a token may be in any case, that of an attribute is in lower case.
fn attribute(path: &Path, event: &Event) -> Option<Value> {
    let [Segment::Member(name)] = path.segments() else { return None };
    Some(match event.attribute(&name.to_ascii_lowercase())? {
        model::Value::Boolean(truth) => Value::from(*truth),
        model::Value::Integer(number) => Value::from(*number),
        text @ model::Value::Text(_) => Value::from(text.canonical().as_str()),
    })
}

fn at<'a>(data: &'a Value, path: &Path) -> Option<&'a Value> {
    let step = |value: &'a Value, segment: &Segment| match (value, segment) {
        (Value::Object(members), Segment::Member(name)) => members.get(name),
        (Value::Array(items), Segment::Index(index)) => items.get(*index),
        (Value::Array(items), Segment::Member(name)) => items.get(name.parse::<usize>().ok()?),
        _ => None,
    };
    path.segments().iter().try_fold(data, step).filter(|value| !value.is_null())
}
