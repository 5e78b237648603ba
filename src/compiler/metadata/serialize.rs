//! What tsc makes of a type, as far as the file tells it.

use swc_core::common::{DUMMY_SP, EqIgnoreSpan, SyntaxContext};
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitWith};

use crate::base::{QuickMap, QuickSet};

/// Aliases of types that lead to each other are followed so deep.
const DEPTH: usize = 32;

/// The types that a file declares and that are no classes.
#[derive(Default)]
pub(super) struct Declared {
    aliases: QuickMap<Id, TsType>,
    enums: QuickMap<Id, Serialized>,
    /// Interfaces, and what is imported as a type: a global of the same name is something else.
    types: QuickSet<Id>,
    classes: QuickSet<Id>,
}

impl Declared {
    /// Whether a name is one of types alone.
    fn is_type(&self, name: &Id) -> bool {
        self.types.contains(name) && !self.classes.contains(name)
    }
}

impl Visit for Declared {
    fn visit_ts_interface_decl(&mut self, declared: &TsInterfaceDecl) {
        self.types.insert(declared.id.to_id());
    }

    fn visit_class_decl(&mut self, declared: &ClassDecl) {
        self.classes.insert(declared.ident.to_id());
        declared.visit_children_with(self);
    }

    fn visit_import_decl(&mut self, import: &ImportDecl) {
        for specifier in &import.specifiers {
            let is_type = match specifier {
                ImportSpecifier::Named(named) => named.is_type_only,
                ImportSpecifier::Default(_) | ImportSpecifier::Namespace(_) => false,
            };
            if import.type_only || is_type {
                self.types.insert(specifier.local().to_id());
            }
        }
    }

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
pub(super) enum Serialized {
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
    pub(super) fn into_type(self) -> TsType {
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

pub(super) fn annotation(type_ann: TsType) -> Box<TsTypeAnn> {
    Box::new(TsTypeAnn {
        span: DUMMY_SP,
        type_ann: Box::new(type_ann),
    })
}

pub(super) struct Serializer {
    pub(super) declared: Declared,
    /// The context of globals.
    pub(super) globals: SyntaxContext,
    /// `strictNullChecks`.
    pub(super) is_strict: bool,
}

impl Serializer {
    pub(super) fn serialize(&self, ty: &TsType, depth: usize) -> Serialized {
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
                if self.declared.is_type(&id) {
                    return Serialized::Object;
                }
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
                if self.declared.is_type(&first(&qualified.left).to_id()) {
                    return Serialized::Object;
                }
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

/// The name that a qualified one begins with.
fn first(name: &TsEntityName) -> &Ident {
    match name {
        TsEntityName::Ident(name) => name,
        TsEntityName::TsQualifiedName(qualified) => first(&qualified.left),
    }
}

/// What is within parentheses.
fn within(ty: &TsType) -> &TsType {
    match ty {
        TsType::TsParenthesizedType(inner) => within(&inner.type_ann),
        other => other,
    }
}
