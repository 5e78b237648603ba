import { equal, fails, same, test } from './check.ts';

test('a body that code makes piece by piece', async () => {
  async function* pieces() {
    yield 'te';
    yield new Uint8Array([120, 116]);
  }
  equal(await new Response(pieces() as never).text(), 'text');
});

test('headers combine, sort, and keep cookies apart', async () => {
  const headers = new Headers({ 'X-B': ' 1 ' });
  headers.append('x-b', '2');
  headers.append('Set-Cookie', 'a=1');
  headers.append('Set-Cookie', 'b=2');
  headers.set('A', 'x');
  same([...headers], [['a', 'x'], ['set-cookie', 'a=1'], ['set-cookie', 'b=2'], ['x-b', '1, 2']]);
  same(headers.getSetCookie(), ['a=1', 'b=2']);
  const cookies = new Headers([['Cookie', 'a=1'], ['cookie', 'b=2']]);
  equal(cookies.get('cookie'), 'a=1; b=2');
  same([...cookies], [['cookie', 'a=1; b=2']]);
  await fails('TypeError', () => headers.set('no name', 'x'));
  await fails('TypeError', () => Response.error().headers.set('a', 'b'));
});

test('a header may come as often as it likes', () => {
  const headers = new Headers();
  // What looked through all that is there each time would take minutes.
  const count = 50_000;
  for (let index = 0; index < count; index++) headers.append(index % 2 === 0 ? 'X-Many' : 'x-many', `${index}`);
  for (let index = 0; index < count; index++) headers.append(`x-${index}`, '');
  equal(headers.get('x-many')!.split(', ').length, count);
  equal([...headers].length, count + 1);
  headers.delete('x-many');
  headers.append('x-MANY', 'again');
  equal(headers.get('X-Many'), 'again');
});

test('a body is read once, in the form that is wanted', async () => {
  const response = new Response('{"a":1}', { headers: { 'content-type': 'application/json' } });
  const copy = response.clone();
  same(await response.json(), { a: 1 });
  equal(response.bodyUsed, true);
  await fails('TypeError', () => response.text());
  same([...(await copy.bytes())].length, 7);
  await fails('SyntaxError', () => new Response('no').json());
});

test('a stream is a body', async () => {
  const stream = ReadableStream.from([new Uint8Array([104]), new Uint8Array([105])]);
  const response = new Response(stream);
  const copy = response.clone();
  const reader = copy.body!.getReader();
  const { value } = await reader.read();
  value!.fill(0);
  equal(await response.text(), 'hi');
  await fails('TypeError', () => new Response(ReadableStream.from(['text'])).text());
});

test('responses have their short forms', async () => {
  equal(Response.redirect('https://a.b/', 303).headers.get('location'), 'https://a.b/');
  equal(await Response.json([1]).text(), '[1]');
  await fails('RangeError', () => new Response('', { status: 99 }));
  await fails('TypeError', () => new Response('x', { status: 204 }));
});

test('a request takes over another, and its signal follows', async () => {
  const controller = new AbortController();
  const first = new Request('https://a.b/c#d', { method: 'post', body: 'x', signal: controller.signal });
  equal(first.method, 'POST');
  const second = new Request(first, { headers: { q: '1' } });
  equal(first.bodyUsed, true);
  equal(await second.text(), 'x');
  controller.abort();
  equal(second.signal.aborted, true);
  await fails('TypeError', () => new Request('https://a.b', { body: 'x' }));
});

test('forms are written and read as multipart and urlencoded', async () => {
  const form = new FormData();
  form.append('na"me', 'a\nb');
  form.append('file', new File(['\0\r\n--'], 'f.bin', { type: 'x/y' }));
  const response = new Response(form);
  const read = await new Response(await response.blob()).formData();
  equal(read.get('na"me'), 'a\r\nb');
  const file = read.get('file') as File;
  same([file.name, file.type, await file.text()], ['f.bin', 'x/y', '\0\r\n--']);
  const pairs = await new Response(new URLSearchParams('a=1&a=2')).formData();
  same(pairs.getAll('a'), ['1', '2']);
});

test('blobs are sliced, joined and streamed', async () => {
  const blob = new Blob(['añ', new Uint8Array([33]), new Blob(['?'])], { type: 'Text/Plain' });
  same([blob.size, blob.type, await blob.text()], [5, 'text/plain', 'añ!?']);
  equal(await blob.slice(-2).text(), '!?');
  const reader = blob.stream().getReader();
  equal((await reader.read()).value!.length, 5);
  equal((await reader.read()).done, true);
});
