//! The tools of other languages: each function fetches the packages that a folder's lock file names, or compiles its
//! programs, once, and returns the path of the result. Later runs need no network. Not what is done with the result.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::{Failure, prepared};

/// A program that is needed: how its version is queried, the oldest supported version, and how to install it.
struct Tool {
    program: &'static str,
    version: &'static [&'static str],
    oldest: (u32, u32),
    remedy: &'static str,
}

const PYTHON: Tool = Tool {
    program: "python3",
    version: &["--version"],
    oldest: (3, 11),
    remedy: "the Debian packages python3 and python3-venv",
};
const NODE: Tool = Tool {
    program: "node",
    version: &["--version"],
    oldest: (20, 0),
    remedy: "Node.js 20 or 22; Debian 12 has 18, newer ones are at nodejs.org",
};
const NPM: Tool =
    Tool { program: "npm", version: &["--version"], oldest: (9, 0), remedy: "npm, which comes with Node.js" };
const GO: Tool = Tool {
    program: "go",
    version: &["version"],
    oldest: (1, 23),
    remedy: "Go from go.dev or from bookworm-backports; Debian 12 has 1.19",
};
const JAVAC: Tool = Tool {
    program: "javac",
    version: &["-version"],
    oldest: (17, 0),
    remedy: "the Debian package openjdk-17-jdk-headless",
};
const MAVEN: Tool =
    Tool { program: "mvn", version: &["-B", "--version"], oldest: (3, 6), remedy: "the Debian package maven" };

impl Tool {
    /// The version as the tool prints it; fails when the tool is missing or too old.
    fn check(&self) -> Result<String, Failure> {
        let output = Command::new(self.program).args(self.version).stdin(Stdio::null()).output();
        let output = output.map_err(|_| Failure::Missing { program: self.program.to_owned(), remedy: self.remedy })?;
        let text = if output.stdout.is_empty() { output.stderr } else { output.stdout };
        let text = String::from_utf8_lossy(&text).lines().next().unwrap_or_default().trim().to_owned();
        match numbers(&text) {
            Some(found) if found >= self.oldest => Ok(text),
            _ => Err(Failure::TooOld {
                program: self.program.to_owned(),
                found: text,
                wanted: format!("{}.{}", self.oldest.0, self.oldest.1),
                remedy: self.remedy,
            }),
        }
    }
}

/// The first two numbers of the first word that is a version: `go version go1.26.8 linux/amd64` is (1, 26).
fn numbers(text: &str) -> Option<(u32, u32)> {
    let bare = |word: &'_ str| word.trim_start_matches("go").trim_start_matches('v').to_owned();
    let word = text.split_whitespace().map(bare).find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    let end = word.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(word.len());
    let mut parts = word[..end].split('.');
    let major = parts.next()?.parse().ok()?;
    Some((major, parts.next().and_then(|minor| minor.parse().ok()).unwrap_or(0)))
}

/// Python with the packages of `folder/requirements.txt`, which names every one with its version. The result is the
/// folder of a virtual environment: its programs are in `bin`.
pub fn python(folder: &Path) -> Result<PathBuf, Failure> {
    let version = PYTHON.check()?;
    let requirements = folder.join("requirements.txt");
    prepared::once(&name("python", folder), std::slice::from_ref(&requirements), &version, |made| {
        let environment = made.join("venv");
        execute(Command::new(PYTHON.program).args(["-m", "venv"]).arg(&environment))?;
        let mut pip = Command::new(environment.join("bin/python"));
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--no-deps", "-r"]);
        execute(pip.arg(&requirements))?;
        execute(Command::new(environment.join("bin/python")).args([
            "-m",
            "pip",
            "check",
            "--disable-pip-version-check",
        ]))
    })
    .map(|made| made.join("venv"))
}

/// The source packages that `folder/sources.txt` names with their versions, unpacked; `folder/requirements.txt` has what builds them.
/// The result is a folder with a folder for each.
pub fn python_sources(folder: &Path) -> Result<PathBuf, Failure> {
    let environment = python(folder)?;
    let inputs = [folder.join("requirements.txt"), folder.join("sources.txt")];
    prepared::once(&name("python-sources", folder), &inputs, "", |made| {
        let python = || Command::new(environment.join("bin/python"));
        let (packages, unpacked) = (made.join("packages"), made.join("unpacked"));
        let mut pip = python();
        pip.args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input", "--no-deps"]);
        pip.args(["--no-build-isolation", "--no-binary", ":all:", "-d"]).arg(&packages);
        execute(pip.arg("-r").arg(&inputs[1]))?;
        for package in prepared::files(&packages, "gz")? {
            execute(python().args(["-m", "tarfile", "-e"]).arg(package).arg(&unpacked))?;
        }
        Ok(())
    })
    .map(|made| made.join("unpacked"))
}

/// The packages of `folder/package-lock.json`. The result is a folder `node_modules`: programs are in its `.bin`, and
/// with it as `NODE_PATH` scripts in other folders can `require` them.
pub fn node(folder: &Path) -> Result<PathBuf, Failure> {
    let version = NODE.check()?;
    NPM.check()?;
    let inputs = [folder.join("package.json"), folder.join("package-lock.json")];
    prepared::once(&name("node", folder), &inputs, &version, |made| {
        for input in &inputs {
            fs::copy(input, made.join(input.file_name().unwrap_or_default())).map_err(Failure::file(input))?;
        }
        let mut npm = Command::new(NPM.program);
        npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-progress", "--loglevel", "error"]);
        execute(npm.current_dir(made))
    })
    .map(|made| made.join("node_modules"))
}

/// The program of `folder` (package main), compiled with the modules that its `go.sum` names.
pub fn go(folder: &Path) -> Result<PathBuf, Failure> {
    let version = GO.check()?;
    let mut inputs = vec![folder.join("go.mod"), folder.join("go.sum")];
    inputs.extend(prepared::files(folder, "go")?);
    prepared::once(&name("go", folder), &inputs, &version, |made| {
        let mut go = Command::new(GO.program);
        go.args(["build", "-mod=readonly", "-buildvcs=false", "-o"]).arg(made.join("program")).arg(".");
        execute(go.current_dir(folder).env("GOTOOLCHAIN", "local").env("GOFLAGS", ""))
    })
    .map(|made| made.join("program"))
}

/// The classes of `folder` and the libraries that its `pom.xml` names, as a class path.
pub fn java(folder: &Path) -> Result<String, Failure> {
    let version = JAVAC.check()?;
    let pom = folder.join("pom.xml");
    let libraries = prepared::once(&name("maven", folder), std::slice::from_ref(&pom), "", |made| {
        MAVEN.check()?;
        let mut maven = Command::new(MAVEN.program);
        maven.args(["-q", "-B", "-f"]).arg(&pom).arg("dependency:copy-dependencies");
        let output = made.join("lib");
        execute(maven.arg(format!("-DoutputDirectory={}", output.display())).current_dir(made))
    })?;
    let libraries = format!("{}/*", libraries.join("lib").display());
    let mut inputs = prepared::files(folder, "java")?;
    inputs.push(pom);
    let classes = prepared::once(&name("java", folder), &inputs, &version, |made| {
        let mut javac = Command::new(JAVAC.program);
        javac.args(["-Xlint:all", "-Werror", "-cp", &libraries, "-d"]).arg(made.join("classes"));
        execute(javac.args(prepared::files(folder, "java")?))
    })?;
    Ok(format!("{}:{libraries}", classes.join("classes").display()))
}

/// The distribution of Keycloak that `folder/pom.xml` names, unpacked and prepared for a database in memory. The result is its
/// home folder, which is only read: a server needs a folder of its own for what it writes.
pub fn keycloak(folder: &Path) -> Result<PathBuf, Failure> {
    let version = JAVAC.check()?;
    let pom = folder.join("pom.xml");
    prepared::once(&name("keycloak", folder), std::slice::from_ref(&pom), &version, |made| {
        MAVEN.check()?;
        let mut maven = Command::new(MAVEN.program);
        maven.args(["-q", "-B", "-f"]).arg(&pom).arg("dependency:unpack-dependencies");
        // Its markers would be beside the sources, and have it unpack nothing the next time.
        for (option, folder) in [("outputDirectory", made.to_owned()), ("markersDirectory", made.join("markers"))] {
            maven.arg(format!("-D{option}={}", folder.display()));
        }
        execute(maven.current_dir(made))?;
        let entries = fs::read_dir(made).map_err(Failure::file(made))?;
        for entry in entries.filter_map(Result::ok).filter(|entry| entry.path().join("bin/kc.sh").is_file()) {
            fs::rename(entry.path(), made.join("home")).map_err(Failure::file(made))?;
        }
        // What is decided when it is built, so that servers start in half the time. Tests need no pages for administrators.
        let mut build = Command::new(made.join("home/bin/kc.sh"));
        build.args(["build", "--db=dev-mem", "--features-disabled=admin,admin-api,account,account-api"]);
        execute(&mut build)
    })
    .map(|made| made.join("home"))
}

/// The programs of the Debian packages in `folder/debian.txt` (lines `<package> <path of the program in it>`), unpacked, not
/// installed: no service starts, and no rights are needed. The result is a folder with these paths. The version is the
/// one that Debian has for this machine.
pub fn debian(folder: &Path) -> Result<PathBuf, Failure> {
    let list = folder.join("debian.txt");
    prepared::once(&name("debian", folder), std::slice::from_ref(&list), "", |made| {
        let text = fs::read_to_string(&list).map_err(Failure::file(&list))?;
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        for (package, program) in lines.filter_map(|line| line.split_once(' ')) {
            download(package, made)?;
            for file in prepared::files(made, "deb")? {
                execute(Command::new("dpkg-deb").arg("-x").arg(&file).arg(made))?;
                fs::remove_file(&file).map_err(Failure::file(&file))?;
            }
            let program = made.join(program);
            fs::metadata(&program).map_err(Failure::file(&program))?;
        }
        Ok(())
    })
}

/// Downloads a package into a folder; when the system has no list of packages, with a list of its own.
fn download(package: &str, into: &Path) -> Result<(), Failure> {
    let apt = |lists: &[String], arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        execute(command.args(["-q", "-q"]).args(lists).args(arguments).current_dir(into))
    };
    if apt(&[], &["download", package]).is_ok() {
        return Ok(());
    }
    let own = ["state/lists/partial", "cache/archives/partial"].map(|path| into.join(path));
    for path in &own {
        fs::create_dir_all(path).map_err(Failure::file(path))?;
    }
    let lists = ["State::Lists=state/lists", "Cache=cache"].map(|option| {
        let (key, path) = option.split_once('=').unwrap_or_default();
        format!("-oDir::{key}={}", into.join(path).display())
    });
    apt(&lists, &["update"])?;
    apt(&lists, &["download", package])
}

fn name(tool: &str, folder: &Path) -> String {
    format!("{tool}-{}", folder.file_name().unwrap_or_default().to_string_lossy())
}

/// Runs a command to its end; what it printed is shown only when it fails.
pub fn execute(command: &mut Command) -> Result<(), Failure> {
    let shown = format!("{command:?}");
    let fault = |status: String, output: String| Failure::Command { command: shown.clone(), status, output };
    let output = command.stdin(Stdio::null()).output().map_err(|error| fault(error.to_string(), String::new()))?;
    if output.status.success() {
        return Ok(());
    }
    let text = [output.stdout, output.stderr].concat();
    Err(fault(output.status.to_string(), String::from_utf8_lossy(&text).into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_tools_say_them() {
        for (text, expected) in [
            ("Python 3.11.7", Some((3, 11))),
            ("v20.20.2", Some((20, 20))),
            ("go version go1.26.8 linux/amd64", Some((1, 26))),
            ("javac 17.0.15", Some((17, 0))),
            ("\u{1b}[1mApache Maven 3.8.7\u{1b}[m", Some((3, 8))),
            ("21", Some((21, 0))),
            ("not found", None),
        ] {
            assert_eq!(numbers(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_missing_or_too_old_is_named_with_its_remedy() {
        let missing = Tool { program: "no-such-program-here", version: &[], oldest: (1, 0), remedy: "the package p" };
        let said = missing.check().unwrap_err().to_string();
        assert_eq!(said, "no-such-program-here is missing: install the package p");
        let old = Tool { program: "echo", version: &["v1.19"], oldest: (1, 23), remedy: "a newer one" };
        let said = old.check().unwrap_err().to_string();
        assert_eq!(said, "echo v1.19 is too old; 1.23 or newer is needed: install a newer one");
    }
}
