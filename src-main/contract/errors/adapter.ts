/** Errors of adapter files (LoRA): reading them, and putting them on a model. */
export const adapterErrors = {
  'model-is-adapter': {
    sentence: 'This file is an adapter: it changes a model, and is none by itself.',
    remedy: 'Add it to the model that it was made for: "skein model add <file> --for <model>".'
  },
  'adapter-invalid': {
    sentence: 'The adapter file is damaged, or lacks what an adapter needs.',
    remedy: 'Download the file again, or get it from another source.'
  },
  'adapter-mismatch': {
    sentence: 'The adapter does not fit this model.',
    remedy: 'Name the model that it was made for with --for. The details say what differs.'
  },
  'adapter-unsupported': {
    sentence: 'The adapter uses a feature that Skein does not support.',
    remedy: 'Choose another adapter. The details name the feature.'
  },
  'adapter-model-unclear': {
    sentence: 'It is not clear which model the adapter is for.',
    remedy: 'Add the model first, then name it with --for <model>.'
  }
} as const
