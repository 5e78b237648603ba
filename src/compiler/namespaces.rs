//! What the blocks of TypeScript's namespaces share, and aliases of what are types alone.

use swc_core::atoms::Atom;
use swc_core::common::{DUMMY_SP, util::take::Take};
use swc_core::ecma::ast::*;
use swc_core::ecma::utils::find_pat_ids;
use swc_core::ecma::visit::{
    Visit, VisitMut, VisitMutWith, VisitWith, noop_visit_mut_type, noop_visit_type,
};

use super::aliases;
use crate::base::{QuickMap, QuickSet};

/// Qualifies the names that one block of a namespace takes from another: `namespace M { export class A {} } namespace M
/// { new A() }` is `new M.A()` in the second. swc does so in the block that exports it alone. Drops `import X = N` and
/// `export = X` of types, which have no value. Tells whether there was something to do. Names must be resolved.
pub(super) fn join(module: &mut Module) -> bool {
    let dropped = aliases::drop_types(module);
    let mut exports = Exports::default();
    module.visit_with(&mut exports);
    let mut qualify = Qualify {
        exports: exports.of,
        ..Qualify::default()
    };
    module.visit_mut_with(&mut qualify);
    dropped || qualify.has_qualified
}

/// Which namespace: the name that is not exported from another, and those within.
pub(super) type Path = (Id, Vec<Atom>);

/// The path of a namespace that is declared in another, or at the top.
pub(super) fn path_of(outer: Option<&Path>, is_export: bool, name: &Ident) -> Path {
    match outer {
        Some((root, within)) if is_export => {
            let within = within.iter().cloned().chain([name.sym.clone()]);
            (root.clone(), within.collect())
        }
        _ => (name.to_id(), Vec::new()),
    }
}

/// The values that a declaration in a namespace exports, and whether they live in the namespace's object alone. What is
/// declared by `declare` is put there from elsewhere.
fn values(declaration: &Decl) -> (Vec<Id>, bool) {
    match declaration {
        Decl::Class(class) => (vec![class.ident.to_id()], class.declare),
        Decl::Fn(function) => (vec![function.ident.to_id()], function.declare),
        Decl::Var(variables) => (find_pat_ids(&variables.decls), true),
        Decl::TsEnum(declared) => (vec![declared.id.to_id()], true),
        Decl::TsModule(inner) => match &inner.id {
            TsModuleName::Ident(name) if aliases::has_values(inner) => (vec![name.to_id()], true),
            _ => (Vec::new(), true),
        },
        _ => (Vec::new(), true),
    }
}

/// What each namespace exports, from all of its blocks.
#[derive(Default)]
struct Exports {
    of: QuickMap<Path, QuickSet<Atom>>,
    path: Option<Path>,
    is_export: bool,
}

impl Exports {
    fn add(&mut self, name: Atom) {
        if let Some(path) = &self.path {
            self.of.entry(path.clone()).or_default().insert(name);
        }
    }

    fn within(&mut self, name: &Ident, is_export: bool, body: &impl VisitWith<Self>) {
        let path = path_of(self.path.as_ref(), is_export, name);
        let outer = self.path.replace(path);
        body.visit_with(self);
        self.path = outer;
    }
}

impl Visit for Exports {
    noop_visit_type!();

    fn visit_export_decl(&mut self, export: &ExportDecl) {
        for (name, _) in values(&export.decl).0 {
            self.add(name);
        }
        self.is_export = true;
        export.visit_children_with(self);
        self.is_export = false;
    }

    fn visit_ts_import_equals_decl(&mut self, alias: &TsImportEqualsDecl) {
        if alias.is_export && !alias.is_type_only {
            self.add(alias.id.sym.clone());
        }
    }

    fn visit_ts_module_decl(&mut self, namespace: &TsModuleDecl) {
        let is_export = std::mem::take(&mut self.is_export);
        if let (TsModuleName::Ident(name), false) = (&namespace.id, namespace.declare) {
            self.within(name, is_export, &namespace.body);
        }
    }

    fn visit_ts_namespace_decl(&mut self, inner: &TsNamespaceDecl) {
        self.add(inner.id.sym.clone());
        self.within(&inner.id, true, &inner.body);
    }

    fn visit_function(&mut self, _: &Function) {}

    fn visit_class(&mut self, _: &Class) {}
}

/// A block of a namespace that is being visited.
struct Block {
    name: Ident,
    path: Path,
    /// All that is declared in it, at any depth.
    own: QuickSet<Id>,
    /// What it exports itself, and has no variable of its own.
    members: QuickSet<Id>,
}

#[derive(Default)]
struct Qualify {
    exports: QuickMap<Path, QuickSet<Atom>>,
    blocks: Vec<Block>,
    /// The names of the members of the enum that is being visited.
    enum_members: QuickSet<Atom>,
    is_export: bool,
    has_qualified: bool,
}

impl Qualify {
    /// The namespace that has a name, where another block of it exports that.
    fn namespace_of(&self, name: &Ident) -> Option<Ident> {
        if self.enum_members.contains(&name.sym) {
            return None;
        }
        let id = name.to_id();
        for block in self.blocks.iter().rev() {
            if block.own.contains(&id) {
                return None;
            }
            if self
                .exports
                .get(&block.path)
                .is_some_and(|names| names.contains(&name.sym))
            {
                return Some(block.name.clone());
            }
        }
        None
    }

    fn member(&mut self, name: &Ident) -> Option<MemberExpr> {
        let namespace = self.namespace_of(name)?;
        self.has_qualified = true;
        Some(MemberExpr {
            span: name.span,
            obj: Box::new(Expr::Ident(namespace)),
            prop: MemberProp::Ident(name.clone().into()),
        })
    }

    fn jsx_member(&mut self, name: &Ident) -> Option<JSXMemberExpr> {
        let namespace = self.namespace_of(name)?;
        self.has_qualified = true;
        Some(JSXMemberExpr {
            span: DUMMY_SP,
            obj: JSXObject::Ident(namespace),
            prop: name.clone().into(),
        })
    }

    fn within(&mut self, name: &Ident, is_export: bool, body: &mut TsNamespaceBody) {
        let outer = self.blocks.last().map(|block| &block.path);
        let mut declared = Declared::default();
        body.visit_with(&mut declared);
        self.blocks.push(Block {
            name: name.clone(),
            path: path_of(outer, is_export, name),
            own: declared.names,
            members: declared.members,
        });
        body.visit_mut_with(self);
        self.blocks.pop();
    }
}

impl VisitMut for Qualify {
    noop_visit_mut_type!();

    fn visit_mut_export_decl(&mut self, export: &mut ExportDecl) {
        self.is_export = true;
        export.visit_mut_children_with(self);
        self.is_export = false;
    }

    fn visit_mut_ts_module_decl(&mut self, namespace: &mut TsModuleDecl) {
        let is_export = std::mem::take(&mut self.is_export);
        if let (TsModuleName::Ident(name), Some(body), false) =
            (&namespace.id, &mut namespace.body, namespace.declare)
        {
            self.within(name, is_export, body);
        }
    }

    fn visit_mut_ts_namespace_decl(&mut self, inner: &mut TsNamespaceDecl) {
        self.within(&inner.id, true, &mut inner.body);
    }

    fn visit_mut_ts_import_equals_decl(&mut self, alias: &mut TsImportEqualsDecl) {
        let TsModuleRef::TsEntityName(target) = &mut alias.module_ref else {
            return;
        };
        let first = aliases::first_of(target);
        let id = first.to_id();
        let holder = self
            .blocks
            .iter()
            .rev()
            .find(|block| block.own.contains(&id));
        let namespace = match holder {
            Some(block) if block.members.contains(&id) => block.name.clone(),
            Some(_) => return,
            None => match self.namespace_of(first) {
                Some(namespace) => namespace,
                None => return,
            },
        };
        self.has_qualified = true;
        aliases::qualify(target, &namespace);
    }

    fn visit_mut_ts_enum_decl(&mut self, declared: &mut TsEnumDecl) {
        let names = declared.members.iter().map(|member| match &member.id {
            TsEnumMemberId::Ident(name) => name.sym.clone(),
            TsEnumMemberId::Str(name) => name.value.to_atom_lossy().into_owned(),
        });
        self.enum_members = names.collect();
        declared.members.visit_mut_with(self);
        self.enum_members.clear();
    }

    fn visit_mut_expr(&mut self, expr: &mut Expr) {
        match expr {
            Expr::Ident(name) => {
                if let Some(member) = self.member(name) {
                    *expr = member.into();
                }
            }
            _ => expr.visit_mut_children_with(self),
        }
    }

    fn visit_mut_prop(&mut self, prop: &mut Prop) {
        match prop {
            Prop::Shorthand(name) => {
                if let Some(member) = self.member(name) {
                    *prop = Prop::KeyValue(KeyValueProp {
                        key: PropName::Ident(name.take().into()),
                        value: Box::new(member.into()),
                    });
                }
            }
            _ => prop.visit_mut_children_with(self),
        }
    }

    fn visit_mut_simple_assign_target(&mut self, target: &mut SimpleAssignTarget) {
        match target {
            SimpleAssignTarget::Ident(name) => {
                if let Some(member) = self.member(name) {
                    *target = SimpleAssignTarget::Member(member);
                }
            }
            _ => target.visit_mut_children_with(self),
        }
    }

    fn visit_mut_pat(&mut self, pat: &mut Pat) {
        match pat {
            Pat::Ident(name) => {
                if let Some(member) = self.member(name) {
                    *pat = Pat::Expr(Box::new(member.into()));
                }
            }
            _ => pat.visit_mut_children_with(self),
        }
    }

    fn visit_mut_object_pat_prop(&mut self, prop: &mut ObjectPatProp) {
        prop.visit_mut_children_with(self);
        if let ObjectPatProp::Assign(short) = prop
            && let Some(member) = self.member(&short.key)
        {
            let target = Pat::Expr(Box::new(member.into()));
            let value = match short.value.take() {
                Some(right) => Pat::Assign(AssignPat {
                    span: short.span,
                    left: Box::new(target),
                    right,
                }),
                None => target,
            };
            *prop = ObjectPatProp::KeyValue(KeyValuePatProp {
                key: PropName::Ident(short.key.id.clone().into()),
                value: Box::new(value),
            });
        }
    }

    fn visit_mut_jsx_element_name(&mut self, element: &mut JSXElementName) {
        match element {
            JSXElementName::Ident(name) if !name.sym.starts_with(|c: char| c.is_lowercase()) => {
                if let Some(member) = self.jsx_member(name) {
                    *element = JSXElementName::JSXMemberExpr(member);
                }
            }
            JSXElementName::Ident(_) => {}
            _ => element.visit_mut_children_with(self),
        }
    }

    fn visit_mut_jsx_object(&mut self, object: &mut JSXObject) {
        match object {
            JSXObject::Ident(name) => {
                if let Some(member) = self.jsx_member(name) {
                    *object = JSXObject::JSXMemberExpr(Box::new(member));
                }
            }
            JSXObject::JSXMemberExpr(_) => object.visit_mut_children_with(self),
        }
    }
}

/// The values that are declared in a block.
#[derive(Default)]
struct Declared {
    names: QuickSet<Id>,
    members: QuickSet<Id>,
    depth: usize,
}

impl Visit for Declared {
    noop_visit_type!();

    fn visit_export_decl(&mut self, export: &ExportDecl) {
        if self.depth == 0
            && let (names, true) = values(&export.decl)
        {
            self.members.extend(names);
        }
        export.visit_children_with(self);
    }

    fn visit_binding_ident(&mut self, name: &BindingIdent) {
        self.names.insert(name.to_id());
    }

    // What is assigned to is not declared.
    fn visit_assign_target(&mut self, _: &AssignTarget) {}

    fn visit_for_head(&mut self, head: &ForHead) {
        if !matches!(head, ForHead::Pat(_)) {
            head.visit_children_with(self);
        }
    }

    fn visit_fn_decl(&mut self, function: &FnDecl) {
        self.names.insert(function.ident.to_id());
        function.visit_children_with(self);
    }

    fn visit_class_decl(&mut self, class: &ClassDecl) {
        self.names.insert(class.ident.to_id());
        class.visit_children_with(self);
    }

    fn visit_fn_expr(&mut self, function: &FnExpr) {
        self.names.extend(function.ident.as_ref().map(Ident::to_id));
        function.visit_children_with(self);
    }

    fn visit_class_expr(&mut self, class: &ClassExpr) {
        self.names.extend(class.ident.as_ref().map(Ident::to_id));
        class.visit_children_with(self);
    }

    fn visit_ts_enum_decl(&mut self, declared: &TsEnumDecl) {
        self.names.insert(declared.id.to_id());
        declared.visit_children_with(self);
    }

    fn visit_ts_import_equals_decl(&mut self, alias: &TsImportEqualsDecl) {
        self.names.insert(alias.id.to_id());
        if self.depth == 0 && alias.is_export {
            self.members.insert(alias.id.to_id());
        }
    }

    fn visit_ts_module_decl(&mut self, namespace: &TsModuleDecl) {
        if let TsModuleName::Ident(name) = &namespace.id {
            self.names.insert(name.to_id());
        }
        self.depth += 1;
        namespace.visit_children_with(self);
        self.depth -= 1;
    }

    fn visit_ts_namespace_decl(&mut self, inner: &TsNamespaceDecl) {
        self.names.insert(inner.id.to_id());
        if self.depth == 0 {
            self.members.insert(inner.id.to_id());
        }
        self.depth += 1;
        inner.visit_children_with(self);
        self.depth -= 1;
    }
}
