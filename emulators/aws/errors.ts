import type { Reply } from './http.ts';

/** What went wrong, named as the JSON services name it; STS has names of its own for the same things. */
export type ErrorName = keyof typeof ERRORS;
export type AwsError = { error: ErrorName; message: string };

type Row = { status: number; message: string; query: { code: string; status: number } };

// Codes, statuses and wordings as ECR and STS send them. The JSON services answer 400 to authentication errors, whatever
// the 403 of their API reference's common errors says.
const ERRORS = {
  UnrecognizedClientException: row(400, 'The security token included in the request is invalid.', [
    'InvalidClientTokenId',
    403,
  ]),
  InvalidSignatureException: row(
    400,
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key ' +
      'and signing method. Consult the service documentation for details.',
    ['SignatureDoesNotMatch', 403],
  ),
  IncompleteSignatureException: row(400, 'The request signature does not conform to AWS standards.', [
    'IncompleteSignature',
    400,
  ]),
  ExpiredTokenException: row(400, 'The security token included in the request is expired', ['ExpiredToken', 403]),
  AccessDeniedException: row(400, 'User is not authorized to perform this action', ['AccessDenied', 403]),
  MissingAuthenticationTokenException: row(400, 'Missing Authentication Token', ['MissingAuthenticationToken', 403]),
  ThrottlingException: row(400, 'Rate exceeded', ['Throttling', 400]),
  ServerException: row(500, 'These errors are usually caused by a server-side issue.', ['InternalFailure', 500]),
  ServiceUnavailableException: row(503, 'The request has failed due to a temporary failure of the server.', [
    'ServiceUnavailable',
    503,
  ]),
  InvalidParameterException: row(
    400,
    'The specified parameter is invalid. Review the available parameters for the API request.',
    ['ValidationError', 400],
  ),
  UnsupportedCommandException: row(400, "The action isn't supported in this Region.", ['InvalidAction', 400]),
  UnknownOperationException: row(400, 'The requested operation is not recognized by the service.', [
    'InvalidAction',
    400,
  ]),
  SerializationException: row(400, 'Unable to parse the request body.', ['MalformedInput', 400]),
  InvalidIdentityTokenException: row(
    400,
    'The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)',
    ['InvalidIdentityToken', 400],
  ),
  ExpiredWebIdentityTokenException: row(400, 'Token expired', ['ExpiredTokenException', 400]),
} as const satisfies Record<string, Row>;

function row(status: number, message: string, [code, queryStatus]: [string, number]): Row {
  return { status, message, query: { code, status: queryStatus } };
}

/** An error with AWS's own wording, or with the more exact one that is given. */
export function awsError(error: ErrorName, message: string = ERRORS[error].message): AwsError {
  return { error, message };
}

/** AWS's wording for a principal whose policies do not allow an action. */
export function accessDenied(principalArn: string, action: string, resource: string): AwsError {
  return awsError(
    'AccessDeniedException',
    `User: ${principalArn} is not authorized to perform: ${action} on resource: ${resource} ` +
      `because no identity-based policy allows the ${action} action`,
  );
}

/** The error as the JSON 1.1 services send it. */
export function jsonError({ error, message }: AwsError): Reply {
  return {
    status: ERRORS[error].status,
    contentType: 'application/x-amz-json-1.1',
    body: JSON.stringify({ __type: error, message }),
  };
}

/** The error as STS sends it: XML, with its own code for the same thing. */
export function queryError({ error, message }: AwsError, requestId: string): Reply {
  const { code, status } = ERRORS[error].query;
  const side = status >= 500 ? 'Receiver' : 'Sender';
  return {
    status,
    contentType: 'text/xml',
    body:
      '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">\n  <Error>\n' +
      `    <Type>${side}</Type>\n    <Code>${code}</Code>\n    <Message>${xmlText(message)}</Message>\n  </Error>\n` +
      `  <RequestId>${requestId}</RequestId>\n</ErrorResponse>\n`,
  };
}

/** Text as it may stand between XML tags. */
export function xmlText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
