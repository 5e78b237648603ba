//! What a module has evaluated before it runs, by its own text.

use swc_core::atoms::Atom;
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitWith, noop_visit_type};

use super::Language;
use crate::base::QuickSet;

/// The specifiers of its `import` and `export … from`, in their order, without those that are gone when it runs: types, and
/// in TypeScript imports of which no name is used as a value.
pub(super) fn of(program: &Program, language: Language) -> Vec<String> {
    let Program::Module(module) = program else {
        return Vec::new();
    };
    let mut used = Used::default();
    if language.is_typescript() {
        module.visit_with(&mut used);
    }
    let is_loaded = |import: &ImportDecl| {
        let is_kept = |one: &ImportSpecifier| {
            let is_type = matches!(one, ImportSpecifier::Named(named) if named.is_type_only);
            !is_type && (!language.is_typescript() || used.0.contains(&one.local().sym))
        };
        import.specifiers.is_empty() || import.specifiers.iter().any(is_kept)
    };
    let specifier = |item: &ModuleItem| {
        let source = match item {
            ModuleItem::ModuleDecl(ModuleDecl::Import(import))
                if !import.type_only && is_loaded(import) =>
            {
                &import.src
            }
            ModuleItem::ModuleDecl(ModuleDecl::ExportNamed(list)) if !list.type_only => {
                list.src.as_ref()?
            }
            ModuleItem::ModuleDecl(ModuleDecl::ExportAll(all)) if !all.type_only => &all.src,
            _ => return None,
        };
        Some(source.value.to_string_lossy().into_owned())
    };
    module.body.iter().filter_map(specifier).collect()
}

/// Names that stand for a value somewhere, of whatever scope: an import that is taken for used is loaded.
#[derive(Default)]
struct Used(QuickSet<Atom>);

impl Visit for Used {
    noop_visit_type!();

    fn visit_ident(&mut self, name: &Ident) {
        self.0.insert(name.sym.clone());
    }

    fn visit_import_decl(&mut self, _: &ImportDecl) {}

    fn visit_named_export(&mut self, list: &NamedExport) {
        if !list.type_only && list.src.is_none() {
            list.visit_children_with(self);
        }
    }

    fn visit_export_named_specifier(&mut self, one: &ExportNamedSpecifier) {
        if !one.is_type_only {
            one.orig.visit_with(self);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::compiler::{Language, parse};

    fn loaded(text: &str, language: Language) -> String {
        let parsed = parse(text.as_bytes(), language, "a").unwrap();
        parsed.loaded().join(" ")
    }

    #[test]
    fn types_are_not_loaded() {
        let text = "import { a, type B } from 'values';\nimport type { C } from 'types';\nimport { type D } from 'more';\n\
            import { E, F } from 'unused';\nimport G, { H } from 'default';\nimport * as I from 'whole';\nimport 'effect';\n\
            import { J } from 'listed'; import { K } from 'listed-type'; import { L } from 'base'; import { M } from 'implemented';\n\
            export { n } from 'passed';\nexport type { o } from 'passed-type';\nexport * from 'star';\nexport type * from 'type-star';\n\
            export const x: E = a(G as F, <I.Tag />);\nexport { J, type K };\nclass N extends L implements M {}\n";
        assert_eq!(
            loaded(text, Language::Tsx),
            "values default whole effect listed base passed star"
        );
    }

    #[test]
    fn in_javascript_every_import_is() {
        assert_eq!(
            loaded(
                "export * from 'b'; import a from 'a'; import('c');",
                Language::Js
            ),
            "b a"
        );
        assert_eq!(loaded("require('a');", Language::Js), "");
    }
}
