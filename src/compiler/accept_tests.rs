use super::{Language, Options, Replacement, RequestKind, parse};

/// The code behind `yield`, `new:` put before what is asked for; and the kinds of what is asked for.
fn compiled(text: &str, hot: bool) -> (String, Vec<RequestKind>) {
    let options = Options {
        function_form: true,
        hot,
        ..Options::default()
    };
    let transformed = parse(text.as_bytes(), Language::Ts, "a.ts")
        .and_then(|parsed| parsed.transform(&options))
        .unwrap();
    let kinds = transformed.requests().iter().map(|request| request.kind);
    let kinds = kinds.collect();
    let code = transformed.emit(&mut |request| match &*request.specifier {
        "./absent" => Replacement::Keep,
        specifier => Replacement::Specifier(specifier.replace("./", "new:")),
    });
    let code = code.unwrap().code;
    let from = code.find("];").unwrap() + 2;
    let body = code[from..]
        .trim_end_matches("})) })\n")
        .replace("\n    ", "\n");
    (body.trim().to_owned(), kinds)
}

#[test]
fn what_is_accepted_is_named_as_it_is_imported() {
    let text = "import './a';
        if (import.meta.hot) {
          import.meta.hot.accept('./a', () => import('./c'));
          import.meta.hot!.accept(['./a', `./b`, other, ...more, './absent'], (all) => all);
          import.meta.hot?.accept('./b');
          (import.meta.hot)?.accept?.(['./b']);
          import.meta.hot.accept();
          import.meta.hot.accept((self) => self);
          import.meta.hot.acceptExports(['./a'], () => {});
          import.meta.hot.dispose('./a');
          import.meta.accept('./a'); hot.accept('./a'); import.meta.hot.accept(...['./a']); new import.meta.hot.accept('./a');
        }";
    let (code, kinds) = compiled(text, true);
    insta::assert_snapshot!(code, @r#"
    if ($_.meta.hot) {
        $_.meta.hot.accept("new:a", ()=>$_.import("new:c"));
        $_.meta.hot.accept([
            "new:a",
            "new:b",
            other,
            ...more,
            './absent'
        ], (all)=>all);
        $_.meta.hot?.accept("new:b");
        ($_.meta.hot)?.accept?.([
            "new:b"
        ]);
        $_.meta.hot.accept();
        $_.meta.hot.accept((self)=>self);
        $_.meta.hot.acceptExports([
            './a'
        ], ()=>{});
        $_.meta.hot.dispose('./a');
        $_.meta.accept('./a');
        hot.accept('./a');
        $_.meta.hot.accept(...[
            './a'
        ]);
        new $_.meta.hot.accept('./a');
    }
    "#);
    let accepted = kinds.iter().filter(|kind| **kind == RequestKind::Accept);
    assert_eq!(accepted.count(), 6);
    assert_eq!(kinds.len(), 8);
    // The module is never replaced: nothing is asked.
    let (code, kinds) = compiled(text, false);
    assert!(
        code.contains("accept('./a', ()=>$_.import(\"new:c\"))"),
        "{code}"
    );
    assert_eq!(kinds, [RequestKind::Import, RequestKind::Dynamic]);
}

#[test]
fn files_of_packages_accept_and_are_not_refreshed() {
    let options = Options {
        function_form: true,
        hot: true,
        ..Options::default()
    };
    let text = b"export const App = () => useState(0); import.meta.hot.accept('./a');";
    let transformed = parse(text, Language::Mjs, "node_modules/p/a.mjs")
        .and_then(|parsed| parsed.transform(&options))
        .unwrap();
    let code = transformed.emit(&mut |_| Replacement::Specifier("new:a".to_owned()));
    let code = code.unwrap().code;
    assert!(
        code.contains("accept(\"new:a\")") && !code.contains("sign"),
        "{code}"
    );
}
