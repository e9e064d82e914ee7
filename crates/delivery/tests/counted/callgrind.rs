//! Reads what callgrind wrote: how many instructions, and how often memory was asked for. Not what was counted.

use std::collections::HashMap;

/// The counts of one dump.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    pub instructions: u64,
    pub allocations: u64,
}

/// What Rust calls when memory is asked for: made, made empty, and made larger or smaller.
const ALLOCATORS: [&str; 3] = ["__rdl_alloc", "__rdl_alloc_zeroed", "__rdl_realloc"];

/// Reads a dump. Functions have a number, with their name at its first use: `fn=(3) name`, then `fn=(3)`. A call is `cfn=(3)` and
/// `calls=COUNT …`.
pub fn read(text: &str) -> Result<Counts, String> {
    let mut names: HashMap<&str, &str> = HashMap::new();
    let (mut called, mut allocations, mut instructions) = ("", 0, None);
    for line in text.lines() {
        if let Some(function) = line.strip_prefix("fn=").or_else(|| line.strip_prefix("cfn=")) {
            let (number, name) = function.split_once(' ').unwrap_or((function, ""));
            if !name.is_empty() {
                names.insert(number, name);
            }
            if line.starts_with('c') {
                called = names.get(number).copied().unwrap_or_default();
            }
        } else if let Some(calls) = line.strip_prefix("calls=") {
            if ALLOCATORS.iter().any(|name| is_named(called, name)) {
                let count = calls.split(' ').next().unwrap_or_default();
                allocations += count.parse::<u64>().map_err(|_| format!("unreadable: {line}"))?;
            }
        } else if let Some(total) = line.strip_prefix("totals:").or_else(|| line.strip_prefix("summary:")) {
            instructions = total.trim().parse().ok();
        }
    }
    let instructions = instructions.filter(|count| *count > 0).ok_or("no instruction was counted")?;
    Ok(Counts { instructions, allocations })
}

/// Whether a function has this last name, whatever its path and the hash behind it.
fn is_named(function: &str, name: &str) -> bool {
    function.split("::").any(|part| part == name)
}

#[test]
fn calls_are_counted_by_the_names_of_functions() {
    let dump = "events: Ir\nfn=(1) counted::counted_part::h12\n10 5\ncfn=(2) __rustc::__rdl_alloc\ncalls=7 0\n0 70\n\
                cfn=(3) other\ncalls=9 0\n0 3\nfn=(3)\ncfn=(2)\ncalls=2 0\n0 20\ncfn=(4) x::__rdl_alloc_zeroed::h1\ncalls=1 0\n0 9\n\
                totals: 1234\n";
    assert_eq!(read(dump), Ok(Counts { instructions: 1_234, allocations: 10 }));
    assert!(read("events: Ir\n").is_err() && read("totals: 0\n").is_err());
}
