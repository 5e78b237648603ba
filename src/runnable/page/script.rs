//! The scripts of a page: modules from files and inline, and an import map of its own.

use std::ops::Range;

use super::markup::{Tag, in_script};
use super::place::{self, Target};
use super::read::Reader;
use crate::base::{Diagnostic, Key, Part, code_frame};
use crate::compiler::{self, Language, Parsed};
use crate::compute::{Failure, LinkKind};
use crate::resolver::Target as Resolved;
use crate::runnable::bundle;
use crate::runnable::hashed::Scope;
use crate::runnable::kind::Kind;
use crate::runnable::module;

/// Reads a `<script>`. Classic scripts stay as they are, but for a public file's place.
pub(super) fn of(reader: &mut Reader<'_>, tag: &Tag) -> Result<(), Failure> {
    let kind = tag.value("type").unwrap_or_default();
    match kind.trim().to_ascii_lowercase().as_str() {
        "module" => {
            reader.map_before(tag.range.start);
            match (tag.attribute("src"), tag.content.clone()) {
                (Some(_), _) => external(reader, tag),
                (None, Some(range)) => inline(reader, tag, range),
                (None, None) => Ok(()),
            }
        }
        "importmap" if tag.attribute("src").is_none() => import_map(reader, tag),
        "" | "text/javascript" | "application/javascript" => classic(reader, tag),
        _ => Ok(()),
    }
}

fn classic(reader: &mut Reader<'_>, tag: &Tag) -> Result<(), Failure> {
    if let Some(source) = tag.attribute("src")
        && let Some((path, suffix)) = place::split(&source.value)
        && let Some(target @ Target::Public(..)) =
            reader.base.find(reader.runnable, reader.context, path)?
    {
        reader.reference(target, suffix, source)?;
    }
    Ok(())
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
        && let Some(bundle) = bundle::at(reader.runnable, reader.context, &place)?
    {
        reader.reference(Target::Bundle(bundle), "", source)?;
        return Ok(());
    }
    let found = match reader.base.find(reader.runnable, reader.context, path)? {
        Some(found) => Some(found),
        None => guessed(reader, path)?,
    };
    match found {
        Some(Target::File(file)) => match Kind::of_path(&file) {
            Kind::Module(_) | Kind::Script => {
                let key = Key::new(crate::runnable::MODULE, file.clone());
                reader.start(LinkKind::Import, key);
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

/// An inline module: compiled, and still inline.
fn inline(reader: &mut Reader<'_>, tag: &Tag, range: Range<usize>) -> Result<(), Failure> {
    if reader.text[range.clone()].trim().is_empty() {
        return Ok(());
    }
    match compiled(reader, tag, &range) {
        Ok((code, links)) => {
            for link in links {
                match link.kind {
                    LinkKind::Import | LinkKind::Dynamic => reader.start(link.kind, link.key),
                    LinkKind::Url => reader.plan.link(link),
                }
            }
            reader.skip(&range);
            // `<\/script` is the same in strings, templates and regular expressions, and stands nowhere else.
            let code = code
                .replace("</script", "<\\/script")
                .replace("<!--", "<\\!--");
            reader.plan.text(&format!("\n{code}"));
        }
        Err(Failure::Diagnostics(problems)) => {
            for mut problem in problems.iter().cloned() {
                // Shown with the markup around it, not with the blanks that it was compiled with.
                if let (Some(at), Some(frame)) = (&problem.at, &problem.frame) {
                    let width = u32::try_from(frame.matches('^').count()).unwrap_or(1);
                    problem.frame = code_frame(reader.text, at.line, at.column, width);
                }
                reader.plan.problems.push(problem);
            }
        }
        Err(other) => return Err(other),
    }
    Ok(())
}

type Compiled = (String, Vec<crate::compute::Link>);

fn compiled(reader: &Reader<'_>, tag: &Tag, range: &Range<usize>) -> Result<Compiled, Failure> {
    let (runnable, context, path) = (reader.runnable, reader.context, reader.path);
    // With blanks for all before it, its places are those of the page.
    let mut source: String = reader.text[..range.start]
        .chars()
        .map(|letter| if letter == '\n' { '\n' } else { ' ' })
        .collect();
    source.push_str(&reader.text[range.clone()]);
    let shown = runnable.layout.shown(path);
    let parsed = parse(&source, tag.value("lang"), shown.trim_start_matches('/'))?;
    let config = runnable.resolver.config(context, path)?;
    let mut options = module::options(runnable, context, &config, path, source.as_bytes())?;
    options.map_url = None;
    options.map_source = None;
    let transformed = parsed.transform(&options).map_err(module::diagnostics)?;
    let imports = module::Imports::new(runnable, context, path, source.as_bytes(), Scope::Page);
    let output = module::emit(imports, &config, transformed)?;
    let code = output.parts.iter().find(|(part, _)| *part == Part::MAIN);
    let code = code.map(|(_, bytes)| String::from_utf8_lossy(bytes).trim().to_owned());
    Ok((format!("{}\n", code.unwrap_or_default()), output.links))
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
            let rest = &reader.text[range.end..];
            // Up to the `>` of its end tag.
            let end = rest
                .find('>')
                .map_or(reader.text.len(), |at| range.end + at + 1);
            reader.skip(&(tag.range.start..end));
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

/// After an element: its URL is from now on that of this moment.
pub(super) fn pin_element(nonce: Option<&str>) -> String {
    let nonce = nonce_attribute(nonce);
    format!("<script{nonce}>document.currentScript.previousElementSibling.href+=\"\"</script>")
}

fn nonce_attribute(nonce: Option<&str>) -> String {
    let nonce = nonce.map(|nonce| format!(" nonce=\"{}\"", super::markup::escaped(nonce)));
    nonce.unwrap_or_default()
}
