/*---
description: await stands where any expression can
flags: [module, async]
---*/

const f = async () => 2;
const { a = await f() } = {};
class C extends (await Promise.resolve(Array)) { static [await 'name2'] = 1; }
const t = `${await 1}${-await 1}`;
assert.sameValue(a ** (await 2), 4);
assert.sameValue(new C() instanceof Array, true);
assert.sameValue(C.name2, 1);
assert.sameValue(t, '1-1');
assert.sameValue((await f)(1) instanceof Promise, true);
let thrown;
try { await Promise.reject(3); } catch (error) { thrown = error; }
assert.sameValue(thrown, 3);
$DONE();
