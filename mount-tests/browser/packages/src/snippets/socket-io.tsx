import io, { io as named, Manager, Socket } from 'socket.io-client'
import * as all from 'socket.io-client'

export default () => {
  const socket = io('http://localhost:9', { autoConnect: false })
  return [
    socket.connected,
    named === io,
    socket instanceof Socket,
    socket.io instanceof Manager,
    Object.keys(all).sort(),
  ]
}
