/** Errors of one answer on its way through a chain. */
export const sessionErrors = {
  'no-chain': {
    sentence: 'No set of peers that is online now covers all layers of this model.',
    remedy: 'Wait for peers, choose another model, or host the missing layers yourself.'
  },
  'prompt-too-long': {
    sentence: 'The prompt is longer than the context of this model.',
    remedy: 'Shorten the prompt or start a new chat.'
  },
  'prompt-empty': {
    sentence: 'There is no prompt.',
    remedy: 'Type a question first.'
  },
  'range-unserved': {
    sentence: 'Nobody who is online now hosts some of the layers that this answer needs.',
    remedy: 'Resume the answer when a peer with these layers is back, or host them yourself.'
  },
  'resume-unknown': {
    sentence: 'This answer cannot be resumed any more.',
    remedy: 'Ask again.'
  },
  'answer-interrupted': {
    sentence: 'The answer was interrupted before it was finished.',
    remedy: 'Ask again, or continue the answer when the swarm can serve it.'
  }
} as const
