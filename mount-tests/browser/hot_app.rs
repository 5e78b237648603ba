//! A React application that is edited at random: what its files say, and what may happen to them.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::support::Random;

/// How a component is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Function,
    Arrow,
    Default,
    Memo,
    Forward,
    Wrapped,
    Class,
}

/// Those that keep their state over any edit that leaves their hooks as they are.
const KEEPING: [Form; 5] = [
    Form::Function,
    Form::Arrow,
    Form::Default,
    Form::Memo,
    Form::Forward,
];

/// Any.
const FORMS: [Form; 7] = [
    Form::Function,
    Form::Arrow,
    Form::Default,
    Form::Memo,
    Form::Forward,
    Form::Wrapped,
    Form::Class,
];

#[derive(Clone, Debug)]
struct Component {
    form: Form,
    version: u64,
    /// Whether it has one hook more.
    more: bool,
    hook: u64,
    children: Vec<u64>,
    /// Its file's name without the ending.
    file: String,
}

/// The application.
#[derive(Clone, Debug)]
pub struct App {
    is_gentle: bool,
    next: u64,
    components: BTreeMap<u64, Component>,
    /// Of each custom hook the version, and whether it has one hook more.
    hooks: [(u64, bool); 2],
    theme: u64,
    frame: u64,
    parts: [u64; 2],
    has_third: bool,
    circle: [u64; 2],
    style: u64,
    names: u64,
    has_extra: bool,
    data: u64,
}

impl App {
    /// One with a few components. A gentle one gets only edits over which all state is kept.
    pub fn new(random: &mut Random, is_gentle: bool) -> Self {
        let mut app = Self {
            is_gentle,
            next: 0,
            components: BTreeMap::new(),
            hooks: [(1, false); 2],
            theme: 1,
            frame: 1,
            parts: [1; 2],
            has_third: false,
            circle: [1; 2],
            style: 1,
            names: 1,
            has_extra: false,
            data: 1,
        };
        for _ in 0..6 {
            app.add(random);
        }
        app
    }

    fn form(&self, random: &mut Random) -> Form {
        match self.is_gentle {
            true => *one_of(random, &KEEPING),
            false => *one_of(random, &FORMS),
        }
    }

    /// Another component, shown by one that is there.
    fn add(&mut self, random: &mut Random) {
        let number = self.next;
        self.next += 1;
        let parents: Vec<u64> = self.components.keys().copied().collect();
        if !parents.is_empty() {
            let parent = *one_of(random, &parents);
            if let Some(parent) = self.components.get_mut(&parent) {
                parent.children.push(number);
            }
        }
        let component = Component {
            form: self.form(random),
            version: 1,
            more: false,
            hook: random.below(2),
            children: Vec::new(),
            file: format!("c{number}"),
        };
        self.components.insert(number, component);
    }

    /// Takes a component away that shows no others; the first one stays.
    fn remove(&mut self, random: &mut Random) {
        let is_leaf = |(number, component): (&u64, &Component)| {
            (*number != 0 && component.children.is_empty()).then_some(*number)
        };
        let leaves: Vec<u64> = self.components.iter().filter_map(is_leaf).collect();
        if leaves.is_empty() {
            return;
        }
        let gone = *one_of(random, &leaves);
        self.components.remove(&gone);
        for component in self.components.values_mut() {
            component.children.retain(|child| *child != gone);
        }
    }

    /// Something is edited; says what.
    pub fn edit(&mut self, random: &mut Random) -> String {
        let numbers: Vec<u64> = self.components.keys().copied().collect();
        let number = *one_of(random, &numbers);
        let kinds = if self.is_gentle { 8 } else { 15 };
        let kind = random.below(kinds);
        let some = random.below(2) as usize;
        let form = self.form(random);
        let next = self.next;
        let component = self.components.get_mut(&number);
        match kind {
            0 | 1 => component.map_or((), |it| it.version += 1),
            2 => self.hooks[some].0 += 1,
            3 => self.data += 1,
            4 => self.parts[some] += 1,
            5 => self.circle[some] += 1,
            6 => self.style += 1,
            7 => self.names += 1,
            // Another context, and another provider: what it is around begins anew.
            8 => self.theme += 1,
            9 => component.map_or((), |it| it.more = !it.more),
            10 => self.hooks[some].1 = !self.hooks[some].1,
            11 => component.map_or((), |it| it.form = form),
            12 => match some {
                0 => self.add(random),
                _ => self.remove(random),
            },
            13 => {
                if let Some(it) = component {
                    it.file = format!("c{number}_{next}");
                    self.next += 1;
                }
            }
            _ => match some {
                0 => {
                    self.frame += 1;
                    self.has_extra = !self.has_extra;
                }
                _ => self.has_third = !self.has_third,
            },
        }
        format!("edit {kind} of {number}, {some}, {form:?}")
    }

    /// The files under `src`.
    pub fn files(&self) -> BTreeMap<String, String> {
        let mut files = BTreeMap::new();
        let mut file = |name: &str, text: String| _ = files.insert(name.to_owned(), text);
        file(
            "theme.ts",
            format!(
                "import {{ createContext }} from 'react';\nexport const theme = 't{}';\nexport const Theme = createContext(theme);\n",
                self.theme
            ),
        );
        for (number, (version, more)) in self.hooks.into_iter().enumerate() {
            let more = if more { "  useRef(0);\n" } else { "" };
            file(
                &format!("use{number}.ts"),
                format!(
                    "import {{ useRef, useState }} from 'react';\nexport function useIt() {{\n  const [said] = useState('kept');\n{more}  useRef(1);\n  return said + {version};\n}}\n"
                ),
            );
        }
        file(
            "frame.tsx",
            format!(
                "import type {{ ComponentType }} from 'react';\nexport function framed(Inner: ComponentType) {{\n  return function Framed() {{\n    return <div data-frame='{}'><Inner /></div>;\n  }};\n}}\n",
                self.frame
            ),
        );
        file(
            "parts/index.ts",
            format!(
                "export * from './a';\nexport * from './b';\n{}",
                if self.has_third {
                    "export const third = 3;\n"
                } else {
                    ""
                }
            ),
        );
        for (name, version) in ["a", "b"].into_iter().zip(self.parts) {
            file(
                &format!("parts/{name}.ts"),
                format!("export const {name} = '{name}{version}';\n"),
            );
        }
        let [first, second] = self.circle;
        file(
            "circle-a.ts",
            format!(
                "import {{ second }} from './circle-b';\nexport const first = {first};\nexport const both = () => `${{first}}/${{second}}`;\n"
            ),
        );
        file(
            "circle-b.ts",
            format!(
                "import {{ both }} from './circle-a';\nexport const second = {second};\nexport const again = () => both();\n"
            ),
        );
        file(
            "style.css",
            format!("body {{ --style: {}; }}\n", self.style),
        );
        let extra = if self.has_extra {
            ".extra { color: red; }\n"
        } else {
            ""
        };
        file(
            "names.module.css",
            format!(".box {{ --names: {}; }}\n{extra}", self.names),
        );
        file("data.json", format!("{{ \"value\": {} }}\n", self.data));
        file("main.tsx", MAIN.to_owned());
        file(
            "root.tsx",
            format!(
                "import {{ Theme, theme }} from './theme';\nimport {} from './{}';\nexport function Root() {{\n  return <Theme.Provider value={{theme}}><C0 /></Theme.Provider>;\n}}\n",
                self.imported(0),
                self.file(0)
            ),
        );
        for number in self.components.keys() {
            file(
                &format!("{}.tsx", self.file(*number)),
                self.component(*number),
            );
        }
        files
    }

    fn file(&self, number: u64) -> &str {
        self.components.get(&number).map_or("", |it| &it.file)
    }

    /// What an import of a component names.
    fn imported(&self, number: u64) -> String {
        match self.components.get(&number).map(|it| it.form) {
            Some(Form::Default) => format!("C{number}"),
            _ => format!("{{ C{number} }}"),
        }
    }

    fn component(&self, number: u64) -> String {
        let Some(it) = self.components.get(&number) else {
            return String::new();
        };
        let mut text = "import { Component, forwardRef, memo, useContext, useState } from 'react';\nimport { Theme } from './theme';\nimport { framed } from './frame';\nimport * as parts from './parts';\nimport { both } from './circle-a';\nimport data from './data.json';\nimport names from './names.module.css';\n".to_owned();
        let _ = writeln!(text, "import {{ useIt }} from './use{}';", it.hook);
        for child in &it.children {
            let _ = writeln!(
                text,
                "import {} from './{}';",
                self.imported(*child),
                self.file(*child)
            );
        }
        let shown: String = it
            .children
            .iter()
            .map(|child| format!("<C{child} />"))
            .collect();
        let version = it.version;
        let head = |count: &str, add: &str, said: &str| {
            format!(
                "<section data-name='c{number}'><button className={{Object.values(names).join(' ')}} data-count={{{count}}} onClick={{() => {add}}}>c{number} v{version} {{{said}}} {{Object.values(parts).join()}} {{both()}} {{data.value}}</button>{shown}</section>"
            )
        };
        let more = if it.more { "  useState('more');\n" } else { "" };
        let body = format!(
            "{{\n  const [count, setCount] = useState(0);\n{more}  const said = useIt() + useContext(Theme);\n  return {};\n}}",
            head("count", "setCount((count) => count + 1)", "said")
        );
        let _ = match it.form {
            Form::Function => writeln!(text, "export function C{number}() {body}"),
            Form::Arrow => writeln!(text, "export const C{number} = () => {body};"),
            Form::Default => writeln!(text, "export default function C{number}() {body}"),
            Form::Memo => writeln!(text, "export const C{number} = memo(() => {body});"),
            Form::Forward => writeln!(
                text,
                "export const C{number} = forwardRef(function Forward(_: object, ref) {body});"
            ),
            Form::Wrapped => writeln!(
                text,
                "export const C{number} = framed(function Inner() {body});"
            ),
            Form::Class => writeln!(
                text,
                "export class C{number} extends Component {{\n  static contextType = Theme;\n  declare context: string;\n  state = {{ count: 0 }};\n  render() {{\n    return {};\n  }}\n}}",
                head(
                    "this.state.count",
                    "this.setState(({ count }: { count: number }) => ({ count: count + 1 }))",
                    "this.context"
                )
            ),
        };
        text
    }
}

fn one_of<'a, T>(random: &mut Random, all: &'a [T]) -> &'a T {
    &all[random.below(all.len() as u64) as usize]
}

const MAIN: &str = "import { createRoot } from 'react-dom/client';
import { Root } from './root';
import './style.css';
createRoot(document.getElementById('root')!).render(<Root />);
";
