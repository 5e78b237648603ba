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

use swc_core::common::{DUMMY_SP, EqIgnoreSpan, SyntaxContext};
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitMut, VisitMutWith, VisitWith, noop_visit_mut_type};

use crate::base::QuickMap;

/// What no identifier of a file ends with.
const OWN: char = '\0';

/// Aliases of types that lead to each other are followed so deep.
const DEPTH: usize = 32;

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

/// The types that a file declares and that are no classes.
#[derive(Default)]
struct Declared {
    aliases: QuickMap<Id, TsType>,
    enums: QuickMap<Id, Serialized>,
}

impl Visit for Declared {
    fn visit_ts_type_alias_decl(&mut self, alias: &TsTypeAliasDecl) {
        if alias.type_params.is_none() {
            self.aliases
                .insert(alias.id.to_id(), (*alias.type_ann).clone());
        }
    }

    fn visit_ts_enum_decl(&mut self, declared: &TsEnumDecl) {
        let is_text = |member: &TsEnumMember| {
            matches!(
                member.init.as_deref(),
                Some(Expr::Lit(Lit::Str(_)) | Expr::Tpl(_))
            )
        };
        let texts = declared
            .members
            .iter()
            .filter(|member| is_text(member))
            .count();
        let kind = match texts {
            0 => Serialized::Number,
            all if all == declared.members.len() => Serialized::String,
            _ => Serialized::Object,
        };
        let known = self.enums.insert(declared.id.to_id(), kind.clone());
        if known.is_some_and(|known| known != kind) {
            self.enums.insert(declared.id.to_id(), Serialized::Object);
        }
    }
}

/// What tsc makes of a type.
#[derive(Clone)]
enum Serialized {
    Nothing,
    String,
    Number,
    Boolean,
    BigInt,
    Symbol,
    Array,
    Function,
    Object,
    /// What has this name when the file runs, if anything has.
    Named(TsEntityName),
}

impl PartialEq for Serialized {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Named(one), Self::Named(other)) => one.eq_ignore_span(other),
            (one, other) => std::mem::discriminant(one) == std::mem::discriminant(other),
        }
    }
}

impl Serialized {
    /// A type that swc makes the same of.
    fn into_type(self) -> TsType {
        let keyword = |kind| {
            TsType::TsKeywordType(TsKeywordType {
                span: DUMMY_SP,
                kind,
            })
        };
        match self {
            Self::Nothing => keyword(TsKeywordTypeKind::TsVoidKeyword),
            Self::String => keyword(TsKeywordTypeKind::TsStringKeyword),
            Self::Number => keyword(TsKeywordTypeKind::TsNumberKeyword),
            Self::Boolean => keyword(TsKeywordTypeKind::TsBooleanKeyword),
            Self::BigInt => keyword(TsKeywordTypeKind::TsBigIntKeyword),
            Self::Symbol => keyword(TsKeywordTypeKind::TsSymbolKeyword),
            Self::Object => keyword(TsKeywordTypeKind::TsObjectKeyword),
            Self::Array => TsType::TsArrayType(TsArrayType {
                span: DUMMY_SP,
                elem_type: Box::new(keyword(TsKeywordTypeKind::TsAnyKeyword)),
            }),
            Self::Function => {
                TsType::TsFnOrConstructorType(TsFnOrConstructorType::TsFnType(TsFnType {
                    span: DUMMY_SP,
                    params: Vec::new(),
                    type_params: None,
                    type_ann: annotation(keyword(TsKeywordTypeKind::TsVoidKeyword)),
                }))
            }
            Self::Named(type_name) => TsType::TsTypeRef(TsTypeRef {
                span: DUMMY_SP,
                type_name,
                type_params: None,
            }),
        }
    }
}

fn annotation(type_ann: TsType) -> Box<TsTypeAnn> {
    Box::new(TsTypeAnn {
        span: DUMMY_SP,
        type_ann: Box::new(type_ann),
    })
}

struct Serializer {
    declared: Declared,
    globals: SyntaxContext,
    is_strict: bool,
}

impl Serializer {
    fn serialize(&self, ty: &TsType, depth: usize) -> Serialized {
        use TsKeywordTypeKind::*;
        match ty {
            TsType::TsKeywordType(keyword) => match keyword.kind {
                TsStringKeyword => Serialized::String,
                TsNumberKeyword => Serialized::Number,
                TsBooleanKeyword => Serialized::Boolean,
                TsBigIntKeyword => Serialized::BigInt,
                TsSymbolKeyword => Serialized::Symbol,
                TsVoidKeyword | TsUndefinedKeyword | TsNullKeyword | TsNeverKeyword => {
                    Serialized::Nothing
                }
                _ => Serialized::Object,
            },
            TsType::TsParenthesizedType(inner) => self.serialize(&inner.type_ann, depth),
            TsType::TsFnOrConstructorType(_) => Serialized::Function,
            TsType::TsArrayType(_) | TsType::TsTupleType(_) => Serialized::Array,
            TsType::TsTypePredicate(predicate) => match predicate.asserts {
                true => Serialized::Nothing,
                false => Serialized::Boolean,
            },
            TsType::TsLitType(literal) => match &literal.lit {
                TsLit::Bool(_) => Serialized::Boolean,
                TsLit::Number(_) => Serialized::Number,
                TsLit::BigInt(_) => Serialized::BigInt,
                TsLit::Str(_) | TsLit::Tpl(_) => Serialized::String,
            },
            TsType::TsTypeOperator(TsTypeOperator {
                op: TsTypeOperatorOp::ReadOnly,
                type_ann,
                ..
            }) => self.serialize(type_ann, depth),
            TsType::TsUnionOrIntersectionType(TsUnionOrIntersectionType::TsUnionType(union)) => {
                self.all(union.types.iter(), false, depth)
            }
            TsType::TsUnionOrIntersectionType(TsUnionOrIntersectionType::TsIntersectionType(
                intersection,
            )) => self.all(intersection.types.iter(), true, depth),
            TsType::TsConditionalType(condition) => {
                let types = [&condition.true_type, &condition.false_type];
                self.all(types.into_iter(), false, depth)
            }
            TsType::TsTypeRef(reference) => self.named(&reference.type_name, depth),
            _ => Serialized::Object,
        }
    }

    /// What a union or an intersection has in common.
    fn all<'a>(
        &self,
        types: impl Iterator<Item = &'a Box<TsType>>,
        is_intersection: bool,
        depth: usize,
    ) -> Serialized {
        use TsKeywordTypeKind::*;
        let mut common = None;
        for ty in types {
            let keyword = match within(ty) {
                TsType::TsKeywordType(keyword) => Some(keyword.kind),
                _ => None,
            };
            match keyword {
                Some(TsNeverKeyword) if is_intersection => return Serialized::Nothing,
                Some(TsNeverKeyword) => continue,
                Some(TsUnknownKeyword) if is_intersection => continue,
                Some(TsNullKeyword | TsUndefinedKeyword) if !self.is_strict => continue,
                _ => {}
            }
            let one = self.serialize(ty, depth);
            if one == Serialized::Object || common.as_ref().is_some_and(|common| *common != one) {
                return Serialized::Object;
            }
            common = Some(one);
        }
        common.unwrap_or(Serialized::Nothing)
    }

    fn named(&self, name: &TsEntityName, depth: usize) -> Serialized {
        match name {
            TsEntityName::Ident(own) => {
                let id = own.to_id();
                if let Some(kind) = self.declared.enums.get(&id) {
                    return kind.clone();
                }
                if let Some(alias) = self.declared.aliases.get(&id) {
                    if depth == DEPTH {
                        return Serialized::Object;
                    }
                    return match self.serialize(alias, depth + 1) {
                        // Nothing has the alias's name when the file runs.
                        Serialized::Named(_) => Serialized::Object,
                        other => other,
                    };
                }
                let is_array = matches!(&*own.sym, "Array" | "ReadonlyArray");
                match is_array && own.ctxt == self.globals {
                    true => Serialized::Array,
                    false => Serialized::Named(name.clone()),
                }
            }
            TsEntityName::TsQualifiedName(qualified) => {
                let of_enum = match &qualified.left {
                    TsEntityName::Ident(left) => self.declared.enums.get(&left.to_id()),
                    TsEntityName::TsQualifiedName(_) => None,
                };
                of_enum
                    .cloned()
                    .unwrap_or_else(|| Serialized::Named(name.clone()))
            }
        }
    }
}

/// What is within parentheses.
fn within(ty: &TsType) -> &TsType {
    match ty {
        TsType::TsParenthesizedType(inner) => within(&inner.type_ann),
        other => other,
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
