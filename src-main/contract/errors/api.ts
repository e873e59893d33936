/** Errors of the loopback surfaces: the OpenAI-compatible API and the control channel. */
export const apiErrors = {
  'token-missing': {
    sentence: 'The request carries no valid token.',
    remedy: 'Use the URL that Skein printed, or send the token as API key.'
  },
  'origin-refused': {
    sentence: 'The request does not come from this computer’s own Skein page.',
    remedy: 'Open the URL that Skein printed.'
  },
  'parameter-unsupported': {
    sentence: 'The request uses a parameter that Skein does not support.',
    remedy: 'Remove the parameter that the details name.'
  },
  'model-unknown': {
    sentence: 'There is no such model here.',
    remedy: 'Ask /v1/models for the models that can be used.'
  },
  'page-unknown': {
    sentence: 'There is no such page here.',
    remedy: 'Open the URL that Skein printed.'
  },
  'page-not-built': {
    sentence: 'The page of Skein is not built yet.',
    remedy: 'Run "npm run build", or start Skein with "npm start".'
  },
  'request-too-large': {
    sentence: 'The request is too large.',
    remedy: 'Send a shorter one.'
  },
  'port-in-use': {
    sentence: 'The port is already used by another program.',
    remedy: 'Choose another port with --port, or leave it out to take any free one.'
  },
  'connection-lost': {
    sentence: 'The connection to Skein was lost.',
    remedy: 'The page connects again by itself as soon as Skein runs. Then ask again.'
  },
  'procedure-unknown': {
    sentence: 'This version of Skein does not know the command.',
    remedy: 'Reload the page, so that page and Skein are of the same version.'
  }
} as const
