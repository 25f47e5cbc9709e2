import type { Mutated } from '../mutant.ts';

export const coreTold: readonly Mutated[] = [
  {
    file: 'core/summary.ts',
    seenBy: ['core/summary'],
    decisions: [
      {
        breaks: 'A pass that left a namespace without a valid secret does not end with 0',
        stands: 'counts.refused + counts.failed + counts.notDone > 0 ? 5 : 0',
        becomes: 'counts.failed > 0 ? 5 : 0',
      },
      {
        breaks: 'What AWS refused is named before everything else',
        stands: 'ended.sort((a, b) => a - b)[0]',
        becomes: 'ended.sort((a, b) => b - a)[0]',
      },
      {
        breaks: 'A summary does not grow with its problems without end',
        stands: 'summary.problems.length < maxProblems',
        becomes: 'summary.problems.length < 1e9',
      },
    ],
  },
  {
    file: 'core/failures/aws-failures.ts',
    seenBy: ['core/failures/aws-failures'],
    decisions: [
      {
        breaks: 'A certificate that is not trusted is told from a service that is away',
        stands: "if (untrusted.test(causeCode) || untrusted.test(name)) return 'AwsTlsUntrusted';",
        becomes: '',
      },
      {
        breaks: 'A clock that is wrong is told from a wrong key',
        stands: "if (/^Signature (?:expired|not yet current)/.test(message)) return 'AwsClockSkewed';",
        becomes: '',
      },
      {
        breaks: 'What a trust policy refuses is told from a permission that is missing',
        stands: "if (service === 'sts' && isAboutIdentityToken(reply)) return 'AwsIdentityRefused';",
        becomes: '',
      },
      {
        breaks: 'A service that broke is told from one that refuses',
        stands: "if (status >= 500) return 'AwsUnavailable';",
        becomes: '',
      },
      {
        breaks: 'A broken connection is told by its cause, whatever the SDK calls it',
        stands: 'byCause.get(causeCode) ?? byName.get(name)',
        becomes: 'byName.get(name)',
      },
      {
        breaks: 'A piece of an answer that is no JSON is not repeated',
        stands: 'if (isUnreadable(reply)) return `the answer, of HTTP status ${status}, is not JSON`;',
        becomes: '',
      },
      {
        breaks: 'What AWS says is one bounded line',
        stands: "' ').trim(), MOST_CHARACTERS)",
        becomes: "' ').trim(), 1e9)",
      },
    ],
  },
  {
    file: 'core/failures/errors.ts',
    seenBy: ['core/failures/remembered'],
    decisions: [
      {
        breaks: 'A remedy never has a hole in it',
        stands: 'if (value === undefined) throw new Error(`${code} needs a value for {${name}}`);',
        becomes: "if (value === undefined) return '';",
        seenBy: ['core/failures/errors'],
      },
      {
        breaks: 'A failure names the request under which others logged it',
        stands: "const id = failure.requestId === undefined ? '' :",
        becomes: "const id = failure.requestId !== null ? '' :",
        seenBy: ['core/failures/errors'],
      },
      {
        breaks: 'What is remembered of ten thousand refusals does not fill the memory',
        stands: 'if (failure.why.length <= mostRemembered) return failure;',
        becomes: 'if (failure.why.length >= 0) return failure;',
      },
    ],
  },
  {
    file: 'core/text/bounded-json.ts',
    seenBy: ['core/text/bounded-json'],
    decisions: [
      {
        breaks: 'JSON that is nested deeper than its bounds is not parsed',
        stands: 'if (depth > most.depth) return',
        becomes: 'if (depth > 1e9) return',
      },
      {
        breaks: 'JSON with more values than its bounds is not parsed',
        stands: 'if (values > most.values) return',
        becomes: 'if (values > 1e9) return',
      },
      {
        breaks: 'Brackets in a string are no nesting',
        stands: 'if (code === quote) at = endOfString(text, at);\n    else if',
        becomes: 'if',
      },
      {
        breaks: 'A quote behind a backslash ends no string',
        stands: 'if (!isEscaped(text, end)) return end;',
        becomes: 'return end;',
      },
      {
        breaks: 'What is closed counts no more',
        stands: 'else if (isClosing(code)) depth -= 1;',
        becomes: '',
      },
    ],
  },
  {
    file: 'core/text/in-clear.ts',
    seenBy: ['core/text/in-clear'],
    decisions: [
      {
        breaks: 'Credentials that go over the network in clear are warned of',
        stands: "if (protocol !== 'http:') return false;",
        becomes: "if (protocol !== 'ftp:') return false;",
      },
      {
        breaks: 'A host that only begins like this machine is not this machine',
        stands: String.raw`|\[::1\])$/`,
        becomes: String.raw`|\[::1\])/`,
      },
    ],
  },
  {
    file: 'core/text/wrap.ts',
    seenBy: ['core/text/wrap'],
    decisions: [
      {
        breaks: 'A line is as wide as the screen, and no wider',
        stands: 'if (!isEmpty && length + text.trimEnd().length > width) {',
        becomes: 'if (!isEmpty && length + text.length > width) {',
      },
      {
        breaks: 'A key and its value of another colour stay on one line',
        stands: "if (before.endsWith(' ') || part.text.startsWith(' ')) all.push([part]);",
        becomes: 'if (before !== undefined) all.push([part]);',
      },
    ],
  },
  {
    file: 'core/text/shortened.ts',
    seenBy: ['core/text/table'],
    decisions: [
      {
        breaks: 'A long text is not cut within a word, which may be a credential',
        stands: "const end = text.lastIndexOf(' ', mostCharacters);",
        becomes: 'const end = mostCharacters;',
      },
    ],
  },
  {
    file: 'core/text/redact.ts',
    seenBy: ['core/text/redact', 'core/text/sink'],
    decisions: [
      {
        breaks: 'A bearer token is taken out',
        stands:
          String.raw`  /(\b(?:[Bb]earer|BEARER|[Bb]asic|BASIC)\s+)(?=[\w+/.~-]*(?:\d|=|[a-z][A-Z])|[\w+/.~-]{20})[\w+/.~-]{8,}=*/g,` +
          '\n',
        becomes: '',
      },
      {
        breaks: 'A web token is taken out',
        stands: String.raw`  /\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g,` + '\n',
        becomes: '',
      },
      {
        breaks: 'An access key of AWS is taken out',
        stands: '  /(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{12,}/g,\n',
        becomes: '',
      },
      {
        breaks: 'A session token of AWS is taken out',
        stands: String.raw`  /(?<![\w+/])(?:IQoJ|FwoG|FQoG)[\w+/-]{20,}={0,2}/g,` + '\n',
        becomes: '',
      },
      {
        breaks: 'A login of a docker config is taken out',
        stands: String.raw`  /(?:QVdTO|eyJhdXRoc|eyJwYXlsb2Fk)[\w+/-]{8,}={0,2}/g,` + '\n',
        becomes: '',
      },
      {
        breaks: 'A private key is taken out',
        stands: '  /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|$)/gs,\n',
        becomes: '',
      },
      {
        breaks: 'A password in a URL is taken out to the last @',
        stands: String.raw`[^\s/:@"]*:)[^\s/"]+(?=@)/gi`,
        becomes: String.raw`[^\s/:@"]*:)[^\s/"@]+(?=@)/gi`,
      },
      {
        breaks: 'A known secret is taken out whatever it looks like',
        stands: 'secrets.find(seen));',
        becomes: '[]);',
      },
      {
        breaks: 'A text is looked at beyond the place where it is cut',
        stands: 'text.slice(0, mostCharacters + MARGIN)',
        becomes: 'text.slice(0, mostCharacters)',
      },
      {
        breaks: 'A text is cut',
        stands: 'return text.length > mostCharacters ? `${clean.slice(0, cut)}…` : clean;',
        becomes: 'return clean;',
      },
    ],
  },
  {
    file: 'core/text/secrets.ts',
    seenBy: ['core/text/redact', 'core/text/sink'],
    decisions: [
      {
        breaks: 'A secret is known in base64, whatever is encoded before it',
        stands: 'return [0, 1, 2].flatMap((before) => {',
        becomes: 'return [0].flatMap((before) => {',
      },
      {
        breaks: 'A secret is known as it stands in a URL',
        stands: '...urlForms(secret), ',
        becomes: '',
      },
      {
        breaks: 'A secret is known as it stands in JSON',
        stands: 'const all = [secret, inJson, inGoJson, nested, ',
        becomes: 'const all = [secret, ',
      },
      {
        breaks: 'A piece of a secret is known',
        stands: '...pieces(text, index.chunks)',
        becomes: '...[]',
      },
      {
        breaks: 'What is too short to be told from a word is no secret',
        stands: 'const LEAST_CHARACTERS = 8;',
        becomes: 'const LEAST_CHARACTERS = 3;',
      },
      {
        breaks: 'A piece of a secret is known by fifteen characters, and not only by more',
        stands: '{15}/;',
        becomes: '{16}/;',
      },
      {
        breaks: 'A secret waits for a text that could hold it, and is not lost meanwhile',
        stands: 'waiting = waiting.filter((secret) => !couldHold(secret));',
        becomes: 'waiting = [];',
      },
      {
        breaks: 'The newest secrets stay known, however many come',
        stands: 'const [oldest] = learnt;',
        becomes: 'const oldest = [...learnt].at(-1);',
      },
      {
        breaks: 'What came with the process stays known',
        stands: 'waiting = [...known, ...learnt];',
        becomes: 'waiting = [...learnt];',
      },
    ],
  },
  {
    file: 'core/text/sink.ts',
    seenBy: ['core/text/sink'],
    decisions: [
      {
        breaks: 'A shell is offered no word that would not be the one that is meant',
        stands: "value !== '' && sink.text(value) === value",
        becomes: "value !== ''",
      },
      {
        breaks: 'What is foreign moves no cursor and starts no line',
        stands: 'safely(printable(redact(foreign, most)))',
        becomes: 'safely(redact(foreign, most))',
      },
      {
        breaks: 'JSON holds nothing that a terminal obeys',
        stands: 'inAscii(JSON.stringify(redactedIn(value, redact)))',
        becomes: 'JSON.stringify(redactedIn(value, redact))',
      },
      {
        breaks: 'What stands under the name of a secret does not come out',
        stands: "typeof inner === 'string' && names.test(key) ? '[redacted]' :",
        becomes: "typeof inner === 'string' && key === '' ? '[redacted]' :",
      },
      {
        breaks: 'A key is as foreign as a value',
        stands: '    redact(key),\n',
        becomes: '    key,\n',
      },
      {
        breaks: 'Colours come out where they are wanted alone',
        stands: 'part.colour !== undefined && coloured ?',
        becomes: 'part.colour !== undefined ?',
      },
    ],
  },
  {
    file: 'core/text/table.ts',
    seenBy: ['core/text/table'],
    decisions: [
      {
        breaks: 'A row is no longer than the screen',
        stands: 'const fits = cutTo(text, left);',
        becomes: 'const fits = text;',
      },
      {
        breaks: 'A bar shows something as long as anything is left',
        stands: 'Math.ceil(share * cells)',
        becomes: 'Math.floor(share * cells)',
      },
    ],
  },
];
