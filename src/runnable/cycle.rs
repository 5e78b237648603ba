//! Files that are made of each other in a circle: hooks that read one another's outputs.

use super::layout::Layout;
use crate::base::{Diagnostic, Key, Location};

/// The most files of a circle that are named.
const LONGEST: usize = 20;

/// What is told of computations that wait for each other in this order; the first is the last, too.
pub(super) fn told(layout: &Layout, keys: &[Key]) -> Diagnostic {
    let mut files: Vec<String> = keys.iter().map(|key| layout.shown(&key.path)).collect();
    let first = files.first().cloned().unwrap_or_default();
    // The steps to one output are one file to its user.
    files.dedup();
    if files.len() == 1 {
        files.push(first.clone());
    }
    let left_out = files.len().saturating_sub(LONGEST);
    if left_out > 0 {
        let last = files.len() - 1;
        files.splice(LONGEST - 1..last, [format!("{left_out} others")]);
    }
    let at = Location {
        file: first,
        line: 0,
        column: 0,
    };
    Diagnostic::new("cycle", "the file is made of itself")
        .at(at)
        .frame(Some(files.join("\nneeds ")))
        .hint("let one of them read the sources that it needs, not what another gives")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Computation;
    use crate::runnable::scene::path;

    fn text(files: impl IntoIterator<Item = (&'static str, String)>) -> String {
        let key = |(name, file): (_, String)| Key::new(Computation::new(name), path(&file));
        let keys: Vec<Key> = files.into_iter().map(key).collect();
        told(&Layout::new(path("src")), &keys).render(false)
    }

    #[test]
    fn a_circle_is_told_in_its_order() {
        let [a, b] = ["src/a.txt.hook.ts", "lib/b.css.hook.ts"].map(str::to_owned);
        let steps = [
            ("hook", a.clone()),
            ("module", b.clone()),
            ("hook", b),
            ("hook", a.clone()),
        ];
        insta::assert_snapshot!(text(steps), @r"
        error[cycle]: the file is made of itself in `/a.txt.hook.ts`
          /a.txt.hook.ts
          needs /~root/lib/b.css.hook.ts
          needs /a.txt.hook.ts
          hint: let one of them read the sources that it needs, not what another gives
        ");
        insta::assert_snapshot!(text([("hook", a.clone()), ("hook", a)]), @r"
        error[cycle]: the file is made of itself in `/a.txt.hook.ts`
          /a.txt.hook.ts
          needs /a.txt.hook.ts
          hint: let one of them read the sources that it needs, not what another gives
        ");
        let many = (0..40).chain([0]);
        let many = text(many.map(|number| ("hook", format!("src/{number}.txt.hook.ts"))));
        assert!(
            many.contains("needs /18.txt.hook.ts\n  needs 21 others\n  needs /0.txt.hook.ts\n"),
            "{many}"
        );
    }
}
