import React, { createContext, Fragment, useContext, useEffect, useState } from 'react'
import * as all from 'react'
import ReactDOM, { createPortal } from 'react-dom'
import { renderToString } from 'react-dom/server'
import { click, render, until } from '../render'

const Context = createContext('none')

function Shown() {
  return <b>{useContext(Context)}</b>
}

function App() {
  const [count, set] = useState(0)
  const [ran, setRan] = useState('')
  useEffect(() => setRan('effect'), [])
  return (
    <Context.Provider value="context">
      <button onClick={() => set(count + 1)}>
        {count} {ran}
      </button>
      <Shown />
      {[1, 2].map((key) => (
        <Fragment key={key}>{key}</Fragment>
      ))}
    </Context.Provider>
  )
}

export default async () => {
  const root = await render(<App />)
  await until(() => root.textContent === '0 effectcontext12')
  await click(root, 'button', '1 effectcontext12')
  return [
    root.innerHTML,
    React.useState === all.useState,
    ReactDOM.createPortal === createPortal,
    renderToString(<App />),
  ]
}
