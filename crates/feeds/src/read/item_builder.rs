//! Collects the fields of one item while its elements are read, within the bounds of [`crate::item`].

use quick_xml::events::BytesStart;

use super::element::{Format, Namespace, attribute};
use crate::{
    dates,
    item::{Enclosure, Field, Item, MAX_LINK, MAX_LIST, MAX_TEXT},
};

/// An item that is being read.
pub(super) struct ItemBuilder {
    format: Format,
    depth: usize,
    item: Item,
    /// Whether the guid of RSS 2.0 is a link as well.
    guid_is_link: bool,
    /// Whether the element `author` of Atom is open.
    in_author: bool,
    field: Option<OpenField>,
}

/// The element whose text is being collected.
struct OpenField {
    target: Target,
    depth: usize,
    text: String,
    is_cut: bool,
}

/// What a text becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    Guid,
    Author,
    Category,
    Field(Field),
}

impl Target {
    fn max(self) -> usize {
        match self {
            Self::Field(Field::Title | Field::Summary | Field::Content) => MAX_TEXT,
            _ => MAX_LINK,
        }
    }
}

impl ItemBuilder {
    /// An item whose element is at this depth.
    pub(super) fn new(format: Format, depth: usize, start: &BytesStart<'_>) -> Self {
        let mut item = Item::default();
        if format == Format::Rss {
            item.guid = attribute(start, "about").filter(|guid| !guid.is_empty() && guid.len() <= MAX_LINK);
        }
        Self { format, depth, item, guid_is_link: false, in_author: false, field: None }
    }

    /// The depth of its element.
    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    /// An element in it begins.
    pub(super) fn start(&mut self, depth: usize, namespace: Namespace, name: &str, start: &BytesStart<'_>) {
        if self.field.is_some() {
            return;
        }
        let below = depth - self.depth;
        let target = match self.format {
            Format::Rss if below == 1 => self.rss(namespace, name, start),
            Format::Atom if below == 1 && namespace == Namespace::Atom => self.atom(name, start),
            Format::Atom if below == 2 && self.in_author && namespace == Namespace::Atom && name == "name" => {
                Some(Target::Author)
            }
            Format::Rss | Format::Atom => None,
        };
        self.field = target.map(|target| OpenField { target, depth, text: String::new(), is_cut: false });
    }

    fn rss(&mut self, namespace: Namespace, name: &str, start: &BytesStart<'_>) -> Option<Target> {
        match (namespace, name) {
            (Namespace::Rss, "guid") => {
                self.guid_is_link = attribute(start, "isPermaLink").is_none_or(|text| text != "false");
                Some(Target::Guid)
            }
            (Namespace::Rss, "link") => Some(Target::Field(Field::Link)),
            (Namespace::Rss, "title") => Some(Target::Field(Field::Title)),
            (Namespace::Rss, "description") => Some(Target::Field(Field::Summary)),
            (Namespace::Content, "encoded") => Some(Target::Field(Field::Content)),
            (Namespace::Rss, "pubDate") | (Namespace::DublinCore, "date") => Some(Target::Field(Field::Published)),
            (Namespace::Atom, "updated") => Some(Target::Field(Field::Updated)),
            (Namespace::Rss, "author") | (Namespace::DublinCore, "creator") => Some(Target::Author),
            (Namespace::Rss, "category") | (Namespace::DublinCore, "subject") => Some(Target::Category),
            (Namespace::Rss, "enclosure") => {
                self.enclosure(attribute(start, "url"), attribute(start, "type"));
                None
            }
            _ => None,
        }
    }

    fn atom(&mut self, name: &str, start: &BytesStart<'_>) -> Option<Target> {
        match name {
            "id" => Some(Target::Guid),
            "title" => Some(Target::Field(Field::Title)),
            "summary" => Some(Target::Field(Field::Summary)),
            "content" => Some(Target::Field(Field::Content)),
            "published" | "issued" => Some(Target::Field(Field::Published)),
            "updated" | "modified" => Some(Target::Field(Field::Updated)),
            "author" => {
                self.in_author = true;
                None
            }
            "category" => {
                if let Some(term) = attribute(start, "label").or_else(|| attribute(start, "term")) {
                    self.assign(Target::Category, term, false);
                }
                None
            }
            "link" => {
                let href = attribute(start, "href");
                match attribute(start, "rel").as_deref() {
                    None | Some("alternate") => {
                        self.assign(Target::Field(Field::Link), href.unwrap_or_default(), false);
                    }
                    Some("enclosure") => self.enclosure(href, attribute(start, "type")),
                    Some(_) => {}
                }
                None
            }
            _ => None,
        }
    }

    /// A piece of text in it.
    pub(super) fn text(&mut self, text: &str) {
        let Some(field) = &mut self.field else { return };
        // One byte more shows that it was too long.
        let room = field.target.max() + 1 - field.text.len().min(field.target.max() + 1);
        let part = &text[..text.floor_char_boundary(room)];
        field.is_cut |= part.len() < text.len();
        field.text.extend(part.chars().filter(|character| is_text(*character)));
    }

    /// The element at this depth ends.
    pub(super) fn end(&mut self, depth: usize) {
        if self.field.as_ref().is_some_and(|field| field.depth == depth)
            && let Some(OpenField { target, text, is_cut, .. }) = self.field.take()
        {
            self.assign(target, text, is_cut);
        }
        if depth == self.depth + 1 {
            self.in_author = false;
        }
    }

    fn enclosure(&mut self, url: Option<String>, media_type: Option<String>) {
        let Some(url) = url.filter(|url| !url.is_empty() && url.len() <= MAX_LINK) else { return };
        if self.item.enclosures.len() < MAX_LIST {
            let media_type = media_type.filter(|text| !text.is_empty() && text.len() <= MAX_LINK);
            self.item.enclosures.push(Enclosure { url, media_type });
        }
    }

    /// The first text of each field counts.
    fn assign(&mut self, target: Target, text: String, is_cut: bool) {
        let mut text = text.trim().to_owned();
        let is_cut = is_cut || text.len() > target.max();
        if text.is_empty() || (is_cut && matches!(target, Target::Guid | Target::Field(Field::Link))) {
            return;
        }
        text.truncate(text.floor_char_boundary(target.max()));
        let item = &mut self.item;
        let place = match target {
            Target::Guid => &mut item.guid,
            Target::Author | Target::Category => {
                let list = if target == Target::Author { &mut item.authors } else { &mut item.categories };
                if list.len() < MAX_LIST {
                    list.push(text);
                }
                return;
            }
            Target::Field(Field::Link) => &mut item.link,
            Target::Field(Field::Title) => &mut item.title,
            Target::Field(Field::Summary) => &mut item.summary,
            Target::Field(Field::Content) => &mut item.content,
            Target::Field(Field::Published) => &mut item.published,
            Target::Field(Field::Updated) => &mut item.updated,
        };
        // The guid of the element goes before that of the attribute.
        if place.is_some() && target != Target::Guid {
            return;
        }
        if matches!(target, Target::Field(Field::Published | Field::Updated)) {
            text = dates::parse(&text).map_or(text, model::Timestamp::to_rfc3339);
        }
        *place = Some(text);
        if let Target::Field(field) = target
            && is_cut
        {
            item.truncated.push(field);
        }
    }

    /// The item.
    pub(super) fn finish(mut self) -> Item {
        if self.guid_is_link && self.item.link.is_none() {
            let is_url = |guid: &&String| guid.starts_with("http://") || guid.starts_with("https://");
            self.item.link = self.item.guid.as_ref().filter(is_url).cloned();
        }
        self.item
    }
}

/// Whether a character may be in a text: control characters are left out.
fn is_text(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r') || !character.is_control()
}
