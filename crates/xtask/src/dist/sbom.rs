//! The bill of materials: CycloneDX 1.5 in JSON (<https://cyclonedx.org/docs/1.5/json/>), with what is compiled into the
//! programs. Libraries of the system that they load are dependencies of the Debian package instead.

use serde_json::{Value, json};

use super::{NAME, PROGRAMS, packages::Package};

/// The document. `time` is in seconds since 1970. It has no serial number: the same commit gives the same document.
pub fn document(packages: &[Package], version: &str, time: &str) -> String {
    let reference = |name: &str, version: &str| format!("pkg:cargo/{name}@{version}");
    let components: Vec<Value> = packages
        .iter()
        .map(|package| {
            let purl = reference(&package.name, &package.version);
            let mut component = json!({
                "type": if PROGRAMS.contains(&package.name.as_str()) { "application" } else { "library" },
                "bom-ref": purl, "name": package.name, "version": package.version, "scope": "required",
            });
            if !package.own {
                component["purl"] = purl.into();
            }
            if let Some(licence) = &package.licence {
                // Some packages write the old form of OR.
                component["licenses"] = json!([{"expression": licence.replace('/', " OR ")}]);
            }
            if let Some(checksum) = &package.checksum {
                component["hashes"] = json!([{"alg": "SHA-256", "content": checksum}]);
            }
            if let Some(repository) = &package.repository {
                component["externalReferences"] = json!([{"type": "vcs", "url": repository}]);
            }
            component
        })
        .collect();
    let root = format!("{NAME}@{version}");
    let own = packages.iter().filter(|package| PROGRAMS.contains(&package.name.as_str()));
    let own: Vec<String> = own.map(|package| reference(&package.name, &package.version)).collect();
    let mut dependencies = vec![json!({"ref": root, "dependsOn": own})];
    dependencies.extend(packages.iter().map(|package| {
        let uses: Vec<String> = package.uses.iter().map(|(name, version)| reference(name, version)).collect();
        json!({"ref": reference(&package.name, &package.version), "dependsOn": uses})
    }));
    let document = json!({
        "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "metadata": {
            "component": {
                "type": "application", "bom-ref": root, "name": NAME, "version": version,
                "licenses": [{"expression": env!("CARGO_PKG_LICENSE")}],
            },
            "properties": [{"name": "commit-time", "value": time}],
        },
        "components": components,
        "dependencies": dependencies,
    });
    format!("{document:#}\n")
}
