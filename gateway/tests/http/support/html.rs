//! Whether a page is valid HTML, by rules that are stricter than a parser: every element that is not void has its own end tag, an
//! element is where its content model permits it, ids are unique, and what refers to an id finds it.
//!
//! Not here: values of attributes, and SVG inside a page beyond its nesting.

use std::collections::HashSet;

/// Elements without content.
const VOID: [&str; 13] =
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"];

/// Elements that are permitted where text is.
const PHRASING: [&str; 39] = [
    "a", "abbr", "b", "bdi", "bdo", "br", "button", "cite", "code", "data", "datalist", "dfn", "em", "i", "img",
    "input", "kbd", "label", "mark", "meter", "output", "progress", "q", "s", "samp", "script", "select", "small",
    "span", "strong", "sub", "sup", "svg", "textarea", "time", "u", "var", "wbr", "noscript",
];

/// Other elements of the body.
const FLOW: [&str; 24] = [
    "article",
    "aside",
    "blockquote",
    "details",
    "div",
    "dl",
    "fieldset",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "header",
    "hr",
    "main",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "table",
    "ul",
];

/// Elements with text only: no element is in them.
const TEXT_ONLY: [&str; 5] = ["title", "textarea", "option", "script", "style"];

/// Elements that are in one of these only.
const PARENTS: [(&str, &[&str]); 19] = [
    ("head", &["html"]),
    ("body", &["html"]),
    ("title", &["head"]),
    ("base", &["head"]),
    ("meta", &["head"]),
    ("link", &["head"]),
    ("li", &["ul", "ol"]),
    ("dt", &["dl", "div"]),
    ("dd", &["dl", "div"]),
    ("caption", &["table"]),
    ("thead", &["table"]),
    ("tbody", &["table"]),
    ("tr", &["thead", "tbody"]),
    ("th", &["tr"]),
    ("td", &["tr"]),
    ("legend", &["fieldset"]),
    ("summary", &["details"]),
    ("option", &["select", "datalist"]),
    ("figcaption", &["figure"]),
];

/// Elements that hold nothing but the elements of [`PARENTS`] that name them, and no text.
const NO_TEXT: [&str; 11] = ["html", "head", "ul", "ol", "dl", "table", "thead", "tbody", "tr", "select", "datalist"];

/// Attributes of every element, beside `aria-*` and `data-*`.
const GLOBAL: [&str; 12] = [
    "id",
    "class",
    "lang",
    "dir",
    "title",
    "hidden",
    "tabindex",
    "role",
    "translate",
    "autofocus",
    "spellcheck",
    "inert",
];

/// Further attributes, by element.
const ATTRIBUTES: [(&str, &[&str]); 21] = [
    ("a", &["href", "rel", "hreflang", "download"]),
    ("button", &["type", "name", "value", "disabled", "formaction", "formmethod", "formnovalidate", "form"]),
    ("data", &["value"]),
    ("details", &["open", "name"]),
    ("fieldset", &["disabled", "name"]),
    ("form", &["method", "action", "novalidate", "autocomplete"]),
    ("img", &["src", "alt", "width", "height"]),
    (
        "input",
        &[
            "type",
            "name",
            "value",
            "required",
            "checked",
            "autocomplete",
            "maxlength",
            "min",
            "max",
            "step",
            "pattern",
            "placeholder",
            "inputmode",
            "list",
            "readonly",
            "disabled",
            "size",
            "form",
        ],
    ),
    ("label", &["for"]),
    ("link", &["rel", "href", "type"]),
    ("meta", &["charset", "name", "content", "http-equiv"]),
    ("meter", &["value", "min", "max", "low", "high", "optimum"]),
    ("ol", &["start", "reversed"]),
    ("option", &["value", "selected", "disabled", "label"]),
    ("progress", &["value", "max"]),
    ("script", &["type", "src"]),
    ("select", &["name", "required", "multiple", "size", "disabled", "form", "autocomplete"]),
    ("td", &["colspan", "rowspan", "headers"]),
    ("textarea", &["name", "rows", "cols", "required", "maxlength", "autocomplete", "readonly", "form"]),
    ("th", &["scope", "colspan", "rowspan", "headers", "abbr"]),
    ("time", &["datetime"]),
];

/// Attributes with ids of other elements.
const REFERENCES: [&str; 6] = ["for", "aria-labelledby", "aria-describedby", "aria-controls", "list", "form"];

/// An element that is not closed yet.
struct Open<'a> {
    name: &'a str,
    /// The elements in it until now.
    children: Vec<&'a str>,
}

#[derive(Default)]
struct Checker<'a> {
    open: Vec<Open<'a>>,
    ids: HashSet<&'a str>,
    wanted: Vec<(&'a str, &'a str)>,
}

/// What is wrong with a page, with where.
pub fn fault(page: &str) -> Option<String> {
    let Some(mut rest) = page.strip_prefix("<!DOCTYPE html>") else { return Some("no doctype".to_owned()) };
    let mut checker = Checker::default();
    while !rest.is_empty() {
        match checker.next(rest) {
            Ok(after) => rest = after,
            Err(what) => {
                let from = page.len() - rest.len();
                let start = (0..=from.saturating_sub(120)).rev().find(|at| page.is_char_boundary(*at)).unwrap_or(0);
                let near: String = page[start..].chars().take(320).collect();
                return Some(format!("{what}, near: {near}"));
            }
        }
    }
    checker.end().err()
}

impl<'a> Checker<'a> {
    /// Checks a piece of text, a comment or a tag; returns what follows.
    fn next(&mut self, rest: &'a str) -> Result<&'a str, String> {
        if let Some(comment) = rest.strip_prefix("<!--") {
            return comment.split_once("-->").map(|(_, after)| after).ok_or_else(|| "an open comment".to_owned());
        }
        if let Some(end) = rest.strip_prefix("</") {
            let (name, after) = end.split_once('>').ok_or("an open end tag")?;
            return self.close(name).map(|()| after);
        }
        if let Some(tag) = rest.strip_prefix('<') {
            return self.start(tag);
        }
        let (text, after) = rest.split_at(rest.find('<').unwrap_or(rest.len()));
        references(text)?;
        let parent = self.open.last().map_or("", |open| open.name);
        if !text.trim().is_empty() && (parent.is_empty() || NO_TEXT.contains(&parent)) {
            return Err(format!("text in {parent:?}"));
        }
        Ok(after)
    }

    fn start(&mut self, tag: &'a str) -> Result<&'a str, String> {
        let end = tag.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(tag.len());
        let (name, mut rest) = tag.split_at(end);
        if name.is_empty() {
            return Err("a < that begins no tag".to_owned());
        }
        let is_drawing = name == "svg" || self.is_in("svg");
        if !is_drawing {
            self.place(name)?;
        }
        let mut attributes = Vec::new();
        let is_closed = loop {
            let trimmed = rest.trim_start();
            if let Some(after) = trimmed.strip_prefix("/>") {
                rest = after;
                break true;
            }
            if let Some(after) = trimmed.strip_prefix('>') {
                rest = after;
                break false;
            }
            if trimmed.len() == rest.len() {
                return Err(format!("no space before an attribute of {name}"));
            }
            let attribute;
            (attribute, rest) = read_attribute(trimmed)?;
            attributes.push(attribute);
        };
        self.attributes(name, &attributes, is_drawing)?;
        if is_closed && !is_drawing {
            return Err(format!("{name} ends in a slash"));
        }
        if let Some(parent) = self.open.last_mut() {
            parent.children.push(name);
        }
        if !is_closed && !VOID.contains(&name) {
            self.open.push(Open { name, children: Vec::new() });
        }
        Ok(rest)
    }

    /// Whether an element may be here.
    fn place(&self, name: &str) -> Result<(), String> {
        let Some(parent) = self.open.last() else {
            return if name == "html" { Ok(()) } else { Err(format!("{name} outside html")) };
        };
        let is_of_text = PHRASING.contains(&name);
        let parents = PARENTS.iter().find(|(own, _)| *own == name).map(|(_, parents)| *parents);
        if parents.is_none() && !is_of_text && !FLOW.contains(&name) {
            return Err(format!("there is no element {name}"));
        }
        let is_first = matches!(name, "legend" | "summary" | "caption" | "head");
        if is_first && !parent.children.is_empty() {
            return Err(format!("{name} is not the first in {}", parent.name));
        }
        if TEXT_ONLY.contains(&parent.name) {
            return Err(format!("{name} in {}", parent.name));
        }
        let is_permitted = match parents {
            Some(parents) => parents.contains(&parent.name),
            None => match parent.name {
                "head" => name == "script",
                "dl" => name == "div",
                own if NO_TEXT.contains(&own) => false,
                // What is in it may be what is permitted around it.
                "a" => is_of_text || !self.around_link().is_some_and(holds_text),
                own => is_of_text || !holds_text(own),
            },
        };
        if !is_permitted {
            return Err(format!("{name} in {}", parent.name));
        }
        for outer in ["a", "button"] {
            if self.is_in(outer) && ["a", "button", "input", "select", "textarea", "label", "details"].contains(&name) {
                return Err(format!("{name} inside {outer}"));
            }
        }
        for own in ["form", "label", "main"] {
            if name == own && self.is_in(own) {
                return Err(format!("{name} inside {own}"));
            }
        }
        Ok(())
    }

    /// The nearest element around here that is no link.
    fn around_link(&self) -> Option<&'a str> {
        self.open.iter().rev().map(|open| open.name).find(|name| *name != "a")
    }

    fn is_in(&self, name: &str) -> bool {
        self.open.iter().any(|open| open.name == name)
    }

    fn attributes(&mut self, name: &str, found: &[(&'a str, &'a str)], is_drawing: bool) -> Result<(), String> {
        for (at, (own, value)) in found.iter().enumerate() {
            if found[..at].iter().any(|(other, _)| other == own) {
                return Err(format!("{name} has {own} twice"));
            }
            references(value)?;
            let further =
                ATTRIBUTES.iter().find(|(element, _)| *element == name).map_or(&[][..], |(_, further)| further);
            let is_known =
                GLOBAL.contains(own) || further.contains(own) || own.starts_with("aria-") || own.starts_with("data-");
            if !is_known && !is_drawing {
                return Err(format!("{name} has no attribute {own}"));
            }
            if *own == "id" && (value.is_empty() || value.contains(char::is_whitespace) || !self.ids.insert(value)) {
                return Err(format!("id {value:?} is empty, has a space or is there twice"));
            }
            if REFERENCES.contains(own) {
                self.wanted.extend(value.split_ascii_whitespace().map(|id| (*own, id)));
            }
            if let Some(id) = value.strip_prefix('#').filter(|_| *own == "href") {
                self.wanted.push((own, id));
            }
        }
        let has =
            |wanted: &str| found.iter().any(|(own, value)| *own == wanted && (wanted == "alt" || !value.is_empty()));
        for (element, needed) in
            [("img", "alt"), ("img", "src"), ("html", "lang"), ("button", "type"), ("label", "for"), ("a", "href")]
        {
            if name == element && !has(needed) {
                return Err(format!("{name} without {needed}"));
            }
        }
        Ok(())
    }

    fn close(&mut self, name: &str) -> Result<(), String> {
        let Some(open) = self.open.pop() else { return Err(format!("an end of {name} that began nowhere")) };
        if open.name != name {
            return Err(format!("{} ends as {name}", open.name));
        }
        let needed = match name {
            "ul" | "ol" => "li",
            "html" => "body",
            "head" => "title",
            "details" => "summary",
            "fieldset" => "legend",
            _ => return Ok(()),
        };
        if open.children.contains(&needed) { Ok(()) } else { Err(format!("{name} without {needed}")) }
    }

    fn end(&self) -> Result<(), String> {
        if let Some(open) = self.open.last() {
            return Err(format!("{} has no end", open.name));
        }
        let missing = self.wanted.iter().find(|(_, id)| !self.ids.contains(id));
        missing.map_or(Ok(()), |(attribute, id)| Err(format!("{attribute} names {id:?}, and no element has that id")))
    }
}

/// Whether an element holds what text may hold, and no blocks.
fn holds_text(name: &str) -> bool {
    let is_heading = matches!(name, "h1" | "h2" | "h3" | "h4" | "p" | "pre" | "summary" | "legend");
    is_heading || (PHRASING.contains(&name) && name != "noscript")
}

/// An attribute with its value, and what follows it.
fn read_attribute(text: &str) -> Result<((&str, &str), &str), String> {
    let end = text.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-' && letter != ':');
    let (name, rest) = text.split_at(end.unwrap_or(text.len()));
    if name.is_empty() {
        return Err("an attribute without a name".to_owned());
    }
    let Some(value) = rest.strip_prefix('=') else { return Ok(((name, ""), rest)) };
    let value = value.strip_prefix('"').ok_or_else(|| format!("the value of {name} has no quotes"))?;
    let (value, after) = value.split_once('"').ok_or_else(|| format!("the value of {name} has no end"))?;
    Ok(((name, value), after))
}

/// Every `&` begins a character reference.
fn references(text: &str) -> Result<(), String> {
    for part in text.split('&').skip(1) {
        let name = part.split_once(';').map_or("", |(name, _)| name);
        let name = name.strip_prefix('#').unwrap_or(name);
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err("an & that begins no character reference".to_owned());
        }
    }
    Ok(())
}

#[test]
fn faults_of_a_page_are_found() {
    let page = |body: &str| {
        format!("<!DOCTYPE html>\n<html lang=\"nl\"><head><title>x</title></head><body>{body}</body></html>\n")
    };
    for good in [
        "<p>a &#38; b<br><a href=\"#x\">c</a></p><div id=\"x\"></div>",
        "<table><caption>c</caption><thead><tr><th scope=\"col\">a</th></tr></thead><tbody></tbody></table>",
        "<dl><div><dt>a</dt><dd><p>b</p></dd></div></dl><svg viewBox=\"0 0 1 1\"><rect x=\"1\"/></svg>",
        "<div><a href=\"/\"><div>x</div></a></div><!-- <p> --><input type=\"hidden\" name=\"a\" value=\"&#60;\">",
    ] {
        assert_eq!(fault(&page(good)), None, "{good}");
    }
    for (wrong, part) in [
        ("<p><div></div></p>", "div in p"),
        ("<p><a href=\"/\"><ul><li>x</li></ul></a></p>", "ul in a"),
        ("<ul><p>x</p></ul>", "p in ul"),
        ("<ul></ul>", "ul without li"),
        ("<ul>x<li>y</li></ul>", "text in \"ul\""),
        ("<li>x</li>", "li in body"),
        ("<table><tr><td>x</td></tr></table>", "tr in table"),
        ("<table><thead></thead><caption>x</caption></table>", "caption is not the first"),
        ("<a href=\"/\"><button type=\"button\">x</button></a>", "button inside a"),
        ("<form><form></form></form>", "form inside form"),
        ("<p>x", "p ends as body"),
        ("<b><i>x</b></i>", "i ends as b"),
        ("</p>", "body ends as p"),
        ("a & b", "an & that"),
        ("<p class=\"a\" class=\"b\">x</p>", "class twice"),
        ("<p class=a>x</p>", "no quotes"),
        ("<p class=\"a\"id=\"b\">x</p>", "no space"),
        ("<p style=\"x\">x</p>", "no attribute style"),
        ("<p id=\"a\">x</p><p id=\"a\">y</p>", "id \"a\""),
        ("<label for=\"b\">x</label>", "for names \"b\""),
        ("<a href=\"#b\">x</a>", "href names \"b\""),
        ("<center>x</center>", "no element center"),
        ("<br/>", "slash"),
        ("<img src=\"/x\">", "img without alt"),
        ("< p", "begins no tag"),
        ("<textarea><b>x</b></textarea>", "b in textarea"),
    ] {
        let found = fault(&page(wrong)).unwrap_or_else(|| panic!("nothing found in {wrong}"));
        assert!(found.contains(part), "{wrong}: {found}");
    }
    assert_eq!(fault("<html></html>").as_deref(), Some("no doctype"));
}
