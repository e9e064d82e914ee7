//! How the demonstration reads: numbered steps, requests and answers indented below them.

use super::environment::Environment;
use crate::cli::output::outln;

/// What a reader can do next; the line before it sets `TOKEN`, `G` (the gateway) and `S` (the subscriber).
const CURL: &str = r#"curl -sS $G/v1/subscriptions -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \
  -d "{\"sink\": \"$S/mijn-app\", \"protocol\": \"HTTP\", \"config\": {\"kanalen\": [\"parkeren\"]}}"

curl -sS $G/v1/events -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/cloudevents+json' \
  -d '{"specversion": "1.0", "id": "1", "source": "urn:nld:oin:00000001823288444000:systeem:parkeren",
       "type": "nl.overheid.parkeren.vergunning-ingetrokken", "data": {"zone": "A1"}}'

curl -sS "$G/v1/events?kanaal=parkeren" -H "Authorization: Bearer $TOKEN"
curl -sS $G/v1/subscriptions -H "Authorization: Bearer $TOKEN"

curl -sS -X PUT $S/mijn-app/answer -d 422      # from now on it refuses: dead letters
curl -sS $G/v1/dead-letters -H "Authorization: Bearer $TOKEN""#;

/// Prints the story as it happens.
#[derive(Debug, Default)]
pub struct Transcript {
    steps: u32,
}

impl Transcript {
    /// The next step.
    pub fn step(&mut self, text: &str) {
        self.steps += 1;
        outln!("\n{}. {text}", self.steps);
    }

    /// Something that belongs to the step.
    #[expect(clippy::unused_self, reason = "what is shown belongs to a transcript")]
    pub fn show(&self, block: &str) {
        outln!();
        for line in block.lines() {
            outln!("{}", format!("     {line}").trim_end());
        }
    }

    /// A remark.
    #[expect(clippy::unused_self, reason = "what is shown belongs to a transcript")]
    pub fn note(&self, text: &str) {
        outln!("{}", format!("   {text}").trim_end());
    }

    /// The link to the console.
    pub fn show_login_link(&mut self, link: &str) {
        self.step("The same in a browser: this link opens the console, once, within an hour:");
        self.show(link);
    }

    /// The lines to do it oneself.
    pub fn show_curl_commands(&mut self, environment: &Environment) {
        self.step("The same by hand, with curl:");
        let (gateway, subscriber) = (&environment.gateway, &environment.subscriber);
        self.show(&format!("export TOKEN={} G={gateway} S={subscriber}", environment.token));
        self.show("");
        self.show(CURL);
        self.note("");
        self.note("The token is good for an hour. README.md goes on from here.");
    }
}

/// A JSON object with a line for each of its members, for reading; other text as it is.
pub fn format_json(text: &str) -> String {
    if text.len() < 100 || !text.starts_with('{') {
        return text.to_owned();
    }
    let mut laid = String::with_capacity(text.len() + 100);
    let (mut depth, mut quoted, mut escaped) = (0_u32, false, false);
    let mut rest = text.chars().peekable();
    while let Some(letter) = rest.next() {
        laid.push(letter);
        if quoted {
            quoted = escaped || letter != '"';
            escaped = !escaped && letter == '\\';
            continue;
        }
        match letter {
            '"' => quoted = true,
            '{' | '[' => depth += 1,
            '}' | ']' => depth = depth.saturating_sub(1),
            ',' if depth == 1 => {
                laid.push_str("\n ");
                while rest.next_if(char::is_ascii_whitespace).is_some() {}
            }
            _ => {}
        }
    }
    laid
}

#[cfg(test)]
mod tests {
    use super::format_json;

    #[test]
    fn members_stand_on_lines_of_their_own() {
        let long = "x".repeat(100);
        let text = format!(r#"{{"a": "{long},\",", "b": [1, {{"c": 2, "d": 3}}],"e": 4}}"#);
        let lines: Vec<String> = format_json(&text).lines().map(str::to_owned).collect();
        assert_eq!(lines.len(), 3);
        assert_eq!(lines[1], r#" "b": [1, {"c": 2, "d": 3}],"#);
        assert_eq!(format_json("{\"a\":1,\"b\":2}"), "{\"a\":1,\"b\":2}");
    }
}
