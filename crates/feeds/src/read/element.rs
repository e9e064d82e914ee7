//! Names of elements: which namespaces and formats are known, and what the attributes of an element are.

use std::borrow::Cow;

use quick_xml::{events::BytesStart, name::ResolveResult};

/// The most attributes of one element that are looked at.
const MAX_ATTRIBUTES: usize = 64;

/// A namespace, as far as feeds have elements of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Namespace {
    /// RSS, which has none in most versions.
    Rss,
    /// Atom 0.3 and 1.0.
    Atom,
    /// The root of RSS 0.90 and 1.0.
    Rdf,
    /// Dublin Core.
    DublinCore,
    /// The module of RSS for content.
    Content,
    /// Any other.
    Other,
}

impl Namespace {
    pub(super) fn of(resolved: &ResolveResult<'_>) -> Self {
        let ResolveResult::Bound(namespace) = resolved else {
            return if matches!(resolved, ResolveResult::Unbound) { Self::Rss } else { Self::Other };
        };
        match namespace.0 {
            // Version 0.90 has its namespace at either of two hosts.
            version_0_90 if version_0_90.ends_with(b".netscape.com/rdf/simple/0.9/") => Self::Rss,
            b"http://purl.org/rss/1.0/" | b"http://backend.userland.com/rss2" | b"http://backend.userland.com/RSS2" => {
                Self::Rss
            }
            b"http://www.w3.org/2005/Atom" | b"http://purl.org/atom/ns#" => Self::Atom,
            b"http://www.w3.org/1999/02/22-rdf-syntax-ns#" => Self::Rdf,
            b"http://purl.org/dc/elements/1.1/" => Self::DublinCore,
            b"http://purl.org/rss/1.0/modules/content/" => Self::Content,
            _ => Self::Other,
        }
    }
}

/// The two families of formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// RSS, with or without RDF.
    Rss,
    /// Atom.
    Atom,
}

impl Format {
    /// The format of a feed with this root; `None` when it is no feed.
    pub(super) fn of_root(namespace: Namespace, name: &str) -> Option<Self> {
        match (namespace, name) {
            (Namespace::Rss, "rss") | (Namespace::Rdf, "RDF") => Some(Self::Rss),
            (Namespace::Atom, "feed") => Some(Self::Atom),
            _ => None,
        }
    }

    /// Whether an element is an item.
    pub(super) fn is_item(self, namespace: Namespace, name: &str) -> bool {
        match self {
            Self::Rss => namespace == Namespace::Rss && name == "item",
            Self::Atom => namespace == Namespace::Atom && name == "entry",
        }
    }
}

/// The name of an element without its prefix.
pub(super) fn local_name(start: &BytesStart<'_>) -> String {
    String::from_utf8_lossy(start.local_name().as_ref()).into_owned()
}

/// The value of an attribute, whatever its prefix; `None` when it is absent or cannot be read.
pub(super) fn attribute(start: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut attributes = start.attributes();
    let mut attributes = attributes.with_checks(false).take(MAX_ATTRIBUTES).filter_map(Result::ok);
    let found = attributes.find(|attribute| attribute.key.local_name().as_ref() == name.as_bytes())?;
    let text = std::str::from_utf8(&found.value).ok()?;
    let value = quick_xml::escape::unescape(text).map(Cow::into_owned).ok()?;
    Some(value.trim().to_owned())
}

/// How many namespaces an element declares.
pub(super) fn declared_namespaces(start: &BytesStart<'_>) -> Result<usize, ()> {
    let mut count = 0;
    for attribute in start.attributes().with_checks(false) {
        count += usize::from(attribute.map_err(|_| ())?.key.as_namespace_binding().is_some());
    }
    Ok(count)
}
