// The client of ECR has the whole credential chain for those who give it no credentials. The program always gives it some.
export function defaultProvider() {
  throw new Error('this client is always given credentials');
}
