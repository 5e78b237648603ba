//! Patterns of file names as `import.meta.glob` takes them: `*`, `?`, `[a-z]`, `{a,b}`, `**`, and `@(a|b)`, `?(a)`, `*(a)`,
//! `+(a)`, `!(a)` (picomatch, which Vite uses).

/// One component of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// This name.
    Name(Vec<u8>),
    /// Names that match.
    Wild(String),
    /// Any directories, or none.
    Deep,
    /// The directory above.
    Up,
}

/// The most patterns that one pattern with braces may stand for.
const MOST: usize = 512;

/// The components of each pattern that `pattern` stands for, braces spelled out.
pub fn parts(pattern: &str) -> Vec<Vec<Part>> {
    let mut all = Vec::new();
    spell(pattern, &mut all);
    all.iter().map(|one| split(one)).collect()
}

/// The folders that a pattern begins with, as text without escapes, up to the last slash before its first sign; and how many
/// bytes of the pattern they are.
pub fn literal(pattern: &str) -> (String, usize) {
    let (mut text, mut kept) = (String::new(), (0, 0));
    let mut letters = pattern.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '*' | '?' | '{' | '[' | '(' => break,
            '\\' => text.extend(letters.next().map(|(_, escaped)| escaped)),
            '/' => {
                text.push('/');
                kept = (text.len(), at + 1);
            }
            plain => text.push(plain),
        }
    }
    text.truncate(kept.0);
    (text, kept.1)
}

/// A text as the pattern of itself.
pub fn escaped(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for letter in text.chars() {
        if "*?[]{}()!+@\\".contains(letter) {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern
}

/// Whether a path from where the pattern is meant matches it, or may: of a pattern that stands for too many, or takes too
/// long, it is not known.
pub fn may_cover(pattern: &str, path: &[u8]) -> bool {
    let names: Vec<&[u8]> = path.split(|byte| *byte == b'/').collect();
    let all = parts(pattern);
    all.len() >= MOST || all.iter().any(|parts| may_follow(parts, &names))
}

/// Goes back to the last `**` alone, so that no pattern takes more than quadratic time.
fn may_follow(parts: &[Part], names: &[&[u8]]) -> bool {
    let (mut part, mut name) = (0, 0);
    let mut retry = None;
    loop {
        match (parts.get(part), names.get(name)) {
            (None, None) => return true,
            (Some(Part::Deep), _) => {
                retry = Some((part + 1, name));
                part += 1;
                continue;
            }
            (Some(one), Some(given)) if one.tells(given, true).unwrap_or(true) => {
                part += 1;
                name += 1;
                continue;
            }
            _ => {}
        }
        match &mut retry {
            Some((after, taken)) if *taken < names.len() => {
                *taken += 1;
                (part, name) = (*after, *taken);
            }
            _ => return false,
        }
    }
}

/// Spells out `{a,b}` and `{1..3}`, the first outermost brace at a time.
fn spell(pattern: &str, all: &mut Vec<String>) {
    let mut waiting = vec![pattern.to_owned()];
    while let Some(pattern) = waiting.pop() {
        let options = (all.len() + waiting.len() < MOST).then(|| brace(&pattern));
        match options.flatten() {
            Some(options) => waiting.extend(options.into_iter().rev()),
            None => all.push(pattern),
        }
    }
}

fn brace(pattern: &str) -> Option<Vec<String>> {
    let bytes = pattern.as_bytes();
    let mut start = None;
    let mut depth = 0_usize;
    let mut cuts = Vec::new();
    let mut index = 0;
    while index < bytes.len() {
        match bytes[index] {
            b'\\' => index += 1,
            b'{' => {
                if depth == 0 {
                    start = Some(index);
                    cuts.clear();
                }
                depth += 1;
            }
            b',' if depth == 1 => cuts.push(index),
            b'}' if depth == 1 => {
                let open = start?;
                let (before, after) = (&pattern[..open], &pattern[index + 1..]);
                let inside = &pattern[open + 1..index];
                let options = match (cuts.is_empty(), inside.split_once("..")) {
                    (false, _) => {
                        let edges = [&[open], &cuts[..], &[index]].concat();
                        let pairs = edges.windows(2);
                        pairs
                            .map(|pair| pattern[pair[0] + 1..pair[1]].to_owned())
                            .collect()
                    }
                    (true, Some((low, high))) => range(low, high),
                    (true, None) => Vec::new(),
                };
                if !options.is_empty() {
                    let whole = options
                        .iter()
                        .map(|option| format!("{before}{option}{after}"));
                    return Some(whole.take(MOST).collect());
                }
                // `{x}` stands for itself.
                depth = 0;
            }
            b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        index += 1;
    }
    None
}

fn range(low: &str, high: &str) -> Vec<String> {
    match (low.parse::<i32>(), high.parse::<i32>()) {
        (Ok(low), Ok(high)) if low <= high => (low..=high)
            .take(MOST)
            .map(|number| number.to_string())
            .collect(),
        _ => Vec::new(),
    }
}

fn split(pattern: &str) -> Vec<Part> {
    let components = pattern.split('/').filter(|part| !matches!(*part, "" | "."));
    components
        .map(|part| match part {
            "**" => Part::Deep,
            ".." => Part::Up,
            name if is_plain(name) => Part::Name(unescaped(name).into_bytes()),
            wild => Part::Wild(wild.to_owned()),
        })
        .collect()
}

fn is_plain(name: &str) -> bool {
    let mut letters = name.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => {
                letters.next();
            }
            '*' | '?' | '[' => return false,
            '@' | '+' | '!' if letters.peek() == Some(&'(') => return false,
            _ => {}
        }
    }
    true
}

fn unescaped(name: &str) -> String {
    let mut letters = name.chars();
    let mut text = String::new();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => text.extend(letters.next()),
            plain => text.push(plain),
        }
    }
    text
}

impl Part {
    /// With all letters small: of a pattern that matches names in either case, whose letters are [`folded`] too.
    pub fn folded(self) -> Self {
        match self {
            Self::Name(name) => Self::Name(folded(&name)),
            Self::Wild(pattern) => Self::Wild(pattern.to_lowercase()),
            other => other,
        }
    }

    /// Whether it matches a name; `hidden` names too, where it says so or starts with a dot itself. What takes too long
    /// does not.
    pub fn matches(&self, name: &[u8], hidden: bool) -> bool {
        self.tells(name, hidden).unwrap_or(false)
    }

    /// The same; `None`: it would take too long.
    fn tells(&self, name: &[u8], hidden: bool) -> Option<bool> {
        Some(match self {
            Self::Name(wanted) => wanted == name,
            Self::Wild(pattern) => {
                let shown = hidden || !name.starts_with(b".") || pattern.starts_with('.');
                let pattern: Vec<char> = pattern.chars().collect();
                let name: Vec<char> = String::from_utf8_lossy(name).chars().collect();
                let mut wild = Wild { steps: 20_000 };
                let matches = shown && wild.matches(&pattern, &name);
                return (matches || wild.steps > 0).then_some(matches);
            }
            Self::Deep => hidden || !name.starts_with(b"."),
            Self::Up => false,
        })
    }
}

/// A name with all its letters small.
pub fn folded(name: &[u8]) -> Vec<u8> {
    match std::str::from_utf8(name) {
        Ok(text) => text.to_lowercase().into_bytes(),
        Err(_) => name.to_ascii_lowercase(),
    }
}

/// A match within one name. It gives up, as no match, on patterns that would take too long.
struct Wild {
    steps: u32,
}

impl Wild {
    fn matches(&mut self, pattern: &[char], name: &[char]) -> bool {
        self.steps = self.steps.saturating_sub(1);
        if self.steps == 0 {
            return false;
        }
        let Some((&first, rest)) = pattern.split_first() else {
            return name.is_empty();
        };
        if matches!(first, '@' | '?' | '*' | '+' | '!')
            && rest.first() == Some(&'(')
            && let Some(end) = closing(rest)
        {
            let options = options(&rest[1..end]);
            return self.group(first, &options, &rest[end + 1..], name, true);
        }
        match first {
            '*' => (0..=name.len()).any(|taken| self.matches(rest, &name[taken..])),
            '?' => !name.is_empty() && self.matches(rest, &name[1..]),
            '[' => match class(rest) {
                Some((end, is_in)) => name
                    .first()
                    .is_some_and(|letter| is_in(*letter) && self.matches(&rest[end..], &name[1..])),
                None => name.first() == Some(&'[') && self.matches(rest, &name[1..]),
            },
            '\\' => match (rest.first(), name.first()) {
                (Some(wanted), Some(given)) => {
                    wanted == given && self.matches(&rest[1..], &name[1..])
                }
                _ => false,
            },
            plain => name.first() == Some(&plain) && self.matches(rest, &name[1..]),
        }
    }

    /// `X(a|b)` and what follows it.
    fn group(
        &mut self,
        kind: char,
        options: &[&[char]],
        rest: &[char],
        name: &[char],
        first: bool,
    ) -> bool {
        if kind == '!' {
            return (0..=name.len()).any(|end| {
                let is_one = options
                    .iter()
                    .any(|option| self.matches(option, &name[..end]));
                !is_one && self.matches(rest, &name[end..])
            });
        }
        let may_end = matches!(kind, '?' | '*') || !first;
        if may_end && self.matches(rest, name) {
            return true;
        }
        let again = matches!(kind, '*' | '+');
        (0..=name.len()).any(|end| {
            let is_one = options
                .iter()
                .any(|option| self.matches(option, &name[..end]));
            is_one
                && match again {
                    // An empty repetition leads nowhere.
                    true if end > 0 => self.group(kind, options, rest, &name[end..], false),
                    _ => self.matches(rest, &name[end..]),
                }
        })
    }
}

/// Where the parenthesis closes that `pattern` begins with.
fn closing(pattern: &[char]) -> Option<usize> {
    let mut depth = 0;
    for (index, letter) in pattern.iter().enumerate() {
        match letter {
            '(' => depth += 1,
            ')' => {
                depth -= 1;
                if depth == 0 {
                    return Some(index);
                }
            }
            _ => {}
        }
    }
    None
}

fn options(inside: &[char]) -> Vec<&[char]> {
    let mut depth = 0;
    inside
        .split(|letter| {
            match letter {
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            }
            *letter == '|' && depth == 0
        })
        .collect()
}

/// A class after its `[`: where it ends, and what is in it.
fn class(pattern: &[char]) -> Option<(usize, impl Fn(char) -> bool)> {
    let negated = matches!(pattern.first(), Some('!' | '^'));
    let start = usize::from(negated);
    let end = (start + 1..pattern.len()).find(|index| pattern[*index] == ']')?;
    let inside: Vec<char> = pattern[start..end].to_vec();
    let is_in = move |letter: char| {
        let mut rest = &inside[..];
        let mut found = false;
        while let Some((first, after)) = rest.split_first() {
            match after {
                ['-', last, after @ ..] => {
                    found |= (*first..=*last).contains(&letter);
                    rest = after;
                }
                _ => {
                    found |= *first == letter;
                    rest = after;
                }
            }
        }
        found != negated
    };
    Some((end + 1, is_in))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_match_as_in_picomatch() {
        for (pattern, name, want) in [
            ("*.ts", "a.ts", true),
            ("*.ts", "a.tsx", false),
            ("*.ts", ".a.ts", false),
            (".*", ".a", true),
            ("a?c", "abc", true),
            ("[a-c]x", "bx", true),
            ("[!a-c]x", "bx", false),
            ("@(a|b).ts", "b.ts", true),
            ("!(*.test).ts", "a.test.ts", false),
            ("!(*.test).ts", "a.ts", true),
            ("+(ab)", "abab", true),
            ("*(ab)c", "c", true),
            ("?(a)b", "ab", true),
            (r"\[id\]*", "[id].ts", true),
        ] {
            let part = Part::Wild(pattern.to_owned());
            assert_eq!(
                part.matches(name.as_bytes(), false),
                want,
                "{pattern} {name}"
            );
        }
    }

    #[test]
    fn braces_are_spelled_out() {
        let mut all = Vec::new();
        spell("a.{ts,{j,c}s}/{1..2}", &mut all);
        all.sort();
        assert_eq!(
            all,
            ["a.cs/1", "a.cs/2", "a.js/1", "a.js/2", "a.ts/1", "a.ts/2"]
        );
        assert_eq!(
            parts("./{x}/**"),
            [vec![Part::Name(b"{x}".to_vec()), Part::Deep]]
        );
        assert!(parts(&"{a,b}".repeat(40)).len() <= 2 * MOST);
    }

    #[test]
    fn hostile_patterns_end() {
        let part = Part::Wild("*(*(*(*(a))))*(*(*(b)))x".to_owned());
        assert!(!part.matches(&[b'a'; 200], false));
        // A file may be one of those that have side effects, as long as nobody knows.
        assert!(may_cover("*(*(*(*(a))))*(*(*(b)))x", &[b'a'; 200]));
        let many = "{a,b}".repeat(10);
        assert!(may_cover(&format!("{many}.js"), b"bbbbbbbbbb.js"));
    }
}
