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
#hookfs-overlay { position: fixed; inset: 0; z-index: 2147483647; overflow: auto; padding: 4vh 2vw; background: rgb(0 0 0 / 55%);
  color-scheme: light dark; text-align: left; direction: ltr; }
#hookfs-overlay > div { max-width: 64rem; margin: 0 auto; padding: 1rem 1.5rem; border-radius: 8px; border-top: 6px solid light-dark(#c62828, #ff6b6b);
  background: light-dark(#fff, #1b1b1f); color: light-dark(#1b1b1f, #e8e8ea); font: 14px/1.5 system-ui, sans-serif; box-shadow: 0 8px 40px rgb(0 0 0 / 40%); }
#hookfs-overlay header { display: flex; justify-content: space-between; align-items: center; }
#hookfs-overlay h2 { margin: 0; font: 600 18px/1.4 system-ui, sans-serif; color: light-dark(#c62828, #ff6b6b); }
#hookfs-overlay button { font: inherit; cursor: pointer; }
#hookfs-overlay pre { margin: 1rem 0; padding: .75rem 1rem; overflow: auto; white-space: pre; border-radius: 4px; background: light-dark(#f4f4f6, #26262c);
  font: 13px/1.55 ui-monospace, Menlo, Consolas, monospace; }
#hookfs-overlay b { font-weight: 600; }
#hookfs-overlay .error { color: light-dark(#c62828, #ff6b6b); }
#hookfs-overlay .place { color: light-dark(#00708a, #4dd0e1); }
#hookfs-overlay .hint { color: light-dark(#1e50c8, #82aaff); }
#hookfs-overlay footer { color: light-dark(#5a5a62, #a0a0a8); }
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
