//! The gateway as a process with the environment, arguments and files of its container. Paths and ports of the container are
//! replaced, wherever they occur, by those of a temporary folder and by free ports.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use interop::{Failure, http, target};
use serde_json::Value;
use tokio::process::{Child, Command};

use crate::read;

/// The folders of the container that files and volumes are laid in.
const FOLDERS: [&str; 4] = ["/etc/gateway", "/run/secrets", "/var/lib/gateway", "/usr/local/bin"];
/// The ports that the gateway listens on in its container.
const PORTS: [u16; 2] = [8080, 9090];

pub struct Container {
    folder: tempfile::TempDir,
    /// Texts and their replacements, such as another address of Kafka.
    replace: Vec<(String, String)>,
    environment: BTreeMap<String, String>,
    process: Option<Child>,
}

impl Container {
    /// A container with the environment of the image.
    pub fn new() -> Result<Container, Failure> {
        let folder = tempfile::tempdir().map_err(Failure::file(&std::env::temp_dir()))?;
        let mut replace: Vec<(String, String)> =
            FOLDERS.iter().map(|path| ((*path).to_owned(), format!("{}{path}", folder.path().display()))).collect();
        for port in PORTS {
            let free = free_port::free_port();
            replace.push((format!("0.0.0.0:{port}"), format!("127.0.0.1:{free}")));
            replace.push((format!("127.0.0.1/{port}"), format!("127.0.0.1/{free}")));
        }
        let mut container = Container { folder, replace, environment: BTreeMap::new(), process: None };
        for folder in FOLDERS {
            let made = container.path(folder);
            fs::create_dir_all(&made).map_err(Failure::file(&made))?;
        }
        let file = read("Containerfile");
        for pair in file.lines().filter_map(|line| line.strip_prefix("ENV ")).flat_map(str::split_whitespace) {
            let (name, value) = pair.split_once('=').expect("NAME=value");
            container.set(name, value);
        }
        Ok(container)
    }

    /// Replaces one text by another from now on.
    pub fn replace(&mut self, text: &str, with: &str) {
        self.replace.push((text.to_owned(), with.to_owned()));
    }

    pub fn set(&mut self, name: &str, value: &str) {
        let value = self.here(value);
        self.environment.insert(name.to_owned(), value);
    }

    /// Writes a file at a path of the container.
    pub fn file(&self, path: &str, content: &str) -> Result<(), Failure> {
        let file = self.path(path);
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder).map_err(Failure::file(folder))?;
        }
        fs::write(&file, self.here(content)).map_err(Failure::file(&file))
    }

    /// The path on this machine of a path in the container.
    fn path(&self, path: &str) -> PathBuf {
        Path::new(&self.here(path)).to_owned()
    }

    /// A text with its paths, ports and other replacements made.
    fn here(&self, text: &str) -> String {
        self.replace.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
    }

    /// The address of a path on one of its ports.
    pub fn url(&self, port: u16, path: &str) -> String {
        format!("http://{}{path}", self.here(&format!("0.0.0.0:{port}")))
    }

    fn command<'a>(&self, program: &Path, arguments: impl IntoIterator<Item = &'a str>) -> Command {
        let mut command = Command::new(program);
        command.args(arguments.into_iter().map(|argument| self.here(argument)));
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        // A change is never refused because the disk of the test machine is slow.
        command.env("GATEWAY_LIMITS__STORE_SECONDS", "300").envs(&self.environment);
        command.current_dir(self.folder.path()).stdin(Stdio::null()).kill_on_drop(true);
        command
    }

    /// Runs another program in it to its end, with the gateway's binary where the image has it.
    pub async fn run(&self, words: &[&str]) -> Result<Output, Failure> {
        let (program, arguments) = words.split_first().expect("a program");
        let program = if *program == "gateway" { binary()? } else { PathBuf::from(program) };
        let output = self.command(&program, arguments.iter().copied()).output().await;
        output.map_err(Failure::file(&program))
    }

    /// Starts the gateway with these arguments, or those of the image.
    pub fn start(&mut self, arguments: Option<&[&str]>) -> Result<(), Failure> {
        let file = read("Containerfile");
        let own = file.lines().find_map(|line| line.strip_prefix("CMD ")).expect("CMD");
        let own: Vec<String> = serde_json::from_str(own).expect("a list");
        let arguments = arguments.map_or_else(|| own.iter().map(String::as_str).collect(), <[&str]>::to_vec);
        let log = self.folder.path().join("log");
        let output = fs::File::create(&log).map_err(Failure::file(&log))?;
        let mut command = self.command(&binary()?, arguments);
        self.process = Some(command.stdout(Stdio::null()).stderr(output).spawn().map_err(Failure::file(&log))?);
        Ok(())
    }

    /// Waits until a path on a port answers 200.
    pub async fn answers(&mut self, port: u16, path: &str) -> Result<(), Failure> {
        let url = self.url(port, path);
        for _ in 0..6_000 {
            if http::send("GET", &url, "", None).await.is_ok_and(|(status, _)| status == 200) {
                return Ok(());
            }
            if self.ended() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Err(Failure::Exchange { what: format!("{path} does not answer 200"), why: self.log() })
    }

    fn ended(&mut self) -> bool {
        self.process.as_mut().is_none_or(|process| !matches!(process.try_wait(), Ok(None)))
    }

    /// Sends SIGTERM, as an orchestrator does, and waits until the process has exited with status 0.
    pub async fn stop(&mut self) -> Result<(), Failure> {
        let mut process = self.process.take().expect("it runs");
        let pid = process.id().expect("it runs").to_string();
        let signalled =
            Command::new("kill").args(["-TERM", &pid]).status().await.map_err(Failure::file(Path::new("kill")))?;
        assert!(signalled.success(), "{}", self.log());
        let ended = tokio::time::timeout(Duration::from_mins(5), process.wait()).await;
        let status = ended.expect("it ends").map_err(Failure::file(Path::new("gateway")))?;
        assert!(status.success(), "{status}: {}", self.log());
        Ok(())
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// The container of a pod. `give` returns the files of Secrets and of ConfigMaps that are not the chart's own.
    pub fn of_pod(pod: &Value, configuration: &str, give: &dyn Fn(&str, &str) -> String) -> Result<Container, Failure> {
        let mut made = Container::new()?;
        let spec = &pod["spec"];
        let container = &spec["containers"][0];
        for variable in container["env"].as_array().into_iter().flatten() {
            made.set(variable["name"].as_str().expect("a name"), variable["value"].as_str().expect("a value"));
        }
        let volumes = spec["volumes"].as_array().cloned().unwrap_or_default();
        for mount in container["volumeMounts"].as_array().into_iter().flatten() {
            let at = mount["mountPath"].as_str().expect("a path");
            let Some(volume) = volumes.iter().find(|volume| volume["name"] == mount["name"]) else {
                assert_eq!(at, "/var/lib/gateway", "only the claim of a StatefulSet is mounted elsewhere");
                continue;
            };
            if mount["subPath"] == "gateway.toml" {
                made.file(at, configuration)?;
            }
            for (secret, key, path) in files(volume) {
                made.file(&format!("{at}/{path}"), &give(&secret, &key))?;
            }
        }
        Ok(made)
    }

    /// Whether a file was written at a path of the container.
    pub fn has(&self, path: &str) -> bool {
        self.path(path).exists()
    }
}

/// The files of a volume: Secret or ConfigMap, key, path in the volume.
fn files(volume: &Value) -> Vec<(String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    if let Some(sources) = volume["projected"]["sources"].as_array() {
        let items = |source: &Value| {
            let items = source["secret"]["items"].as_array().cloned().unwrap_or_default();
            let name = text(&source["secret"]["name"]);
            items
                .into_iter()
                .map(move |item| (name.clone(), text(&item["key"]), text(&item["path"])))
                .collect::<Vec<_>>()
        };
        return sources.iter().flat_map(items).collect();
    }
    if let Some(name) = volume["secret"]["secretName"].as_str() {
        return ["tls.crt", "tls.key"].map(|key| (name.to_owned(), key.to_owned(), key.to_owned())).to_vec();
    }
    match volume["configMap"]["name"].as_str() {
        Some(name) if volume["name"] == "clients" => vec![(name.to_owned(), "ca.crt".into(), "ca.crt".into())],
        Some(name) if name != crate::chart::RELEASE => {
            vec![(name.to_owned(), "private.pem".into(), "private.pem".into())]
        }
        _ => Vec::new(),
    }
}

/// The path of the gateway binary that was built.
pub fn binary() -> Result<PathBuf, Failure> {
    match std::env::var_os("GATEWAY_BIN") {
        Some(named) => Ok(PathBuf::from(named)),
        None => Ok(target()?.join("debug").join("gateway")),
    }
}
