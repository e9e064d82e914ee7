//! People log in to the console with `oidc-provider` (`interop/oidc/people.js`), a certified provider of OpenID Connect.

use interop::gateway::Gateway;
use interop::program::Server;
use interop::{Failure, sources, tools};
use serde_json::json;
use tokio::process::Command;

use super::{browse_once, is_empty};

async fn provider() -> Result<Server, Failure> {
    let folder = sources().join("oidc");
    let mut command = Command::new("node");
    command.arg(folder.join("people.js")).arg(tools::node(&folder)?);
    Server::start("oidc-provider", command).await
}

fn configuration(issuer: &str, authentication: &str) -> String {
    format!(
        "[console]\norganisation = \"Gemeente Voorbeeld\"\n[console.oidc]\nissuer = \"{issuer}\"\n\
         client_id = \"eventgateway\"\n{authentication}\n[console.claims]\nroles = [\"roles\"]\n\
         [console.claims.grants]\nbeheerder = [\"gw-beheer\"]\nauditor = [\"gw-audit\"]\n"
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_log_in_with_a_provider_and_out_of_both() -> Result<(), Failure> {
    let mut provider = provider().await?;
    let issuer = format!("http://127.0.0.1:{}", provider.port);
    let secret = "client_secret = \"het geheim van de eventgateway\"";
    let gateway = Gateway::start(&configuration(&issuer, secret)).await?;
    let base = gateway.url("");
    provider.ask(&json!({"gateway": base, "authentication": "client_secret_basic"})).await?;
    provider.ask(&json!({"roles": ["gw-beheer", "gw-audit", "iets-anders"]})).await?;
    let seen = browse_once(&json!({"base": base, "provider": issuer, "logOut": true})).await?;
    assert_eq!(seen["first"], "/beheer/inloggen", "{seen}");
    let shown = seen["shown"].as_str().unwrap_or_default();
    assert!(shown.contains("Anna de Vries") && shown.contains("auditor, administrator"), "{seen}");
    assert!(seen["title"].as_str().is_some_and(|title| title.starts_with("Overview")), "{seen}");
    assert!(is_empty(&seen, "breaches") && is_empty(&seen, "foreign"), "{seen}");
    assert!(seen["end"].as_str().is_some_and(|end| end.starts_with(&issuer)), "{seen}");
    assert_eq!(seen["cookies"], json!([]), "{seen}");
    // Without a role: a page that says so, and no session.
    provider.ask(&json!({"roles": ["iets-anders"]})).await?;
    let seen = browse_once(&json!({"base": base, "provider": issuer})).await?;
    assert!(seen["title"].as_str().is_some_and(|title| title.starts_with("No access")), "{seen}");
    assert_eq!(seen["cookies"], json!([]), "{seen}");
    assert!(!gateway.log().contains("Anna"), "no name of a person is in the log");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_gateway_proves_itself_to_the_provider_with_a_private_key() -> Result<(), Failure> {
    let mut provider = provider().await?;
    let issuer = format!("http://127.0.0.1:{}", provider.port);
    let made = provider.ask(&json!({"gateway": "http://127.0.0.1:1", "authentication": "private_key_jwt"})).await?;
    let folder = tempfile::tempdir().map_err(Failure::file(&std::env::temp_dir()))?;
    let file = folder.path().join("client.pem");
    std::fs::write(&file, made["key"].as_str().unwrap_or_default()).map_err(Failure::file(&file))?;
    let by_key = format!(
        "client_authentication = \"private_key_jwt\"\nprivate_key_id = \"eventgateway-1\"\nprivate_key_file = {:?}",
        file.display().to_string()
    );
    let gateway = Gateway::start(&configuration(&issuer, &by_key)).await?;
    let base = gateway.url("");
    provider.ask(&json!({"gateway": base, "authentication": "private_key_jwt"})).await?;
    provider.ask(&json!({"roles": ["gw-audit"]})).await?;
    let seen = browse_once(&json!({"base": base, "provider": issuer})).await?;
    assert!(seen["shown"].as_str().is_some_and(|shown| shown.contains("Anna de Vries (auditor)")), "{seen}");
    let cookie = json!([{"name": "gw-beheer", "httpOnly": true, "sameSite": "Lax"}]);
    assert_eq!(seen["cookies"], cookie, "{seen}");
    Ok(())
}
