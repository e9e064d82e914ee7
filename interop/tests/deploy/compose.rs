//! The Compose file as Compose reads it: what it defines for both containers, and the gateway run with the environment,
//! configuration and secrets that it gives, on a broker with the settings that it gives Kafka.

use std::path::Path;

use interop::{Failure, http};
use serde_json::{Value, json};
use tokio::process::Command;

use crate::broker::Broker;
use crate::container::Container;
use crate::{ask, deploy, read, texts};

/// The file in a temporary folder, with the files that its first lines ask to create once.
async fn project() -> Result<(tempfile::TempDir, Value), Failure> {
    let folder = tempfile::tempdir().map_err(Failure::file(&std::env::temp_dir()))?;
    let here = folder.path().join("deploy");
    std::fs::create_dir(&here).map_err(Failure::file(&here))?;
    let text = read("compose.yaml");
    let file = here.join("compose.yaml");
    std::fs::write(&file, &text).map_err(Failure::file(&file))?;
    let commands: Vec<&str> =
        text.lines().filter_map(|line| line.strip_prefix("#   ")).filter(|line| !line.starts_with("docker ")).collect();
    assert_eq!(commands.len(), 3, "{commands:?}");
    for _ in 0..2 {
        let made = Command::new("bash").arg("-ec").arg(commands.join("\n")).current_dir(&here).status().await;
        assert!(made.map_err(Failure::file(&here))?.success(), "{commands:?}");
    }
    let project = ask([Path::new("compose"), &file]).await?;
    Ok((folder, project))
}

#[tokio::test]
async fn both_containers_are_bounded_and_confined() -> Result<(), Failure> {
    let (_folder, project) = project().await?;
    let kafka = &project["services"]["kafka"];
    let gateway = &project["services"]["gateway"];
    for (name, service) in [("kafka", kafka), ("gateway", gateway)] {
        assert_eq!(texts(&service["cap_drop"]), ["ALL"], "{name}");
        assert_eq!(texts(&service["security_opt"]), ["no-new-privileges:true"], "{name}");
        let limits = &service["deploy"]["resources"]["limits"];
        assert!(limits["cpus"].is_number() && limits["memory"].is_string() && limits["pids"].is_number(), "{name}");
        assert!(service["healthcheck"]["test"].is_array() && service["stop_grace_period"].is_string(), "{name}");
    }
    let version = read("kafka/pom.xml");
    let version = version.split("<kafka.version>").nth(1).and_then(|rest| rest.split('<').next()).expect("a version");
    assert_eq!(kafka["image"], format!("apache/kafka:{version}"), "the version that the tests run");
    assert_eq!(kafka["ports"], Value::Null, "nobody is asked who they are there");
    assert_eq!(project["networks"]["kafka"]["internal"], true);
    assert_eq!(kafka["volumes"][0]["source"], "kafka");

    assert_eq!(gateway["read_only"], true);
    let user = format!("USER {}", gateway["user"].as_str().expect("a user"));
    assert!(read("Containerfile").lines().any(|line| line == user), "{user}");
    assert!(deploy("..").join(gateway["build"]["dockerfile"].as_str().expect("a file")).is_file());
    assert_eq!(gateway["depends_on"]["kafka"]["condition"], "service_healthy");
    assert_eq!(gateway["ports"][0]["host_ip"], "127.0.0.1");
    Ok(())
}

#[tokio::test]
async fn the_gateway_works_as_it_is_configured_there() -> Result<(), Failure> {
    let (_folder, project) = project().await?;
    let gateway = &project["services"]["gateway"];
    // Addresses and folders are of the container; all else is as it is there.
    let own = ["KAFKA_LISTENERS", "KAFKA_ADVERTISED_LISTENERS", "KAFKA_CONTROLLER_QUORUM_VOTERS", "KAFKA_LOG_DIRS"];
    let settings = project["services"]["kafka"]["environment"].as_object().expect("settings").iter();
    let settings: Vec<String> = settings
        .filter(|(name, _)| !own.contains(&name.as_str()) && *name != "KAFKA_HEAP_OPTS")
        .filter_map(|(name, value)| {
            let setting = name.strip_prefix("KAFKA_")?.to_lowercase().replace('_', ".");
            Some(format!("{setting}={}", value.as_str()?))
        })
        .collect();
    let broker = Broker::with(&settings).await?;

    let mut container = Container::new()?;
    container.replace("kafka:9092", &broker.address);
    for (name, value) in gateway["environment"].as_object().expect("an environment") {
        container.set(name, value.as_str().expect("a text"));
    }
    for config in gateway["configs"].as_array().expect("configs") {
        let source = &project["configs"][config["source"].as_str().expect("a name")];
        container.file(config["target"].as_str().expect("a path"), source["content"].as_str().expect("a text"))?;
    }
    for secret in gateway["secrets"].as_array().expect("secrets") {
        let file = project["secrets"][secret["source"].as_str().expect("a name")]["file"].as_str().expect("a file");
        let content = std::fs::read_to_string(file).map_err(Failure::file(Path::new(file)))?;
        container.file(secret["target"].as_str().expect("a path"), &content)?;
    }
    // A broker that shares the machine with other tests may take longer than the default.
    container.set("GATEWAY_KAFKA__TIMEOUT_SECONDS", "60");
    let check = container.run(&["gateway", "check", "--config", "/etc/gateway/gateway.toml"]).await?;
    assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stdout));

    let health = texts(&gateway["healthcheck"]["test"]);
    assert_eq!(health[0], "CMD");
    assert!(!container.run(&health[1..]).await?.status.success(), "healthy before it runs");
    container.start(None)?;
    container.answers(9090, "/readyz").await?;
    let healthy = container.run(&health[1..]).await?;
    assert!(healthy.status.success(), "{}", String::from_utf8_lossy(&healthy.stderr));
    let apart = http::send("GET", &container.url(8080, "/livez"), "", None).await?;
    assert_eq!(apart.0, 404, "health is apart from the API");

    let token = container.run(&["gateway", "token", "open-zaak", "--config", "/etc/gateway/gateway.toml"]).await?;
    let token = String::from_utf8_lossy(&token.stdout).trim().to_owned();
    let event = json!({"specversion": "1.0", "id": "1", "source": "urn:x", "type": "nl.overheid.zaken.zaak-geopend"});
    let url = container.url(8080, "/v1/events?kanaal=zaken");
    let posted = http::send_as("application/cloudevents+json", "POST", &url, &token, Some(&event)).await?;
    assert_eq!(posted.0, 202, "{}", posted.1);
    container.stop().await
}
