import { equal, fails, same, test } from './check.ts';

test('UTF-8 goes both ways, lone surrogates are replaced', () => {
  same([...new TextEncoder().encode('aé€😀\ud800')], [97, 195, 169, 226, 130, 172, 240, 159, 152, 128, 239, 191, 189]);
  equal(new TextDecoder().decode(new Uint8Array([0xef, 0xbb, 0xbf, 0x61, 0xff])), 'a\ufffd');
  equal(new TextDecoder('utf-8', { ignoreBOM: true }).decode(new Uint8Array([0xef, 0xbb, 0xbf])), '\ufeff');
});

test('a character may be cut into pieces', () => {
  const decoder = new TextDecoder();
  let text = '';
  for (const byte of [0xf0, 0x9f, 0x98, 0x80]) text += decoder.decode(new Uint8Array([byte]), { stream: true });
  equal(text + decoder.decode(), '😀');
});

test('fatal decoders throw, and other encodings are there', async () => {
  await fails('TypeError', () => new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array([0xff])));
  await fails('RangeError', () => new TextDecoder('no-such-encoding'));
  equal(new TextDecoder(' Latin1 ').encoding, 'windows-1252');
  equal(new TextDecoder('utf-16le').decode(new Uint8Array([0x3d, 0xd8, 0x00, 0xde])), '😀');
  equal(new TextDecoder('shift_jis').decode(new Uint8Array([0x82, 0xa0])), 'あ');
});

test('encodeInto writes whole characters only', () => {
  const bytes = new Uint8Array(4);
  same(new TextEncoder().encodeInto('a€😀', bytes), { read: 2, written: 4 });
});

test('base64 goes both ways', async () => {
  equal(btoa('\0ÿ'), 'AP8=');
  equal(atob(' AP8= '), '\0ÿ');
  await fails('InvalidCharacterError', () => btoa('€'));
});

test('a URL is parsed, resolved and changed', async () => {
  const url = new URL('../b?x=1#h', 'HTTP://User:pw@EXAMPLE.com:80/a/c/');
  equal(url.href, 'http://User:pw@example.com/a/b?x=1#h');
  url.searchParams.append('y', 'é &');
  equal(url.search, '?x=1&y=%C3%A9+%26');
  url.search = '?z=2';
  equal(url.searchParams.get('z'), '2');
  url.port = '8080';
  url.pathname = '/ü';
  equal(String(url), 'http://User:pw@example.com:8080/%C3%BC?z=2#h');
  equal(URL.canParse('nope'), false);
  equal(URL.parse('/x', 'https://a.b')!.href, 'https://a.b/x');
  await fails('TypeError', () => new URL('http://a b/'));
});

test('search parameters keep their order, and sort by code units', () => {
  const params = new URLSearchParams([['b', '1'], ['a', '2'], ['b', '3']]);
  params.sort();
  equal(`${params}`, 'a=2&b=1&b=3');
  params.set('b', '4');
  same([...params], [['a', '2'], ['b', '4']]);
  params.delete('a', 'other');
  equal(params.size, 2);
  equal(new URLSearchParams({ q: 'a+b c' }).toString(), 'q=a%2Bb+c');
});
