/** Errors of the weights store: importing, keeping, fetching and seeding models. */
export const weightsErrors = {
  'weights-in-use': {
    sentence: 'Another Skein is using this weights folder.',
    remedy: 'Use the running one, or set SKEIN_HOME to another folder.'
  },
  'weights-unreadable': {
    sentence: 'The weights folder could not be read or written.',
    remedy: 'Check the disk, its free space and the permissions of the folder.'
  },
  'weights-newer': {
    sentence: 'The weights folder was written by a newer Skein.',
    remedy: 'Update Skein, or set SKEIN_HOME to another folder.'
  },
  'weights-malformed': {
    sentence: 'What this model key stands for is not a model file as Skein shares them.',
    remedy: 'Check the key. If it came from a person, ask them for the right one.'
  },
  'transfer-unknown': {
    sentence: 'Nothing like this is on its way.',
    remedy: '"skein model transfers" lists what is.'
  },
  'model-split': {
    sentence: 'This is one part of a model that was split into several files.',
    remedy:
      'Join the parts with llama.cpp’s "llama-gguf-split --merge", or choose a whole file of the model.'
  },
  'weights-over-budget': {
    sentence: 'This does not fit into the disk space that models may take.',
    remedy: 'Raise the limit in the settings, or remove a model with "skein model remove".'
  },
  'model-not-here': {
    sentence: 'This model, or the part of it that is needed, is not on this computer.',
    remedy: 'Add it with "skein model add", or let Skein fetch it from peers.'
  },
  'model-nobody-has': {
    sentence: 'Nobody who is online now has this model.',
    remedy: 'Wait until somebody who has it is online, or add it from a file.'
  },
  'model-file-changed': {
    sentence: 'The model file changed since Skein read it.',
    remedy: 'Restore the file, or add it again; Skein shares nothing of it until then.'
  },
  'download-missing': {
    sentence: 'There is no such file on the server.',
    remedy: 'Check the address: the owner, the repository and the exact name of the file.'
  },
  'download-refused': {
    sentence: 'The server does not give this file without permission.',
    remedy:
      'Open the model’s page in a browser, accept its terms, and set HF_TOKEN to a token of your account.'
  },
  'download-failed': {
    sentence: 'The file could not be downloaded.',
    remedy:
      'Check your internet connection and try again: it goes on where it stopped. HF_ENDPOINT names a mirror.'
  },
  'download-changed': {
    sentence: 'The file changed on the server while it was downloaded.',
    remedy: 'Start again. What was downloaded of the old file is deleted.'
  },
  'address-not-allowed': {
    sentence: 'Skein downloads models over https only.',
    remedy: 'Use an address that begins with https:// or hf:.'
  },
  'disk-full': {
    sentence: 'The disk is full.',
    remedy: 'Free some space. Skein goes on by itself where it stopped.'
  }
} as const
