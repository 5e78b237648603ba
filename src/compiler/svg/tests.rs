use super::svg_module;

fn module(svg: &str) -> String {
    match svg_module(svg.as_bytes(), "/icons/arrow-left 2.svg", "") {
        Ok(text) => text,
        Err(problems) => {
            let texts: Vec<_> = problems.iter().map(|one| one.render(false)).collect();
            texts.join("\n")
        }
    }
}

/// What stands for an SVG, without the properties of the component.
fn jsx(svg: &str) -> String {
    let module = module(svg);
    let start = module.find("=> ").unwrap_or_else(|| panic!("{module}")) + 3;
    let jsx = module[start..].split(";\nexport").next().unwrap();
    jsx.replacen(" {...props}", "", 1)
}

#[test]
fn a_component_takes_properties_after_its_own() {
    insta::assert_snapshot!(module("\u{feff}<?xml version='1.0'?>\n<!-- by hand -->\n<svg viewBox=\"0 0 9 9\" version=\"1.1\" width=\"24.0\"><path d='M0 0'/>\n  <svg version='1'></svg>\n</svg>\n"), @r#"
    const SvgArrowLeft2 = (props) => <svg viewBox={"0 0 9 9"} width={24.0} {...props}><path d={"M0 0"} /><svg></svg></svg>;
    export default SvgArrowLeft2;
    export { SvgArrowLeft2 as ReactComponent };
    "#);
}

#[test]
fn attributes_have_their_names_in_react() {
    let names = [
        ("class", "className"),
        ("for", "htmlFor"),
        ("tabindex", "tabIndex"),
        ("stroke-width", "strokeWidth"),
        ("strokewidth", "strokeWidth"),
        ("strokeWidth", "strokeWidth"),
        ("viewBox", "viewBox"),
        ("xlink:href", "xlinkHref"),
        ("xml:space", "xmlSpace"),
        ("xmlns", "xmlns"),
        ("xmlns:xlink", "xmlnsXlink"),
        ("xmlns:sketch", "xmlns:sketch"),
        ("sketch:type", "sketch:type"),
        ("f:x", "f:x"),
        ("x-height", "xHeight"),
        ("transform-origin", "transform-origin"),
        ("aria-labelledBy", "aria-labelledby"),
        ("aria-label-x", "aria-labelx"),
        ("data-type", "data-type"),
        ("data-fooBar", "data-foo-bar"),
    ];
    for (written, meant) in names {
        let given = jsx(&format!("<g {written}='a'/>"));
        assert_eq!(given, format!("<g {meant}={{\"a\"}} />"), "{written}");
    }
    assert_eq!(
        jsx("<g a.b='c' _d='e'/>"),
        r#"<g {...{"a.b": "c"}} {...{"_d": "e"}} />"#
    );
}

#[test]
fn values_that_are_numbers_are_numbers() {
    let values = [
        ("1.50", "1.5"),
        ("-.5", "-0.5"),
        (" 7 ", "7.0"),
        ("1e3", "1000.0"),
        ("", r#""""#),
        (" ", r#"" ""#),
        ("1px", r#""1px""#),
        ("inf", r#""inf""#),
        ("NaN", r#""NaN""#),
        ("1 2", r#""1 2""#),
        ("M0\n\t 1\r\nz", r#""M0  1 z""#),
        ("{a}&lt;\\\"&#x41;&amp;lt;", r#""{a}<\\\"A&lt;""#),
    ];
    for (written, meant) in values {
        let given = jsx(&format!("<g x='{written}'/>"));
        assert_eq!(given, format!("<g x={{{meant}}} />"), "{written}");
    }
    assert_eq!(jsx("<g id='007'/>"), r#"<g id={"007"} />"#);
}

#[test]
fn a_style_is_an_object() {
    for (style, object) in [
        (
            "fill:red; stroke-width : 2;",
            r#"{"fill": "red", "strokeWidth": 2.0}"#,
        ),
        (
            "-webkit-transform:none;-ms-filter:a",
            r#"{"WebkitTransform": "none", "msFilter": "a"}"#,
        ),
        (
            "--my-Size:3;WIDTH:12px;top:1.5px",
            r#"{"--my-Size": 3.0, "width": 12.0, "top": "1.5px"}"#,
        ),
        (
            "mask:url(data:a;b);font:&quot;a;b&quot;",
            r#"{"mask": "url(data:a;b)", "font": "\"a;b\""}"#,
        ),
        ("", "{}"),
        ("red;:a", "{}"),
    ] {
        let given = jsx(&format!("<g style='{style}'/>"));
        assert_eq!(given, format!("<g style={{{object}}} />"), "{style}");
    }
}

#[test]
fn text_stays_and_the_space_between_elements_goes() {
    for (inside, given) in [
        ("\n <g/>\n\t<g/> ", "<g /><g />"),
        (" a <g/>\u{a0}", r#"{" a "}<g />"#),
        ("a<!-- b -->c<?d e?>", r#"{"a"}{"c"}"#),
        ("R&D &amp; &#38;&#160;&nbsp;", r#"{"R&D & &\u{a0}&nbsp;"}"#),
        ("&#32;", r#"{" "}"#),
        (
            "<style><![CDATA[\n a > b { color: red }]]></style>",
            r#"<style>{"\n a > b { color: red }"}</style>"#,
        ),
        ("<![CDATA[ ]]>", ""),
    ] {
        let given = given.replace("\\u{a0}", "\u{a0}");
        assert_eq!(
            jsx(&format!("<svg>{inside}</svg>")),
            format!("<svg>{given}</svg>"),
            "{inside}"
        );
    }
}

#[test]
fn elements_have_their_names_in_react() {
    assert_eq!(
        jsx("<clippath><feGaussianBlur/><foreignObject/><font-face/><s:x/></clippath>"),
        "<clipPath><feGaussianBlur /><foreignObject /><fontFace /><s:x /></clipPath>"
    );
    insta::assert_snapshot!(module("<Group><_a/><Group></Group></Group>"), @r#"
    const Tag0 = "Group";
    const Tag1 = "_a";
    const SvgArrowLeft2 = (props) => <Tag0 {...props}><Tag1 /><Tag0></Tag0></Tag0>;
    export default SvgArrowLeft2;
    export { SvgArrowLeft2 as ReactComponent };
    "#);
}

#[test]
fn entities_are_those_of_the_document() {
    let declared = "<!DOCTYPE svg PUBLIC '-//W3C//DTD SVG 1.1//EN' 'x' [\n <!ENTITY ns \"http://a\">\n <!ENTITY ns 'b'>\n <!ENTITY % p 'c'><!ENTITY e SYSTEM 'f'>\n <!ENTITY two '&ns;/&#50;'>]>";
    let given = jsx(&format!(
        "{declared}<svg xmlns:x='&ns;' y='&two;' z='&e;&unknown;'>&two;</svg>"
    ));
    assert_eq!(
        given,
        r#"<svg xmlns:x={"http://a"} y={"http://a/2"} z={"&e;&unknown;"}>{"http://a/2"}</svg>"#
    );
    let laughs: String = (1..9)
        .map(|n| format!("<!ENTITY l{n} '{}'>", format!("&l{};", n - 1).repeat(99)))
        .collect();
    let laughs =
        format!("<!DOCTYPE svg [<!ENTITY l0 'ha'>{laughs}<!ENTITY a '&b;'><!ENTITY b '&a;'>]>");
    insta::assert_snapshot!(module(&format!("{laughs}<svg>&l7;</svg>")).lines().next().unwrap(), @"error[svg]: entities stand for too much text in `/icons/arrow-left 2.svg:1:3362`");
    insta::assert_snapshot!(module(&format!("{laughs}<svg x='&a;'/>")).lines().next().unwrap(), @"error[svg]: entities are declared by each other in `/icons/arrow-left 2.svg:1:3357`");
}

#[test]
fn what_is_no_xml_is_told_with_its_place() {
    let faults = [
        "<svg>\n  <g>\n  </path>\n</svg>",
        "<svg>\n  <g>\n",
        "<svg",
        "</svg>",
        "<svg>\n  <g a=b/>\n</svg>",
        "<svg>\n  <g a/>\n</svg>",
        "<svg a='1' b='2' a='3'/>",
        "<svg/><svg/>",
        "<svg/> more",
        "  \n",
        "version https://git-lfs.github.com/spec/v1\noid sha256:0\n",
        "<svg><!-- </svg>",
        "<svg>&#0;</svg>",
    ];
    let told: Vec<String> = faults.iter().map(|fault| module(fault)).collect();
    insta::assert_snapshot!(told.join("\n").replace(super::HINT, "HINT"), @r#"
    error[svg]: `</path>` stands where `<g>` is open in `/icons/arrow-left 2.svg:3:3`
      2 |   <g>
      3 |   </path>
        |   ^^^^^^^
      4 | </svg>
      hint: HINT
    error[svg]: `<g>` is not closed in `/icons/arrow-left 2.svg:2:3`
      1 | <svg>
      2 |   <g>
        |   ^^^
      hint: HINT
    error[svg]: a tag is not closed in `/icons/arrow-left 2.svg:1:1`
      1 | <svg
        | ^^^^
      hint: HINT
    error[svg]: `</svg>` closes nothing in `/icons/arrow-left 2.svg:1:1`
      1 | </svg>
        | ^^^^^^
      hint: HINT
    error[svg]: the value of an attribute is not in quotes in `/icons/arrow-left 2.svg:2:8`
      1 | <svg>
      2 |   <g a=b/>
        |        ^
      3 | </svg>
      hint: HINT
    error[svg]: an attribute has no value in `/icons/arrow-left 2.svg:2:7`
      1 | <svg>
      2 |   <g a/>
        |       ^
      3 | </svg>
      hint: HINT
    error[svg]: an attribute stands there twice in `/icons/arrow-left 2.svg:1:18`
      1 | <svg a='1' b='2' a='3'/>
        |                  ^
      hint: HINT
    error[svg]: there is more than one outermost element in `/icons/arrow-left 2.svg:1:7`
      1 | <svg/><svg/>
        |       ^^^^^^
      hint: HINT
    error[svg]: text stands outside of the element in `/icons/arrow-left 2.svg:1:8`
      1 | <svg/> more
        |        ^^^^
      hint: HINT
    error[svg]: there is no element in `/icons/arrow-left 2.svg:2:1`
      hint: HINT
    error[svg]: text stands outside of the element in `/icons/arrow-left 2.svg:1:1`
      1 | version https://git-lfs.github.com/spec/v1
        | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      2 | oid sha256:0
      hint: HINT
    error[svg]: comment not closed: `-->` not found before end of input in `/icons/arrow-left 2.svg:1:6`
      1 | <svg><!-- </svg>
        |      ^^^^^^^^^^^
      hint: HINT
    error[svg]: there is no such character in `/icons/arrow-left 2.svg:1:6`
      1 | <svg>&#0;</svg>
        |      ^^^^
      hint: HINT
    "#);
    let binary = svg_module(b"<svg>\xff</svg>", "/a.svg", "").unwrap_err();
    assert_eq!(binary[0].code, "encoding");
}
