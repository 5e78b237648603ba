//! SVGs as components of React: `import Icon from './a.svg?react'`, `import { ReactComponent as Icon } from './a.svg'`
//! (vite-plugin-svgr, SVGR of create-react-app).
//!
//! The component's module is that of a file `a.svg.react.js` which no source is and [`SVG`] makes: everything that is done
//! with modules is done with it. Whoever imports the SVG for its URL has nothing to do with it.

use std::borrow::Cow;

use super::all::Runnable;
use super::kind::Query;
use super::layout::with_suffix;
use super::module::diagnostics;
use crate::base::{Computation, Part, SourcePath};
use crate::compiler;
use crate::compute::{Context, Failure, Output};
use crate::resolver::{CompilerOptions, in_packages};

/// The text of a component's module, in JSX. The key's path is the SVG.
pub(super) const SVG: Computation = Computation::new("svg");

/// What follows the SVG's name in that of the module.
pub(super) const SUFFIX: &str = ".react.js";

/// The name by which create-react-app has the component, beside the default export, which is the URL there.
pub(super) const NAMED: &str = "ReactComponent";

/// The queries that ask for a component: those of vite-plugin-svgr, and what others have it ask for.
const QUERIES: [&str; 3] = ["react", "svgr", "component"];

/// The module of an SVG's component.
pub(super) fn component(image: &SourcePath) -> SourcePath {
    with_suffix(image, SUFFIX)
}

/// The SVG that a module is the component of, by its name; `None`: it is that of no SVG.
pub(super) fn of(path: &SourcePath) -> Option<SourcePath> {
    let name = path.name().strip_suffix(SUFFIX.as_bytes())?;
    let is_svg = name.len() > ".svg".len() && name.ends_with(b".svg");
    is_svg.then(|| path.parent().map(|parent| parent.child(name)))?
}

/// The file that an import is for, and what remains of its query: of an SVG as a component it is that module.
pub(super) fn meant(path: SourcePath, query: Option<String>) -> (SourcePath, Option<String>) {
    let asked = |query: &str| {
        Query::of(query).is_none() && query.split('&').any(|part| QUERIES.contains(&part))
    };
    match query.as_deref().is_some_and(asked) && path.extension() == Some(b"svg") {
        true => (component(&path), None),
        false => (path, query),
    }
}

/// The file whose configuration and packages count for a module: of a component one in TSX beside the SVG. Where that is a
/// package's, its user has the runtime of JSX.
pub(super) fn from<'a>(source: &SourcePath, path: &'a SourcePath) -> Cow<'a, SourcePath> {
    let Some(image) = of(path) else {
        return Cow::Borrowed(path);
    };
    let image = match in_packages(&image) {
        true => source.child(image.name()),
        false => image,
    };
    Cow::Owned(with_suffix(&image, ".tsx"))
}

/// Runs [`SVG`].
pub(super) fn run(
    runnable: &Runnable,
    context: &dyn Context,
    image: &SourcePath,
) -> Result<Output, Failure> {
    let module = component(image);
    let from = from(runnable.layout.source(), &module);
    let config = runnable.resolver.config(context, &from)?;
    let shown = runnable.layout.shown(image);
    let content = context.content(image)?;
    let text = compiler::svg_module(&content, &shown, &header(&config)).map_err(diagnostics)?;
    Ok(Output {
        parts: vec![(Part::MAIN, text.into())],
        links: Vec::new(),
    })
}

/// What JSX needs in the module under this configuration. Of a factory of the project's own nobody knows where it comes
/// from; with the automatic runtime that does not matter.
fn header(config: &CompilerOptions) -> String {
    if config.jsx.as_deref() != Some("react") {
        return String::new();
    }
    let factory = config.jsx_factory.as_deref().unwrap_or("React");
    match factory.split('.').next() {
        Some("React") => "import * as React from \"react\";\n".to_owned(),
        first => {
            let guess = match first {
                Some("h") => "preact",
                _ => "react",
            };
            let source = config.jsx_import_source.as_deref().unwrap_or(guess);
            format!("/** @jsxRuntime automatic @jsxImportSource {source} */\n")
        }
    }
}
