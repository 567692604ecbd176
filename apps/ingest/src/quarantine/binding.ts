/** What an encrypted body is bound to: it opens only in the row it was written for. */
export function bindingOf(row: { source: string; webhookId: string; bodySha256: string }): string {
  return `${row.source} ${row.webhookId} ${row.bodySha256}`;
}
