import { Camera, icons } from 'lucide-react'
import { render } from '../render'

export default async () => {
  const root = await render(<Camera size={12} />)
  return [root.innerHTML, typeof icons.Zap]
}
