//! Elements and fragments to calls.

use swc_core::atoms::{Atom, Wtf8Atom};
use swc_core::common::{BytePos, DUMMY_SP, Span, Spanned};
use swc_core::ecma::ast::*;
use swc_core::ecma::utils::ExprFactory;
use swc_core::ecma::visit::VisitMutWith;

use super::{Lowering, Runtime, text};

impl Lowering<'_> {
    pub(super) fn element(&mut self, element: JSXElement) -> Expr {
        let JSXElement {
            span,
            opening,
            children,
            ..
        } = element;
        let tag = tag(opening.name);
        if let Runtime::Classic { factory, .. } = &self.runtime {
            let callee = factory.clone();
            let props = self.classic_props(opening.attrs);
            return self.classic_call(span, callee, tag, props, children);
        }
        // A key behind a spread may be the spread's own, which `jsx` cannot be told.
        let is_keyed_late = has_key_behind_spread(&opening.attrs);
        let mut props = Vec::with_capacity(opening.attrs.len() + 1);
        let mut key = None;
        for attribute in opening.attrs {
            match attribute {
                JSXAttrOrSpread::JSXAttr(attribute) if !is_keyed_late && is_key(&attribute) => {
                    key = Some(self.value(attribute.value));
                }
                attribute => self.add(attribute, &mut props),
            }
        }
        if is_keyed_late {
            let callee = self.create_element().into();
            let props = object(props);
            return self.classic_call(span, callee, tag, props, children);
        }
        self.automatic_call(span, opening.span, tag, props, key, children)
    }

    pub(super) fn fragment_element(&mut self, fragment: JSXFragment) -> Expr {
        let JSXFragment {
            span,
            opening,
            children,
            ..
        } = fragment;
        if let Runtime::Classic { factory, fragment } = &self.runtime {
            let (callee, tag) = (factory.clone(), Box::new(fragment.clone()));
            let props = Lit::Null(Null { span: DUMMY_SP }).into();
            return self.classic_call(span, callee, tag, props, children);
        }
        let tag = Box::new(self.fragment().into());
        self.automatic_call(span, opening.span, tag, Vec::new(), None, children)
    }

    /// `createElement(tag, props, ...children)`
    fn classic_call(
        &mut self,
        span: Span,
        callee: Expr,
        tag: Box<Expr>,
        props: Expr,
        children: Vec<JSXElementChild>,
    ) -> Expr {
        let mut arguments = Vec::with_capacity(2 + children.len());
        arguments.push(tag.into());
        arguments.push(props.as_arg());
        let children = children.into_iter().filter_map(|child| self.child(child));
        arguments.extend(children);
        call(span, callee, arguments)
    }

    /// `jsx(tag, { …, children }, key)`, in development `jsxDEV(tag, { …, children }, key, isStatic, source, this)`
    fn automatic_call(
        &mut self,
        span: Span,
        opening: Span,
        tag: Box<Expr>,
        mut props: Vec<PropOrSpread>,
        key: Option<Box<Expr>>,
        children: Vec<JSXElementChild>,
    ) -> Expr {
        let children = children.into_iter().filter_map(|child| self.child(child));
        let mut children: Vec<_> = children.collect();
        let has_many = children.len() > 1 || children.iter().any(|child| child.spread.is_some());
        let value = match has_many {
            true => Some(array(children)),
            false => children.pop().map(|only| only.expr),
        };
        props.extend(value.map(|value| property(self.children.clone(), value)));
        let callee = Expr::Ident(self.function(has_many));
        let mut arguments = Vec::with_capacity(6);
        arguments.push(tag.into());
        arguments.push(object(props).as_arg());
        if self.development.is_none() {
            arguments.extend(key.map(ExprOrSpread::from));
            return call(span, callee, arguments);
        }
        let undefined = || Expr::undefined(DUMMY_SP);
        arguments.push(key.unwrap_or_else(undefined).into());
        arguments.push(has_many.as_arg());
        arguments.push(self.place(opening).unwrap_or_else(undefined).into());
        let this = match self.this.in_constructor && self.this.of_derived {
            true => undefined(),
            false => Box::new(ThisExpr { span: DUMMY_SP }.into()),
        };
        arguments.push(this.into());
        call(span, callee, arguments)
    }

    /// `{ fileName, lineNumber, columnNumber }`, both from 1.
    fn place(&self, span: Span) -> Option<Box<Expr>> {
        let development = self.development.as_ref()?;
        let BytePos(at) = span.lo;
        let offset = at.checked_sub(development.start)?;
        let (line, column) = development.positions.of(offset as usize)?;
        let [file_name, line_number, column_number] = development.keys.clone();
        let props = vec![
            property(file_name, string(DUMMY_SP, development.file.clone())),
            property(line_number, Box::new((line + 1).into())),
            property(column_number, Box::new((column + 1).into())),
        ];
        Some(Box::new(object(props)))
    }

    /// `null` for none.
    fn classic_props(&mut self, attributes: Vec<JSXAttrOrSpread>) -> Expr {
        if attributes.is_empty() {
            return Lit::Null(Null { span: DUMMY_SP }).into();
        }
        let mut props = Vec::with_capacity(attributes.len());
        for attribute in attributes {
            self.add(attribute, &mut props);
        }
        object(props)
    }

    fn add(&mut self, attribute: JSXAttrOrSpread, props: &mut Vec<PropOrSpread>) {
        match attribute {
            JSXAttrOrSpread::JSXAttr(attribute) => {
                let key = attribute_key(attribute.name);
                let value = self.value(attribute.value);
                let property = Prop::KeyValue(KeyValueProp { key, value });
                props.push(PropOrSpread::Prop(Box::new(property)));
            }
            JSXAttrOrSpread::SpreadElement(mut spread) => {
                spread.expr.visit_mut_with(self);
                match *spread.expr {
                    Expr::Object(object) if is_plain(&object) => props.extend(object.props),
                    expr => props.push(PropOrSpread::Spread(SpreadElement {
                        expr: Box::new(expr),
                        ..spread
                    })),
                }
            }
        }
    }

    fn value(&mut self, value: Option<JSXAttrValue>) -> Box<Expr> {
        match value {
            None => true.into(),
            Some(JSXAttrValue::Str(text)) => string(text.span, text.value),
            Some(JSXAttrValue::JSXElement(element)) => Box::new(self.element(*element)),
            Some(JSXAttrValue::JSXFragment(fragment)) => Box::new(self.fragment_element(fragment)),
            Some(JSXAttrValue::JSXExprContainer(container)) => match container.expr {
                JSXExpr::Expr(mut expr) => {
                    expr.visit_mut_with(self);
                    expr
                }
                // The parser refuses it.
                JSXExpr::JSXEmptyExpr(_) => Expr::undefined(DUMMY_SP),
            },
        }
    }

    fn child(&mut self, child: JSXElementChild) -> Option<ExprOrSpread> {
        let expr = match child {
            JSXElementChild::JSXText(text) => string(text.span, text::shown(&text)?),
            JSXElementChild::JSXElement(element) => Box::new(self.element(*element)),
            JSXElementChild::JSXFragment(fragment) => Box::new(self.fragment_element(fragment)),
            JSXElementChild::JSXExprContainer(container) => match container.expr {
                JSXExpr::JSXEmptyExpr(_) => return None,
                JSXExpr::Expr(mut expr) => {
                    expr.visit_mut_with(self);
                    expr
                }
            },
            JSXElementChild::JSXSpreadChild(mut child) => {
                child.expr.visit_mut_with(self);
                return Some(ExprOrSpread {
                    spread: Some(child.span),
                    expr: child.expr,
                });
            }
        };
        Some(expr.into())
    }
}

fn call(span: Span, callee: Expr, args: Vec<ExprOrSpread>) -> Expr {
    Expr::Call(CallExpr {
        span,
        callee: Callee::Expr(Box::new(callee)),
        args,
        ..CallExpr::default()
    })
}

fn object(props: Vec<PropOrSpread>) -> Expr {
    Expr::Object(ObjectLit {
        span: DUMMY_SP,
        props,
    })
}

fn array(elements: Vec<ExprOrSpread>) -> Box<Expr> {
    Box::new(Expr::Array(ArrayLit {
        span: DUMMY_SP,
        elems: elements.into_iter().map(Some).collect(),
    }))
}

fn string(span: Span, value: Wtf8Atom) -> Box<Expr> {
    Box::new(Expr::Lit(Lit::Str(Str {
        span,
        value,
        raw: None,
    })))
}

fn property(name: Atom, value: Box<Expr>) -> PropOrSpread {
    let key = PropName::Ident(IdentName::new(name, DUMMY_SP));
    PropOrSpread::Prop(Box::new(Prop::KeyValue(KeyValueProp { key, value })))
}

fn is_key(attribute: &JSXAttr) -> bool {
    matches!(&attribute.name, JSXAttrName::Ident(name) if name.sym == "key")
}

fn has_key_behind_spread(attributes: &[JSXAttrOrSpread]) -> bool {
    let is_spread = |one: &JSXAttrOrSpread| matches!(one, JSXAttrOrSpread::SpreadElement(_));
    let mut behind = attributes.iter().skip_while(|one| !is_spread(one));
    let is_own_key =
        |one: &JSXAttrOrSpread| matches!(one, JSXAttrOrSpread::JSXAttr(own) if is_key(own));
    behind.any(is_own_key)
}

/// Whether spreading an object gives what its properties in another object give: neither a prototype is among them, nor what
/// computes a property when it is read.
fn is_plain(object: &ObjectLit) -> bool {
    object.props.iter().all(|property| match property {
        PropOrSpread::Spread(_) => true,
        PropOrSpread::Prop(property) => match &**property {
            Prop::KeyValue(property) => match &property.key {
                PropName::Ident(name) => name.sym != "__proto__",
                PropName::Str(name) => name.value != "__proto__",
                _ => true,
            },
            Prop::Getter(_) | Prop::Setter(_) => false,
            _ => true,
        },
    })
}

/// A name that begins in lower case, or has a dash, is that of an element of the page.
fn tag(name: JSXElementName) -> Box<Expr> {
    match name {
        JSXElementName::Ident(name) if name.sym == "this" => {
            Box::new(ThisExpr { span: name.span }.into())
        }
        JSXElementName::Ident(name) => {
            let is_of_page = name
                .sym
                .starts_with(|first: char| first.is_ascii_lowercase());
            match is_of_page || name.sym.contains('-') {
                true => string(name.span, name.sym.into()),
                false => Box::new(name.into()),
            }
        }
        JSXElementName::JSXMemberExpr(member) => Box::new(path(member).into()),
        JSXElementName::JSXNamespacedName(name) => string(name.span, namespaced(&name)),
    }
}

fn path(member: JSXMemberExpr) -> MemberExpr {
    let obj: Expr = match member.obj {
        JSXObject::Ident(name) if name.sym == "this" => ThisExpr { span: name.span }.into(),
        JSXObject::Ident(name) => name.into(),
        JSXObject::JSXMemberExpr(member) => path(*member).into(),
    };
    MemberExpr {
        span: member.span,
        obj: Box::new(obj),
        prop: MemberProp::Ident(member.prop),
    }
}

fn attribute_key(name: JSXAttrName) -> PropName {
    let span = name.span();
    let value = match name {
        JSXAttrName::Ident(name) if !name.sym.contains('-') => return PropName::Ident(name),
        JSXAttrName::Ident(name) => name.sym.into(),
        JSXAttrName::JSXNamespacedName(name) => namespaced(&name),
    };
    PropName::Str(Str {
        span,
        value,
        raw: None,
    })
}

fn namespaced(name: &JSXNamespacedName) -> Wtf8Atom {
    format!("{}:{}", name.ns.sym, name.name.sym).into()
}
