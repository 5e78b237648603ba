import { renderToReadableStream } from 'react-dom/server';
import { App } from './app.tsx';
import { all, book, wave } from './berths.ts';
import { Document } from './document.tsx';
import { tide } from './tide.ts';

async function page(): Promise<Response> {
  const berths = all();
  const body = await renderToReadableStream(
    <Document state={berths}>
      <App berths={berths} />
    </Document>,
  );
  return new Response(body, { headers: { 'content-type': 'text/html; charset=utf-8' } });
}

async function booked(request: Request): Promise<Response> {
  const form = await request.formData();
  const boat = String(form.get('boat') ?? '').trim();
  const nights = Number(form.get('nights'));
  if (boat === '' || !(nights >= 1 && nights <= 30)) return new Response('a boat and 1 to 30 nights, please\n', { status: 400 });
  book(boat, Math.floor(nights));
  return new Response(null, { status: 303, headers: { location: '/' } });
}

/** `/weather/x` is answered by another server. */
const weather = (request: Request, { pathname, search }: URL): Promise<Response> => {
  const upstream = process.env['WEATHER'] ?? 'https://weather.example';
  return fetch(new Request(upstream + pathname.slice('/weather'.length) + search, request));
};

export default {
  async fetch(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const route = `${request.method} ${url.pathname}`;
    const waved = /^POST \/api\/berths\/(\d+)\/wave$/.exec(route);
    if (route === 'GET /') return page();
    if (route === 'POST /berths') return booked(request);
    if (route === 'GET /api/berths') return Response.json(all());
    if (route === 'GET /api/tide') return new Response(tide(), { headers: { 'content-type': 'text/plain; charset=utf-8' } });
    if (waved) {
      const berth = wave(Number(waved[1]));
      return berth ? Response.json(berth) : Response.json({ error: 'no such berth' }, { status: 404 });
    }
    if (url.pathname.startsWith('/weather/')) return weather(request, url);
    return new Response('there is nothing here\n', { status: 404 });
  },
};
