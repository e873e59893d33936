/** Errors of model files: reading, checking, carving, templates. */
export const modelErrors = {
  'model-not-found': {
    sentence: 'There is no model file at this path.',
    remedy: 'Check the path and that you may read the file.'
  },
  'model-unreadable': {
    sentence: 'The model file could not be read.',
    remedy: 'Check that the disk works and that the file was not moved while in use.'
  },
  'gguf-not-gguf': {
    sentence: 'This file is not a GGUF model.',
    remedy: 'Choose a file that ends in .gguf from a source you trust.'
  },
  'gguf-version-unsupported': {
    sentence: 'This GGUF file has a format version that Skein does not read.',
    remedy: 'Get a newer copy of the model (GGUF version 2 or 3, little-endian).'
  },
  'gguf-truncated': {
    sentence: 'The model file is incomplete: it ends before its contents do.',
    remedy: 'Download the file again.'
  },
  'gguf-too-large': {
    sentence: 'The model file claims a header larger than any real model has.',
    remedy: 'The file is damaged or made to do harm. Get it from another source.'
  },
  'gguf-malformed': {
    sentence: 'The header of the model file is damaged.',
    remedy: 'Download the file again, or get it from another source.'
  },
  'gguf-tensor-invalid': {
    sentence: 'A tensor in the model file has a wrong size, place, type or shape.',
    remedy: 'The file is damaged. Download it again, or get it from another source.'
  },
  'gguf-tensor-duplicate': {
    sentence: 'The model file names the same tensor twice.',
    remedy: 'The file is damaged. Get it from another source.'
  },
  'gguf-type-unknown': {
    sentence: 'The model file uses a quantisation that this version of Skein does not know.',
    remedy: 'Update Skein, or choose the model in another quantisation, such as Q4_K_M.'
  },
  'gguf-metadata-missing': {
    sentence: 'The model file lacks facts that are needed to run it.',
    remedy: 'Get the file from another source, or convert the model again.'
  },
  'model-feature-unsupported': {
    sentence: 'The model uses a feature that Skein does not support.',
    remedy: 'Choose another model. The details name the feature.'
  },
  'model-not-written': {
    sentence: 'The layers of the model could not be written to disk.',
    remedy: 'Free some space on the disk and check that Skein may write to its data folder.'
  },
  'architecture-not-splittable': {
    sentence:
      'Models of this architecture are served whole only: a split of it is not proven to be exact.',
    remedy: 'Serve the whole model on one PC, or choose a model of a listed architecture.'
  },
  'range-not-allowed': {
    sentence: 'The model cannot be split at these layers.',
    remedy: 'Choose a range whose ends the model allows; "skein model show" lists them.'
  },
  'template-invalid': {
    sentence: 'The chat template of this model could not be used.',
    remedy: 'Use the plain completion API with this model, or get a newer copy of it.'
  },
  'template-timeout': {
    sentence: 'The chat template of this model took too long and was stopped.',
    remedy: 'The file may be made to do harm. Get the model from another source.'
  }
} as const
