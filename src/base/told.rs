//! What was told already.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

/// Texts of one kind, each of which is told once, and of which there is an end: whoever makes them up fills no log.
#[derive(Debug)]
pub struct Told {
    most: usize,
    texts: Mutex<HashSet<String>>,
}

impl Told {
    /// Nothing yet; `most` at all.
    pub fn new(most: usize) -> Self {
        Self {
            most,
            texts: Mutex::default(),
        }
    }

    /// What is to be told where this is news: the last one says that it is.
    pub fn news(&self, text: &str) -> Option<String> {
        let mut texts = self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        if texts.len() >= self.most || !texts.insert(text.to_owned()) {
            return None;
        }
        Some(match texts.len() == self.most {
            true => format!("{text}; more of this kind is not told"),
            false => text.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_told_once_and_so_many_at_all() {
        let told = Told::new(2);
        assert_eq!(told.news("a").as_deref(), Some("a"));
        assert_eq!(told.news("a"), None);
        let last = told.news("b");
        assert_eq!(last.as_deref(), Some("b; more of this kind is not told"));
        assert_eq!(told.news("b"), None);
        assert_eq!(told.news("c"), None);
    }
}
