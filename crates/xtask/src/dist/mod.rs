//! `cargo xtask dist`: what a release consists of, in `target/dist`: both programs (stripped), a Debian package, a bill of
//! materials (CycloneDX), the licences of what is compiled in, and checksums. It builds for the machine it runs on. Not the
//! container image or the chart, and it publishes nothing.

mod debian;
mod licences;
mod packages;
mod sbom;
mod version;

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::workspace::{Failure, Workspace, execute, output};

/// The programs of a release.
const PROGRAMS: [&str; 2] = ["gateway", "webhook-validator"];
/// The name of the product in file names.
const NAME: &str = "event-gateway";

#[derive(Args)]
pub struct Options {
    /// Version instead of that of the tag (v1.2.3) of the present commit
    #[arg(long)]
    version: Option<String>,
    /// Folder with programs that are built already, instead of building them for release
    #[arg(long, value_name = "DIR")]
    binaries: Option<PathBuf>,
    /// Where the files go [default: dist in the target folder]
    #[arg(long, value_name = "DIR")]
    output: Option<PathBuf>,
}

/// A release in the making.
struct Release<'a> {
    workspace: &'a Workspace,
    version: String,
    /// Seconds since 1970 of the present commit, so that the same commit gives the same files.
    time: String,
    /// As Debian calls it: amd64, arm64.
    architecture: String,
    output: PathBuf,
}

pub fn run(workspace: &Workspace, options: &Options) -> Result<(), Failure> {
    let version = match &options.version {
        Some(version) => version::check_version(version)?,
        None => version::of(workspace)?,
    };
    let git = ["log", "-1", "--format=%ct"];
    let release = Release {
        workspace,
        time: output(workspace.command("git").args(git))?.trim().to_owned(),
        architecture: output(workspace.command("dpkg").arg("--print-architecture"))?.trim().to_owned(),
        output: options.output.clone().unwrap_or_else(|| workspace.target().join("dist")),
        version,
    };
    let built = match &options.binaries {
        Some(folder) => folder.clone(),
        None => release.build()?,
    };
    if release.output.exists() {
        fs::remove_dir_all(&release.output).map_err(file_error(&release.output))?;
    }
    let programs = release.output.join(format!("{NAME}-{}-{}", release.version, release.architecture));
    fs::create_dir_all(&programs).map_err(file_error(&programs))?;
    for program in PROGRAMS {
        let stripped = programs.join(program);
        execute(workspace.command("strip").arg("-o").arg(&stripped).arg(built.join(program)))?;
    }
    let packages = packages::compiled_in(workspace)?;
    let sbom = release.file("cdx.json");
    write(&sbom, &sbom::document(&packages, &release.version, &release.time))?;
    let licences = release.file("licences.txt");
    write(&licences, &licences::text(&packages))?;
    fs::copy(workspace.path("LICENSE"), programs.join("LICENSE")).map_err(file_error(&programs))?;
    debian::package(&release, &programs, &[&sbom, &licences])?;
    release.archive(&programs)?;
    release.checksums()
}

impl Release<'_> {
    /// Builds for release; the programs name the version.
    fn build(&self) -> Result<PathBuf, Failure> {
        let mut cargo = self.workspace.cargo();
        cargo.args(["build", "--release", "--locked"]).env("GATEWAY_VERSION", &self.version);
        execute(cargo.args(PROGRAMS.iter().flat_map(|program| ["--package", program])))?;
        Ok(self.workspace.target().join("release"))
    }

    /// The file of the release with this ending.
    fn file(&self, ending: &str) -> PathBuf {
        self.output.join(format!("{NAME}-{}.{ending}", self.version))
    }

    /// Packs the folder of programs and removes it.
    fn archive(&self, programs: &Path) -> Result<(), Failure> {
        let name = programs.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut tar = self.workspace.command("tar");
        tar.args(["--sort=name", "--owner=0", "--group=0", "--numeric-owner"]).arg(format!("--mtime=@{}", self.time));
        tar.arg("-C").arg(&self.output).arg("-czf").arg(self.output.join(format!("{name}.tar.gz"))).arg(name);
        execute(&mut tar)?;
        fs::remove_dir_all(programs).map_err(file_error(programs))
    }

    /// SHA256SUMS, for `sha256sum --check`.
    fn checksums(&self) -> Result<(), Failure> {
        let mut names: Vec<String> = fs::read_dir(&self.output)
            .map_err(file_error(&self.output))?
            .filter_map(Result::ok)
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        let sums = output(self.workspace.command("sha256sum").args(&names).current_dir(&self.output))?;
        print!("{sums}");
        write(&self.output.join("SHA256SUMS"), &sums)
    }
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    fs::write(path, text).map_err(file_error(path))
}

/// For `map_err` on operations on a file.
fn file_error(path: &Path) -> impl FnOnce(std::io::Error) -> Failure {
    let path = path.display().to_string();
    move |error| format!("{path}: {error}")
}
