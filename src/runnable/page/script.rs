//! The scripts of a page: modules from files and inline, and an import map of its own.

use std::ops::Range;

use super::markup::{self, Tag, escaped, in_script};
use super::place::{self, Target};
use super::read::Reader;
use crate::base::{Diagnostic, Key, Part, SourcePath, code_frame};
use crate::compiler::{self, Language, Parsed};
use crate::compute::{Context, Failure, Link, LinkKind, Output};
use crate::resolver::Target as Resolved;
use crate::runnable::all::Runnable;
use crate::runnable::bundle::{self, Variant, piece};
use crate::runnable::hashed::{CLASSIC, Scope};
use crate::runnable::kind::Kind;
use crate::runnable::{imports, inline, module, names};
use crate::source::Entry;

/// Reads a `<script>`.
pub(super) fn of(reader: &mut Reader<'_>, tag: &Tag) -> Result<(), Failure> {
    match kind(tag).as_str() {
        "module" => {
            reader.map_before(tag.range.start);
            match (tag.attribute("src"), tag.content.clone()) {
                (Some(_), _) => external(reader, tag),
                (None, Some(range)) => of_inline(reader, tag, range),
                (None, None) => Ok(()),
            }
        }
        "importmap" if tag.attribute("src").is_none() => import_map(reader, tag),
        "" | "text/javascript" | "application/javascript" => classic(reader, tag),
        _ => Ok(()),
    }
}

pub(super) fn kind(tag: &Tag) -> String {
    let kind = tag.value("type").unwrap_or_default();
    kind.trim().to_ascii_lowercase()
}

/// A classic script: a public file, or one of the tree by its text. Any other stays as it is.
fn classic(reader: &mut Reader<'_>, tag: &Tag) -> Result<(), Failure> {
    let Some(source) = tag.attribute("src") else {
        return Ok(());
    };
    let Some((path, suffix)) = place::split(&source.value) else {
        return Ok(());
    };
    let target = match reader.base.find(reader.runnable, reader.context, path)? {
        Some(Target::File(file)) => match Kind::of_path(&file) {
            Kind::Module(_) | Kind::Script if has_classic(reader, &file)? => {
                Target::Node(Key::new(CLASSIC, file))
            }
            _ => return Ok(()),
        },
        Some(public) => public,
        None => return Ok(()),
    };
    reader.reference(target, suffix, source)
}

/// Whether a file has an output for classic scripts: it is a source, and the output's name is no other file's and not too long.
fn has_classic(reader: &Reader<'_>, file: &SourcePath) -> Result<bool, Failure> {
    let context = reader.context;
    let layout = &reader.runnable.layout;
    let key = Key::new(CLASSIC, file.clone());
    let output = layout.output_of(&key);
    let here = file.parent().unwrap_or_else(SourcePath::root);
    let taken = context.entry(&here.child(output.name()))?;
    let is_source = context.entry(file)? == Entry::File;
    Ok(is_source && taken == Entry::Absent && layout.overlong(&key).is_none())
}

/// `<script type="module" src>`.
fn external(reader: &mut Reader<'_>, tag: &Tag) -> Result<(), Failure> {
    let Some(source) = tag.attribute("src") else {
        return Ok(());
    };
    let Some((path, _)) = place::split(&source.value) else {
        return Ok(());
    };
    if let Some(place) = reader.base.place(path)
        && let Some(bundle) = bundle::at(&reader.runnable.layout, reader.context, &place)?
    {
        let entry = bundle::entry(&bundle).map(|entry| entry.plain());
        match entry.filter(|entry| !super::is_page(entry)) {
            // Of two runtimes in one page each would have its own modules.
            Some(entry) if reader.variant == Variant::Hot => {
                reader.start(Link::import(entry));
                reader.skip(&element(reader.text, tag));
            }
            _ => reader.reference(Target::Node(bundle), "", source)?,
        }
        return Ok(());
    }
    let found = match reader.base.find(reader.runnable, reader.context, path)? {
        Some(found) => Some(found),
        None => guessed(reader, path)?,
    };
    match found {
        Some(Target::File(file)) => match Kind::of_path(&file) {
            Kind::Module(_) | Kind::Script => {
                let layout = &reader.runnable.layout;
                if let Some(hint) = names::taken(layout, reader.context, &file, None)? {
                    let message = format!("cannot resolve `{}`", source.value);
                    let diagnostic = Diagnostic::new("unresolved-import", message).hint(hint);
                    reader.problem(diagnostic, &source.range);
                    return Ok(());
                }
                let key = Key::new(crate::runnable::MODULE, file.clone());
                reader.start(Link::import(key));
                if reader.variant == Variant::Hot {
                    reader.skip(&element(reader.text, tag));
                    return Ok(());
                }
                // A module is one whatever query it was written with.
                reader.reference(Target::File(file), "", source)?;
            }
            kind => {
                let what = match kind {
                    Kind::Style => "a style sheet: link to it with `<link rel=\"stylesheet\">`",
                    _ => "no script",
                };
                let message = format!("`{}` is {what}", source.value);
                reader.problem(Diagnostic::new("html", message), &source.range);
            }
        },
        Some(public) => reader.reference(public, "", source)?,
        None => {
            let message = format!("cannot resolve `{}`", source.value);
            let mut diagnostic = Diagnostic::new("unresolved-import", message);
            diagnostic.hint = Some(hint(reader, path)?);
            reader.problem(diagnostic, &source.range);
        }
    }
    Ok(())
}

/// What an import of it would mean: without its extension, or `.js` for `.ts`.
fn guessed(reader: &Reader<'_>, path: &str) -> Result<Option<Target>, Failure> {
    Ok(match resolve(reader, path)? {
        Ok(Resolved::File(file, _)) => Some(Target::File(file)),
        _ => None,
    })
}

fn hint(reader: &Reader<'_>, path: &str) -> Result<String, Failure> {
    let hint = match resolve(reader, path)? {
        Err(unresolved) => unresolved.hint,
        Ok(_) => None,
    };
    Ok(hint.unwrap_or_else(|| {
        "a leading slash means the source folder or the workspace root; other paths are from the page".to_owned()
    }))
}

fn resolve(
    reader: &Reader<'_>,
    path: &str,
) -> Result<Result<Resolved, crate::resolver::Unresolved>, Failure> {
    let plain = crate::runnable::requests::unescaped(path);
    let plain = String::from_utf8_lossy(&plain);
    let specifier = match plain.starts_with(['/', '.']) {
        true => plain.into_owned(),
        false => format!("./{plain}"),
    };
    let resolver = &reader.runnable.resolver;
    let config = resolver.config(reader.context, reader.path)?;
    let importer = resolver.importer(reader.context, reader.path);
    importer.resolve(&specifier, &config)
}

/// An inline module: compiled, and still inline; or a module of the page's bundle.
fn of_inline(reader: &mut Reader<'_>, tag: &Tag, range: Range<usize>) -> Result<(), Failure> {
    if is_empty(reader.text, &range) {
        return Ok(());
    }
    let number = reader.inline;
    reader.inline += 1;
    if reader.variant == Variant::Hot {
        let key = Key::new(inline::of(number), reader.path.clone());
        reader.start(Link::import(key));
        reader.skip(&element(reader.text, tag));
        return Ok(());
    }
    let (runnable, context, path) = (reader.runnable, reader.context, reader.path);
    match compiled(
        runnable,
        context,
        path,
        reader.text,
        tag,
        &range,
        Scope::Page,
    ) {
        Ok(output) => {
            for link in output.links {
                match link.kind {
                    LinkKind::Import | LinkKind::Dynamic => reader.start(link),
                    LinkKind::Url => reader.plan.link(link),
                }
            }
            reader.skip(&range);
            let code = output.parts.iter().find(|(part, _)| *part == Part::MAIN);
            let code = code.map(|(_, bytes)| String::from_utf8_lossy(bytes));
            // `<\/script` is the same in strings, templates and regular expressions, and stands nowhere else.
            let code = code
                .unwrap_or_default()
                .trim()
                .replace("</script", "<\\/script")
                .replace("<!--", "<\\!--");
            reader.plan.text(&format!("\n{code}\n"));
        }
        Err(Failure::Diagnostics(problems)) => reader.plan.problems.extend(problems.to_vec()),
        Err(other) => return Err(other),
    }
    Ok(())
}

/// Whether there is nothing in an inline script.
fn is_empty(text: &str, range: &Range<usize>) -> bool {
    text[range.clone()].trim().is_empty()
}

/// An element that holds text alone, with both tags.
pub(super) fn element(text: &str, tag: &Tag) -> Range<usize> {
    let inside = tag
        .content
        .as_ref()
        .map_or(tag.range.end, |range| range.end);
    let rest = &text[inside..];
    let end = rest.find('>').map_or(text.len(), |at| inside + at + 1);
    tag.range.start..end
}

/// The inline module with this number.
pub(super) fn numbered(
    runnable: &Runnable,
    context: &dyn Context,
    path: &SourcePath,
    text: &str,
    number: u32,
    scope: Scope,
) -> Result<Output, Failure> {
    let missing = || Failure::Missing(path.clone());
    let tags = markup::read(text).map_err(|_| missing())?;
    let mut inline = tags.iter().filter_map(|tag| {
        let is_module = tag.name == "script" && kind(tag) == "module" && tag.value("src").is_none();
        let range = tag.content.clone().filter(|range| !is_empty(text, range))?;
        is_module.then_some((tag, range))
    });
    let (tag, range) = inline.nth(number as usize).ok_or_else(missing)?;
    compiled(runnable, context, path, text, tag, &range, scope)
}

fn compiled(
    runnable: &Runnable,
    context: &dyn Context,
    path: &SourcePath,
    text: &str,
    tag: &Tag,
    range: &Range<usize>,
    scope: Scope,
) -> Result<Output, Failure> {
    // With blanks for all before it, its places are those of the page.
    let mut source: String = text[..range.start]
        .chars()
        .map(|letter| if letter == '\n' { '\n' } else { ' ' })
        .collect();
    source.push_str(&text[range.clone()]);
    let compile = || {
        let shown = runnable.layout.shown(path);
        let parsed = parse(&source, tag.value("lang"), shown.trim_start_matches('/'))?;
        let config = runnable.resolver.config(context, path)?;
        let mut options = module::options(runnable, context, &config, path, &parsed)?;
        match scope {
            Scope::Bundle(variant) => piece::set(runnable, &mut options, path, variant),
            _ => (options.map_url, options.map_source) = (None, None),
        }
        let transformed = parsed.transform(&options).map_err(module::diagnostics)?;
        let imports = imports::Imports::new(runnable, context, path, source.as_bytes(), scope);
        module::emit(imports, &config, transformed)
    };
    compile().map_err(|failure| match failure {
        Failure::Diagnostics(problems) => {
            let problems = problems.iter().cloned();
            module::diagnostics(problems.map(|problem| reframed(problem, text)).collect())
        }
        other => other,
    })
}

/// Shown with the markup around it, not with the blanks that it was compiled with.
fn reframed(mut problem: Diagnostic, text: &str) -> Diagnostic {
    if let (Some(at), Some(frame)) = (&problem.at, &problem.frame) {
        let width = u32::try_from(frame.matches('^').count()).unwrap_or(1);
        problem.frame = code_frame(text, at.line, at.column, width);
    }
    problem
}

/// JavaScript with JSX, unless `lang` says TypeScript; and if it is none, TypeScript, which reads `a < b > (c)` otherwise.
fn parse(source: &str, lang: Option<&str>, shown: &str) -> Result<Parsed, Failure> {
    let read = |language| compiler::parse(source.as_bytes(), language, shown);
    let parsed = match lang {
        Some("ts") => read(Language::Ts),
        Some("tsx") => read(Language::Tsx),
        _ => read(Language::Jsx).or_else(|_| read(Language::Tsx)),
    };
    parsed.map_err(module::diagnostics)
}

/// The page's own import map is merged into ours.
fn import_map(reader: &mut Reader<'_>, tag: &Tag) -> Result<(), Failure> {
    let range = tag.content.clone().unwrap_or(tag.range.end..tag.range.end);
    let text = &reader.text[range.clone()];
    match serde_json::from_str::<serde_json::Value>(text) {
        Ok(map @ serde_json::Value::Object(_)) if reader.plan.own_map.is_none() => {
            reader.map_before(tag.range.start);
            reader.skip(&element(reader.text, tag));
            reader.plan.own_map = Some(map.to_string());
        }
        Ok(_) => {}
        Err(error) => {
            let message = format!("the import map is no JSON: {error}");
            reader.problem(Diagnostic::new("html", message), &range);
        }
    }
    Ok(())
}

/// The element of the map.
pub(super) fn map_element(nonce: Option<&str>, json: &str) -> String {
    let nonce = nonce_attribute(nonce);
    format!(
        "<script type=\"importmap\"{nonce}>{}</script>\n",
        in_script(json)
    )
}

/// The one script of a page that is hot.
pub(super) fn module_element(nonce: Option<&str>, url: &str) -> String {
    let nonce = nonce_attribute(nonce);
    format!(
        "<script type=\"module\"{nonce} src=\"{}\"></script>\n",
        escaped(url)
    )
}

/// After an element: its URL is from now on that of this moment.
pub(super) fn pin_element(nonce: Option<&str>) -> String {
    let nonce = nonce_attribute(nonce);
    format!("<script{nonce}>document.currentScript.previousElementSibling.href+=\"\"</script>")
}

fn nonce_attribute(nonce: Option<&str>) -> String {
    let nonce = nonce.map(|nonce| format!(" nonce=\"{}\"", escaped(nonce)));
    nonce.unwrap_or_default()
}
