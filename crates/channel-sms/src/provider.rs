//! One SMS provider as configuration describes it: where a message goes, in what form, with which credential, and how its answer
//! is read. It makes requests; it sends none.

use std::fmt;

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use egress::Request;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::{
    answer::AnswerRules,
    placeholder::{Name, Pattern, PlaceholderError},
    secret::Secret,
    text::TextMessage,
};

/// A provider that is described by configuration.
#[derive(Clone)]
pub struct HttpProvider {
    url: Pattern,
    method: Method,
    body: Form,
    headers: Vec<(HeaderName, HeaderValue)>,
    authorization: Authorization,
    user: String,
    from: String,
    /// How its answers are read.
    pub(crate) rules: AnswerRules,
}

/// What configuration says of a provider. `{user}` and the other placeholders are replaced in URL and body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// The absolute URL; `{user}` is its only placeholder.
    pub url: String,
    /// `POST` or `PUT`.
    pub method: String,
    /// The body.
    pub body: Body,
    /// More header fields, which are no secrets.
    pub headers: Vec<(String, String)>,
    /// The credential.
    pub authorization: Authorization,
    /// The account at the provider; empty where it needs none.
    pub user: String,
    /// The sender: a number, or a name where the provider allows one; empty where the provider has its own.
    pub from: String,
    /// How answers are read.
    pub rules: AnswerRules,
}

/// The credential in a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Authorization {
    /// None, or the placeholders `{user}` and `{secret}` in the body.
    None,
    /// `Authorization: <scheme> <secret>`, with a scheme such as `Bearer` or `AccessKey`.
    Scheme(String),
    /// Basic, of user and secret (RFC 7617).
    Basic,
    /// The secret in a header field of this name.
    Header(String),
}

/// The body of a request, with placeholders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// A JSON document, whose texts may have placeholders.
    Json(Value),
    /// Fields of a form, in their order.
    Form(Vec<(String, String)>),
}

/// The parsed body.
#[derive(Debug, Clone)]
enum Form {
    Json(Node),
    Fields(Vec<(String, Pattern)>),
}

/// A JSON value whose texts have placeholders.
#[derive(Debug, Clone)]
enum Node {
    Text(Pattern),
    List(Vec<Node>),
    Object(Vec<(String, Node)>),
    Other(Value),
}

/// Why a provider cannot be described like this.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// The URL is no absolute one, or has other placeholders than the account.
    #[error(
        "url: must be an absolute URL, in which only {{user}} may be a placeholder: a number in it would be logged on its way"
    )]
    Url,
    /// The method is not one that has a body.
    #[error("method: must be POST or PUT")]
    Method,
    /// A placeholder cannot be used.
    #[error("{place}: {fault}")]
    Placeholder {
        /// The member that has it.
        place: &'static str,
        /// What is wrong with it.
        fault: PlaceholderError,
    },
    /// The body does not have number and text.
    #[error("body: must have the number ({{to}}, {{to_digits}} or {{to_zeros}}) and {{text}}")]
    Incomplete,
    /// A header field cannot be sent.
    #[error("headers: `{0}` has no valid name or value")]
    Header(String),
    /// A credential that the request needs is missing.
    #[error("{0}: is missing, and the provider needs it")]
    Missing(&'static str),
    /// A rule of answers cannot be used.
    #[error("answer: {0}")]
    Answer(&'static str),
}

impl HttpProvider {
    /// A provider.
    ///
    /// # Errors
    /// The member that cannot be used; without any secret.
    pub fn new(description: Description) -> Result<Self, ProviderError> {
        let Description { url, method, body, headers, authorization, user, from, rules } = description;
        let placeholder = |place| move |fault| ProviderError::Placeholder { place, fault };
        let url = Pattern::parse(&url).map_err(placeholder("url"))?;
        if url.names().any(|name| name != Name::User) {
            return Err(ProviderError::Url);
        }
        let sample: Uri = url.fill(|_| "x".to_owned()).parse().map_err(|_| ProviderError::Url)?;
        if !matches!(sample.scheme_str(), Some("http" | "https")) || sample.host().is_none() {
            return Err(ProviderError::Url);
        }
        let method = match method.as_str() {
            "POST" => Method::POST,
            "PUT" => Method::PUT,
            _ => return Err(ProviderError::Method),
        };
        let body = match &body {
            Body::Json(value) => Form::Json(node(value).map_err(placeholder("body"))?),
            Body::Form(fields) => {
                let field = |(name, text): &(String, String)| Ok((name.clone(), Pattern::parse(text)?));
                let fields: Result<_, PlaceholderError> = fields.iter().map(field).collect();
                Form::Fields(fields.map_err(placeholder("body"))?)
            }
        };
        let mut names = Vec::new();
        body.names(&mut names);
        let has_number = names.iter().any(|name| matches!(name, Name::To | Name::ToDigits | Name::ToZeros));
        if !has_number || !names.contains(&Name::Text) {
            return Err(ProviderError::Incomplete);
        }
        let names = names.into_iter().chain(url.names()).collect::<Vec<_>>();
        if user.is_empty() && (names.contains(&Name::User) || authorization == Authorization::Basic) {
            return Err(ProviderError::Missing("user"));
        }
        if from.is_empty() && names.contains(&Name::From) {
            return Err(ProviderError::Missing("from"));
        }
        let header = |(name, value): &(String, String)| {
            let found = HeaderName::try_from(name.as_str()).ok().zip(HeaderValue::from_str(value).ok());
            found.ok_or_else(|| ProviderError::Header(name.clone()))
        };
        let headers = headers.iter().map(header).collect::<Result<Vec<_>, _>>()?;
        if let Authorization::Header(name) = &authorization
            && HeaderName::try_from(name.as_str()).is_err()
        {
            return Err(ProviderError::Header(name.clone()));
        }
        rules.check().map_err(ProviderError::Answer)?;
        Ok(Self { url, method, body, headers, authorization, user, from, rules })
    }

    /// The request that sends a message. Nothing of the message is in its URL or in its header.
    ///
    /// # Errors
    /// When the secret cannot be in a header.
    pub fn request(&self, message: &TextMessage, secret: &Secret) -> Result<Request, ProviderError> {
        let number = message.to().expose();
        let digits = number.trim_start_matches('+');
        let value = |name| match name {
            Name::To => number.to_owned(),
            Name::ToDigits => digits.to_owned(),
            Name::ToZeros => format!("00{digits}"),
            Name::Text => message.text().to_owned(),
            Name::Reference => message.reference().to_owned(),
            Name::From => self.from.clone(),
            Name::User => self.user.clone(),
            Name::Secret => secret.expose().to_owned(),
        };
        let url = self.url.fill(|name| utf8_percent_encode(&value(name), NON_ALPHANUMERIC).to_string());
        let url: Uri = url.parse().map_err(|_| ProviderError::Url)?;
        let mut headers: HeaderMap = self.headers.iter().cloned().collect();
        let (kind, body) = match &self.body {
            Form::Json(node) => ("application/json", node.fill(&value).to_string()),
            Form::Fields(fields) => {
                let mut form = form_urlencoded::Serializer::new(String::new());
                for (name, pattern) in fields {
                    form.append_pair(name, &pattern.fill(value));
                }
                ("application/x-www-form-urlencoded", form.finish())
            }
        };
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        headers.entry(header::ACCEPT).or_insert(HeaderValue::from_static("application/json"));
        if let Some((name, value)) = self.credential(secret)? {
            headers.insert(name, value);
        }
        Ok(Request { method: self.method.clone(), url, headers, body: Bytes::from(body), tls: None })
    }

    fn credential(&self, secret: &Secret) -> Result<Option<(HeaderName, HeaderValue)>, ProviderError> {
        let (name, text) = match &self.authorization {
            Authorization::None => return Ok(None),
            Authorization::Scheme(scheme) => (header::AUTHORIZATION, format!("{scheme} {}", secret.expose())),
            Authorization::Basic => {
                let pair = BASE64_STANDARD.encode(format!("{}:{}", self.user, secret.expose()));
                (header::AUTHORIZATION, format!("Basic {pair}"))
            }
            Authorization::Header(name) => {
                let name = HeaderName::try_from(name.as_str()).map_err(|_| ProviderError::Missing("header"))?;
                (name, secret.expose().to_owned())
            }
        };
        let mut value = HeaderValue::from_str(&text).map_err(|_| ProviderError::Missing("secret"))?;
        value.set_sensitive(true);
        Ok(Some((name, value)))
    }
}

impl fmt::Debug for HttpProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HttpProvider(…)")
    }
}

impl Form {
    fn names(&self, names: &mut Vec<Name>) {
        match self {
            Self::Json(node) => node.names(names),
            Self::Fields(fields) => names.extend(fields.iter().flat_map(|(_, pattern)| pattern.names())),
        }
    }
}

/// A JSON value with its placeholders parsed.
fn node(value: &Value) -> Result<Node, PlaceholderError> {
    Ok(match value {
        Value::String(text) => Node::Text(Pattern::parse(text)?),
        Value::Array(items) => Node::List(items.iter().map(node).collect::<Result<_, _>>()?),
        Value::Object(members) => {
            let member = |(name, value): (&String, &Value)| Ok((name.clone(), node(value)?));
            Node::Object(members.iter().map(member).collect::<Result<_, PlaceholderError>>()?)
        }
        other => Node::Other(other.clone()),
    })
}

impl Node {
    fn names(&self, names: &mut Vec<Name>) {
        match self {
            Self::Text(pattern) => names.extend(pattern.names()),
            Self::List(items) => items.iter().for_each(|item| item.names(names)),
            Self::Object(members) => members.iter().for_each(|(_, item)| item.names(names)),
            Self::Other(_) => {}
        }
    }

    /// The value: JSON escapes what it contains, so that no value changes its form.
    fn fill(&self, value: &impl Fn(Name) -> String) -> Value {
        match self {
            Self::Text(pattern) => Value::String(pattern.fill(value)),
            Self::List(items) => items.iter().map(|item| item.fill(value)).collect(),
            Self::Object(members) => {
                Value::Object(members.iter().map(|(name, item)| (name.clone(), item.fill(value))).collect())
            }
            Self::Other(other) => other.clone(),
        }
    }
}

#[cfg(test)]
mod tests;
