/**
 * Whether one revision is older than another. Kubernetes promises that they compare as whole numbers; where they are
 * none, nothing is called old.
 */
export function isOlder(one: string, other: string): boolean {
  if (!/^\d+$/.test(one) || !/^\d+$/.test(other)) return false;
  return one.length === other.length ? one < other : one.length < other.length;
}
