import { parseAllDocuments } from 'yaml';
import { isObject, listAt, textAt } from './objects.ts';

/** What has to be there before other objects can be. */
const first = ['Namespace', 'ServiceAccount', 'ClusterRole', 'Role'];

/** The objects of several YAML documents, lists opened, in an order in which they can be applied. */
export function manifestObjects(manifests: string | readonly object[]): object[] {
  const documents = typeof manifests === 'string' ? parsed(manifests) : [...manifests];
  const objects = documents.flatMap((document) =>
    textAt(document, 'kind') === 'List' ? listAt(document, 'items') : [document],
  );
  const rank = (object: unknown): number =>
    (first.indexOf(textAt(object, 'kind')) + first.length + 1) % (first.length + 1);
  return objects.filter(isObject).sort((a, b) => rank(a) - rank(b));
}

function parsed(text: string): unknown[] {
  return [...parseAllDocuments(text)].map((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw error;
    return document.toJS() as unknown;
  });
}
