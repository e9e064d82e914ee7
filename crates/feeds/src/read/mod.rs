//! Reads a feed: RSS 0.9x, 1.0 and 2.0, and Atom 0.3 and 1.0, from XML to [`Item`]s (CH-106). Pure.
//!
//! The XML is read as a stream of events, so that memory is that of the items that are kept. Entities other than the five of XML are an
//! error: none is ever expanded, and nothing is fetched (CH-108). Errors have no text of the feed.

mod element;
mod item_builder;

use std::borrow::Cow;

use quick_xml::{
    NsReader,
    events::{BytesRef, BytesStart, Event},
};

use self::{
    element::{Format, Namespace, local_name},
    item_builder::ItemBuilder,
};
use crate::{
    charset::{self, CharsetError},
    item::Item,
};

/// How deep elements are nested at most.
const MAX_DEPTH: usize = 256;
/// How many namespaces are declared at most at any place: looking up a prefix takes a step for each.
const MAX_NAMESPACES: usize = 64;

/// Why a feed cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Its bytes are no text.
    #[error(transparent)]
    Charset(#[from] CharsetError),
    /// It is no well-formed XML, or breaks off.
    #[error("it is no well-formed XML")]
    Malformed,
    /// It uses an entity that XML does not have; a DTD may declare it, and is not read.
    #[error("it uses an entity of a DTD")]
    Entity,
    /// Its elements are nested too deep.
    #[error("its elements are nested deeper than {MAX_DEPTH}")]
    TooDeep,
    /// It declares too many namespaces.
    #[error("it declares more than {MAX_NAMESPACES} namespaces at one place")]
    Namespaces,
    /// It is XML, and neither RSS nor Atom.
    #[error("it is neither RSS nor Atom")]
    NoFeed,
}

/// What was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Items {
    /// The items, in the order of the feed.
    pub items: Vec<Item>,
    /// How many more the feed has than were asked for.
    pub ignored: usize,
}

/// Reads at most `max_items` items of a feed. `content_type` is the header of the answer.
///
/// # Errors
/// Its bytes are no text, no well-formed XML, or no feed. Then no item is returned, also not of the part before the error.
pub fn items(bytes: &[u8], content_type: Option<&str>, max_items: usize) -> Result<Items, ReadError> {
    let text = charset::decode(bytes, content_type)?;
    let mut reader = NsReader::from_str(text.trim_start());
    reader.config_mut().expand_empty_elements = true;
    let mut reading = Reading { max_items, ..Reading::default() };
    loop {
        let (resolved, event) = reader.read_resolved_event().map_err(|_| ReadError::Malformed)?;
        match event {
            Event::Start(start) => {
                let namespace = Namespace::of(&resolved);
                reading.start(namespace, &start)?;
            }
            Event::End(_) => reading.end(),
            Event::Text(text) => {
                reading.text(&text.xml10_content().map_err(|_| ReadError::Malformed)?);
            }
            Event::CData(text) => {
                reading.text(&text.xml10_content().map_err(|_| ReadError::Malformed)?);
            }
            Event::GeneralRef(reference) => reading.reference(&reference)?,
            Event::Eof => return reading.finish(),
            Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
}

#[derive(Default)]
struct Reading {
    max_items: usize,
    format: Option<Format>,
    /// For each open element, how many namespaces it declares.
    open: Vec<usize>,
    /// How many namespaces the open elements declare.
    namespaces: usize,
    /// The item that is being read.
    item: Option<ItemBuilder>,
    found: Items,
}

impl Reading {
    fn start(&mut self, namespace: Namespace, start: &BytesStart<'_>) -> Result<(), ReadError> {
        let declared = element::declared_namespaces(start).map_err(|()| ReadError::Malformed)?;
        self.open.push(declared);
        self.namespaces += declared;
        if self.open.len() > MAX_DEPTH {
            return Err(ReadError::TooDeep);
        }
        if self.namespaces > MAX_NAMESPACES {
            return Err(ReadError::Namespaces);
        }
        let name = local_name(start);
        let Some(format) = self.format else {
            self.format = Some(Format::of_root(namespace, &name).ok_or(ReadError::NoFeed)?);
            return Ok(());
        };
        if let Some(item) = &mut self.item {
            item.start(self.open.len(), namespace, &name, start);
        } else if format.is_item(namespace, &name) {
            self.item = Some(ItemBuilder::new(format, self.open.len(), start));
        }
        Ok(())
    }

    fn end(&mut self) {
        if self.item.as_ref().is_some_and(|item| item.depth() == self.open.len()) {
            let item = self.item.take().map(ItemBuilder::finish);
            if self.found.items.len() < self.max_items {
                self.found.items.extend(item);
            } else {
                self.found.ignored += 1;
            }
        } else if let Some(item) = &mut self.item {
            item.end(self.open.len());
        }
        self.namespaces -= self.open.pop().unwrap_or_default();
    }

    fn text(&mut self, text: &str) {
        if let Some(item) = &mut self.item {
            item.text(text);
        }
    }

    fn reference(&mut self, reference: &BytesRef<'_>) -> Result<(), ReadError> {
        if let Some(character) = reference.resolve_char_ref().map_err(|_| ReadError::Malformed)? {
            self.text(character.encode_utf8(&mut [0; 4]));
            return Ok(());
        }
        let name = reference.decode().unwrap_or(Cow::Borrowed(""));
        self.text(quick_xml::escape::resolve_predefined_entity(&name).ok_or(ReadError::Entity)?);
        Ok(())
    }

    fn finish(self) -> Result<Items, ReadError> {
        match self.format {
            Some(_) if self.open.is_empty() => Ok(self.found),
            _ => Err(ReadError::Malformed),
        }
    }
}

#[cfg(test)]
mod tests;
