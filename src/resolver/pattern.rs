//! Patterns of `tsconfig.json`: `paths`, `include`, `exclude`.

/// What `*` stands for where `name` matches a key of `paths` (one `*` at most, anywhere).
pub fn star<'a>(pattern: &str, name: &'a str) -> Option<&'a str> {
    match pattern.split_once('*') {
        None => (pattern == name).then_some(""),
        Some((before, after)) => {
            let rest = name.strip_prefix(before)?;
            rest.strip_suffix(after)
        }
    }
}

/// Whether a file or a directory above it matches a pattern of `include` or `exclude`: `*`, `?` within a component, `**`
/// for any directories; a pattern that names a directory means all in it. Both are relative to the workspace root.
pub fn covers(pattern: &str, path: &[u8]) -> bool {
    let pattern: Vec<&[u8]> = pattern
        .as_bytes()
        .split(|b| *b == b'/')
        .filter(|part| !part.is_empty())
        .collect();
    let path: Vec<&[u8]> = path
        .split(|b| *b == b'/')
        .filter(|part| !part.is_empty())
        .collect();
    matches(&pattern, &path)
}

/// Goes back to the last `**` alone, so that no pattern takes more than quadratic time.
fn matches(pattern: &[&[u8]], path: &[&[u8]]) -> bool {
    let (mut p, mut n) = (0, 0);
    let mut retry = None;
    while let Some(part) = pattern.get(p) {
        if *part == b"**" {
            retry = Some((p, n));
            p += 1;
        } else if path.get(n).is_some_and(|name| wild(part, name)) {
            p += 1;
            n += 1;
        } else {
            match &mut retry {
                Some((any, taken)) if *taken < path.len() => {
                    *taken += 1;
                    (p, n) = (*any + 1, *taken);
                }
                _ => return false,
            }
        }
    }
    true
}

/// `*` and `?` within one component, in linear time but for the last `*`.
fn wild(pattern: &[u8], name: &[u8]) -> bool {
    let (mut p, mut n) = (0, 0);
    let mut retry = None;
    while n < name.len() {
        match pattern.get(p) {
            Some(b'*') => {
                retry = Some((p, n));
                p += 1;
            }
            Some(&byte) if byte == b'?' || byte == name[n] => {
                p += 1;
                n += 1;
            }
            _ => match &mut retry {
                Some((star, taken)) => {
                    *taken += 1;
                    (p, n) = (*star + 1, *taken);
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn covers_what_typescript_covers() {
        for (pattern, path, want) in [
            ("src", "src/a/b.ts", true),
            ("src/**/*", "src/a/b.ts", true),
            ("src/**/*.ts", "src/b.ts", true),
            ("src/**/*.ts", "src/b.tsx", false),
            ("src/*", "src/b.ts", true),
            ("src", "srcs/b.ts", false),
            ("**/*.test.*", "a/b.test.ts", true),
            ("vite.config.ts", "vite.config.ts", true),
            ("**/node_modules", "a/node_modules/x.ts", true),
            ("", "a.ts", true),
        ] {
            assert_eq!(covers(pattern, path.as_bytes()), want, "{pattern} {path}");
        }
        assert_eq!(star("@/*", "@/a/b"), Some("a/b"));
        assert_eq!(star("a*a", "a"), None);
        assert_eq!(star("*", "x"), Some("x"));
    }
}
