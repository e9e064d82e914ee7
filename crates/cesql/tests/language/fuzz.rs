//! Random input for parser and evaluator: sequences of tokens, and valid expressions with changed parts, thousands of
//! each from a fixed seed. Nothing may panic and everything must terminate; results are not checked.

use cesql::{Expression, MAX_HEIGHT, MAX_LENGTH, Value};

/// Pieces of the language, and some that are none.
const PIECES: &[&str] = &[
    "(",
    ")",
    ",",
    "NOT",
    "AND",
    "OR",
    "XOR",
    "=",
    "!=",
    "<>",
    "<",
    "<=",
    ">",
    ">=",
    "+",
    "-",
    "*",
    "/",
    "%",
    "LIKE",
    "IN",
    "EXISTS",
    "id",
    "hop",
    "text",
    "missing",
    "1",
    "0",
    "007",
    "2147483647",
    "2147483648",
    "-2147483648",
    "'a%_'",
    "'%%%_%'",
    "'\\%'",
    "\"b\\\"\"",
    "''",
    "'é€😀'",
    "TRUE",
    "false",
    "LENGTH(",
    "SUBSTRING(",
    "CONCAT_WS(",
    "CONCAT(",
    "LEFT(",
    "ABS(",
    "INT(",
    "NO_SUCH(",
    "'",
    "\"",
    "\\",
    "_",
    "!",
    "é",
    "\u{0}",
    "\u{2028}",
    "1a",
    "a_b",
    "\t",
    "\n",
];

/// Good expressions to start from.
const GOOD: &[&str] = &[
    "type LIKE 'nl.overheid.%' AND sequence > 10 AND EXISTS id",
    "NOT (id IN ('1', 2, TRUE)) OR hop / 0 = 1",
    "SUBSTRING(CONCAT_WS(', ', text, 'é', STRING(hop)), -3, 2) = \"b\\\"\"",
    "-(hop) % 7 <= ABS(-2147483648) XOR IS_INT(text)",
    "LEFT(UPPER(TRIM(text)), 100) NOT LIKE '\\%_%\\_' AND int(id) < int(hop)",
    "((((((((1))))))))+2*3-4/5%6",
];

/// A small generator of numbers (xorshift), the same on every machine.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }

    fn one_of(&mut self, list: &'static [&'static str]) -> &'static str {
        list[self.below(list.len())]
    }
}

fn attributes(name: &str) -> Option<Value<'static>> {
    match name {
        "id" => Some(Value::from("1")),
        "hop" => Some(Value::Integer(i32::MIN)),
        "text" => Some(Value::from("naïef %_\\ 😀")),
        _ => None,
    }
}

/// Parses and, when that goes well, evaluates; whether it did.
fn survives(text: &str) -> bool {
    match Expression::parse(text) {
        Ok(expression) => {
            let evaluation = expression.evaluate(&attributes);
            let passes = evaluation.errors.is_empty() && evaluation.value == Value::Boolean(true);
            assert_eq!(expression.matches(&attributes), passes, "{text:?}");
            true
        }
        Err(error) => {
            assert!(error.position <= text.chars().count(), "{text:?}: {error}");
            false
        }
    }
}

#[test]
fn soups_of_tokens() {
    let mut numbers = Numbers(0x5eed_0001);
    let mut good = 0;
    for _ in 0..20_000 {
        let count = numbers.below(24);
        let space = [" ", ""][numbers.below(2)];
        let soup: Vec<&str> = (0..count).map(|_| numbers.one_of(PIECES)).collect();
        good += u32::from(survives(&soup.join(space)));
    }
    assert!(good > 100, "only {good} were expressions, so nothing was evaluated");
}

#[test]
fn good_expressions_with_pieces_changed() {
    let mut numbers = Numbers(0x5eed_0002);
    let mut good = 0;
    for _ in 0..20_000 {
        let mut chars: Vec<char> = numbers.one_of(GOOD).chars().collect();
        for _ in 0..=numbers.below(4) {
            let at = numbers.below(chars.len() + 1);
            let end = (at + numbers.below(6)).min(chars.len());
            match numbers.below(4) {
                0 => drop(chars.drain(at..end)),
                1 => drop(chars.splice(at..at, numbers.one_of(PIECES).chars())),
                2 => drop(chars.splice(at..end, numbers.one_of(PIECES).chars())),
                _ => {
                    let copy = chars[at..end].to_vec();
                    let to = numbers.below(chars.len() + 1);
                    drop(chars.splice(to..to, copy));
                }
            }
        }
        good += u32::from(survives(&chars.iter().collect::<String>()));
    }
    assert!(good > 100, "only {good} were still expressions");
}

#[test]
fn the_longest_of_each_kind_need_little_stack() {
    let fill = |start: &str, piece: &str, end: &str| {
        let times = (MAX_LENGTH - start.len() - end.len()) / piece.len();
        format!("{start}{}{end}", piece.repeat(times))
    };
    let texts = [
        fill("1", "+1", ""),
        fill("1", "=1", ""),
        fill("TRUE", " AND TRUE", ""),
        fill("1", " LIKE'_'", ""),
        fill("1", " IN(1)", ""),
        fill("", "(", ""),
        fill("", "-", "1"),
        fill("", "NOT ", "TRUE"),
        fill("CONCAT(1", ",1", ")"),
        fill("1 IN (1", ",1", ")"),
        fill("", "ABS(", "1"),
        fill("'", "x", "'"),
        fill("text LIKE '", "%_", "%x'"),
    ];
    let highest = [vec!["1"; MAX_HEIGHT].join("+"), vec!["TRUE"; MAX_HEIGHT].join("=")];
    let all = move || {
        for text in texts {
            survives(&text);
        }
        assert!(highest.iter().all(|text| survives(text)), "the highest are evaluated");
    };
    // What the threads of the runtime have; a build without optimisation needs most.
    let thread = std::thread::Builder::new().stack_size(2 * 1024 * 1024);
    thread.spawn(all).unwrap().join().unwrap();
}
