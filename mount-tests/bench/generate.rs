//! Source trees to measure on.

use std::fmt::Write;
use std::fs;
use std::path::Path;

/// A component of about 85 lines and 3 KB, like those of real applications; `number` makes each one different, and it
/// imports its two neighbours.
pub fn component(number: usize, of: usize) -> String {
    let mut text = String::new();
    let (next, far) = ((number + 1) % of, (number * 7 + 3) % of);
    let _ = writeln!(
        text,
        "import {{ useState, useMemo, type ReactNode }} from './react';\n\
         import {{ Panel{next} }} from './component{next}';\n\
         import {{ total{far} }} from './component{far}';\n\n\
         export interface Props{number} {{ title: string; items: Array<{{ id: number; name: string; price?: number }}>; \
         children?: ReactNode }}\n\n\
         enum Mode{number} {{ List = 'list', Grid = 'grid', Hidden = {number} }}\n\n\
         export function total{number}(items: Props{number}['items']): number {{\n  \
         return items.reduce((sum: number, item) => sum + (item.price ?? {number}), 0);\n}}\n"
    );
    for part in 0..6 {
        let _ = writeln!(
            text,
            "function Part{part}({{ label, value = {part} as number }}: {{ label: string; value?: number }}) {{\n  \
             const [open, setOpen] = useState<boolean>(false);\n  \
             const text = useMemo(() => `${{label}}: ${{value * {number}}}`, [label, value]);\n  \
             if (!open) return <button className=\"part part-{part}\" onClick={{() => setOpen(true)}}>{{text}}</button>;\n  \
             return (\n    <section aria-label={{label}} data-part={{{part}}}>\n      <h2>{{text}}</h2>\n      \
             {{value > {part} ? <em>many</em> : <strong>few</strong>}}\n    </section>\n  );\n}}\n"
        );
    }
    let _ = writeln!(
        text,
        "export function Panel{number}({{ title, items, children }}: Props{number}) {{\n  \
         const mode = items.length > {number} ? Mode{number}.Grid : Mode{number}.List;\n  return (\n    \
         <article className={{mode as string}}>\n      <header>{{title}} {{total{far}(items as never)}}</header>\n      \
         <ul>{{items.map((item) => <li key={{item.id}}>{{item.name}}</li>)}}</ul>\n      \
         <Part0 label=\"a\" /><Part1 label=\"b\" value={{2}} /><Part2 label=\"c\" />\n      \
         <Part3 label=\"d\" /><Part4 label=\"e\" /><Part5 label=\"f\" />\n      \
         {{children ?? <Panel{next} title=\"next\" items={{[]}} />}}\n    </article>\n  );\n}}"
    );
    text
}

/// `count` components in `directory/src`, with a stand-in for React that the imports resolve to.
pub fn components(directory: &Path, count: usize) {
    let src = directory.join("src");
    fs::create_dir_all(src.join("react")).expect("a folder for the sources");
    fs::write(
        directory.join("package.json"),
        "{\"name\": \"bench\", \"private\": true}\n",
    )
    .expect("package.json");
    fs::write(
        directory.join("tsconfig.json"),
        "{\"compilerOptions\": {\"jsx\": \"react-jsx\", \"jsxImportSource\": \"#react\"}}\n",
    )
    .expect("tsconfig.json");
    fs::write(
        directory.join("package.json"),
        "{\"name\": \"bench\", \"private\": true, \"imports\": {\"#react/*\": \"./src/react/*.ts\"}}\n",
    )
    .expect("package.json");
    let runtime = "export const jsx = (type: unknown, props: unknown) => ({ type, props });\n\
                   export const jsxs = jsx, jsxDEV = jsx, Fragment = 'fragment';\n";
    for name in ["jsx-runtime", "jsx-dev-runtime"] {
        fs::write(src.join(format!("react/{name}.ts")), runtime).expect("the runtime");
    }
    fs::write(
        src.join("react/index.ts"),
        "export type ReactNode = unknown;\n\
         export const useState = <T,>(value: T): [T, (next: T) => void] => [value, () => {}];\n\
         export const useMemo = <T,>(make: () => T, _: unknown[]): T => make();\n",
    )
    .expect("the hooks");
    for number in 0..count {
        fs::write(
            src.join(format!("component{number}.tsx")),
            component(number, count),
        )
        .expect("a component");
    }
}

/// A tree of `count` small files, 100 to a folder, folders of folders by ten.
pub fn files(directory: &Path, count: usize) {
    for number in 0..count {
        let (group, folder) = (number / 1000, number / 100);
        let folder = directory.join(format!("group{group}/folder{folder}"));
        if number % 100 == 0 {
            fs::create_dir_all(&folder).expect("a folder");
        }
        fs::write(
            folder.join(format!("file{number}.ts")),
            format!("export const n = {number};\n"),
        )
        .expect("a file");
    }
}

/// The path of a file `depth` folders deep, whose folders it makes.
pub fn at_depth(directory: &Path, depth: usize, name: &str, content: &[u8]) -> String {
    let folders: String = (1..depth).map(|level| format!("level{level}/")).collect();
    fs::create_dir_all(directory.join(&folders)).expect("folders");
    fs::write(directory.join(&folders).join(name), content).expect("a file");
    format!("{folders}{name}")
}
