/** Errors of llama.cpp and of the process that runs it. */
export const engineErrors = {
  'engine-library-missing': {
    sentence: 'The llama.cpp library for this computer was not found.',
    remedy: 'Install Skein again; if you run from source, run "npm ci".'
  },
  'engine-build-unknown': {
    sentence: 'The llama.cpp library is not the build that Skein was tested with.',
    remedy: 'Install Skein again, so that the library and Skein belong together.'
  },
  'engine-load-failed': {
    sentence: 'The model could not be loaded.',
    remedy: 'Check that the file is whole and that enough memory is free.'
  },
  'engine-out-of-memory': {
    sentence: 'There is not enough memory for this model and its context.',
    remedy: 'Close other programs, choose fewer layers, a smaller context or a smaller model.'
  },
  'engine-crashed': {
    sentence: 'The engine process stopped unexpectedly.',
    remedy: 'Skein starts it again. If it keeps stopping, choose a smaller model or report it.'
  },
  'engine-unresponsive': {
    sentence: 'The engine process does not answer.',
    remedy: 'Skein restarts it. If it happens again, restart Skein.'
  },
  'engine-decode-failed': {
    sentence: 'The engine could not compute this step.',
    remedy: 'Try again. If it happens again, the model file may be damaged.'
  },
  'stage-full': {
    sentence: 'This stage has no free place for another session.',
    remedy: 'Try again in a moment, or choose another peer.'
  },
  'context-full': {
    sentence: 'The conversation is longer than the memory that was set aside for it.',
    remedy: 'Shorten it, or start a new chat.'
  },
  'boundary-invalid': {
    sentence: 'The data between two stages was wrong: its size, order or values.',
    remedy: 'Skein drops the peer that sent it and tries another.'
  }
} as const
