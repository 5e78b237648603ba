import hljs from 'highlight.js'
import core from 'highlight.js/lib/core'
import javascript from 'highlight.js/lib/languages/javascript'
import 'highlight.js/styles/github.css'
import { until } from '../render'

core.registerLanguage('javascript', javascript)

export default async () => {
  const code = document.body.appendChild(document.createElement('code'))
  code.className = 'hljs'
  await until(() => getComputedStyle(code).color === 'rgb(36, 41, 46)')
  return [
    hljs.highlight('const a = 1', { language: 'typescript' }).value,
    core.highlight('let b', { language: 'javascript' }).value,
    core.listLanguages(),
  ]
}
