//! nginx with `deploy/nginx/gateway.conf` in front of the gateway: the file is accepted, requests pass with their bodies and
//! headers, and what is for operations is hidden.

use std::path::Path;
use std::process::Stdio;

use interop::gateway::{Gateway, PUBLISHER};
use interop::{Failure, sources, tools};
use tokio::process::{Child, Command};

use crate::{PATIENCE, read};

const NAME: &str = "gateway.gemeente.example";

/// A running nginx with a folder of its own; it ends with this value.
struct Nginx {
    port: u16,
    folder: tempfile::TempDir,
    _process: Child,
}

impl Nginx {
    async fn start(gateway: &str) -> Result<Nginx, Failure> {
        let program = tools::debian(&sources().join("deploy"))?.join("usr/sbin/nginx");
        let folder = tempfile::tempdir().map_err(Failure::file(Path::new("a temporary folder")))?;
        let made = rcgen::generate_simple_self_signed(vec![NAME.to_owned()]).expect("a certificate");
        let port = free_port::free_port();
        let at = |file: &str| folder.path().join(file).display().to_string();
        let server = [
            ("127.0.0.1:8080", gateway.to_owned()),
            ("listen 443", format!("listen 127.0.0.1:{port}")),
            ("/etc/nginx/gateway.crt", at("gateway.crt")),
            ("/etc/nginx/gateway.key", at("gateway.key")),
        ];
        let sample = read("nginx/gateway.conf");
        let conf = server.into_iter().fold(sample, |text, (sample, own)| {
            assert!(text.contains(sample), "{sample}");
            text.replace(sample, &own)
        });
        let kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
        let paths: String = kinds.iter().map(|kind| [kind, "_temp_path ", &at(kind), ";\n"].concat()).collect();
        let main = format!(
            "daemon off;\npid {};\nerror_log stderr;\nevents {{}}\nhttp {{\n{paths}access_log {};\ninclude {};\n}}\n",
            at("pid"),
            at("access.log"),
            at("server.conf")
        );
        for (file, text) in [
            ("gateway.crt", made.cert.pem()),
            ("gateway.key", made.signing_key.serialize_pem()),
            ("server.conf", conf),
            ("nginx.conf", main),
        ] {
            std::fs::write(folder.path().join(file), text).map_err(Failure::file(folder.path()))?;
        }
        let command = || {
            let mut command = Command::new(&program);
            command.arg("-p").arg(folder.path()).arg("-c").arg(folder.path().join("nginx.conf"));
            command.args(["-e", "stderr"]).stdin(Stdio::null()).kill_on_drop(true);
            command
        };
        let tested = command().arg("-t").output().await.map_err(Failure::file(&program))?;
        assert!(tested.status.success(), "nginx -t: {}", String::from_utf8_lossy(&tested.stderr));
        // One process: workers of another one would outlive the test.
        let process = command().args(["-g", "master_process off;"]).stderr(Stdio::null()).spawn();
        let process = process.map_err(Failure::file(&program))?;
        Ok(Nginx { port, folder, _process: process })
    }

    /// Status and headers, then the body, of a request with curl.
    async fn curl(&self, path: &str, arguments: &[&str]) -> Result<String, Failure> {
        let mut command = Command::new("curl");
        command.args([
            "-sS",
            "-i",
            "--http1.1",
            "--retry",
            "30",
            "--retry-connrefused",
            "--retry-delay",
            "1",
            "--cacert",
        ]);
        command.arg(self.folder.path().join("gateway.crt"));
        command.args(["--resolve", &format!("{NAME}:{}:127.0.0.1", self.port)]).args(arguments);
        command.arg(format!("https://{NAME}:{}{path}", self.port)).kill_on_drop(true);
        let what = format!("{command:?}");
        let fault = |why: String| Failure::Exchange { what: what.clone(), why };
        let output =
            tokio::time::timeout(PATIENCE, command.output()).await.map_err(|_| fault("no answer".to_owned()))?;
        let output = output.map_err(|error| fault(error.to_string()))?;
        if !output.status.success() {
            return Err(fault(String::from_utf8_lossy(&output.stderr).into_owned()));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

#[tokio::test]
async fn g13_the_gateway_works_behind_nginx_as_documented() -> Result<(), Failure> {
    let page = read("../docs/behind-a-proxy.md");
    assert!(page.contains(&format!("```nginx\n{}```\n", read("nginx/gateway.conf"))), "the page shows the file");

    let gateway = Gateway::start("[proxy]\ntrusted = [\"127.0.0.1/32\"]\n").await?;
    let token = format!("Authorization: Bearer {}", gateway.token(PUBLISHER).await?);
    let nginx = Nginx::start(gateway.url("").trim_start_matches("http://")).await?;

    let description = nginx.curl("/v1/openapi.json", &[]).await?;
    assert!(description.starts_with("HTTP/1.1 200 "), "{description}");
    for path in ["/livez", "/readyz", "/metrics"] {
        let answer = nginx.curl(path, &[]).await?;
        assert!(answer.starts_with("HTTP/1.1 404 ") && answer.contains("nginx"), "{path}: {answer}");
    }
    let json = "Content-Type: application/json";
    let made = nginx.curl("/v1/kanalen", &["-H", &token, "-H", json, "-d", r#"{"naam": "proxy"}"#]).await?;
    assert!(made.starts_with("HTTP/1.1 201 "), "{made}");

    // Attributes beyond nginx' default of 8 KiB, and a body that the gateway refuses in its own words.
    let long = format!("ce-subject: {}", "s".repeat(20_000));
    let event = [
        "-H",
        &token,
        "-H",
        json,
        "-H",
        "ce-specversion: 1.0",
        "-H",
        "ce-id: 1",
        "-H",
        "ce-type: nl.overheid.proxy.x",
        "-H",
        "ce-source: urn:nld:oin:00000001823288444000:systeem:x",
        "-H",
        &long,
        "-d",
        "{}",
    ];
    let accepted = nginx.curl("/v1/events", &event).await?;
    assert!(accepted.starts_with("HTTP/1.1 202 "), "{accepted}");
    let body = nginx.folder.path().join("body");
    std::fs::write(&body, "x".repeat(1_200_000)).map_err(Failure::file(&body))?;
    let large = format!("@{}", body.display());
    let refused =
        nginx.curl("/v1/events", &["-H", &token, "-H", json, "-H", "Expect:", "--data-binary", &large]).await?;
    assert!(refused.starts_with("HTTP/1.1 413 ") && refused.contains("problem+json"), "{refused}");
    Ok(())
}
