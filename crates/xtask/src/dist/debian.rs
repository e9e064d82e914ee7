//! The Debian package: programs, systemd unit and documentation, built by `dpkg-deb`. It has no scripts, starts nothing and
//! installs no configuration: an installation without secrets of its own would be open to everybody who knows the sample.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::{NAME, PROGRAMS, Release, file_error, write};
use crate::workspace::{Failure, Workspace, execute, output};

/// Shared libraries that the programs load, and the Debian package of each.
const LIBRARIES: [(&str, &str); 7] = [
    ("libc.so.6", "libc6"),
    ("libm.so.6", "libc6"),
    ("ld-linux", "libc6"),
    ("libgcc_s.so.1", "libgcc-s1"),
    ("libssl.so.3", "libssl3 | libssl3t64"),
    ("libcrypto.so.3", "libssl3 | libssl3t64"),
    ("libz.so.1", "zlib1g"),
];

/// Packs the programs in this folder; `documents` go beside the documentation.
pub fn package(release: &Release<'_>, programs: &Path, documents: &[&Path]) -> Result<(), Failure> {
    let root = release.output.join("debian");
    let copy = |from: &Path, to: &str, mode: u32| -> Result<(), Failure> {
        let to = root.join(to);
        fs::create_dir_all(to.parent().unwrap_or(&root)).map_err(file_error(&to))?;
        fs::copy(from, &to).map_err(file_error(from))?;
        fs::set_permissions(&to, fs::Permissions::from_mode(mode)).map_err(file_error(&to))
    };
    let documentation = format!("usr/share/doc/{NAME}");
    for program in PROGRAMS {
        copy(&programs.join(program), &format!("usr/bin/{program}"), 0o755)?;
    }
    let unit = "usr/lib/systemd/system/gateway.service";
    copy(&release.workspace.path("deploy/gateway.service"), unit, 0o644)?;
    let text = fs::read_to_string(root.join(unit)).map_err(file_error(&root))?;
    let text =
        text.replace("/usr/local/bin/", "/usr/bin/").replace("/usr/share/doc/gateway/", &format!("/{documentation}/"));
    write(&root.join(unit), &text)?;
    for (file, name) in [
        ("LICENSE", "copyright"),
        ("README.md", "README.md"),
        ("CHANGELOG.md", "CHANGELOG.md"),
        ("deploy/gateway.toml", "examples/gateway.toml"),
        ("deploy/nginx/gateway.conf", "examples/nginx.conf"),
        ("deploy/monitoring/rules.yml", "examples/rules.yml"),
        ("deploy/monitoring/dashboard.json", "examples/dashboard.json"),
    ] {
        copy(&release.workspace.path(file), &format!("{documentation}/{name}"), 0o644)?;
    }
    for document in documents {
        let name = document.file_name().unwrap_or_default().to_string_lossy();
        copy(document, &format!("{documentation}/{name}"), 0o644)?;
    }
    let control = root.join("DEBIAN/control");
    fs::create_dir_all(root.join("DEBIAN")).map_err(file_error(&control))?;
    write(&control, &fields(release, programs)?)?;
    let file = release.output.join(format!("{NAME}_{}_{}.deb", release.version, release.architecture));
    let mut pack = release.workspace.command("dpkg-deb");
    pack.args(["--root-owner-group", "-Zgzip", "--build"]).env("SOURCE_DATE_EPOCH", &release.time);
    execute(pack.arg(&root).arg(file))?;
    fs::remove_dir_all(&root).map_err(file_error(&root))
}

fn fields(release: &Release<'_>, programs: &Path) -> Result<String, Failure> {
    let mut depends: Vec<String> = Vec::new();
    let mut oldest = (0, 0);
    for program in PROGRAMS {
        let program = programs.join(program);
        for library in needed_libraries(release.workspace, &program)? {
            let known = LIBRARIES.iter().find(|(name, _)| library.starts_with(name));
            let (_, package) = known.ok_or_else(|| format!("no Debian package is known for {library}"))?;
            depends.push((*package).to_owned());
        }
        oldest = oldest.max(glibc(&output(release.workspace.command("objdump").arg("-T").arg(program))?));
    }
    depends.push("ca-certificates".to_owned());
    depends.sort();
    depends.dedup();
    let depends: Vec<String> = depends
        .into_iter()
        .map(|package| if package == "libc6" { format!("libc6 (>= {}.{})", oldest.0, oldest.1) } else { package })
        .collect();
    Ok(format!(
        "Package: {NAME}\nVersion: {}\nArchitecture: {}\nMaintainer: the maintainers of {NAME} <noreply@localhost>\n\
         Section: net\nPriority: optional\nDepends: {}\nDescription: NL GOV event gateway\n \
         Takes in notificaties (Notificaties API of ZGW) and CloudEvents, stores them durably and delivers them to\n \
         webhooks that consented. A sample configuration is in /usr/share/doc/{NAME}/examples.\n",
        release.version,
        release.architecture,
        depends.join(", "),
    ))
}

/// The libraries that a program names.
fn needed_libraries(workspace: &Workspace, program: &Path) -> Result<Vec<String>, Failure> {
    let text = output(workspace.command("objdump").arg("-p").arg(program))?;
    Ok(text.lines().filter_map(|line| line.trim().strip_prefix("NEEDED")).map(|name| name.trim().to_owned()).collect())
}

/// The newest version of glibc that the symbols of a program ask for.
fn glibc(symbols: &str) -> (u32, u32) {
    let versions = symbols.split("GLIBC_").skip(1).filter_map(|rest| {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let mut numbers = rest[..end].split('.').map(|number| number.parse().unwrap_or(0));
        Some((numbers.next()?, numbers.next()?))
    });
    versions.max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::glibc;

    #[test]
    fn g9_the_newest_glibc_counts() {
        let symbols = "0 DF *UND* 0 (GLIBC_2.2.5) memcpy\n0 DF *UND* 0 (GLIBC_2.34) pthread_create\n(GLIBC_2.9) x";
        assert_eq!(glibc(symbols), (2, 34));
    }
}
