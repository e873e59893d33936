const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December'
] as const
const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const
const dayMillis = 86_400_000

/**
 * Python's `strftime` in local time, for the directives that chat templates use. Names are English whatever the
 * system's language: models were trained on them. An unknown directive stays as it is.
 */
export function strftime(date: Date, format: string): string {
  return format.replace(/%-?[a-zA-Z%]/g, (directive) => formatDirective(date, directive))
}

function formatDirective(date: Date, directive: string): string {
  const isUnpadded = directive.startsWith('%-')
  const padded = (value: number, length = 2): string =>
    isUnpadded ? String(value) : String(value).padStart(length, '0')
  const letter = directive.slice(-1)
  switch (letter) {
    case 'Y':
      return String(date.getFullYear())
    case 'y':
      return padded(date.getFullYear() % 100)
    case 'm':
      return padded(date.getMonth() + 1)
    case 'B':
      return months[date.getMonth()] ?? ''
    case 'b':
      return (months[date.getMonth()] ?? '').slice(0, 3)
    case 'd':
      return padded(date.getDate())
    case 'e':
      return String(date.getDate()).padStart(2)
    case 'j':
      return padded(dayOfYear(date), 3)
    case 'A':
      return days[date.getDay()] ?? ''
    case 'a':
      return (days[date.getDay()] ?? '').slice(0, 3)
    case 'H':
      return padded(date.getHours())
    case 'I':
      return padded(date.getHours() % 12 || 12)
    case 'M':
      return padded(date.getMinutes())
    case 'S':
      return padded(date.getSeconds())
    case 'p':
      return date.getHours() < 12 ? 'AM' : 'PM'
    case 'F':
      return strftime(date, '%Y-%m-%d')
    case 'T':
      return strftime(date, '%H:%M:%S')
    case '%':
      return '%'
    default:
      return directive
  }
}

function dayOfYear(date: Date): number {
  const today = Date.UTC(date.getFullYear(), date.getMonth(), date.getDate())
  return (today - Date.UTC(date.getFullYear(), 0, 1)) / dayMillis + 1
}
