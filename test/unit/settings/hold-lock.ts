// Takes the lock that it is told to, says so, and holds it until it is killed.
import { lockHome } from '#settings/home-lock.ts'

lockHome(process.argv[2] ?? '')
process.send?.('locked')
process.on('disconnect', () => process.exit())
