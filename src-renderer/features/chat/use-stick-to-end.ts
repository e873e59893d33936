import { useLayoutEffect, useRef, type RefObject } from 'react'

/** Near enough to the end to mean "show me what comes", in pixels. */
const nearPixels = 48

/**
 * Keeps the end of what grows in view, unless the person scrolled away from it. Returns the scrolling box's listener.
 */
export function useStickToEnd(box: RefObject<HTMLElement | null>, content: unknown): () => void {
  const sticks = useRef(true)
  useLayoutEffect(() => {
    if (sticks.current) box.current?.scrollTo({ top: box.current.scrollHeight })
  }, [box, content])
  return () => {
    if (box.current === null) return
    const { scrollHeight, scrollTop, clientHeight } = box.current
    sticks.current = scrollHeight - scrollTop - clientHeight < nearPixels
  }
}
