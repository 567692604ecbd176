import { createHmac } from 'node:crypto';
import { systemClock } from '@schoolbell/time';
import { JWT_SECRET } from './names.ts';

const VALID_SECONDS = 12 * 3600;
const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const HEAD = encode({ alg: 'HS256', typ: 'JWT' });

export type Role = 'teacher' | 'student' | 'partner' | 'manager' | 'admin';

/** A bearer token as the platform would sign it (RFC 7519, HS256). */
export function bearerToken(id: string, role: Role): string {
  const signed = `${HEAD}.${encode({ sub: id, role, exp: Math.floor(systemClock.now() / 1000) + VALID_SECONDS })}`;
  return `${signed}.${createHmac('sha256', JWT_SECRET).update(signed).digest('base64url')}`;
}
