//! Expressions and data from a seed. Left out is what the reference makes of Python and not of JMESPath: order between texts and
//! numbers, true as 1, and the order of members; and a slice right behind an index, which it makes no projection, against the
//! specification.

use serde_json::{Map, Value, json};

/// A linear congruential generator: the same cases in each run.
struct Draw(u64);

impl Draw {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }

    fn one<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len() as u64) as usize]
    }
}

const NAMES: &[&str] = &["a", "b", "c", "naam", "lijst"];
const TEXTS: &[&str] = &["", "x", "aap", "noot", "12"];

/// The case of a seed.
pub fn case(seed: u64) -> (String, Value) {
    let mut draw = Draw(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    for _ in 0..3 {
        draw.below(2);
    }
    let data = object(&mut draw, 3);
    let expression = expression(&mut draw, 3);
    (expression, data)
}

fn value(draw: &mut Draw, depth: u64) -> Value {
    match draw.below(if depth == 0 { 4 } else { 8 }) {
        0 => Value::Null,
        1 => json!(draw.below(2) == 0),
        2 => json!(draw.below(20) as i64 - 5),
        3 => json!(draw.one(TEXTS)),
        4 | 5 => Value::Array((0..draw.below(4)).map(|_| value(draw, depth - 1)).collect()),
        _ => object(draw, depth - 1),
    }
}

fn object(draw: &mut Draw, depth: u64) -> Value {
    let mut members = Map::new();
    for name in NAMES {
        if draw.below(3) > 0 {
            members.insert((*name).to_owned(), value(draw, depth));
        }
    }
    Value::Object(members)
}

fn path(draw: &mut Draw) -> String {
    let mut text = draw.one(&["a", "b", "c", "naam", "lijst", "@", "\"a\""]).to_owned();
    for _ in 0..draw.below(4) {
        let next = match draw.below(9) {
            0..=2 => format!(".{}", draw.one(NAMES)),
            3 => format!("[{}]", draw.below(6) as i64 - 3),
            4 => "[*]".to_owned(),
            5 => "[]".to_owned(),
            // A slice right behind an index.
            6 | 7 if text.ends_with(']') => "[*]".to_owned(),
            6 => format!("[{}:{}]", draw.below(4) as i64 - 2, draw.below(4)),
            7 => format!("[::{}]", draw.one(&["-1", "2", "1"])),
            _ => format!("[?{}]", draw.one(&["a", "@", "naam == 'x'", "b && c", "!lijst"])),
        };
        text.push_str(&next);
    }
    text
}

fn expression(draw: &mut Draw, depth: u64) -> String {
    if depth == 0 {
        return match draw.below(5) {
            0 => format!("'{}'", draw.one(TEXTS)),
            1 => format!("`{}`", draw.below(12)),
            2 => format!("`{}`", draw.one(&["null", "true", "[]", "{}", "\"x\"", "[1, 2]", "1.5"])),
            _ => path(draw),
        };
    }
    let below = depth - 1;
    match draw.below(16) {
        0 => [expression(draw, below), expression(draw, below)].join(" || "),
        1 => [expression(draw, below), expression(draw, below)].join(" && "),
        2 => ["!", &path(draw)].concat(),
        3 => ["(", &expression(draw, below), ")"].concat(),
        4 => [expression(draw, below), path(draw)].join(" | "),
        5 | 6 => {
            let (left, right) = (path(draw), expression(draw, 0));
            format!("{left} {} {right}", draw.one(&["==", "!="]))
        }
        7 => format!("length({0}) {1} `{2}`", path(draw), draw.one(&["<", "<=", ">", ">="]), draw.below(4)),
        8 => format!("[{}, {}]", expression(draw, below), path(draw)),
        9 => format!("{{p: {}, q: {}}}", expression(draw, below), path(draw)),
        10 => {
            let name =
                draw.one(&["type", "to_array", "not_null", "length", "reverse", "abs", "ceil", "floor", "sum", "avg"]);
            format!("{name}({})", path(draw))
        }
        11 => {
            let name = draw.one(&["sort", "max", "min", "to_number", "values", "keys"]);
            format!("{name}({})", path(draw))
        }
        12 => format!("map(&{}, {})", path(draw), path(draw)),
        13 => format!("{}({}, {})", draw.one(&["starts_with", "ends_with"]), path(draw), expression(draw, 0)),
        14 => format!("{}({}, &{})", draw.one(&["sort_by", "max_by", "min_by"]), path(draw), draw.one(NAMES)),
        _ => format!("join('-', {})", path(draw)),
    }
}
