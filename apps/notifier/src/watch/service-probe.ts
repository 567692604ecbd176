import type { ServiceName } from '@schoolbell/contracts';
import { PROBE_TIMEOUT_MS, type Watched } from './watch.ts';

const ANSWER_MAX_LENGTH = 500;

/** Is a service ready? Any answer but 200 within the time is a no. */
export function watchedService({ service, url }: { readonly service: ServiceName; readonly url: string }): Watched {
  const { host } = new URL(url);
  return {
    // With all of the address: one that was corrected is another watch.
    name: `watch-${service}-${url}`,
    failuresToFire: 3,
    alert: {
      fingerprint: `service-down:${service}:${host}`,
      kind: 'service-down',
      severity: 'critical',
      service,
      title: `${service} at ${host} is not ready`,
      labels: { service, url },
    },
    async probe(signal) {
      try {
        const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.any([signal, AbortSignal.timeout(PROBE_TIMEOUT_MS)]) });
        if (response.status === 200) {
          await response.body?.cancel();
          return undefined;
        }
        return `It answers ${response.status}: ${await beginning(response)}`;
      } catch (error) {
        return `It does not answer: ${reasonOf(error)}`;
      }
    },
  };
}

/** The first bytes of an answer, and not one more than needed. */
async function beginning(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  if (response.body === null) return text;
  for await (const chunk of response.body) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    if (text.length >= ANSWER_MAX_LENGTH) break;
  }
  return detailOf(text) ?? text.slice(0, ANSWER_MAX_LENGTH);
}

/** The services answer with problem details. */
function detailOf(text: string): string | undefined {
  try {
    const { detail } = JSON.parse(text) as { detail?: unknown };
    return typeof detail === 'string' ? detail.slice(0, ANSWER_MAX_LENGTH) : undefined;
  } catch {
    return undefined;
  }
}

function reasonOf(error: unknown): string {
  const { name, message, cause } = (error ?? {}) as { name?: string; message?: string; cause?: { code?: string; message?: string } };
  if (name === 'TimeoutError') return `no answer within ${PROBE_TIMEOUT_MS} ms`;
  return cause?.code ?? cause?.message ?? message ?? String(error);
}
