// Random pages and random edits, and what must become of them by the plainest rules that there are.

import { open, said, say } from './world.js';

function generator(seed) {
  let state = seed >>> 0;
  const below = (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  return { below, chance: (part) => below(1000) < part * 1000, pick: (all) => all[below(all.length)] };
}

/** Modules are letters: `a` is what the page starts. */
const NAMES = 'abcdefghijklm';
const nameOf = (at) => NAMES[at];

/** A module as data: what it imports, which names of it, and what it accepts. */
function invent(random, at, count) {
  const imports = [];
  for (let tries = random.below(4); tries > 0; tries--) {
    // Mostly of those after it: what is left makes circles.
    const other = random.chance(0.9) ? at + 1 + random.below(count - at) : random.below(count);
    if (other !== at && other < count && !imports.includes(other)) imports.push(other);
  }
  if (at < count - 1 && random.chance(0.7) && !imports.includes(at + 1)) imports.push(at + 1);
  return {
    imports: imports.map(nameOf),
    used: imports.map(() => random.pick(['value', 'other', 'value,other', ''])),
    self: random.chance(0.25),
    deps: imports.filter(() => random.chance(0.2)).map(nameOf),
    partial: random.chance(0.15),
  };
}

/** The same as a module that says what happens. */
function source(name, { imports, used, self, deps, partial }) {
  return {
    imports: imports.map((other, at) => (used[at] === '' ? `${other}!` : `${other}:${used[at]}`)),
    exports: { value: name, other: name },
    run({ hot, version }) {
      const tell = (kind) => (updated) => say('call', name, kind, updated?.value);
      if (self) hot.accept(tell('self'));
      if (partial) hot.acceptExports(['value'], tell('part'));
      for (const dep of deps) hot.accept(`./${dep}`, tell(dep));
      hot.dispose(() => say('end', name));
      hot.prune(() => say('go', name));
    },
  };
}

/** What must happen, by what runs (`live`) and what there is now (`disk`); `undefined`: a reload. */
function expected(live, disk, changed) {
  const visited = new Set();
  const boundaries = new Set();
  const isDead = (name) => {
    if (visited.has(name) || !live.has(name)) return false;
    visited.add(name);
    const { self, partial } = live.get(name);
    if (self || partial) boundaries.add(`${name} ${name}`);
    if (self) return false;
    if (name === 'a' && !partial) return true;
    for (const [importer, { imports, used, deps }] of live) {
      const at = imports.indexOf(name);
      if (at < 0 || importer === name) continue;
      if (deps.includes(name)) boundaries.add(`${importer} ${name}`);
      else if (partial && !used[at].includes('other')) continue;
      else if (isDead(importer)) return true;
    }
    return false;
  };
  if (changed.some(isDead)) return undefined;
  // Whoever has accepted itself runs with its circle, as the sources make it now.
  const importsNow = (name) => (visited.has(name) || !live.has(name) ? disk : live).get(name).imports;
  const accepting = [...live.keys()].filter((name) => boundaries.has(`${name} ${name}`));
  for (const name of accepting) {
    const above = new Set([name]);
    for (const id of above) {
      for (const [importer, { deps, self }] of live) {
        if ((importer !== 'a' || self) && !deps.includes(id) && importsNow(importer).includes(id)) above.add(importer);
      }
    }
    const below = new Set([name]);
    const isNext = (other) => above.has(other) || visited.has(other) || !live.has(other);
    for (const id of below) for (const other of importsNow(id)) if (isNext(other)) below.add(other);
    for (const id of below) {
      if (!above.has(id) || visited.has(id)) continue;
      visited.add(id);
      // It runs, too, and so says what it says of that.
      const { self, partial } = live.get(id);
      if (self || partial) boundaries.add(`${id} ${id}`);
      if ((self || partial) && !accepting.includes(id)) accepting.push(id);
      for (const [importer, { deps }] of live) if (deps.includes(id)) boundaries.add(`${importer} ${id}`);
    }
  }
  const runs = new Set();
  const run = (name) => {
    if (runs.has(name) || (live.has(name) && !visited.has(name))) return;
    runs.add(name);
    disk.get(name).imports.forEach(run);
  };
  const calls = [];
  for (const boundary of boundaries) {
    const [name, via] = boundary.split(' ');
    const { self, partial } = live.get(name);
    run(via);
    if (name !== via) calls.push(`call ${name} ${via} ${via}`);
    else if (self) calls.push(`call ${name} self ${name}`);
    if (name === via && partial) calls.push(`call ${name} part ${name}`);
  }
  const next = new Map(live);
  for (const name of visited) next.delete(name);
  for (const name of runs) next.set(name, disk.get(name));
  const reached = new Set(['a']);
  for (const name of reached) for (const other of next.get(name).imports) reached.add(other);
  const gone = [...new Set([...visited, ...next.keys()])].filter((name) => !reached.has(name));
  for (const name of gone) next.delete(name);
  const ends = [...visited, ...gone.filter((name) => !visited.has(name) || runs.has(name))];
  return { runs, next, calls, said: [...ends.map((name) => `end ${name}`), ...gone.map((name) => `go ${name}`)] };
}

const leads = (all, from, to, seen = new Set()) => {
  if (from === to) return true;
  if (seen.has(from)) return false;
  seen.add(from);
  return (all.get(from)?.imports ?? []).some((other) => leads(all, other, to, seen));
};

/** One page and its edits; what is wrong with it. */
async function wrong(seed) {
  const random = generator(seed);
  const count = 4 + random.below(9);
  const disk = new Map();
  for (let at = 0; at < count; at++) disk.set(nameOf(at), invent(random, at, count));
  const load = async () => {
    const world = await open(Object.fromEntries([...disk].map(([name, data]) => [name, source(name, data)])), ['a']);
    said.length = 0;
    const live = new Map(world.registry.ids().map((id) => [id.slice(1), disk.get(id.slice(1))]));
    return { world, live };
  };
  let { world, live } = await load();
  for (let edit = 0; edit < 8; edit++) {
    const changed = [...new Set([...Array(1 + random.below(3))].map(() => random.below(count)))];
    const names = changed.map(nameOf);
    for (const at of changed) if (random.chance(0.6)) disk.set(nameOf(at), invent(random, at, count));
    await world.edit(Object.fromEntries(names.map((name) => [name, source(name, disk.get(name))])));
    const heard = said.splice(0);
    const want = expected(live, disk, names);
    const fail = (text) => `${seed}.${edit}: ${text}\n${heard.join('; ')}\n${JSON.stringify([...live])}\n${names} ${JSON.stringify([...disk])}`;
    if (want === undefined) {
      if (heard.length !== 1 || !heard[0].startsWith('reload')) return fail('no reload');
      ({ world, live } = await load());
      continue;
    }
    const isRun = (text) => /^[a-m]\d+$/.test(text);
    const ran = heard.filter(isRun).map((text) => text[0]);
    if (new Set(ran).size !== ran.length) return fail('something ran twice');
    if ([...ran].sort().join() !== [...want.runs].sort().join()) return fail(`not these ran: ${[...want.runs]}`);
    for (const [at, name] of ran.entries()) {
      const early = disk.get(name).imports.find((other) => ran.indexOf(other) > at && !leads(disk, other, name));
      if (early !== undefined) return fail(`${name} ran before ${early}`);
    }
    const rest = heard.filter((text) => /^(call|end|go) /.test(text));
    if (rest.sort().join() !== [...want.calls, ...want.said].sort().join()) return fail(`not this was said: ${[...want.calls, ...want.said].sort()}`);
    if (heard.some((text) => !isRun(text) && !/^(call .*|end|end .*|go .*)$/.test(text))) return fail('something else was said');
    live = want.next;
    if (world.registry.ids().sort().join() !== [...live.keys()].map((name) => `/${name}`).sort().join()) return fail(`not these are left: ${[...live.keys()]}`);
  }
  return undefined;
}

/** The first of these pages with which something is wrong. */
export async function check(from, to) {
  for (let seed = from; seed < to; seed++) {
    const text = await wrong(seed);
    if (text !== undefined) return text;
  }
  return 'all is as it must be';
}

/**
 * Everything climbs to modules that accept themselves, whatever throws, does not compile or is left out meanwhile: in the end,
 * when all is mended, what runs is what there is, as after a load from scratch.
 */
async function astray(seed) {
  const random = generator(seed);
  const count = 3 + random.below(8);
  const disk = new Map();
  const hashes = new Map();
  const hasCircles = random.chance(0.3);
  const isSelf = [...Array(count)].map((_, at) => at === 1 || random.chance(0.3));
  const change = (at, isMended) => {
    const name = nameOf(at);
    const { imports } = invent(random, at, count);
    const least = hasCircles ? 'b' : name;
    const back = at === 1 ? imports.filter((other) => other !== 'a') : imports.filter((other) => other > least);
    const kind = isMended ? 2 : random.below(8);
    const run = ({ hot }) => {
      if (isSelf[at]) hot.accept();
      if (kind === 1) throw new Error('thrown');
      hot.dispose(() => (random.chance(0.5) ? Promise.resolve() : undefined));
    };
    const hash = (hashes.get(name) ?? 0) + 1;
    hashes.set(name, hash);
    disk.set(name, { imports: at === 0 ? ['b'] : back, hash, async: random.chance(0.2), run, ...(kind === 0 ? { fault: 'fault' } : {}) });
  };
  for (let at = 0; at < count; at++) change(at, true);
  const reached = () => {
    const all = new Set(['a']);
    for (const name of all) for (const other of disk.get(name).imports) all.add(other);
    return all;
  };
  const world = await open(Object.fromEntries([...disk].filter(([name]) => reached().has(name))), ['a']);
  // What the page has, as the server knows it.
  const has = new Map([...reached()].map((name) => [name, disk.get(name).hash]));
  const update = () => {
    const now = reached();
    const changed = [...now].filter((name) => has.get(name) !== disk.get(name).hash);
    for (const name of changed) has.set(name, disk.get(name).hash);
    const isFaulty = [...now].some((name) => disk.get(name).fault !== undefined);
    const gone = isFaulty ? [] : [...has.keys()].filter((name) => !now.has(name));
    for (const name of gone) has.delete(name);
    return world.edit(Object.fromEntries(changed.map((name) => [name, disk.get(name)])), { gone: gone.map((name) => `/${name}`) });
  };
  const edits = [];
  for (let edit = 0; edit < 10; edit++) {
    const changed = new Set([...Array(1 + random.below(3))].map(() => 1 + random.below(count - 1)));
    for (const at of changed) change(at, false);
    edits.push(update());
    if (random.chance(0.5)) await edits.at(-1);
  }
  // Until nothing that is reached is broken: what was out of reach may be, too.
  for (let at = 1; at < count; at++) if (isBroken(disk.get(nameOf(at)))) change(at, true);
  await Promise.all([...edits, update()]);
  const heard = said.splice(0);
  const fail = (text) => `${seed}: ${text}\n${heard.join('; ')}`;
  // Modules in circles that throw reload the page, and nothing else does.
  const reload = heard.find((text) => text.startsWith('reload'));
  if (reload !== undefined) return reload.includes('circle') ? undefined : fail(reload);
  for (const name of reached()) {
    const module = world.registry.get(`/${name}`);
    if (module === undefined || module.error !== undefined || module.status !== 'evaluated') return fail(`${name} does not run`);
    if (world.modules.hashOf(module) !== disk.get(name).hash) return fail(`${name} is an old one`);
    for (const [at, other] of disk.get(name).imports.entries()) {
      // What takes a change upon itself, nobody else takes; nor the circle that runs with it.
      if (!isSelf[NAMES.indexOf(other)] && !hasCircles && module.required[at] !== world.registry.get(`/${other}`)) {
        return fail(`${name} has an old ${other}`);
      }
    }
  }
  if (world.registry.ids().length !== reached().size) return fail(`not only these are there: ${[...reached()]}`);
  return undefined;
}

const isBroken = ({ fault, run }) => {
  if (fault !== undefined) return true;
  try {
    run({ hot: { accept: () => undefined, dispose: () => undefined } });
    return false;
  } catch {
    return true;
  }
};

/** The first page that has gone astray. */
export async function converge(from, to) {
  for (let seed = from; seed < to; seed++) {
    const text = await astray(seed);
    if (text !== undefined) return text;
  }
  return 'all come to the same';
}
