//! Splits text with JSON objects into those objects, whether they are in an array, one on a line, or on several lines. It finds
//! where an object ends; it does not check that it is JSON.

use std::io::{self, BufRead};

/// The most bytes of an object.
const MAX_OBJECT: usize = 256 << 10;

/// An object, or why there is none.
#[derive(Debug, PartialEq, Eq)]
pub enum Found {
    /// The bytes of an object.
    Object(Vec<u8>),
    /// An object of more than 256 KiB.
    TooLarge,
    /// A character that is in no object.
    Stray,
}

/// The objects of a text, each with the number of the line that it begins on. After an error of the reader there are no more.
pub struct Objects<R> {
    text: R,
    line: u64,
    is_broken: bool,
}

/// Where the scan is in an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Outside,
    Inside { depth: u32 },
    Text { depth: u32 },
    Escape { depth: u32 },
}

impl<R: BufRead> Objects<R> {
    /// The objects of this text.
    pub fn new(text: R) -> Self {
        Self { text, line: 1, is_broken: false }
    }

    /// The next one.
    fn read(&mut self) -> io::Result<Option<(u64, Found)>> {
        let (mut place, mut start) = (Place::Outside, self.line);
        let (mut object, mut is_too_large, mut is_stray) = (Vec::new(), false, false);
        loop {
            let buffer = self.text.fill_buf()?;
            if buffer.is_empty() {
                let is_cut = place != Place::Outside || is_stray;
                return Ok(is_cut.then_some((start, Found::Stray)));
            }
            let mut used = 0;
            let mut ended = false;
            for byte in buffer {
                used += 1;
                if *byte == b'\n' {
                    self.line += 1;
                }
                place = match (place, *byte) {
                    (Place::Outside, b'\n') if is_stray => {
                        ended = true;
                        break;
                    }
                    (Place::Outside, b'{') if !is_stray => {
                        start = self.line;
                        Place::Inside { depth: 1 }
                    }
                    (Place::Outside, b' ' | b'\t' | b'\r' | b'\n' | b'[' | b']' | b',' | 0xEF | 0xBB | 0xBF) => {
                        Place::Outside
                    }
                    (Place::Outside, _) => {
                        start = if is_stray { start } else { self.line };
                        is_stray = true;
                        Place::Outside
                    }
                    (Place::Inside { depth }, b'"') | (Place::Escape { depth }, _) => Place::Text { depth },
                    (Place::Inside { depth }, b'{') => Place::Inside { depth: depth.saturating_add(1) },
                    (Place::Inside { depth: 1 }, b'}') => {
                        object.push(b'}');
                        ended = true;
                        break;
                    }
                    (Place::Inside { depth }, b'}') => Place::Inside { depth: depth - 1 },
                    (Place::Text { depth }, b'"') => Place::Inside { depth },
                    (Place::Text { depth }, b'\\') => Place::Escape { depth },
                    (place, _) => place,
                };
                if place != Place::Outside {
                    if object.len() < MAX_OBJECT { object.push(*byte) } else { is_too_large = true }
                }
            }
            self.text.consume(used);
            if ended {
                let found = match (is_stray, is_too_large) {
                    (true, _) => Found::Stray,
                    (false, true) => Found::TooLarge,
                    (false, false) => Found::Object(object),
                };
                return Ok(Some((start, found)));
            }
        }
    }
}

impl<R: BufRead> Iterator for Objects<R> {
    type Item = io::Result<(u64, Found)>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_broken {
            return None;
        }
        let found = self.read().transpose();
        self.is_broken = matches!(found, Some(Err(_)));
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn objects(text: &str) -> Vec<(u64, Found)> {
        // A small buffer, so that objects are in several.
        let reader = io::BufReader::with_capacity(3, text.as_bytes());
        Objects::new(reader).map(Result::unwrap).collect()
    }

    fn object(text: &str) -> Found {
        Found::Object(text.as_bytes().to_vec())
    }

    #[test]
    fn ch_130_objects_are_found_in_arrays_and_lines() {
        for text in ["{\"a\":1}\n{\"b\":{}}\n", "[{\"a\":1},\n{\"b\":{}}]", "\u{feff}[\n{\"a\":1}, \n{\"b\":{}}\n]\n"] {
            let found: Vec<_> = objects(text).into_iter().map(|(_, found)| found).collect();
            assert_eq!(found, [object("{\"a\":1}"), object("{\"b\":{}}")], "{text}");
        }
        let many_lines = objects("\n{\n\"a\": \"}\\\"{\\\\\"\n}\n{}");
        assert_eq!(many_lines, [(2, object("{\n\"a\": \"}\\\"{\\\\\"\n}")), (5, object("{}"))]);
        assert_eq!(objects(""), []);
        assert_eq!(objects("[]\n"), []);
    }

    #[test]
    fn ch_130_what_is_no_object_is_a_fault_of_its_line_and_large_ones_are_not_kept() {
        assert_eq!(objects("{}\noops {}\n{}"), [(1, object("{}")), (2, Found::Stray), (3, object("{}"))]);
        assert_eq!(objects("{}\n{\"a\":"), [(1, object("{}")), (2, Found::Stray)]);
        let large = format!("{{\"a\":\"{}\"}}\n{{}}", "x".repeat(2 * MAX_OBJECT));
        assert_eq!(objects(&large), [(1, Found::TooLarge), (2, object("{}"))]);
    }
}
