//! Advice on files and directories that others on the machine can read: stored events, the key, and secrets.

use std::{
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use crate::config::{CheckResult, Config};

/// The permissions of others than the owner and its group.
const OTHERS: u32 = 0o007;

/// What others can read and should not, among them the configuration `file`. A group may have access, as mounted secrets have on Kubernetes.
pub fn advise(file: Option<&Path>, config: &Config, key: &Path) -> Vec<CheckResult> {
    let secrets = config.applicatie.iter().flat_map(|applicatie| applicatie.secret_paths().map(PathBuf::as_path));
    let has_secrets = config.applicatie.iter().any(|own| own.secret.is_some() || !own.secrets.is_empty());
    let configuration = file.filter(|_| has_secrets);
    let files = ["gateway.sqlite", "journal.sqlite", "audience.db"].map(|name| config.data.join(name));
    let people = config.people.as_ref().map(|people| people.key_file(config));
    let stored: Vec<PathBuf> = files.into_iter().chain(people).collect();
    let all = [Some(config.data.as_path()), Some(key), configuration].into_iter().flatten().chain(secrets);
    all.chain(stored.iter().map(PathBuf::as_path)).filter_map(advice).collect()
}

fn advice(path: &Path) -> Option<CheckResult> {
    let mode = std::fs::metadata(path).ok()?.permissions().mode() & 0o777;
    let private = if path.is_dir() { 0o700 } else { 0o600 };
    let (path, remedy) = (path.display(), format!("chmod {private:03o}"));
    let text =
        (format!("{path} can be read by others ({mode:03o})"), format!("anderen kunnen {path} lezen ({mode:03o})"));
    (mode & OTHERS != 0).then(|| CheckResult::advice("permissions", text, (remedy.clone(), remedy)))
}
