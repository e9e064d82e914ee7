//! Feeds of each version are read, and hostile ones are bounded. Nothing is fetched here.

use std::fmt::Write;

use super::*;
use crate::item::{Enclosure, Field, MAX_TEXT};

const RSS: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/"
     xmlns:atom="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/">
  <channel>
    <title>Nieuws</title><link>https://a.example/</link><atom:link rel="self" href="https://a.example/rss"/>
    <item>
      <title>Wegwerkzaamheden &amp; <![CDATA[<b>omleiding</b>]]> &#233;</title>
      <media:title>not this</media:title>
      <link>https://a.example/1</link>
      <guid isPermaLink="false">tag:1</guid>
      <pubDate>Tue, 01 Dec 2026 10:00:00 +0100</pubDate>
      <description>&lt;p&gt;Kort&lt;/p&gt;</description>
      <content:encoded><![CDATA[<p>Lang</p>]]></content:encoded>
      <dc:creator>Gemeente</dc:creator>
      <category>verkeer</category><category>centrum</category>
      <enclosure url="https://a.example/1.pdf?a=1&amp;b=2" type="application/pdf" length="1"/>
      <media:group><title>nor this</title></media:group>
    </item>
    <item><guid>https://a.example/2</guid><title/></item>
  </channel>
</rss>"#;

const ATOM: &str = r#"<feed xmlns="http://www.w3.org/2005/Atom">
  <id>urn:feed</id><title>Feed</title><author><name>Feed</name></author>
  <entry>
    <id>urn:1</id><title type="html">Een &lt;i&gt;bericht&lt;/i&gt;</title>
    <link rel="self" href="https://a.example/self"/><link href="https://a.example/1"/>
    <link rel="enclosure" href="https://a.example/1.mp3"/>
    <published>2026-12-01T10:00:00+01:00</published><updated>later</updated>
    <author><name>An</name><email>an@a.example</email></author><name>nobody</name>
    <category term="t" label="Label"/><category term="u"/>
    <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">Lange <b>tekst</b></div></content>
    <source><title>another feed</title></source>
  </entry>
</feed>"#;

const RDF: &str = r#"<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
     xmlns:dc="http://purl.org/dc/elements/1.1/">
  <channel rdf:about="https://a.example/"><title>c</title><items/></channel>
  <item rdf:about="urn:1"><title>Een</title><link>https://a.example/1</link><dc:date>2026-12-01</dc:date></item>
</rdf:RDF>"#;

/// RSS 0.91 with its DTD, which is not read.
const OLD: &str = r#"<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://my.netscape.com/publish/formats/rss-0.91.dtd">
<rss version="0.91"><channel><item><title>Een</title><link>https://a.example/1</link></item></channel></rss>"#;

fn read(text: &str) -> Result<Items, ReadError> {
    items(text.as_bytes(), None, 100)
}

/// RSS 2.0 with one item that has these elements.
fn rss(elements: &str) -> String {
    format!("<rss version='2.0'><channel><item>{elements}</item></channel></rss>")
}

#[test]
fn rss_2_is_read_ch_106() {
    let read = read(RSS).unwrap();
    let expected = Item {
        guid: Some("tag:1".to_owned()),
        link: Some("https://a.example/1".to_owned()),
        title: Some("Wegwerkzaamheden & <b>omleiding</b> é".to_owned()),
        summary: Some("<p>Kort</p>".to_owned()),
        content: Some("<p>Lang</p>".to_owned()),
        published: Some("2026-12-01T09:00:00Z".to_owned()),
        authors: vec!["Gemeente".to_owned()],
        categories: vec!["verkeer".to_owned(), "centrum".to_owned()],
        enclosures: vec![Enclosure {
            url: "https://a.example/1.pdf?a=1&b=2".to_owned(),
            media_type: Some("application/pdf".to_owned()),
        }],
        ..Item::default()
    };
    assert_eq!(read.items[0], expected);
    let link = Some("https://a.example/2".to_owned());
    assert_eq!(read.items[1], Item { guid: link.clone(), link, ..Item::default() });
    assert_eq!((read.items.len(), read.ignored), (2, 0));
}

#[test]
fn atom_is_read_ch_106() {
    let expected = Item {
        guid: Some("urn:1".to_owned()),
        link: Some("https://a.example/1".to_owned()),
        title: Some("Een <i>bericht</i>".to_owned()),
        content: Some("Lange tekst".to_owned()),
        published: Some("2026-12-01T09:00:00Z".to_owned()),
        updated: Some("later".to_owned()),
        authors: vec!["An".to_owned()],
        categories: vec!["Label".to_owned(), "u".to_owned()],
        enclosures: vec![Enclosure { url: "https://a.example/1.mp3".to_owned(), media_type: None }],
        ..Item::default()
    };
    assert_eq!(read(ATOM).unwrap().items, std::slice::from_ref(&expected));
    let prefixed = ATOM
        .replace('<', "<a:")
        .replace("<a:/", "</a:")
        .replace("xmlns=", "xmlns:a=")
        .replace("a:div xmlns:a=\"http://www.w3.org/1999/xhtml\"", "a:div");
    assert_eq!(read(&prefixed).unwrap().items, [expected], "{prefixed}");
}

#[test]
fn older_versions_are_read_ch_106() {
    let rdf = Item {
        guid: Some("urn:1".to_owned()),
        link: Some("https://a.example/1".to_owned()),
        title: Some("Een".to_owned()),
        published: Some("2026-12-01T00:00:00Z".to_owned()),
        ..Item::default()
    };
    assert_eq!(read(RDF).unwrap().items, [rdf]);
    let old = Item { link: Some("https://a.example/1".to_owned()), title: Some("Een".to_owned()), ..Item::default() };
    assert_eq!(read(OLD).unwrap().items, [old]);
}

#[test]
fn a_feed_that_is_cut_off_at_any_byte_is_an_error_ch_106() {
    for whole in [RSS, ATOM, RDF, OLD] {
        for length in 0..whole.len() {
            let found = items(&whole.as_bytes()[..length], None, 100);
            assert!(found.is_err(), "{}", &whole[..whole.floor_char_boundary(length)]);
        }
    }
}

#[test]
fn what_is_no_feed_is_an_error_without_its_text_ch_106() {
    for (text, expected) in [
        ("", ReadError::Malformed),
        ("secret", ReadError::Malformed),
        ("<secret/>", ReadError::NoFeed),
        ("<!DOCTYPE html><html><body>secret</body></html>", ReadError::NoFeed),
        ("<rss><channel></secret></rss>", ReadError::Malformed),
        ("<rss><channel>&secret;</channel></rss>", ReadError::Entity),
        ("<rss><channel>&#0;</channel></rss>", ReadError::Malformed),
        ("{\"secret\": 1}", ReadError::Malformed),
        ("<feed/>", ReadError::NoFeed),
    ] {
        let found = read(text).unwrap_err();
        assert_eq!(found, expected, "{text}");
        assert!(!format!("{found} {found:?}").contains("secret"), "{found:?}");
    }
    assert_eq!(read("<rss/>"), Ok(Items::default()), "a feed may be empty");
}

#[test]
fn entities_are_not_expanded_and_nothing_is_fetched_ch_108() {
    let mut bomb = "<!DOCTYPE rss [<!ENTITY a0 \"boem\">".to_owned();
    for number in 1..30 {
        let before = number - 1;
        write!(bomb, "<!ENTITY a{number} \"&a{before};&a{before};\">").unwrap();
    }
    let external = "<!DOCTYPE rss [<!ENTITY a29 SYSTEM \"file:///etc/passwd\">";
    for prolog in [&bomb, external] {
        assert_eq!(read(&format!("{prolog}]>{}", rss("<title>&a29;</title>"))), Err(ReadError::Entity));
        let unused = read(&format!("{prolog}]>{}", rss("<title>a</title>"))).unwrap();
        assert_eq!(unused.items[0].title, Some("a".to_owned()));
        let attribute = read(&format!("{prolog}]>{}", rss("<enclosure url='&a29;'/>"))).unwrap();
        assert_eq!(attribute.items[0].enclosures, []);
    }
}

#[test]
fn huge_feeds_stay_within_bounds_ch_108() {
    let long = "é".repeat(MAX_TEXT);
    let found = read(&rss(&format!("<title>{long}</title><guid>{long}</guid><category>{long}</category>"))).unwrap();
    let item = &found.items[0];
    assert_eq!(item.title.as_ref().map(String::len), Some(MAX_TEXT));
    assert_eq!(
        (&item.guid, &item.truncated),
        (&None, &vec![Field::Title]),
        "half a guid could be that of another item"
    );
    assert!(item.categories[0].len() <= 2_048);

    let mut many = "<rss><channel>".to_owned();
    for number in 0..10_000 {
        write!(many, "<item><guid>{number}</guid></item>").unwrap();
    }
    many.push_str("</channel></rss>");
    let found = read(&many).unwrap();
    assert_eq!((found.items.len(), found.ignored), (100, 9_900));
    assert_eq!(found.items[99].guid, Some("99".to_owned()));

    let lists = read(&rss(&"<category>a</category><enclosure url='u'/>".repeat(1_000))).unwrap();
    assert_eq!((lists.items[0].categories.len(), lists.items[0].enclosures.len()), (50, 50));

    let deep = format!("<rss>{}{}</rss>", "<a>".repeat(300), "</a>".repeat(300));
    assert_eq!(read(&deep), Err(ReadError::TooDeep));
    let mut namespaces = "<rss".to_owned();
    for number in 0..100 {
        write!(namespaces, " xmlns:n{number}='urn:{number}'").unwrap();
    }
    assert_eq!(read(&format!("{namespaces}/>")), Err(ReadError::Namespaces));
    let apart = "<item xmlns:a='urn:a' xmlns:b='urn:b'><a:x/></item>".repeat(1_000);
    assert_eq!(read(&format!("<rss>{apart}</rss>")).unwrap().ignored, 900, "those of an item end with it");
}

#[test]
fn control_characters_are_left_out() {
    let found = read(&rss("<title>a&#7;b\u{1b}[31m&#10;c</title>")).unwrap();
    assert_eq!(found.items[0].title, Some("ab[31m\nc".to_owned()));
}
