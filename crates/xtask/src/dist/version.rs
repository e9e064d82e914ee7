//! The version of a release: that of the tag `v1.2.3` of the present commit. Between two tags it is that of the packages
//! with the commit behind it, which Debian sorts before the release: `0.1.0~git1a2b3c4d`.

use crate::workspace::{Failure, Workspace, output};

pub fn of(workspace: &Workspace) -> Result<String, Failure> {
    let tags = output(workspace.command("git").args(["tag", "--points-at", "HEAD", "--list", "v[0-9]*"]))?;
    let changed = !output(workspace.command("git").args(["status", "--porcelain"]))?.trim().is_empty();
    let commit = output(workspace.command("git").args(["rev-parse", "--short=8", "HEAD"]))?;
    chosen(tags.lines().next_back(), commit.trim(), changed)
}

fn chosen(tag: Option<&str>, commit: &str, changed: bool) -> Result<String, Failure> {
    match tag {
        Some(tag) if changed => Err(format!("there are changes that are not in {tag}: commit or remove them")),
        Some(tag) => check_version(tag.trim_start_matches('v')),
        None => Ok(format!("{}~git{commit}{}", env!("CARGO_PKG_VERSION"), if changed { ".changed" } else { "" })),
    }
}

/// The version, if names of files and of Debian packages can hold it.
pub fn check_version(version: &str) -> Result<String, Failure> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".~+".contains(&byte);
    let good = version.starts_with(|first: char| first.is_ascii_digit()) && version.bytes().all(plain);
    if good { Ok(version.to_owned()) } else { Err(format!("{version:?} is no version such as 1.2.3 or 1.2.3~rc1")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn g9_the_version_is_that_of_the_tag() {
        assert_eq!(chosen(Some("v1.2.3"), "1a2b", false).as_deref(), Ok("1.2.3"));
        assert!(chosen(Some("v1.2.3"), "1a2b", true).is_err());
        assert!(chosen(Some("v1-2"), "1a2b", false).is_err());
        let package = env!("CARGO_PKG_VERSION");
        assert_eq!(chosen(None, "1a2b", false), Ok(format!("{package}~git1a2b")));
        assert_eq!(chosen(None, "1a2b", true), Ok(format!("{package}~git1a2b.changed")));
    }
}
