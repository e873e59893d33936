import type { ReactNode } from 'react'

interface ButtonProps {
  /** `primary` is a filled icon, `quiet` a line of text. */
  readonly kind: 'primary' | 'quiet'
  /** What a screen reader says, and a pointer shows. */
  readonly label?: string
  readonly type?: 'button' | 'submit'
  readonly isDisabled?: boolean
  readonly onClick?: () => void
  readonly children: ReactNode
}

const looks = {
  primary:
    'bg-thread text-on-thread grid size-10 shrink-0 place-items-center rounded-xl enabled:hover:opacity-85 disabled:opacity-35',
  quiet:
    'border-line text-ink enabled:hover:border-thread enabled:hover:text-thread rounded-full border px-3.5 py-1.5 text-sm disabled:opacity-40'
} as const

export function Button(props: ButtonProps): ReactNode {
  return (
    <button
      type={props.type ?? 'button'}
      className={`cursor-pointer transition-[opacity,color,border-color] disabled:cursor-default ${looks[props.kind]}`}
      aria-label={props.label}
      title={props.label}
      disabled={props.isDisabled}
      onClick={props.onClick}
    >
      {props.children}
    </button>
  )
}
