import ipaddr from 'ipaddr.js';

/** Addresses of clouds that look public and answer with a machine's own credentials or configuration. */
const METADATA = new Set(['168.63.129.16', '100.100.100.200', '192.0.0.192']);
/** RFC 4291: what is assigned as global unicast. Whatever lies outside is refused, known range or not. */
const GLOBAL_UNICAST_V6: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('2000::'), 3];

/**
 * Why requests must not go to an address, or undefined when they may. Only plain global unicast passes: every range
 * with a meaning of its own is refused, IPv4 inside IPv6 included (mapped, NAT64, 6to4, Teredo), and so is what cannot
 * be read.
 */
export function refusedRange(address: string): string | undefined {
  if (METADATA.has(address)) return 'metadata';
  let parsed: ipaddr.IPv4 | ipaddr.IPv6;
  try {
    parsed = ipaddr.parse(address);
  } catch {
    return 'unreadable';
  }
  const range = parsed.range();
  if (range !== 'unicast') return range;
  if (parsed instanceof ipaddr.IPv6 && !parsed.match(GLOBAL_UNICAST_V6)) return 'unassigned';
  return undefined;
}
