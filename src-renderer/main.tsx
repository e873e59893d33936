import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app/app.tsx'
import './app/app.css'
import { connectSocket } from './lib/socket-connection.ts'
import { connectWindow } from './lib/window-connection.ts'

const connection = window.skein === undefined ? connectSocket() : connectWindow(window.skein)
const root = document.getElementById('root')
if (root === null) throw new Error('the page has no root')
createRoot(root).render(
  <StrictMode>
    <App connection={connection} />
  </StrictMode>
)
