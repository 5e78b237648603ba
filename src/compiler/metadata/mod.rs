//! The types that `emitDecoratorMetadata` tells, before swc makes metadata of them: each as the plainest type that stands for
//! what tsc makes of it (TypeScript's `typeSerializer.ts`), which swc does not for all.
//!
//! ```text
//! @d m(a: readonly string[], b = 1, ...c: Date[]): E | null
//! ->  @d m(a: any[], b: object = 1, ...c: Date): number
//! ```
//!
//! swc takes a class that names itself for `Object`, as if the calls that decorate its members did not stand behind it. So it
//! is named otherwise until that is done ([`own_names`]).

use swc_core::common::{EqIgnoreSpan, SyntaxContext};
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{VisitMut, VisitMutWith, VisitWith, noop_visit_mut_type};

use serialize::{Declared, Serialized, Serializer, annotation};

mod serialize;
#[cfg(test)]
mod tests;

/// What no identifier of a file ends with.
const OWN: char = '\0';

/// Makes the types plain that decorators tell. `is_strict`: `strictNullChecks`. Names must be resolved.
pub(super) fn make_plain(program: &mut Program, globals: SyntaxContext, is_strict: bool) {
    let mut declared = Declared::default();
    program.visit_with(&mut declared);
    program.visit_mut_with(&mut Plain {
        serializer: Serializer {
            declared,
            globals,
            is_strict,
        },
        classes: Vec::new(),
    });
}

/// Gives classes that name themselves in metadata their names back.
pub(super) fn own_names(metadata: &mut CallExpr) {
    metadata.args.visit_mut_with(&mut OwnNames);
}

struct OwnNames;

impl VisitMut for OwnNames {
    noop_visit_mut_type!();

    fn visit_mut_ident(&mut self, name: &mut Ident) {
        if let Some(own) = name.sym.strip_suffix(OWN) {
            name.sym = own.into();
        }
    }
}

struct Plain {
    serializer: Serializer,
    /// The declared classes around.
    classes: Vec<Id>,
}

impl Plain {
    /// In place of an annotation; where there is none, tsc says `Object`.
    fn plain(&self, ty: Option<&TsType>) -> Box<TsTypeAnn> {
        let mut serialized = ty.map_or(Serialized::Object, |ty| self.serializer.serialize(ty, 0));
        if let Serialized::Named(TsEntityName::Ident(name)) = &mut serialized
            && self.classes.contains(&name.to_id())
        {
            name.sym = format!("{}{OWN}", name.sym).into();
        }
        annotation(serialized.into_type())
    }

    fn annotate(&self, place: &mut Option<Box<TsTypeAnn>>) {
        *place = Some(self.plain(place.as_deref().map(|annotation| &*annotation.type_ann)));
    }

    fn parameter(&self, target: &mut Pat) {
        match target {
            Pat::Ident(target) => self.annotate(&mut target.type_ann),
            Pat::Array(target) => self.annotate(&mut target.type_ann),
            Pat::Object(target) => self.annotate(&mut target.type_ann),
            Pat::Assign(target) => self.parameter(&mut target.left),
            Pat::Rest(rest) => {
                let ty = rest
                    .type_ann
                    .as_deref()
                    .and_then(|ty| element(&ty.type_ann));
                rest.type_ann = Some(self.plain(ty));
            }
            Pat::Expr(_) | Pat::Invalid(_) => {}
        }
    }

    fn constructor(&self, constructor: &mut Constructor) {
        for parameter in &mut constructor.params {
            match parameter {
                ParamOrTsParamProp::Param(parameter) => self.parameter(&mut parameter.pat),
                ParamOrTsParamProp::TsParamProp(property) => match &mut property.param {
                    TsParamPropParam::Ident(target) => self.annotate(&mut target.type_ann),
                    TsParamPropParam::Assign(target) => self.parameter(&mut target.left),
                },
            }
        }
    }

    fn method(&self, method: &mut ClassMethod, types: &[(PropName, bool, TsType)]) {
        let function = &mut method.function;
        // It is no parameter when the file runs.
        let is_this =
            |parameter: &Param| matches!(&parameter.pat, Pat::Ident(name) if name.sym == *"this");
        if function.params.first().is_some_and(is_this) {
            function.params.remove(0);
        }
        if method.kind != MethodKind::Method {
            // Of an accessor's two halves the setter says the type, if it says one.
            let of_both = types.iter().find(|(key, is_static, _)| {
                *is_static == method.is_static && key.eq_ignore_span(&method.key)
            });
            let ty = Some(self.plain(of_both.map(|(_, _, ty)| ty)));
            match function.params.first_mut().map(|first| &mut first.pat) {
                Some(Pat::Ident(target)) => target.type_ann = ty,
                Some(other) => self.parameter(other),
                None => function.return_type = ty,
            }
            return;
        }
        for parameter in &mut function.params {
            self.parameter(&mut parameter.pat);
        }
        if function.return_type.is_some() {
            self.annotate(&mut function.return_type);
        }
    }

    fn class(&self, class: &mut Class) {
        let types = accessor_types(class);
        let mut is_told = !class.decorators.is_empty();
        for member in &class.body {
            if let ClassMember::Constructor(constructor) = member {
                is_told |= constructor.params.iter().any(|parameter| match parameter {
                    ParamOrTsParamProp::Param(one) => !one.decorators.is_empty(),
                    ParamOrTsParamProp::TsParamProp(one) => !one.decorators.is_empty(),
                });
            }
        }
        // swc tells the first, which may be an overload.
        let is_overload = |member: &ClassMember| matches!(member, ClassMember::Constructor(one) if one.body.is_none());
        class.body.retain(|member| !is_overload(member));
        for member in &mut class.body {
            match member {
                ClassMember::Constructor(constructor) if is_told => self.constructor(constructor),
                ClassMember::Method(method) if is_decorated(&method.function) => {
                    self.method(method, &types);
                }
                ClassMember::ClassProp(property) if !property.decorators.is_empty() => {
                    self.annotate(&mut property.type_ann);
                }
                _ => {}
            }
        }
    }

    fn within(&mut self, name: Option<&Ident>, class: &mut Class) {
        let around = self.classes.len();
        self.classes.extend(name.map(Ident::to_id));
        class.visit_mut_with(self);
        self.classes.truncate(around);
    }
}

fn is_decorated(function: &Function) -> bool {
    let mut params = function.params.iter();
    !function.decorators.is_empty() || params.any(|parameter| !parameter.decorators.is_empty())
}

/// The types of a class's accessors: name, whether it is static, type.
fn accessor_types(class: &Class) -> Vec<(PropName, bool, TsType)> {
    let of_kind = |wanted: MethodKind| {
        class.body.iter().filter_map(move |member| {
            let method = member.as_method().filter(|method| method.kind == wanted)?;
            let annotation = match wanted {
                MethodKind::Setter => match &method.function.params.last()?.pat {
                    Pat::Ident(target) => target.type_ann.as_deref(),
                    _ => None,
                },
                _ => method.function.return_type.as_deref(),
            };
            let ty = (*annotation?.type_ann).clone();
            Some((method.key.clone(), method.is_static, ty))
        })
    };
    of_kind(MethodKind::Setter)
        .chain(of_kind(MethodKind::Getter))
        .collect()
}

/// The type of one of what a rest parameter takes.
fn element(ty: &TsType) -> Option<&TsType> {
    match ty {
        TsType::TsArrayType(array) => Some(&array.elem_type),
        TsType::TsTypeRef(reference) => match &reference.type_params.as_deref()?.params[..] {
            [one] => Some(one),
            _ => None,
        },
        _ => None,
    }
}

impl VisitMut for Plain {
    noop_visit_mut_type!();

    fn visit_mut_class(&mut self, class: &mut Class) {
        class.visit_mut_children_with(self);
        self.class(class);
    }

    fn visit_mut_class_decl(&mut self, declaration: &mut ClassDecl) {
        self.within(Some(&declaration.ident.clone()), &mut declaration.class);
    }

    fn visit_mut_export_default_decl(&mut self, declaration: &mut ExportDefaultDecl) {
        match &mut declaration.decl {
            DefaultDecl::Class(class) => {
                self.within(class.ident.clone().as_ref(), &mut class.class);
            }
            other => other.visit_mut_children_with(self),
        }
    }
}
