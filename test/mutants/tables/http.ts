import type { Mutated } from '../mutant.ts';

const tokenSource = ['adapters/aws/token-source'];

export const http: readonly Mutated[] = [
  {
    file: 'adapters/http/answer-parser.ts',
    seenBy: ['adapters/http/answer-parser'],
    decisions: [
      {
        breaks: 'What is no HTTP is not waited for',
        stands: "if (!BEGINNING.startsWith(beginning)) throw new MalformedAnswer('it is not HTTP/1.1');",
        becomes: '',
      },
      {
        breaks: 'A head without an end is not kept',
        stands: 'end > MOST_HEAD_BYTES || (end === -1 && bytes.length > MOST_HEAD_BYTES)',
        becomes: 'end > MOST_HEAD_BYTES',
      },
      {
        breaks: 'A line without an end is not kept',
        stands: 'end > MOST_LINE_BYTES || (end === -1 && bytes.length > MOST_LINE_BYTES)',
        becomes: 'end > MOST_LINE_BYTES',
      },
      {
        breaks: 'Trailers without an end are not read',
        stands: 'if (this.#trailerBytes > MOST_HEAD_BYTES)',
        becomes: 'if (this.#trailerBytes < 0)',
      },
      {
        breaks: 'Interim answers without an end are not read',
        stands: 'if (this.#interim > MOST_INTERIM)',
        becomes: 'if (this.#interim < 0)',
      },
      {
        breaks: 'A change of protocol is no answer',
        stands: "if (status === 101 || version === '0')",
        becomes: "if (version === '0')",
      },
      {
        breaks: 'An answer that says where it ends in two ways is refused',
        stands: ' || length !== undefined)) {',
        becomes: ')) {',
      },
      {
        breaks: 'An answer in a coding that is not known is refused',
        stands: "(coding.toLowerCase() !== 'chunked' || length !== undefined)",
        becomes: '(length !== undefined)',
      },
      {
        breaks: 'A length that is no number is refused',
        stands: '!/^\\d{1,15}$/.test(length)',
        becomes: "length === 'x'",
      },
      {
        breaks: 'A size of a chunk that is no number is refused',
        stands: "if (size === undefined) throw new MalformedAnswer('the size of a chunk is no number');",
        becomes: 'if (size === undefined) return;',
      },
      {
        breaks: 'A chunk that is longer than it says is refused',
        stands: "if (line !== '') throw new MalformedAnswer('a chunk is longer than it says');",
        becomes: '',
      },
      {
        breaks: 'An answer without content ends with its head',
        stands: 'status !== 204 && status !== 304',
        becomes: 'status !== 204',
      },
      {
        breaks: 'The answer to HEAD ends with its head',
        stands: 'this.#mayHaveBody && status',
        becomes: 'status',
      },
      {
        breaks: 'A header that goes on in the next line is refused',
        stands:
          "if (!/^[!#$%&'*+.^_`|~\\w-]+$/.test(name)) throw new MalformedAnswer('a line of its head is no header');",
        becomes: '',
      },
      {
        breaks: 'A header with a control character is refused',
        stands: "if (hasControl(value)) throw new MalformedAnswer('a header of it has a control character');",
        becomes: '',
      },
      {
        breaks: 'A header that is there twice counts twice',
        stands: 'before === undefined ? value : `${before}, ${value}`',
        becomes: 'value',
      },
      {
        breaks: 'A connection is not used again where the server says so',
        stands: "version === '1' && !/\\bclose\\b/i.test(headers.get('connection') ?? '')",
        becomes: "version === '1'",
      },
      {
        breaks: 'A connection of HTTP/1.0 is not used again',
        stands: "version === '1' && !",
        becomes: '!',
      },
      {
        breaks: 'A connection with more than the answer on it is not used again',
        stands: '        this.#isKept = false;\n        return;',
        becomes: '        return;',
      },
      {
        breaks: 'An answer that does not say where it ends, ends with its connection',
        stands: "if (this.#state === 'until closed') this.#finish();",
        becomes: '',
      },
    ],
  },
  {
    file: 'adapters/http/answering.ts',
    seenBy: ['adapters/http/connections'],
    decisions: [
      {
        breaks: 'Nothing is told of an answer that was given up, though more of it came before',
        stands: 'if (this.#isToldOver) return;\n      listener',
        becomes: 'listener',
      },
      {
        breaks: 'An answer that ended early is told from none',
        stands: "if (this.parser.hasBegun) return new Error('the connection ended before the answer was whole');",
        becomes: '',
      },
    ],
  },
  {
    file: 'adapters/http/wire.ts',
    seenBy: ['adapters/http/connections'],
    decisions: [
      {
        breaks: 'What nobody asked for closes the connection',
        stands: 'if (answering === undefined) return void this.#socket.destroy();\n    try',
        becomes: 'if (answering === undefined) return;\n    try',
      },
      {
        breaks: 'A connection is not used again before the request is sent',
        stands: 'if (this.#isSent) return this.#keeper.free(this);',
        becomes: 'return this.#keeper.free(this);',
      },
      {
        breaks: 'A connection on which a request never goes out is closed',
        stands: 'setTimeout(() => this.#socket.destroy(), SENT_WITHIN_MS)',
        becomes: 'setTimeout(() => undefined, SENT_WITHIN_MS)',
      },
      {
        breaks: 'A connection whose answer came before the socket said that the request has gone is used again',
        stands: '    this.#whenSent?.();\n',
        becomes: '',
      },
      {
        breaks: 'A connection that nobody uses is closed',
        stands: 'if (this.#current === undefined) socket.destroy();',
        becomes: '',
      },
      {
        breaks: 'A connection that waits for an answer is not idle',
        stands: 'if (this.#current === undefined) socket.destroy();',
        becomes: 'socket.destroy();',
      },
      {
        breaks: 'A connection whose answer is given up is closed',
        stands: '    answering.broken();\n    this.#socket.destroy();',
        becomes: '    answering.broken();',
      },
      {
        breaks: 'A name in the head is sent byte for byte',
        stands: "socket.write(head, 'latin1', body",
        becomes: "socket.write(head, 'utf8', body",
        seenBy: ['kubeconfigs/kubeconfigs: not ASCII'],
      },
      {
        breaks: 'A fault of the program is none of an answer',
        stands: 'if (!(error instanceof MalformedAnswer)) throw error;',
        becomes: '',
      },
    ],
  },
  {
    file: 'adapters/http/connections.ts',
    seenBy: ['adapters/http/connections'],
    decisions: [
      {
        breaks: 'There are no more connections than that',
        stands: 'if (wire === undefined && this.#count >= this.#limits.most) return;',
        becomes: '',
      },
      {
        breaks: 'The connection used last is used next',
        stands: 'let wire = this.#free.pop();',
        becomes: 'let wire = this.#free.shift();',
      },
      {
        breaks: 'A connection of its own is closed after the answer',
        stands: 'waiting.isAlone ? this.#single : this.#kept',
        becomes: 'this.#kept',
      },
      {
        breaks: 'A request that waits is given up',
        stands: 'giveUp: () => this.#waiting.delete(waiting)',
        becomes: 'giveUp: () => undefined',
      },
      {
        breaks: 'A connection that is made for nobody any more is not made',
        stands: 'waiting.giveUp = () => stop.abort(closedError());',
        becomes: 'waiting.giveUp = () => undefined;',
      },
      {
        breaks: 'Whoever waits hears that all is closed',
        stands: 'for (const { wanting } of this.#waiting) wanting.unreachable(closedError());',
        becomes: '',
      },
      {
        breaks: 'Nothing is sent after the end',
        stands: 'if (this.#isClosed) wanting.unreachable(closedError());\n    else if',
        becomes: 'if',
      },
      {
        breaks: 'A free connection lets the process end',
        stands: '      wire.hold(false);\n',
        becomes: '',
      },
    ],
  },
  {
    file: 'adapters/http/dial.ts',
    seenBy: ['adapters/http/connections'],
    decisions: [
      {
        breaks: 'A proxy that refuses a tunnel is named',
        stands: 'if (status !== 200) throw',
        becomes: 'if (status === 999) throw',
        seenBy: ['adapters/kubernetes/answer'],
      },
      {
        breaks: 'A proxy that says nothing is not waited for without end',
        stands: 'setTimeout(late, way.timeoutMs)',
        becomes: 'setTimeout(() => undefined, way.timeoutMs)',
        seenBy: ['adapters/http/connections'],
      },
      {
        breaks: 'A connection agrees on TLS as the one before',
        stands: 'memory.session === undefined ? {} : { session: memory.session }',
        becomes: '{}',
      },
      {
        breaks: 'A proxy is told who asks',
        stands: "return login === ':' ? {} :",
        becomes: "return login !== '' ? {} :",
      },
      {
        breaks: 'The login of a proxy is not sent to the server',
        stands: 'return proxy === undefined || target.isSecure || isSocks(proxy) ? undefined : proxy;',
        becomes: 'return proxy === undefined || isSocks(proxy) ? undefined : proxy;',
      },
    ],
  },
  {
    file: 'adapters/http/network-error.ts',
    seenBy: ['adapters/kubernetes/answer'],
    decisions: [
      {
        breaks: 'Each address of a host that cannot be reached is named',
        stands:
          "if (!(error instanceof AggregateError) || error.message !== '') return error.message || codeOf(error);",
        becomes: 'if (error !== null) return error.message || codeOf(error);',
      },
    ],
  },
  {
    file: 'adapters/http/request-head.ts',
    seenBy: ['adapters/http/connections'],
    decisions: [
      {
        breaks: 'A path that HTTP cannot carry is not sent',
        stands: "if (!/^[\\x21-\\x7e]+$/.test(target)) throw new Error('Invalid character in the path');",
        becomes: '',
      },
      {
        breaks: 'A header that HTTP cannot carry is not sent',
        stands:
          'if (/[^\\t\\x20-\\x7e\\x80-\\xff]/.test(value)) throw new Error(`Invalid character in header ${name}`);',
        becomes: '',
      },
      {
        breaks: 'A name of a header that HTTP cannot carry is not sent',
        stands:
          "if (!/^[!#$%&'*+.^_`|~\\w-]+$/.test(name)) throw new Error(`Invalid character in the name of a header`);",
        becomes: '',
      },
    ],
  },
  {
    file: 'adapters/http/exchange.ts',
    seenBy: ['adapters/kubernetes/requests'],
    decisions: [
      {
        breaks: 'A request has a time limit, whatever it waits for',
        stands: "setTimeout(() => settle({ kind: 'late' }), outgoing.timeoutMs)",
        becomes: 'setTimeout(() => undefined, outgoing.timeoutMs)',
      },
      {
        breaks: 'A request is given up when it is told to be',
        stands: '  told.acts.add(act);\n',
        becomes: '',
      },
      {
        breaks: 'A request is given up with the others of the same signal, whichever of them is over',
        stands: 'if (!told.acts.delete(act) || told.acts.size > 0) return;',
        becomes: '',
        seenBy: ['adapters/kubernetes/answer'],
      },
      {
        breaks: 'A kept connection that was closed meanwhile is no failure',
        stands: "return code === 'ECONNRESET' || code === 'EPIPE';",
        becomes: 'return false;',
      },
      {
        breaks: 'A new connection that breaks is a failure',
        stands: 'isReused && isHangUp(error)',
        becomes: 'isHangUp(error)',
        seenBy: ['adapters/http/connections'],
      },
      {
        breaks: 'What HTTP cannot carry is no bug',
        stands: "settle({ kind: 'unsendable', why: error instanceof Error ? error.message : String(error) });",
        becomes: 'throw error;',
        seenBy: ['adapters/kubernetes/answer'],
      },
      {
        breaks: 'A request that was told to end before it began is not sent',
        stands: "if (signal.aborted) return Promise.resolve({ kind: 'aborted' });",
        becomes: '',
      },
    ],
  },
  {
    file: 'adapters/http/ca-bundle.ts',
    seenBy: tokenSource,
    decisions: [
      {
        breaks: 'A bundle without a certificate is a mistake',
        stands: "if (certificates.length === 0) return unreadable(path, 'it holds no PEM certificate');",
        becomes: '',
      },
      {
        breaks: 'A block that is no certificate is not passed over in silence',
        stands: 'blocks.map((block) => new X509Certificate(block).toString())',
        becomes: 'blocks',
      },
    ],
  },
  {
    file: 'adapters/http/proxy.ts',
    seenBy: ['adapters/http/proxy'],
    decisions: [
      {
        breaks: 'What is on the node is never asked through a proxy',
        stands: ' || isOfNode(host)',
        becomes: '',
      },
      {
        breaks: 'A host that NO_PROXY names is asked directly',
        stands: 'return noProxy.split(',
        becomes: "return ''.split(",
      },
      {
        breaks: 'This machine is asked directly',
        stands: "host === 'localhost' || isLoopback(host) ||",
        becomes: '',
      },
      {
        breaks: 'The password of a proxy does not come back in a message',
        stands: 'const shown = withoutUserInfo(trimmed);',
        becomes: 'const shown = trimmed;',
      },
      {
        breaks: 'A domain in NO_PROXY covers what is below it, and not what only ends like it',
        stands: 'host === named || host.endsWith(`.${named}`)',
        becomes: 'host === named || host.endsWith(named)',
      },
      {
        breaks: 'A subnet in NO_PROXY covers its addresses',
        stands: "if (entry.includes('/')) return isInSubnet(host, entry);",
        becomes: '',
      },
      {
        breaks: 'A port in NO_PROXY counts',
        stands: "(named.port !== '' && named.port !== port)",
        becomes: "(named.port === 'x')",
      },
    ],
  },
];
