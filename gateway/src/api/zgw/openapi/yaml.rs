//! A JSON document as YAML 1.2 in block style. Strings stay in double quotes, where JSON's escapes mean the same.

use std::fmt::Write;

use serde_json::Value;

/// The document with a newline at its end.
pub fn print(document: &Value) -> String {
    let mut out = String::new();
    write(document, 0, &mut out);
    out.truncate(out.trim_end().len());
    out.push('\n');
    out.trim_start().to_owned()
}

/// Writes a value behind a key or a dash: on the same line when it is simple, below it otherwise.
fn write(value: &Value, depth: usize, out: &mut String) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (name, member) in members {
                begin(depth, out);
                if is_plain(name) {
                    out.push_str(name);
                } else {
                    // Writing to a String cannot fail.
                    let _ = write!(out, "{}", Value::from(name.as_str()));
                }
                out.push(':');
                write(member, depth + 1, out);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                begin(depth, out);
                out.push('-');
                write(item, depth + 1, out);
            }
        }
        simple => {
            let _ = write!(out, " {simple}");
        }
    }
}

fn begin(depth: usize, out: &mut String) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth));
}

/// Whether a name means itself without quotes: letters, and no word that YAML reads as something else.
fn is_plain(name: &str) -> bool {
    const WORDS: [&str; 10] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan"];
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && !WORDS.iter().any(|word| word.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn blocks_quotes_and_empty_values() {
        let document = json!({
            "openapi": "3.1.0", "no": null, "a b": [], "list": [1, {"x": true, "y": "q\"\n"}, [2]], "200": {}, "é": "ü: #",
        });
        let mut lines: Vec<String> = print(&document).lines().map(str::to_owned).collect();
        lines.sort();
        let mut expected = vec![
            "openapi: \"3.1.0\"",
            "\"no\": null",
            "\"a b\": []",
            "list:",
            "  - 1",
            "  -",
            "    x: true",
            "    \"y\": \"q\\\"\\n\"",
            "  -",
            "    - 2",
            "\"200\": {}",
            "\"é\": \"ü: #\"",
        ];
        expected.sort_unstable();
        assert_eq!(lines, expected);
    }
}
