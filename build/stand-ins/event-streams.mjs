// Protocols load what reads event streams when an answer is one. None of the program's calls is answered so; and what is loaded
// later is kept apart in the bundle, with all that it stands on.
export function eventStreamSerdeProvider() {
  throw new Error('no call of the program is answered with a stream of events');
}
