import { AnimatePresence, motion, useMotionValue, useTransform } from 'framer-motion'
import { render, until } from '../render'

function App() {
  const two = useMotionValue(2)
  const four = useTransform(two, (value) => value * 2)
  return (
    <AnimatePresence>
      <motion.div initial={{ opacity: 0 }} animate={{ opacity: 1 }} transition={{ duration: 0.01 }}>
        {four.get()}
      </motion.div>
    </AnimatePresence>
  )
}

export default async () => {
  const root = await render(<App />)
  await until(() => root.querySelector('div')?.style.opacity === '1')
  return root.innerHTML
}
