//! The names of a CSS module, made its own (<https://github.com/css-modules/css-modules>): classes, ids and animations
//! that are local, which they are where nothing says `:global`.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::scan::{Token, tokens, unquoted};
use super::selector::{Mode, Selector};

/// A name that another is composed of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Composed {
    /// Of the same file.
    Local(String),
    /// Of the page.
    Global(String),
    /// Of another file, that the specifier names.
    Of(String, String),
}

/// A style sheet whose names are its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Scoped {
    pub text: String,
    /// Local names.
    pub names: BTreeSet<String>,
    /// What they are composed of, in its order.
    pub composed: BTreeMap<String, Vec<Composed>>,
}

/// What a block holds.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Block {
    /// Rules; within a style rule declarations as well.
    Rules(Mode),
    /// The rules of `:global { }`, whose braces are left out.
    Bare(Mode),
    /// Declarations of these classes, and nested rules.
    Style(Mode, Vec<String>),
    /// Frames of an animation.
    Frames,
    /// Nothing with names.
    Plain,
}

impl Block {
    fn mode(&self) -> Mode {
        match self {
            Self::Rules(mode) | Self::Bare(mode) | Self::Style(mode, _) => *mode,
            Self::Frames | Self::Plain => Mode::Local,
        }
    }
}

/// Scopes `text` with the file's own `hash`.
pub(super) fn scoped(text: &str, hash: &str) -> Scoped {
    let all = tokens(text, false);
    let mut work = Work {
        text,
        hash,
        animations: animations(text, &all),
        out: Scoped::default(),
        open: Vec::new(),
    };
    work.out.names.extend(work.animations.iter().cloned());
    let mut at = 0;
    while at < all.len() {
        at += work.item(&all[at..]);
    }
    work.out
}

/// What a local name is in the page.
pub(super) fn name(local: &str, hash: &str) -> String {
    format!("_{local}_{hash}")
}

type Tokens<'a> = &'a [(Token, Range<usize>)];

/// The names of local `@keyframes`.
fn animations(text: &str, all: Tokens) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (index, (token, range)) in all.iter().enumerate() {
        if *token == Token::Word && is_keyframes(&text[range.clone()]) {
            let mut rest = all[index + 1..]
                .iter()
                .filter(|(token, _)| !is_blank(*token));
            if let Some((Token::Word | Token::Text, range)) = rest.next() {
                found.insert(unquoted(&text[range.clone()]));
            }
        }
    }
    found
}

fn is_keyframes(word: &str) -> bool {
    word.starts_with('@') && word.to_ascii_lowercase().ends_with("keyframes")
}

fn is_blank(token: Token) -> bool {
    matches!(token, Token::Space | Token::Comment)
}

struct Work<'a> {
    text: &'a str,
    hash: &'a str,
    animations: BTreeSet<String>,
    out: Scoped,
    open: Vec<Block>,
}

impl Work<'_> {
    fn part(&self, range: &Range<usize>) -> &str {
        &self.text[range.clone()]
    }

    fn copy(&mut self, tokens: Tokens) {
        if let (Some((_, first)), Some((_, last))) = (tokens.first(), tokens.last()) {
            self.out.text.push_str(&self.text[first.start..last.end]);
        }
    }

    /// Reads one declaration, or the beginning or end of a block, and says how many tokens that is.
    fn item(&mut self, tokens: Tokens) -> usize {
        let blank = tokens
            .iter()
            .take_while(|(token, _)| is_blank(*token))
            .count();
        self.copy(&tokens[..blank]);
        let rest = &tokens[blank..];
        let mut depth = 0_usize;
        let end = rest.iter().position(|(token, _)| {
            match token {
                Token::Other(b'(' | b'[') => depth += 1,
                Token::Other(b')' | b']') => depth = depth.saturating_sub(1),
                Token::Other(b'{' | b'}') => return true,
                Token::Other(b';') => return depth == 0,
                _ => {}
            }
            false
        });
        let length = end.unwrap_or(rest.len());
        let item = &rest[..length];
        match rest.get(length) {
            Some((Token::Other(b'{'), _)) => {
                let block = self.prelude(item);
                if !matches!(block, Block::Bare(_)) {
                    self.out.text.push('{');
                }
                self.open.push(block);
            }
            after => {
                let is_dropped = self.declaration(item);
                match after {
                    Some((Token::Other(b'}'), _)) => {
                        let ended = self.open.pop();
                        if !matches!(ended, Some(Block::Bare(_))) {
                            self.out.text.push('}');
                        }
                    }
                    Some(_) if !is_dropped => self.out.text.push(';'),
                    _ => {}
                }
            }
        }
        blank + length + usize::from(length < rest.len())
    }

    /// What stands before a `{`.
    fn prelude(&mut self, item: Tokens) -> Block {
        let above = self.open.last().cloned();
        let mode = above.as_ref().map_or(Mode::Local, Block::mode);
        let first = item
            .first()
            .map_or("", |(_, range)| self.part(range))
            .to_owned();
        let is_custom =
            first.starts_with("--") && item.iter().any(|(token, _)| *token == Token::Other(b':'));
        if matches!(above, Some(Block::Plain)) || is_custom {
            self.copy(item);
            return Block::Plain;
        }
        if above == Some(Block::Frames) {
            self.copy(item);
            return Block::Style(mode, Vec::new());
        }
        if is_keyframes(&first) {
            self.keyframes(item);
            return Block::Frames;
        }
        if first.starts_with('@') {
            return self.rule(&first, item, above, mode);
        }
        let mut selector = Selector::new(self.text, self.hash, mode);
        selector.read(item);
        if selector.is_bare() {
            return Block::Bare(selector.inner);
        }
        self.out.text.push_str(&selector.out);
        self.out.names.extend(selector.names);
        Block::Style(selector.inner, selector.alone)
    }

    fn rule(&mut self, name: &str, item: Tokens, above: Option<Block>, mode: Mode) -> Block {
        match name.to_ascii_lowercase().as_str() {
            "@scope" => {
                self.copy(&item[..1]);
                let mut selector = Selector::new(self.text, self.hash, mode);
                selector.read(&item[1..]);
                self.out.text.push_str(&selector.out);
                self.out.names.extend(selector.names);
                Block::Rules(mode)
            }
            "@media" | "@supports" | "@layer" | "@container" | "@starting-style" | "@document"
            | "@-moz-document" | "@tailwind" | "@variants" | "@responsive" | "@screen"
            | "@variant" => {
                self.copy(item);
                match above {
                    Some(style @ Block::Style(..)) => style,
                    _ => Block::Rules(mode),
                }
            }
            _ => {
                self.copy(item);
                Block::Plain
            }
        }
    }

    fn keyframes(&mut self, item: Tokens) {
        for (token, range) in item {
            let part = &self.text[range.clone()];
            let plain = unquoted(part);
            match token {
                Token::Word | Token::Text if self.animations.contains(&plain) => {
                    self.out.text.push_str(&name(&plain, self.hash));
                }
                _ => self.out.text.push_str(part),
            }
        }
    }

    /// A declaration or a rule without a block. True: it is left out.
    fn declaration(&mut self, item: Tokens) -> bool {
        let colon = item
            .iter()
            .position(|(token, _)| *token == Token::Other(b':'));
        let classes = match self.open.last() {
            Some(Block::Style(_, classes)) => classes.clone(),
            _ => {
                self.copy(item);
                return false;
            }
        };
        let property = match item.first() {
            Some((Token::Word, range)) if colon.is_some() => self.part(range).to_ascii_lowercase(),
            _ => String::new(),
        };
        let value = &item[colon.map_or(0, |colon| colon + 1)..];
        match property
            .trim_start_matches("-webkit-")
            .trim_start_matches("-moz-")
        {
            "composes" | "compose-with" => {
                let composed = self.composes(value);
                for class in classes {
                    self.out
                        .composed
                        .entry(class)
                        .or_default()
                        .extend(composed.iter().cloned());
                }
                true
            }
            "animation" | "animation-name" => {
                self.copy(&item[..item.len() - value.len()]);
                self.animated(value);
                false
            }
            _ => {
                self.copy(item);
                false
            }
        }
    }

    /// The value of `animation`, in which names that are those of local animations are these.
    fn animated(&mut self, value: Tokens) {
        let mut depth = 0_usize;
        for (token, range) in value {
            let part = &self.text[range.clone()];
            match token {
                Token::Other(b'(') => depth += 1,
                Token::Other(b')') => depth = depth.saturating_sub(1),
                Token::Word | Token::Text
                    if depth == 0 && self.animations.contains(&unquoted(part)) =>
                {
                    self.out.text.push_str(&name(&unquoted(part), self.hash));
                    continue;
                }
                _ => {}
            }
            self.out.text.push_str(part);
        }
    }

    fn composes(&self, value: Tokens) -> Vec<Composed> {
        let words: Vec<(Token, &str)> = value
            .iter()
            .filter(|(token, _)| matches!(token, Token::Word | Token::Text))
            .map(|(token, range)| (*token, self.part(range)))
            .collect();
        let (names, from) = match &words[..] {
            [names @ .., (Token::Word, "from"), (token, from)] => (names, Some((*token, *from))),
            names => (names, None),
        };
        let all = names
            .iter()
            .filter(|(_, name)| *name != "global" || from.is_some());
        all.map(|(_, name)| {
            let name = unquoted(name);
            match from {
                None => Composed::Local(name),
                Some((Token::Word, "global")) => Composed::Global(name),
                Some((_, file)) => Composed::Of(name, unquoted(file)),
            }
        })
        .collect()
    }
}
