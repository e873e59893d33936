/** Every word that the page says, in one place. Errors bring their own words: see `#contract/errors.ts`. */
export const texts = {
  app: {
    name: 'Skein',
    newChat: 'New chat',
    model: 'Model'
  },
  connection: {
    connecting: 'Connecting to Skein …',
    lost: 'Skein does not answer. Trying again …',
    locked:
      'This page is no longer valid: Skein was started again. Open the URL that it printed last.'
  },
  status: {
    thisPc: 'Runs on this PC',
    lendingOff: 'nothing is lent',
    lendingOn: 'lending is on',
    peers: (count: number) => (count === 1 ? '1 peer connected' : `${count} peers connected`),
    builtFrom: (layers: number, megabytes: string) => `${layers} layers, ${megabytes} MB`
  },
  composer: {
    label: 'Message',
    placeholder: 'Ask something …',
    send: 'Send',
    stop: 'Stop',
    hint: 'Enter sends · Shift+Enter makes a new line · Esc stops'
  },
  empty: {
    title: 'What would you like to know?',
    intro:
      'You are talking to a tiny model that comes with Skein and runs on this PC. It knows Skein, and not much else.',
    otherModel: (name: string) =>
      `You are talking to ${name}. It may be wrong, and says so less often than it should.`,
    suggestions: 'Suggested questions'
  },
  answer: {
    you: 'You',
    thinking: 'Reading the question …',
    reading: (done: number, total: number) => `Reading the question: ${done} of ${total} tokens`,
    again: 'Ask again',
    resume: 'Resume',
    healing: (layers: string) => `Another peer takes over ${layers} …`,
    waiting: (layers: string) => `Waiting for a peer that has ${layers} …`,
    finished: (text: string) => `Skein answered: ${text}`,
    stopped: 'The answer was stopped.'
  },
  finish: {
    stop: 'The model ended its answer.',
    length: 'The answer reached its longest length; there may be more to say.',
    cancelled: 'You stopped it.',
    interrupted: 'It was interrupted before its end.'
  },
  truth: {
    onThisPc: (layers: number) => `${layers} layers on this PC`,
    overPeers: (layers: number, peers: number) => `${layers} layers on ${peers} peers`,
    speed: (value: string) => `${value} tokens/s`,
    firstToken: (value: string) => `first word after ${value}`,
    route: 'Route',
    healed: 'Healed',
    heal: (layers: string, from: string, to: string, pause: string) =>
      `${layers} from ${from} to ${to}, after ${pause}`,
    thisPc: 'this PC',
    peer: (name: string) => `peer ${name}`,
    layers: (first: number, last: number) =>
      first === last ? `layer ${first}` : `layers ${first}–${last}`,
    roundTrip: (value: string) => `${value} away and back`,
    tokens: 'Tokens',
    tokenCount: (prompt: number, answer: number) => `${prompt} read, ${answer} written`,
    reading: 'Reading',
    writing: 'Writing',
    wait: 'First word',
    time: 'Where time went',
    timeSplit: (compute: string, wait: string, wire: string) =>
      `computing ${compute}, waiting ${wait}, on the way ${wire}`,
    seed: 'Seed',
    end: 'End'
  }
} as const

/** Questions that the embedded model was made to answer. */
export const suggestedQuestions = [
  'What is Skein?',
  'How do I pause lending?',
  'Is my chat private?',
  'What is a swarm?'
] as const
