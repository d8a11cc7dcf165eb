//! The lines of mountinfo, as proc(5) has them.

/// One mount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mount {
    /// `major:minor` of the device, `0:…` where it stands on none.
    pub(super) number: String,
    /// Which part of the file system is mounted here.
    pub(super) root: String,
    /// Where.
    pub(super) point: String,
    /// The options of the mount and of the file system.
    pub(super) options: Vec<String>,
    /// The file system's type.
    pub(super) kind: String,
    /// What is mounted: a device, a server's export.
    pub(super) source: String,
}

/// One line; none where it has another shape.
pub(super) fn parse(line: &str) -> Option<Mount> {
    // Optional fields of any number come before a lone hyphen.
    let (mount, system) = line.split_once(" - ")?;
    let mount: Vec<&str> = mount.split(' ').collect();
    let [_, _, number, root, point, options, ..] = mount.as_slice() else {
        return None;
    };
    let system: Vec<&str> = system.split(' ').collect();
    let [kind, source, more @ ..] = system.as_slice() else {
        return None;
    };
    let all = options
        .split(',')
        .chain(more.iter().flat_map(|more| more.split(',')));
    let mount = Mount {
        number: (*number).to_owned(),
        root: unescape(root),
        point: unescape(point),
        options: all.map(str::to_owned).collect(),
        kind: unescape(kind),
        source: unescape(source),
    };
    let right = number.contains(':') && mount.point.starts_with('/') && !mount.kind.is_empty();
    right.then_some(mount)
}

/// The kernel writes space, tab, newline and backslash as a backslash and three octal digits.
pub(super) fn unescape(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let octal = match (first, after) {
            (b'\\', [a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', ..]) => {
                Some((a - b'0') * 64 + (b - b'0') * 8 + (c - b'0'))
            }
            _ => None,
        };
        bytes.push(octal.unwrap_or(*first));
        rest = if octal.is_some() {
            after.get(3..).unwrap_or_default()
        } else {
            after
        };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_with_and_without_optional_fields() {
        let line = "42 27 254:0 /data /mnt/my\\040disk rw,nosuid shared:1 master:2 - ext4 /dev/vda1 ro,discard";
        let mount = parse(line).unwrap();
        assert_eq!(
            (mount.number.as_str(), mount.root.as_str()),
            ("254:0", "/data")
        );
        assert_eq!(mount.point, "/mnt/my disk");
        assert_eq!(mount.options, ["rw", "nosuid", "ro", "discard"]);
        assert_eq!(
            (mount.kind.as_str(), mount.source.as_str()),
            ("ext4", "/dev/vda1")
        );
        assert!(parse("1 0 8:1 / / rw - ext4 /dev/sda1 rw").is_some());
    }

    #[test]
    fn other_lines_are_none() {
        for line in [
            "",
            " - ",
            "1 0 8:1 / / rw",
            "1 0 8:1 / - ext4 x rw",
            "1 0 8 / / rw - ext4 x",
            "a - b - c",
        ] {
            assert_eq!(parse(line), None, "{line}");
        }
    }

    #[test]
    fn escapes_are_undone_once() {
        assert_eq!(unescape("a\\040b\\011\\012\\134040"), "a b\t\n\\040");
        assert_eq!(unescape("\\04\\0x9\\999\\"), "\\04\\0x9\\999\\");
        assert_eq!(unescape("\\303\\251"), "é");
        assert_eq!(unescape("\\377"), "\u{fffd}");
    }

    proptest::proptest! {
        #[test]
        fn no_line_causes_a_panic(line in "(.{0,20}|[0-9: /\\\\,a-z-]{0,80})( - .{0,40})?") {
            if let Some(mount) = parse(&line) {
                proptest::prop_assert!(mount.point.starts_with('/') && mount.number.contains(':'));
            }
        }
    }
}
