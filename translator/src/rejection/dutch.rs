//! The rules in Dutch, for problem documents to publishers who request that language (NLG-CTX-10).

use std::borrow::Cow;

use model::{
    attribute::{NameError, ValueError},
    event::Fault,
};

use super::{Reason, Registered};
use crate::json::SyntaxKind;

/// The text of `reason` in Dutch.
pub(super) fn text(reason: &Reason) -> Cow<'static, str> {
    Cow::Borrowed(match reason {
        Reason::Json(error) => return format!("{} (bij byte {})", syntax(error.kind), error.at).into(),
        Reason::DataNotJson(error) => {
            return format!("de Content-Type is JSON, maar {} (bij byte {})", syntax(error.kind), error.at).into();
        }
        Reason::TooManyAttributes(limit) => return format!("meer dan {limit} attributen").into(),
        Reason::Attribute(fault) => attribute(fault),
        Reason::Registered(Registered::Timestamp) => "moet een datum en tijd met offset zijn volgens RFC 3339",
        Reason::NotAnObject => "een event in JSON-formaat moet een object zijn",
        Reason::NotAnArray => "een batch moet een lijst van events zijn",
        Reason::BothData => "data en data_base64 sluiten elkaar uit",
        Reason::Base64 | Reason::Registered(Registered::Binary) => "moet base64-tekst zijn (RFC 4648)",
        Reason::DataNotText => "moet tekst zijn, omdat datacontenttype geen JSON is",
        Reason::Charset => "JSON moet UTF-8 zijn",
        Reason::NoContentType => "bij een inhoud hoort een Content-Type",
        Reason::Surrogate => "een losse surrogaat is geen teken",
        Reason::Percent => "na een procentteken horen twee hexadecimale cijfers",
        Reason::NotAscii => "een headerwaarde moet procent-gecodeerd US-ASCII zijn",
        Reason::Utf8 => "moet UTF-8 zijn",
        Reason::DatacontenttypeHeader => "mag niet worden meegestuurd: Content-Type draagt datacontenttype",
    })
}

fn attribute(fault: &Fault) -> &'static str {
    match fault {
        Fault::Missing => "is verplicht",
        Fault::Empty => "mag niet leeg zijn",
        Fault::NotText => "moet tekst zijn",
        Fault::Duplicate => "komt meer dan eens voor",
        Fault::Specversion => "moet \"1.0\" zijn",
        Fault::UriReference => "moet een URI-verwijzing zijn (RFC 3986)",
        Fault::AbsoluteUri => "moet een absolute URI zijn (RFC 3986)",
        Fault::Timestamp => "moet een datum en tijd met offset zijn volgens RFC 3339",
        Fault::MediaType => "moet een mediatype zijn (RFC 2046)",
        Fault::Name(NameError::Empty) => "een attribuutnaam heeft minstens een teken",
        Fault::Name(NameError::Character) => "een attribuutnaam bestaat alleen uit a-z en 0-9",
        Fault::Name(NameError::Data) => "\"data\" is geen contextattribuut",
        Fault::Value(ValueError::Control) => "stuurtekens mogen niet in een attribuut",
        Fault::Value(ValueError::Noncharacter) => "Unicode-noncharacters mogen niet in een attribuut",
        Fault::Type(_) => "moet tekst, een geheel getal van 32 bits of een boolean zijn",
    }
}

fn syntax(kind: SyntaxKind) -> &'static str {
    match kind {
        SyntaxKind::End => "de JSON-tekst houdt te vroeg op",
        SyntaxKind::Unexpected => "dit is geen geldige JSON",
        SyntaxKind::Trailing => "er staat nog iets achter de JSON-waarde",
        SyntaxKind::Utf8 => "de JSON-tekst is geen UTF-8",
        SyntaxKind::Control => "een JSON-tekst bevat een rauw stuurteken",
        SyntaxKind::Escape => "een JSON-tekst bevat een kapotte escape",
        SyntaxKind::Number => "een JSON-getal is kapot",
        SyntaxKind::Depth => "de JSON-tekst is te diep genest",
    }
}
