import i18next, { t } from 'i18next'
import { initReactI18next, Trans, useTranslation } from 'react-i18next'
import { render } from '../render'

function App() {
  const { t: translate } = useTranslation()
  return (
    <p>
      {translate('value', { number: 2 })}{' '}
      <Trans i18nKey="bold">
        x <b>y</b>
      </Trans>
    </p>
  )
}

export default async () => {
  const translation = {
    value: 'Wert {{number}}',
    bold: 'ganz <1>fett</1>',
    count_one: 'eins',
    count_other: '{{count}} viele',
  }
  await i18next.use(initReactI18next).init({ lng: 'de', resources: { de: { translation } } })
  const root = await render(<App />)
  return [root.innerHTML, i18next.t('count', { count: 3 }), t('count', { count: 1 })]
}
