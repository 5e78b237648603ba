use super::barrel_tests::{FREE, code};

#[test]
fn a_circle_is_entered_where_the_file_that_is_left_out_enters_it() {
    let files = [
        FREE,
        (
            "node_modules/p/index.js",
            "export { Special } from './special.js';\nexport { Base } from './base.js';\nexport * from './alone.js';\nexport { user } from './user.js';\n",
        ),
        (
            "node_modules/p/base.js",
            "import { make } from './make.js';\nexport class Base { twin() { return make(); } }",
        ),
        (
            "node_modules/p/make.js",
            "import { Special } from './special.js';\nexport const make = () => new Special();",
        ),
        (
            "node_modules/p/special.js",
            "import { Base } from './base.js';\nexport class Special extends Base {}",
        ),
        ("node_modules/p/alone.js", "export const alone = 1;"),
        (
            "node_modules/p/user.js",
            "import { Base } from './base.js';\nexport const user = new Base();",
        ),
    ];
    insta::assert_snapshot!(code("import { Base, alone } from 'p'; Base(alone);", &files), @r#"
    import "~/p/special.js";
    import { Base } from "~/p/base.js";
    import { alone } from "~/p/alone.js";
    Base(alone);
    "#);
    insta::assert_snapshot!(code("export { user } from 'p';", &files), @r#"
    import "~/p/special.js";
    export { user } from "~/p/user.js";
    "#);
    insta::assert_snapshot!(code("import * as P from 'p'; P.Base(P.alone);", &files), @r#"
    import "~/p/special.js";
    import { Base as __member_1 } from "~/p/base.js";
    import { alone as __member_2 } from "~/p/alone.js";
    __member_1(__member_2);
    "#);
    // It comes first by itself.
    insta::assert_snapshot!(code("import { Special } from 'p'; Special();", &files), @r#"
    import { Special } from "~/p/special.js";
    Special();
    "#);
    insta::assert_snapshot!(code("import { alone } from 'p'; alone();", &files), @r#"
    import { alone } from "~/p/alone.js";
    alone();
    "#);
}

#[test]
fn a_file_that_is_in_a_circle_itself_stays() {
    let files = [
        FREE,
        (
            "node_modules/p/index.js",
            "export { A } from './a.js';\nexport { B } from './b/index.js';\nexport { C } from './c.js';\n",
        ),
        (
            "node_modules/p/a.js",
            "import { C } from './index.js';\nexport class A { c = () => new C(); }",
        ),
        ("node_modules/p/b/index.js", "export { B } from './b.js';"),
        (
            "node_modules/p/b/b.js",
            "import { B as self } from './index.js';\nexport class B { self = () => new self(); }",
        ),
        (
            "node_modules/p/c.js",
            "import { A } from './index.js';\nexport class C extends A {}",
        ),
    ];
    insta::assert_snapshot!(code("import { A, B } from 'p'; A(B);", &files), @r#"
    import { A } from "~/p/index.js";
    import { B } from "~/p/b/index.js";
    A(B);
    "#);
}
