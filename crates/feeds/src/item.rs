//! One item of a feed, in the same form whatever the format of the feed: its fields as text, within bounds.

use serde_json::{Map, Value, json};

/// The most bytes of a text; what is longer is cut there, and named in `truncated`.
pub(crate) const MAX_TEXT: usize = 32 * 1024;
/// The most bytes of a guid or link; a longer one counts as absent.
pub(crate) const MAX_LINK: usize = 2_048;
/// The most authors, categories and enclosures, of each; the others are left out.
pub(crate) const MAX_LIST: usize = 50;

/// An item of a feed. Texts are as in the feed, HTML included: whoever shows them escapes them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Item {
    /// `guid` of RSS 2.0, `rdf:about` of RSS 1.0, `id` of Atom.
    pub guid: Option<String>,
    /// The URL of the page of the item.
    pub link: Option<String>,
    /// The title.
    pub title: Option<String>,
    /// `description` of RSS, `summary` of Atom.
    pub summary: Option<String>,
    /// `content:encoded` of RSS, `content` of Atom.
    pub content: Option<String>,
    /// When it was published: RFC 3339 in UTC if it can be read, else as in the feed.
    pub published: Option<String>,
    /// When it was changed last, likewise.
    pub updated: Option<String>,
    /// The names of its authors.
    pub authors: Vec<String>,
    /// Its categories.
    pub categories: Vec<String>,
    /// Its enclosures.
    pub enclosures: Vec<Enclosure>,
    /// The fields whose text was too long.
    pub truncated: Vec<Field>,
}

/// A file that belongs to an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enclosure {
    /// Where it is.
    pub url: String,
    /// Its media type.
    pub media_type: Option<String>,
}

/// A field of an item that can be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// [`Item::published`].
    Published,
    /// [`Item::updated`].
    Updated,
    /// [`Item::title`].
    Title,
    /// [`Item::link`].
    Link,
    /// [`Item::summary`].
    Summary,
    /// [`Item::content`].
    Content,
}

impl Field {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Published, Self::Updated, Self::Title, Self::Link, Self::Summary, Self::Content];

    /// The name in configuration and in the data of the event.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Updated => "updated",
            Self::Title => "title",
            Self::Link => "link",
            Self::Summary => "summary",
            Self::Content => "content",
        }
    }

    /// The field of a name.
    pub fn of_label(label: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.label() == label)
    }

    /// The text of this field.
    pub(crate) fn of(self, item: &Item) -> Option<&str> {
        let text = match self {
            Self::Published => item.published.as_ref().or(item.updated.as_ref()),
            Self::Updated => item.updated.as_ref(),
            Self::Title => item.title.as_ref(),
            Self::Link => item.link.as_ref(),
            Self::Summary => item.summary.as_ref(),
            Self::Content => item.content.as_ref(),
        };
        text.map(String::as_str)
    }
}

impl Item {
    /// The data of its event (CH-103). Members that the feed does not have are absent.
    pub(crate) fn to_json(&self) -> Value {
        let mut members = Map::new();
        if let Some(guid) = &self.guid {
            members.insert("guid".to_owned(), json!(guid));
        }
        for (name, text) in [
            ("link", &self.link),
            ("title", &self.title),
            ("summary", &self.summary),
            ("content", &self.content),
            ("published", &self.published),
            ("updated", &self.updated),
        ] {
            if let Some(text) = text {
                members.insert(name.to_owned(), json!(text));
            }
        }
        for (name, texts) in [("authors", &self.authors), ("categories", &self.categories)] {
            if !texts.is_empty() {
                members.insert(name.to_owned(), json!(texts));
            }
        }
        if !self.enclosures.is_empty() {
            let enclosure = |own: &Enclosure| match &own.media_type {
                Some(media_type) => json!({"url": own.url, "type": media_type}),
                None => json!({"url": own.url}),
            };
            members.insert("enclosures".to_owned(), self.enclosures.iter().map(enclosure).collect());
        }
        if !self.truncated.is_empty() {
            let names: Vec<&str> = self.truncated.iter().map(|field| field.label()).collect();
            members.insert("truncated".to_owned(), json!(names));
        }
        Value::Object(members)
    }
}
