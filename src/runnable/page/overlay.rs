//! What is wrong, in the page itself: a static server can only say 404.

use super::markup::escaped;
use crate::base::Diagnostic;

/// The overlay: markup that needs no script to be read, and a script with which Escape and a button close it.
pub(super) fn of(problems: &[Diagnostic], nonce: Option<&str>) -> String {
    let nonce = nonce.map_or(String::new(), |nonce| {
        format!(" nonce=\"{}\"", escaped(nonce))
    });
    let texts = problems
        .iter()
        .map(|problem| format!("<pre>{}</pre>\n", coloured(&problem.render(true))));
    let texts: String = texts.collect();
    let title = match problems.len() {
        1 => "1 error".to_owned(),
        number => format!("{number} errors"),
    };
    format!(
        "<div id=\"hookfs-overlay\" role=\"alertdialog\" aria-labelledby=\"hookfs-title\">\n\
         <style{nonce}>{STYLE}</style>\n\
         <div>\n<header><h2 id=\"hookfs-title\">{title}</h2><button type=\"button\" title=\"Escape\">Close</button></header>\n\
         {texts}<footer>Mend it and reload.</footer>\n</div>\n<script{nonce}>{SCRIPT}</script>\n</div>\n"
    )
}

/// Text with the escapes of terminals as markup.
fn coloured(text: &str) -> String {
    escaped(text)
        .replace("\u{1b}[1;31m", "<b class=\"error\">")
        .replace("\u{1b}[1;34m", "<b class=\"hint\">")
        .replace("\u{1b}[36m", "<b class=\"place\">")
        .replace("\u{1b}[0m", "</b>")
}

const STYLE: &str = "
#hookfs-overlay, #hookfs-overlay * { all: revert; box-sizing: border-box; }
#hookfs-overlay { --back: #fff; --text: #1b1b1f; --code: #f4f4f6; --faint: #5a5a62; --red: #c62828; --cyan: #00708a; --blue: #1e50c8;
  position: fixed; inset: 0; z-index: 2147483647; overflow: auto; padding: 4vh 2vw; background: rgb(0 0 0 / 55%); text-align: left; direction: ltr; }
@media (prefers-color-scheme: dark) {
  #hookfs-overlay { --back: #1b1b1f; --text: #e8e8ea; --code: #26262c; --faint: #a0a0a8; --red: #ff6b6b; --cyan: #4dd0e1; --blue: #82aaff; }
}
#hookfs-overlay > div { max-width: 64rem; margin: 0 auto; padding: 1rem 1.5rem; border-radius: 8px; border-top: 6px solid var(--red);
  background: var(--back); color: var(--text); font: 14px/1.5 system-ui, sans-serif; box-shadow: 0 8px 40px rgb(0 0 0 / 40%); }
#hookfs-overlay header { display: flex; justify-content: space-between; align-items: center; }
#hookfs-overlay h2 { margin: 0; font: 600 18px/1.4 system-ui, sans-serif; color: var(--red); }
#hookfs-overlay button { font: inherit; cursor: pointer; padding: 2px 10px; border: 1px solid var(--faint); border-radius: 4px; background: var(--code); color: var(--text); }
#hookfs-overlay pre { margin: 1rem 0; padding: .75rem 1rem; overflow: auto; white-space: pre; border-radius: 4px; background: var(--code); color: var(--text);
  font: 13px/1.55 ui-monospace, Menlo, Consolas, monospace; }
#hookfs-overlay b { font-weight: 600; }
#hookfs-overlay .error { color: var(--red); }
#hookfs-overlay .place { color: var(--cyan); }
#hookfs-overlay .hint { color: var(--blue); }
#hookfs-overlay footer { color: var(--faint); }
";

const SCRIPT: &str = "
(() => {
  const overlay = document.getElementById(\"hookfs-overlay\");
  const close = () => { overlay.remove(); removeEventListener(\"keydown\", onKey, true); };
  const onKey = (event) => { if (event.key === \"Escape\") close(); };
  addEventListener(\"keydown\", onKey, true);
  overlay.querySelector(\"button\").addEventListener(\"click\", close);
})();
";
