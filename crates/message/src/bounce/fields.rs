//! The fields of a machine-readable part: `Name: value` with folded lines, in groups that empty lines separate (RFC 3464 2.1).

/// The longest value, in bytes; what comes after is left out.
const MAX_VALUE: usize = 1_000;

/// A group of fields: names in lower case.
pub(super) type Group = Vec<(String, String)>;

/// The groups, at most `most`, without empty ones.
pub(super) fn groups(content: &[u8], most: usize) -> Vec<Group> {
    let text = String::from_utf8_lossy(content);
    let mut groups: Vec<Group> = Vec::new();
    let mut open = false;
    for line in text.lines() {
        if line.trim().is_empty() {
            open = false;
        } else if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = groups.last_mut().filter(|_| open).and_then(|group| group.last_mut()) {
                push(value, " ");
                push(value, line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            if !open && groups.len() == most {
                break;
            }
            if !open {
                groups.push(Group::new());
                open = true;
            }
            let mut field = (name.trim().to_ascii_lowercase(), String::new());
            push(&mut field.1, value.trim());
            if let Some(group) = groups.last_mut() {
                group.push(field);
            }
        }
    }
    groups
}

/// The first value of a field.
pub(super) fn value<'a>(group: &'a Group, name: &str) -> Option<&'a str> {
    group.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
}

fn push(value: &mut String, more: &str) {
    let room = MAX_VALUE.saturating_sub(value.len());
    value.push_str(&more[..more.floor_char_boundary(room)]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ch_111_groups_and_folded_fields() {
        let content = b"\r\nReporting-MTA: dns; a\r\n\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\n (no\r\n\tsuch)\r\nrubbish\r\n \r\nX:\n";
        let found = groups(content, 10);
        assert_eq!(found.len(), 3);
        assert_eq!(value(&found[0], "reporting-mta"), Some("dns; a"));
        assert_eq!(value(&found[1], "status"), Some("5.1.1 (no such)"));
        assert_eq!(value(&found[1], "action"), Some("failed"));
        assert_eq!(value(&found[2], "x"), Some(""));
        assert_eq!(groups(content, 1).len(), 1);
    }

    #[test]
    fn ch_115_values_and_groups_are_bounded() {
        let long = format!("a: {}\n {}\n", "é".repeat(900), "x".repeat(10_000));
        let found = groups(long.as_bytes(), 10);
        assert!(value(&found[0], "a").unwrap().len() <= MAX_VALUE);
        assert_eq!(groups("a: b\n\n".repeat(10_000).as_bytes(), 100).len(), 100);
        assert!(groups(b" folded\n\xff\xfe: \xff\n", 10).len() == 1);
    }
}
