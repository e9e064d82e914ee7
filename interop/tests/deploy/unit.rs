//! The systemd unit: systemd itself finds nothing wrong in it, with and without its commented lines, and rates the service
//! as well confined.

use interop::{Failure, gateway};
use tokio::process::Command;

use crate::read;

#[tokio::test]
async fn g12_systemd_accepts_the_unit_and_its_credentials() -> Result<(), Failure> {
    let folder = tempfile::tempdir().map_err(Failure::file(std::path::Path::new("a temporary folder")))?;
    let file = folder.path().join("gateway.service");
    let unit = read("gateway.service").replace("/usr/local/bin/gateway", &gateway::binary()?.display().to_string());
    let setting = |line: &str| {
        line.strip_prefix('#').is_some_and(|rest| rest.starts_with(char::is_uppercase) && rest.contains('='))
    };
    let all: Vec<&str> = unit.lines().map(|line| &line[usize::from(setting(line))..]).collect();
    let all = all.join("\n");
    for part in [
        "\nLoadCredential=open-zaak.secret:",
        "\nEnvironment=GATEWAY_SECRETS__KEY_FILE=%d/secrets.key",
        "\nDynamicUser=yes",
    ] {
        assert!(all.contains(part), "{part} is not in {all}");
    }
    for text in [unit, all] {
        std::fs::write(&file, text).map_err(Failure::file(&file))?;
        for arguments in [&["verify", "--man=no"][..], &["security", "--offline=yes", "--threshold=25", "--no-pager"]] {
            let mut command = Command::new("systemd-analyze");
            let output = command.args(arguments).arg(&file).output().await.map_err(Failure::file(&file))?;
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success() && !said.contains("gateway.service:"), "{arguments:?}: {said}");
        }
    }
    Ok(())
}
