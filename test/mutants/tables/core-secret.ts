import type { Mutated } from '../mutant.ts';

export const secret: readonly Mutated[] = [
  {
    file: 'core/secret/token.ts',
    seenBy: ['core/secret/token'],
    decisions: [
      {
        breaks: 'An expired token of ECR is not taken',
        stands: 'if (reply.expiresAtMs <= nowMs) return',
        becomes: 'if (reply.expiresAtMs <= 0) return',
      },
      {
        breaks: 'A token that does not say when it expires is not taken',
        stands: 'if (reply.expiresAtMs === undefined || Number.isNaN(new Date(reply.expiresAtMs).getTime()))',
        becomes: 'if (reply.expiresAtMs === 0)',
      },
      {
        breaks: 'A token of another user than AWS is not taken',
        stands: "decoded.startsWith('AWS:') ?",
        becomes: "decoded.includes(':') ?",
      },
      {
        breaks: 'A password that would spoil a docker config is not taken',
        stands: String.raw`/^[\x21-\x7e]+$/.test(password) ?`,
        becomes: "password !== '' ?",
      },
      {
        breaks: 'What is no base64 is no token',
        stands: 'if (!/^[A-Za-z0-9+/]+={0,2}$/.test(authorizationToken)) return undefined;',
        becomes: '',
      },
      {
        breaks: 'A token is believed to live no longer than tokens do',
        stands: 'isAbsurd ? nowMs + longestLifeMs :',
        becomes: 'isAbsurd ? reply.expiresAtMs :',
      },
      {
        breaks: 'An answer of AWS names no host but registries of ECR',
        stands: '(host !== undefined && !isAwsHost(host)) ?',
        becomes: 'host !== undefined ?',
      },
      {
        breaks: 'Registries of one region share a call to ECR',
        stands: 'const key = `${registry.partition}/${registry.region}`;',
        becomes: 'const key = registry.host;',
      },
      {
        breaks: 'Registries of two regions have a call each',
        stands: 'const key = `${registry.partition}/${registry.region}`;',
        becomes: 'const key = registry.partition;',
      },
      {
        breaks: 'A call goes to a FIPS endpoint where one of its registries is one',
        stands: 'fips: group.some(',
        becomes: 'fips: !group.every(',
      },
    ],
  },
  {
    file: 'core/secret/registry-host.ts',
    seenBy: ['core/secret/registry-host'],
    decisions: [
      {
        breaks: 'A host that only begins like a registry of ECR is none',
        stands: 'Object.hasOwn(known, suffix) ? known[suffix] : undefined',
        becomes: "known[Object.keys(known).find((each) => suffix.startsWith(each)) ?? '']",
      },
      {
        breaks: 'A region of another partition is no registry under a suffix',
        stands: 'if (ofSuffix !== partition &&',
        becomes: "if (ofSuffix === '' &&",
      },
      {
        breaks: 'GovCloud is told from AWS by its regions',
        stands: "['us-gov-', 'aws-us-gov'],",
        becomes: '',
      },
      {
        breaks: 'A password before a host does not come back in the message',
        stands: 'entry: withoutUserInfo(entry)',
        becomes: 'entry',
      },
      {
        breaks: 'A registry that is named twice is one',
        stands: 'if (seen.has(key)) return false;',
        becomes: '',
      },
      {
        breaks: 'What was taken off a host is said',
        stands: '(host === entry ? {} :',
        becomes: "(host !== '' ? {} :",
      },
      {
        breaks: 'A host that only ends like one of AWS is none of its own',
        stands: 'bare.endsWith(`.${suffix}`)',
        becomes: 'bare.endsWith(suffix)',
      },
    ],
  },
  {
    file: 'core/secret/carried.ts',
    seenBy: ['core/secret/carried'],
    decisions: [
      {
        breaks: 'A login that has ended is not carried over',
        stands: 'if (expiresAtMs <= nowMs) return [];',
        becomes: '',
      },
      {
        breaks: 'What a password says of its end goes before the note beside it',
        stands: 'endOf(password) ?? noted ?? ours',
        becomes: 'noted ?? ours',
      },
    ],
  },
  {
    file: 'core/secret/token-life.ts',
    seenBy: ['pass/pass'],
    decisions: [
      {
        breaks: 'A token that ends before the next pass is pointed out',
        stands: 'lifeMs(token) < betweenPassesMs',
        becomes: 'lifeMs(token) < 0',
      },
    ],
  },
  {
    file: 'core/secret/docker-config.ts',
    seenBy: ['core/secret/docker-config'],
    decisions: [
      {
        breaks: 'A login without a colon is one that no kubelet can read',
        stands: "return Buffer.from(plain, 'base64').includes(':');",
        becomes: 'return true;',
      },
      {
        breaks: 'Equal logins give equal bytes, whatever order the tokens came in',
        stands: '.sort(([a], [b]) => (a < b ? -1 : 1))',
        becomes: '',
      },
      {
        breaks: 'Our own login under an older form of its host is no login of others',
        stands: 'filter((key) => !ours.includes(bareHost(key)))',
        becomes: 'filter((key) => !ours.includes(key))',
      },
      {
        breaks: 'Top-level settings of others count as something to lose',
        stands: "(key) => key !== 'auths' && !isEmpty(config[key])",
        becomes: '() => false',
      },
      {
        breaks: 'A setting that says nothing is nothing to lose',
        stands: "key !== 'auths' && !isEmpty(config[key])",
        becomes: "key !== 'auths'",
      },
      {
        breaks: 'What is too much to be looked at is not taken for nothing',
        stands: 'settings.length === 0 && tooMuch === undefined',
        becomes: 'settings.length === 0',
      },
      {
        breaks: 'Merging keeps the settings of others',
        stands: ', ...Object.fromEntries(others) }',
        becomes: ' }',
      },
      {
        breaks: 'Merging keeps the logins of others',
        stands: 'auths: { ...ours, ...Object.fromEntries(kept) }',
        becomes: 'auths: ours',
      },
      {
        breaks: 'A merged config begins as the fence knows one that is not blank',
        stands: 'auths: { ...ours, ...Object.fromEntries(kept) }, ...Object.fromEntries(others)',
        becomes: '...Object.fromEntries(others), auths: { ...Object.fromEntries(kept), ...ours }',
      },
      {
        breaks: 'Merging leaves no older login of ours beside the new one',
        stands: '!Object.hasOwn(ours, bareHost(key))',
        becomes: '!Object.hasOwn(ours, key)',
      },
      {
        breaks: 'A secret holds its logins only where each host has one',
        stands: 'hosts.every((host) => held.has(host))',
        becomes: 'hosts.some((host) => held.has(host))',
      },
      {
        breaks: 'A login without a password is none',
        stands: 'return /^AWS:(.+)$/s.exec(',
        becomes: 'return /^AWS:(.*)$/s.exec(',
      },
      {
        breaks: 'A login is read as the kubelet reads it: auth before the other two',
        stands: "if (typeof auth === 'string' && auth !== '')",
        becomes: "if (typeof auth === 'string' && username === undefined)",
      },
      {
        breaks: 'A docker config is bounded before it is parsed',
        stands: ".toString('utf8'), bounds)",
        becomes: ".toString('utf8'), undefined)",
      },
    ],
  },
  {
    file: 'core/secret/pull-secret.ts',
    seenBy: ['core/secret/pull-secret'],
    decisions: [
      {
        breaks: 'A secret expires with the first of its tokens',
        stands: '    expiresAtMs: Math.min(...tokens.map((token) => token.expiresAtMs)),',
        becomes: '    expiresAtMs: Math.max(...tokens.map((token) => token.expiresAtMs)),',
      },
      {
        breaks: 'The note says when the first token expires',
        stands: '[annotations.expiresAt]: new Date(Math.min(',
        becomes: '[annotations.expiresAt]: new Date(Math.max(',
      },
      {
        breaks: 'A takeover rests on the revision that was read',
        stands: 'applyConfiguration(secret.name, tokens, config, existing.resourceVersion)',
        becomes: 'applyConfiguration(secret.name, tokens, config)',
      },
      {
        breaks: 'A takeover that merges keeps what others put there',
        stands: 'merge ? mergedConfig(existing.data, tokens) :',
        becomes: 'merge ? dockerConfig(tokens) :',
      },
      {
        breaks: 'An apply that rests on a revision says so',
        stands: 'if (resourceVersion === undefined) return body;',
        becomes: 'if (body !== undefined) return body;',
      },
      {
        breaks: 'What carries our label is ours, and nothing else',
        stands: 'labels[managedBy.label] === managedBy.value',
        becomes: 'labels[managedBy.label] !== undefined',
      },
      {
        breaks: 'A note longer than any of ours names no hosts',
        stands: 'note.length > mostNoted ? [] :',
        becomes: "note === '' ? [] :",
      },
      {
        breaks: 'What has no revision is no secret that stands there',
        stands: "if (resourceVersion === '') return undefined;",
        becomes: '',
      },
      {
        breaks: 'Argo CD and Flux are told to leave the secret alone',
        stands: '        ...handsOff,\n',
        becomes: '',
      },
    ],
  },
  {
    file: 'core/secret/newer.ts',
    seenBy: ['core/secret/newer'],
    decisions: [
      {
        breaks: 'Only what carries our label is another instance’s newer secret',
        stands: '    existing.managedByUs &&\n',
        becomes: '',
      },
      {
        breaks: 'A secret that expires when ours does is not newer',
        stands: 'laterMs > 0 &&',
        becomes: 'laterMs >= 0 &&',
      },
      {
        breaks: 'A note of another’s hand that promises years makes nothing newer',
        stands: '    laterMs <= sinceMs + longestLifeMs &&\n',
        becomes: '',
      },
      {
        breaks: 'A secret that lacks a registry of ours is not newer',
        stands: 'hosts.every((host) => existing.registries.includes(host))',
        becomes: 'hosts.some((host) => existing.registries.includes(host))',
      },
      {
        breaks: 'The data count, whoever wrote the note beside them',
        stands: 'seemsNewer(existing, wanted, now) && holdsLogins(existing.data, wanted.hosts)',
        becomes: 'seemsNewer(existing, wanted, now)',
      },
      {
        breaks: 'The time since ours came is told by whichever clock says more',
        stands: 'Math.max(0, now.wallMs - gotAt.wallMs, now.steadyMs - gotAt.steadyMs)',
        becomes: 'Math.max(0, now.wallMs - gotAt.wallMs)',
      },
    ],
  },
  {
    file: 'core/secret/outcome.ts',
    seenBy: ['core/secret/serving', 'core/secret/outcome'],
    decisions: [
      {
        breaks: 'A success without the object is none',
        stands: 'if (reply.status < 300 && !isApplied) return',
        becomes: 'if (reply.status < 200 && !isApplied) return',
      },
      {
        breaks: 'Fields that another owns are looked at before anything is written over',
        stands: "return ['read', 'FieldsOwnedByOthers'];",
        becomes: "return ['settle', ['adopted', 'SecretAdopted']];",
      },
      {
        breaks: 'A secret that somebody keeps changing is looked at a few times, not without end',
        stands: 'if (looks >= maxLooks) return',
        becomes: 'if (looks >= 1000) return',
      },
      {
        breaks: 'A secret of another type is refused by name',
        stands: "if (existing.type !== pullSecretType) return refuse('SecretTypeDiffers',",
        becomes: "if (existing.type === 'none') return refuse('SecretTypeDiffers',",
      },
      {
        breaks: 'A secret that cannot be changed is refused by name',
        stands: "if (existing.immutable) return refuse('SecretImmutable'",
        becomes: "if (existing.type === 'none') return refuse('SecretImmutable'",
      },
      {
        breaks: 'A newer token of another instance is left alone',
        stands: 'if (isNewer(existing, secret, now)) return',
        becomes: 'if (existing.immutable && isNewer(existing, secret, now)) return',
      },
      {
        breaks: 'Logins of others are not written over unless that is asked for',
        stands: "return refuse('SecretHoldsOtherRegistries', place, foreignInWords(foreign));",
        becomes: "return ['takeOver', { existing, merge: false, outcome: ['adopted', 'SecretAdopted'] }];",
      },
      {
        breaks: 'Merging is done where it is asked for',
        stands: "return ['takeOver', { existing, merge: true,",
        becomes: "return ['takeOver', { existing, merge: false,",
      },
      {
        breaks: 'What no kubelet can read is not kept beside our login',
        stands: 'if (foreign.unreadable !== undefined) return refuse(',
        becomes: 'if (foreign.unreadable === null) return refuse(',
        seenBy: ['core/secret/outcome'],
      },
      {
        breaks: 'What is too much to be looked at is not merged',
        stands: "if (foreign.tooMuch !== undefined) return refuse('SecretTooLarge', place, foreign.tooMuch);",
        becomes: '',
      },
      {
        breaks: 'A namespace that is going away is skipped',
        stands: "(cause) => cause.reason === 'NamespaceTerminating'",
        becomes: '() => false',
      },
      {
        breaks: 'A namespace that is gone is skipped',
        stands: "if (reply.status === 404) return ['settle', ['skipped', 'NamespaceGone']];",
        becomes: '',
      },
      {
        breaks: 'A quota that is full is named',
        stands: "status.message.includes('exceeded quota')",
        becomes: "status.message === 'exceeded quota'",
      },
      {
        breaks: 'A permission that is missing is told from a policy, with its verb',
        stands: "if (verb !== undefined) return fail('SecretForbidden'",
        becomes: "if (verb === '') return fail('SecretForbidden'",
      },
      {
        breaks: 'A denial of a policy is known for one whatever its status is',
        stands:
          "if (isAdmission(status)) return fail(isFence(status) ? 'FenceDenied' : 'AdmissionDenied', place, facts);",
        becomes: '',
      },
      {
        breaks: 'A denial of our own fence is told from that of a policy which has to exempt the secret',
        stands: "fail(isFence(status) ? 'FenceDenied' : 'AdmissionDenied', place, facts)",
        becomes: "fail('AdmissionDenied', place, facts)",
      },
      {
        breaks: 'A type that cannot be changed is told from a secret that cannot',
        stands: "immutable.some((cause) => cause.field === 'type')",
        becomes: "immutable.some((cause) => cause.field === '')",
      },
      {
        breaks: 'A namespace that is gone between two steps is no failure, and a secret that is gone is made',
        stands: "if (reply.status === 404) return ['apply', 'SecretGone'];",
        becomes: '',
      },
    ],
  },
  {
    file: 'core/secret/serving.ts',
    seenBy: ['core/secret/serving', 'core/secret/outcome'],
    decisions: [
      {
        breaks: 'Where a region gives no token, what is there of it is looked at',
        stands: 'const mustLook = secret.missing.length > 0 ||',
        becomes: 'const mustLook =',
      },
      {
        breaks: 'An expired token is not written',
        stands: 'if (secret.expiresAtMs <= wallMs) {',
        becomes: 'if (secret.expiresAtMs <= 0) {',
      },
      {
        breaks: 'What seems newer is looked at before anything is written',
        stands: "mustLook ? 'look' : 'apply'",
        becomes: "mustLook ? 'apply' : 'apply'",
      },
      {
        breaks: 'A write by who knows the secret rests on its revision',
        stands: "condition: known === 'nothing' ? undefined : (known.revision ?? neverMet)",
        becomes: 'condition: undefined',
      },
      {
        breaks: 'Who knows that there is none does not write over one that came meanwhile',
        stands: '(known.revision ?? neverMet)',
        becomes: 'known.revision',
      },
      {
        breaks: 'Nothing is forced but a takeover',
        stands: 'force: takeover !== undefined',
        becomes: 'force: true',
      },
      {
        breaks: 'A takeover is forced',
        stands: 'force: takeover !== undefined',
        becomes: 'force: false',
      },
      {
        breaks: 'Merged data have an owner of their own, so that a later pass meets a conflict',
        stands: 'takeover?.merge === true ? fieldManagers.merge',
        becomes: 'takeover?.merge === true ? fieldManagers.own',
      },
      {
        breaks: 'A dry run stores nothing',
        stands: "    kind: 'apply',\n    place,\n    dryRun,",
        becomes: "    kind: 'apply',\n    place,\n    dryRun: false,",
      },
      {
        breaks: 'Looks at a secret are counted',
        stands: 'looks: looks + 1',
        becomes: 'looks',
      },
      {
        breaks: 'A refusal rests on the revision that was judged',
        stands: 'judged: takeover === undefined ? before.condition : takeover.existing.resourceVersion',
        becomes: 'judged: before.condition',
      },
      {
        breaks: 'Who makes a secret that was gone does not write over one that came meanwhile',
        stands: "doing: 'apply', judged, condition: neverMet }",
        becomes: "doing: 'apply', judged, condition: undefined }",
      },
      {
        breaks: 'A secret is not read beyond what memory has room for',
        stands: 'secret.body.length + mostForeignBytes',
        becomes: 'Number.POSITIVE_INFINITY',
      },
      {
        breaks: 'What goes wrong with one namespace is its own failure',
        stands: "({ job: { place } }, bug) => ['failed', placed('NamespaceBug', place, { why: String(bug) })]",
        becomes: '(_, bug) => { throw bug; }',
      },
    ],
  },
  {
    file: 'core/secret/leftover.ts',
    seenBy: ['core/secret/leftover'],
    decisions: [
      {
        breaks: 'A secret without our label is left where it is',
        stands: '!existing.managedByUs || existing.type !== pullSecretType',
        becomes: 'existing.type !== pullSecretType',
      },
      {
        breaks: 'A secret of another type is left where it is',
        stands: '!existing.managedByUs || existing.type !== pullSecretType',
        becomes: '!existing.managedByUs',
      },
      {
        breaks: 'A secret that others put something into is left where it is',
        stands: 'if (!isNothing(foreign)) return',
        becomes: 'if (foreign === undefined) return',
      },
      {
        breaks: 'A secret that others touched is left where it is',
        stands: "managedFields.every((entry) => isRecord(entry) && entry['manager'] === fieldManagers.own)",
        becomes: "managedFields.some((entry) => isRecord(entry) && entry['manager'] === fieldManagers.own)",
      },
      {
        breaks: 'Without managed fields nobody can tell whose a secret is',
        stands: 'if (!Array.isArray(managedFields) || managedFields.length === 0) return false;',
        becomes: 'if (!Array.isArray(managedFields)) return true;',
      },
      {
        breaks: 'What is deleted is the secret that was read, and no other',
        stands: "['delete', { uid: text(metadata['uid']), resourceVersion: existing.resourceVersion }]",
        becomes: "['delete', { uid: '', resourceVersion: '' }]",
      },
    ],
  },
];
