/** What the server counted since it started or was reset. */
export interface Counts {
  /** Keyed by verb and resource, e.g. `PATCH secrets`, `LIST namespaces`; other paths by verb and path. */
  requests: Record<string, number>;
  /** Keyed by HTTP status, e.g. `200`. */
  byStatus: Record<string, number>;
  /** All requests together. */
  total: number;
  /** TLS connections accepted. */
  connections: number;
}

export class Stats {
  requests: Record<string, number> = {};
  byStatus: Record<string, number> = {};
  total = 0;
  connections = 0;

  reset(): void {
    this.requests = {};
    this.byStatus = {};
    this.total = 0;
    this.connections = 0;
  }

  countRequest(key: string): void {
    this.total += 1;
    this.requests[key] = (this.requests[key] ?? 0) + 1;
  }

  countStatus(status: number): void {
    this.byStatus[status] = (this.byStatus[status] ?? 0) + 1;
  }

  countConnection(): void {
    this.connections += 1;
  }

  counts(): Counts {
    const { requests, byStatus, total, connections } = this;
    return { requests: { ...requests }, byStatus: { ...byStatus }, total, connections };
  }
}
