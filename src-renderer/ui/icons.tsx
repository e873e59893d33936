import type { ReactNode } from 'react'

function Icon({ children }: { readonly children: ReactNode }): ReactNode {
  return (
    <svg
      viewBox="0 0 24 24"
      className="size-5"
      fill="none"
      stroke="currentColor"
      strokeWidth="2"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {children}
    </svg>
  )
}

export function SendIcon(): ReactNode {
  return (
    <Icon>
      <path d="M12 19V5M6 11l6-6 6 6" />
    </Icon>
  )
}

export function StopIcon(): ReactNode {
  return (
    <Icon>
      <rect x="7" y="7" width="10" height="10" rx="1.5" fill="currentColor" />
    </Icon>
  )
}

/** Skein's sign: a thread wound into itself. */
export function SkeinIcon(): ReactNode {
  return (
    <svg
      viewBox="0 0 32 32"
      className="text-thread size-6"
      fill="none"
      stroke="currentColor"
      strokeWidth="2.5"
      strokeLinecap="round"
      aria-hidden="true"
    >
      <path d="M4 16c0-6 5-10 12-10s12 4 12 10-5 10-12 10" />
      <path d="M28 16c0-4-5-6-12-6S6 13 6 17s4 6 10 6 9-2 9-5-4-4-9-4-7 1-7 3" />
    </svg>
  )
}
