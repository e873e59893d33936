/** Errors of the node as a whole: its data folder, its settings, and what should never happen. */
export const nodeErrors = {
  internal: {
    sentence: 'Something went wrong inside Skein.',
    remedy: 'Try again. If it happens again, restart Skein and report it with the log file.'
  },
  cancelled: {
    sentence: 'This was cancelled.',
    remedy: 'Start it again when you like.'
  },
  'invalid-input': {
    sentence: 'The input was not understood.',
    remedy: 'Check the value that the details name and try again.'
  },
  'home-in-use': {
    sentence: 'Another Skein is already running with this data folder.',
    remedy: 'Use the running one, or set SKEIN_HOME to another folder.'
  },
  'home-not-writable': {
    sentence: 'Skein cannot write to its data folder.',
    remedy: 'Check the permissions and free space of the folder, or set SKEIN_HOME to another one.'
  },
  'not-running': {
    sentence: 'Skein is not running.',
    remedy: 'Start it with "npm start" or "npm run skein -- start".'
  },
  'prompt-missing': {
    sentence: 'There is no question, and no terminal to ask for one.',
    remedy: 'Give the question in quotes behind the command: npm run swarm -- "What is Skein?"'
  },
  'memory-given-back': {
    sentence: 'The memory of these layers was given back, because this computer needed it.',
    remedy: 'They are loaded again by themselves when it is free, or when you ask the model.'
  },
  'no-network': {
    sentence: 'This Skein has joined no network, so there is nobody to ask.',
    remedy: 'Start it with --network and the secret that the computers of your network share.'
  },
  'identity-unreadable': {
    sentence: 'The file with this peer’s identity could not be read.',
    remedy:
      'Restore identity.json in the data folder from a copy, or delete it to start as a new peer.'
  },
  'settings-invalid': {
    sentence: 'The settings file could not be read.',
    remedy: 'Skein goes on with its defaults. The old file is kept beside the new one.'
  }
} as const
