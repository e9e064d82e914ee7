//! The description of the native API under the linter that others use, with rules of our own for the NL API Design Rules
//! (`interop/openapi/rules.yaml`); and a test that these rules find what they are written for.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use interop::{Failure, sources, tools};
use serde_json::{Value, json};

/// The rules that a document breaks, sorted, each once, with where.
fn lint(document: &Path) -> Result<Vec<(String, String)>, Failure> {
    let folder = sources().join("openapi");
    let program = tools::node(&folder)?.join(".bin/spectral");
    let mut command = Command::new(program);
    command.args(["lint", "--quiet", "--format", "json", "--fail-severity", "error", "--ruleset"]);
    let output = command.arg(folder.join("rules.yaml")).arg(document).stdin(Stdio::null()).output();
    let output = output.map_err(Failure::file(document))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    // The text after the list is for users.
    let found = serde_json::Deserializer::from_str(&text).into_iter::<Value>().next();
    let Some(Ok(Value::Array(found))) = found else {
        panic!("the linter said {text}{}", String::from_utf8_lossy(&output.stderr));
    };
    let errors = found.iter().filter(|result| result["severity"] == 0);
    let mut broken: Vec<(String, String)> = errors
        .map(|result| (result["code"].as_str().unwrap_or_default().to_owned(), result["path"].to_string()))
        .collect();
    broken.sort();
    broken.dedup_by(|one, other| one.0 == other.0);
    Ok(broken)
}

fn native() -> PathBuf {
    sources().join("../schemas/native-openapi.json")
}

#[test]
fn the_native_api_keeps_the_api_design_rules_adr_02_04_05_06_11_17_18_21_24_25_26() -> Result<(), Failure> {
    assert_eq!(lint(&native())?, []);
    Ok(())
}

#[test]
fn what_breaks_the_rules_is_found() -> Result<(), Failure> {
    let text = std::fs::read_to_string(native()).map_err(Failure::file(&native()))?;
    let mut document: Value = serde_json::from_str(&text).expect("a JSON document");
    document["info"]["version"] = json!("1.0");
    document["info"]["contact"] = json!({"url": "https://gateway.example"});
    let operation = json!({
        "operationId": "bad", "tags": ["events"], "security": null,
        "parameters": [{"name": "Page_Size", "in": "query", "schema": {"type": "string"}}],
        "responses": {"200": {"description": "Good", "headers": {}}, "401": {"description": "Bad"}, "422": {"description": "Bad"}},
    });
    document["servers"][0]["url"] = json!("/v1.0");
    document["paths"]["/subscriptionList/"] = json!({"get": operation});
    let folder = tempfile::tempdir().map_err(Failure::file(Path::new("a temporary directory")))?;
    let path = folder.path().join("openapi.json");
    std::fs::write(&path, document.to_string()).map_err(Failure::file(&path))?;
    let broken: Vec<String> = lint(&path)?.into_iter().map(|(rule, _)| rule).collect();
    for rule in [
        "adr-02-collections",
        "adr-04-no-trailing-slash",
        "adr-05-path-segments",
        "adr-06-query-keys",
        "adr-17-problems",
        "adr-18-invalid-input",
        "adr-21-contact",
        "adr-24-version-in-uri",
        "adr-25-semver",
        "adr-26-version-header",
        "every-operation-is-secured-or-public",
    ] {
        assert!(broken.iter().any(|found| found == rule), "{rule} is not among {broken:?}");
    }
    Ok(())
}
