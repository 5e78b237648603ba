import axios, { AxiosError, isAxiosError } from 'axios'
import * as all from 'axios'

export default async () => {
  const client = axios.create({
    adapter: async (config) => ({
      data: { url: config.url, params: config.params },
      status: 200,
      statusText: 'OK',
      headers: {},
      config,
    }),
  })
  const page = await axios.get('page.html')
  const failure = await axios.get('page.html', { validateStatus: () => false }).catch((error: unknown) => error)
  return [
    (await client.get('/x', { params: { a: 1 } })).data,
    [page.status, page.data.includes('<!doctype html>')],
    [isAxiosError(failure), failure instanceof AxiosError],
    axios.getUri({ url: '/a', params: { b: [1, 2] } }),
    Object.keys(all).sort(),
  ]
}
