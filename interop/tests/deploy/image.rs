//! The image has the libraries that the program is linked with.

use std::process::Command;

use interop::Failure;

use crate::container::binary;
use crate::read;

/// What the name of a library starts with, and the Debian package that brings it; none when every Debian has it.
const LIBRARIES: [(&str, &str); 10] = [
    ("linux-vdso", ""),
    ("/lib64/ld-linux", ""),
    ("/lib/ld-linux", ""),
    ("libc.", ""),
    ("libm.", ""),
    ("libgcc_s.", ""),
    ("libstdc++.", ""),
    ("libz.", "zlib1g"),
    ("libssl.", "libssl3"),
    ("libcrypto.", "libssl3"),
];

#[test]
fn the_image_and_the_unit_name_the_libraries_of_the_program() -> Result<(), Failure> {
    let binary = binary()?;
    let listed = Command::new("ldd").arg(&binary).output().map_err(Failure::file(&binary))?;
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    let file = read("Containerfile");
    let stage = file.rsplit("\nFROM ").next().expect("the last stage");
    let unit = read("gateway.service");
    assert!(listed.contains("libc."), "{listed}");
    for library in listed.lines().filter_map(|line| line.split_whitespace().next()) {
        let known = LIBRARIES.iter().find(|(start, _)| library.starts_with(start));
        let (_, package) = known.unwrap_or_else(|| panic!("which package brings {library}?"));
        assert!(
            stage.split_whitespace().any(|word| word == *package) || package.is_empty(),
            "Containerfile: {package}"
        );
        assert!(unit.contains(package), "gateway.service: {package}");
    }
    Ok(())
}
