/** Errors between peers. */
export const swarmErrors = {
  'peer-unreachable': {
    sentence: 'A peer could not be reached.',
    remedy: 'Skein tries other peers. Check your internet connection if none can be reached.'
  },
  'peer-lost': {
    sentence: 'The connection to a peer was lost.',
    remedy: 'Skein looks for another peer for the same layers.'
  },
  'peer-stalled': {
    sentence: 'A peer stopped answering.',
    remedy: 'Skein looks for another peer for the same layers.'
  },
  'peer-slow': {
    sentence: 'A peer became much slower than it was.',
    remedy: 'Skein goes on with a faster peer for the same layers.'
  },
  'history-gone': {
    sentence: 'A peer no longer keeps what it sent in this session.',
    remedy: 'Skein sends it again from the start.'
  },
  'not-a-member': {
    sentence: 'A peer did not prove that it belongs to this network.',
    remedy: 'Use the same invite on both computers.'
  },
  'peer-banned': {
    sentence: 'A peer broke the protocol and is ignored for a while.',
    remedy: 'Nothing to do. Skein uses other peers.'
  },
  'protocol-version': {
    sentence: 'A peer speaks another version of the Skein protocol.',
    remedy: 'Update Skein on both computers.'
  },
  'protocol-violation': {
    sentence: 'A peer sent something that the protocol does not allow.',
    remedy: 'Skein disconnects it and uses other peers.'
  },
  'message-too-large': {
    sentence: 'A peer sent a message over the size limit.',
    remedy: 'Skein disconnects it and uses other peers.'
  },
  'stage-not-here': {
    sentence: 'This peer does not host these layers of this model.',
    remedy: 'Skein looks for another peer.'
  },
  'session-unknown': {
    sentence: 'This peer does not know the session, or it has ended.',
    remedy: 'Start the answer again.'
  },
  'peer-draining': {
    sentence: 'This peer is about to stop lending and takes no new sessions.',
    remedy: 'Skein looks for another peer.'
  },
  'no-room-for-layers': {
    sentence: 'No part of this model fits into the memory that may be lent.',
    remedy: 'Lend more memory, or choose a smaller model.'
  }
} as const
