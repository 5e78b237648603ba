//! A React application for Vite, of any number of components, each of which shows up to ten others.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// A component that shows no others, or few.
pub const LEAF: usize = 7;

/// The component that shows all others.
pub const ROOT: usize = 0;

/// Writes it into an empty folder. Its page says by `document.body.dataset.done` that all is shown.
pub fn write(directory: &Path, count: usize) {
    let folder = directory.join("src/components");
    fs::create_dir_all(&folder).expect("folders");
    for number in 0..count {
        fs::write(
            folder.join(format!("C{number}.tsx")),
            component(number, count),
        )
        .expect("a component");
    }
    for (name, text) in [
        ("src/main.tsx", MAIN),
        ("src/main.css", ".c { padding-left: 2px; }\n"),
        ("index.html", PAGE),
        ("package.json", PACKAGE),
        ("tsconfig.json", CONFIG),
        ("vite.config.js", VITE),
    ] {
        fs::write(directory.join(name), text).expect("a file");
    }
}

/// A text that was shown never before.
pub fn marker(number: usize) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    format!("edit{number}at{}", now.unwrap_or_default().as_nanos())
}

/// Has one component show this text.
pub fn edit(directory: &Path, component: usize, text: &str) {
    let path = directory.join(format!("src/components/C{component}.tsx"));
    let old = fs::read_to_string(&path).expect("a component");
    let (before, rest) = old.split_once("className=\"n\">").expect("its text");
    let (_, after) = rest.split_once('<').expect("its end");
    let new = format!("{before}className=\"n\">{text}<{after}");
    fs::write(&path, new).expect("an edit");
}

fn component(number: usize, of: usize) -> String {
    let shown: Vec<usize> = (1..=10)
        .map(|child| number * 10 + child)
        .filter(|child| *child < of)
        .collect();
    let mut text = "import { useMemo, useState } from 'react';\n".to_owned();
    for child in &shown {
        let _ = writeln!(text, "import {{ C{child} }} from './C{child}';");
    }
    let _ = write!(
        text,
        "type Props = {{ depth: number; label?: string }};
interface State {{ count: number; at: string | null }}
export function C{number}({{ depth, label = 'component {number}' }}: Props) {{
  const [state, setState] = useState<State>({{ count: 0, at: null }});
  const text = useMemo(() => `${{label}} at ${{depth}}, ${{state.count}}`, [label, depth, state.count]);
  return (
    <div className=\"c\" data-depth={{depth}}>
      <button onClick={{() => setState((s) => ({{ count: s.count + 1, at: 'now' }}))}}>{{text}}</button>
      <span className=\"n\">text</span>
"
    );
    for child in &shown {
        let _ = writeln!(text, "      <C{child} depth={{depth + 1}} />");
    }
    text.push_str("    </div>\n  );\n}\n");
    text
}

const MAIN: &str = "import { createRoot } from 'react-dom/client';
import { useEffect } from 'react';
import { C0 } from './components/C0';
import './main.css';
function App() {
  useEffect(() => { document.body.dataset.done = 'yes'; }, []);
  return <C0 depth={0} />;
}
createRoot(document.getElementById('root')!).render(<App />);
";

const PAGE: &str = "<!doctype html>
<html lang=\"en\">
  <head><title>application</title></head>
  <body><div id=\"root\"></div><script type=\"module\" src=\"/src/main.tsx\"></script></body>
</html>
";

const PACKAGE: &str = "{ \"name\": \"application\", \"private\": true, \"type\": \"module\" }\n";

const CONFIG: &str = "{ \"compilerOptions\": { \"jsx\": \"react-jsx\", \"module\": \"esnext\", \
    \"moduleResolution\": \"bundler\", \"target\": \"es2022\", \"strict\": true } }\n";

const VITE: &str = "import react from '@vitejs/plugin-react';
export default { plugins: [react()], logLevel: 'error' };
";
