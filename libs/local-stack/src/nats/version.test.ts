import { expect, it } from 'vitest';
import { parseInfo } from './server-info.ts';
import { isRecentEnough, parseVersion } from './version.ts';

it.each([
  ['2.9.10', false],
  ['2.10.22', false],
  ['2.10.23', true],
  ['2.10.100', true],
  ['2.11.0', true],
  ['3.0.0', true],
  ['1.99.99', false],
])('%s may serve: %s', (version, expected) => expect(isRecentEnough(version)).toBe(expected));

it.each([
  ['nats-server: v2.10.27\n', '2.10.27'],
  ['nats-server: v2.12.1-RC.3', '2.12.1'],
  ['something else', undefined],
])('reads %j as %s', (text, version) => expect(parseVersion(text)).toBe(version));

it.each([
  ['INFO {"server_id":"X","version":"2.10.27","jetstream":true,"port":4222} \r\n', { version: '2.10.27', jetstream: true }],
  ['INFO {"version":"2.9.10"}\r\n', { version: '2.9.10', jetstream: false }],
  ['HTTP/1.1 400 Bad Request\r\n', undefined],
  ['INFO {}\r\n', undefined],
  ['INFO {version}\r\n', undefined],
])('takes %j for %j', (text, info) => expect(parseInfo(text)).toEqual(info));
