import { createMemoryRouter, Link, MemoryRouter, Outlet, Route, Routes, useLoaderData, useParams } from 'react-router'
import { RouterProvider } from 'react-router/dom'
import { click, render } from '../render'

function Page() {
  return (
    <i>
      {useParams().id} {useLoaderData()}
    </i>
  )
}

export default async () => {
  const layout = (
    <div>
      <Link to="/page/3">go</Link>
      <Outlet />
    </div>
  )
  const router = createMemoryRouter([
    { path: '/', element: layout, children: [{ path: 'page/:id', element: <Page />, loader: () => 'loaded' }] },
  ])
  const root = await render(<RouterProvider router={router} />)
  await click(root, 'a', 'go3 loaded')
  const declared = await render(
    <MemoryRouter initialEntries={['/x']}>
      <Routes>
        <Route path="/x" element={<u>x</u>} />
      </Routes>
    </MemoryRouter>,
  )
  return [root.innerHTML, declared.innerHTML]
}
