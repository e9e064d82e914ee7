//! The list of test executables that are not light (`test::weights`) names existing executables: a renamed one would
//! otherwise run beside others unnoticed.

use serde_json::Value;

use super::Findings;
use crate::test::weights;

pub fn check(packages: &[Value], findings: &mut Findings) {
    for (package, target) in weights::listed() {
        let found = packages.iter().find(|found| found["name"] == *package);
        let targets = found.and_then(|found| found["targets"].as_array()).into_iter().flatten();
        if !targets.into_iter().any(|found| found["name"] == *target && found["test"] == true) {
            findings.error(package, format!("has no test executable {target}, which the list of weights names"));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_executable_that_is_gone_is_found() {
        let packages: Vec<Value> = weights::listed()
            .map(|(package, target)| json!({ "name": package, "targets": [{ "name": target, "test": true }] }))
            .collect();
        let mut all = Findings::default();
        // Several of one package: the first of its name is looked at.
        check(&merge_targets(&packages), &mut all);
        assert_eq!(all.errors(), [""; 0]);
        let mut none = Findings::default();
        check(&[], &mut none);
        assert_eq!(none.errors().len(), weights::listed().count());
    }

    /// One entry a package, with all its targets.
    fn merge_targets(packages: &[Value]) -> Vec<Value> {
        let mut merged: Vec<Value> = Vec::new();
        for package in packages {
            if let Some(known) = merged.iter_mut().find(|known| known["name"] == package["name"]) {
                let more = package["targets"].as_array().cloned().unwrap_or_default();
                known["targets"].as_array_mut().expect("targets").extend(more);
            } else {
                merged.push(package.clone());
            }
        }
        merged
    }
}
