//! `gateway cesql EXPRESSION…`: evaluates CloudEvents SQL over events, to try a filter out. It knows no subscriptions and
//! asks no running gateway.

use std::fs::File;
use std::io::{self, IsTerminal, Read, stdin};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use cesql::{Error, Evaluation, Expression, ParseError, Value};
use clap::Args;
use model::Event;
use serde::Serialize;
use translator::cloudevents::{batch, binary, structured};
use translator::{Limits, Strictness};

use super::Failure;
use crate::cli::output::{errln, outln};

/// The largest file that is read, in bytes.
const MAX_INPUT: u64 = 1024 * 1024;

/// What is evaluated over what.
#[derive(Debug, Args)]
#[command(after_help = AFTER)]
pub struct Cesql {
    /// An expression, for example "type LIKE 'nl.overheid.%'".
    #[arg(value_name = "EXPRESSION", required_unless_present = "file")]
    expressions: Vec<String>,
    /// File with more expressions, one a line; empty lines and those that begin with # are skipped.
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// File with an event or a batch of them, instead of standard input (repeatable).
    #[arg(long = "event", value_name = "FILE")]
    events: Vec<PathBuf>,
    /// Prints a line of JSON for each expression and event.
    #[arg(long)]
    json: bool,
}

const AFTER: &str = "\
An event is a CloudEvent as JSON (structured mode), a JSON list of them (a batch), or an HTTP message in binary mode:
headers, an empty line, and the payload. Expressions that begin with a minus sign come behind --. Exit status: 0 when every event would pass every expression as a filter, 1 when
one would not, 2 when an expression or an event cannot be read.

Example: gateway cesql \"type LIKE 'nl.overheid.%' AND EXISTS subject\" --event event.json";

/// Prints what each expression makes of each event.
pub fn run(arguments: &Cesql) -> Result<ExitCode, Failure> {
    let mut texts = arguments.expressions.clone();
    if let Some(path) = &arguments.file {
        let lines = String::from_utf8(read(path)?).map_err(|_| format!("{}: is no UTF-8", path.display()))?;
        let lines = lines.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        texts.extend(lines.map(str::to_owned));
    }
    let parsed: Vec<_> = texts.iter().map(|text| (text.as_str(), Expression::parse(text))).collect();
    let unreadable = parsed.iter().any(|(_, parsed)| parsed.is_err());
    for (text, parsed) in &parsed {
        match parsed {
            Err(error) if arguments.json => print(&Line::unreadable(text, error))?,
            Err(error) => errln!("{}", pointed(text, error)),
            Ok(_) => {}
        }
    }
    // To people nothing is of use before the expressions are right.
    if unreadable && !arguments.json {
        return Ok(ExitCode::from(2));
    }
    let events = match all_events(&arguments.events) {
        Ok(events) => events,
        Err(problem) => {
            errln!("gateway: {problem}");
            return Ok(ExitCode::from(2));
        }
    };
    let good: Vec<_> = parsed.iter().filter_map(|(_, parsed)| parsed.as_ref().ok()).collect();
    let single = good.len() == 1 && events.len() == 1;
    let mut all = true;
    for event in &events {
        if !single && !arguments.json {
            outln!("{} {}", event.source(), event.id());
        }
        for expression in &good {
            let evaluation = expression.evaluate(event);
            let passes = expression.matches(event);
            all &= passes;
            if arguments.json {
                print(&Line::of(expression, event, &evaluation, passes))?;
            } else if single {
                outln!("{}", shown(&evaluation.value));
                for error in &evaluation.errors {
                    errln!("{error}");
                }
            } else {
                let verdict = if passes { "pass" } else { "block" };
                let errors = evaluation.errors.iter().map(ToString::to_string);
                let said: Vec<String> = std::iter::once(shown(&evaluation.value)).chain(errors).collect();
                outln!("  {verdict:5}  {}  ->  {}", expression.as_str(), said.join("; "));
            }
        }
    }
    Ok(match (unreadable, all) {
        (true, _) => ExitCode::from(2),
        (false, true) => ExitCode::SUCCESS,
        (false, false) => ExitCode::FAILURE,
    })
}

/// A line of the output for programs.
#[derive(Serialize)]
struct Line<'a> {
    expression: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<serde_json::Value>,
    passes: bool,
    errors: Vec<Problem>,
}

/// An error of parsing or evaluation, by the names of CESQL 3.3.
#[derive(Serialize)]
struct Problem {
    kind: &'static str,
    message: String,
    /// Of a parse error: the character, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<usize>,
}

impl<'a> Line<'a> {
    fn unreadable(expression: &'a str, error: &ParseError) -> Self {
        let problem =
            Problem { kind: "parse", message: error.message.clone(), position: Some(error.position.saturating_add(1)) };
        Self { expression, event: None, value: None, passes: false, errors: vec![problem] }
    }

    fn of(expression: &'a Expression, event: &'a Event, evaluation: &Evaluation<'_>, passes: bool) -> Self {
        let value = match &evaluation.value {
            Value::Boolean(truth) => (*truth).into(),
            Value::Integer(number) => (*number).into(),
            Value::String(text) => text.as_ref().into(),
        };
        let problem = |error: &Error| Problem { kind: kind(error), message: error.to_string(), position: None };
        let errors = evaluation.errors.iter().map(problem).collect();
        Self { expression: expression.as_str(), event: Some(event.id()), value: Some(value), passes, errors }
    }
}

fn kind(error: &Error) -> &'static str {
    match error {
        Error::Math(_) => "math",
        Error::Cast { .. } => "cast",
        Error::MissingAttribute(_) => "missingAttribute",
        Error::MissingFunction { .. } => "missingFunction",
        Error::FunctionEvaluation { .. } => "functionEvaluation",
    }
}

fn print(line: &Line<'_>) -> io::Result<()> {
    outln!("{}", serde_json::to_string(line)?);
    Ok(())
}

fn shown(value: &Value<'_>) -> String {
    match value {
        Value::Boolean(truth) => truth.to_string(),
        Value::Integer(number) => number.to_string(),
        Value::String(text) => format!("{text:?}"),
    }
}

/// The expression with a mark under the character where it goes wrong.
fn pointed(text: &str, error: &ParseError) -> String {
    // One column per character, so that the mark is below the mistake.
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    format!("{line}\n{}^ {error}", " ".repeat(error.position))
}

fn all_events(files: &[PathBuf]) -> Result<Vec<Event>, String> {
    if files.is_empty() {
        if stdin().is_terminal() {
            errln!("gateway: reads an event from standard input (or give --event FILE)");
        }
        let input = bounded(stdin()).map_err(|error| format!("standard input: {error}"))?;
        return events(input).map_err(|problem| format!("the event on standard input: {problem}"));
    }
    let mut all = Vec::new();
    for path in files {
        let input = read(path).map_err(|error| error.to_string())?;
        all.extend(events(input).map_err(|problem| format!("{}: {problem}", path.display()))?);
    }
    Ok(all)
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let input = File::open(path).and_then(bounded);
    Ok(input.map_err(|error| format!("{}: {error}", path.display()))?)
}

fn bounded(input: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    input.take(MAX_INPUT + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_INPUT {
        return Err(io::Error::other(format!("larger than {MAX_INPUT} bytes")));
    }
    Ok(bytes)
}

/// The events of an input, whichever of the three forms it has.
fn events(input: Vec<u8>) -> Result<Vec<Event>, String> {
    let limits = Limits::default();
    match input.iter().copied().find(|byte| !byte.is_ascii_whitespace()) {
        None => Err("is empty".to_owned()),
        Some(b'[') => batch::decode(&input.into(), Strictness::Lenient, &limits).map_err(|error| match &error {
            batch::BatchRejection::Events(verdicts) => {
                let first =
                    verdicts.iter().enumerate().find_map(|(index, verdict)| Some((index, verdict.as_ref().err()?)));
                first.map_or_else(|| error.to_string(), |(index, problem)| format!("event {}: {problem}", index + 1))
            }
            other => other.to_string(),
        }),
        Some(b'{') => match structured::decode(&input.into(), Strictness::Lenient, &limits) {
            Ok(event) => Ok(vec![event]),
            Err(error) => Err(error.to_string()),
        },
        Some(_) => in_binary_mode(&input, &limits).map(|event| vec![event]),
    }
}

/// An HTTP message: perhaps a request line, headers, an empty line, the payload.
fn in_binary_mode(input: &[u8], limits: &Limits) -> Result<Event, String> {
    let mut headers = Vec::new();
    let mut rest = input.trim_ascii_start();
    while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
        let line = rest[..end].strip_suffix(b"\r").unwrap_or(&rest[..end]);
        rest = &rest[end + 1..];
        if line.is_empty() {
            let body = rest.to_vec().into();
            return binary::decode(headers, body, Strictness::Lenient, limits).map_err(|error| error.to_string());
        }
        // Of a request that was written down whole.
        if headers.is_empty() && line.windows(6).any(|word| word == b" HTTP/") {
            continue;
        }
        let Some(colon) = line.iter().position(|byte| *byte == b':') else {
            return Err(format!("{:?} is no header", String::from_utf8_lossy(line)));
        };
        let name = std::str::from_utf8(line[..colon].trim_ascii())
            .map_err(|_| format!("the name of a header is no UTF-8: {:?}", String::from_utf8_lossy(line)))?;
        headers.push((name, line[colon + 1..].trim_ascii()));
    }
    Err("is neither JSON nor an HTTP message: there is no empty line after the headers".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(input: &str) -> Result<Vec<String>, String> {
        Ok(events(input.as_bytes().to_vec())?.iter().map(|event| event.id().to_owned()).collect())
    }

    #[test]
    fn events_are_read_in_three_forms() {
        let one = r#"{"specversion":"1.0","id":"1","source":"/a","type":"nl.a"}"#;
        let two = one.replace("\"1\"", "\"2\"");
        assert_eq!(ids(one), Ok(vec!["1".to_owned()]));
        assert_eq!(ids(&format!(" [{one},\n{two}]")), Ok(vec!["1".to_owned(), "2".to_owned()]));
        let headers =
            "ce-specversion: 1.0\r\nCe-Id:3\r\nce-source: /a\r\nce-type: nl.a\r\nContent-Type: text/plain\r\n";
        for message in
            [format!("{headers}\r\nhallo"), format!("POST /v1/events HTTP/1.1\n{}\n", headers.replace('\r', ""))]
        {
            assert_eq!(ids(&message), Ok(vec!["3".to_owned()]), "{message}");
        }
        for (input, says) in [
            (String::new(), "is empty"),
            (one.replace("\"id\":\"1\",", ""), "id"),
            (format!("[{one},{}]", one.replace("\"id\":\"1\",", "")), "event 2"),
            ("ce-id: 1\n".to_owned(), "no empty line"),
            ("hallo\n\n".to_owned(), "no header"),
        ] {
            let error = ids(&input).unwrap_err();
            assert!(error.contains(says), "{input:?}: {error}");
        }
    }

    #[test]
    fn a_mark_stands_under_the_mistake() {
        let text = "type = 'é' AND\t)";
        let error = Expression::parse(text).unwrap_err();
        let shown = pointed(text, &error);
        let (line, mark) = shown.split_once('\n').unwrap();
        assert_eq!(line.chars().nth(mark.find('^').unwrap()), Some(')'), "{shown}");
    }
}
