import { DEFAULT_PORTS } from '@schoolbell/contracts';
import { expect, it } from 'vitest';
import { parseOptions } from './options.ts';
import { DEFAULT_PORT_BASE, portsFrom } from './ports.ts';

it('needs no options', () => expect(parseOptions([])).toEqual({ help: false, fresh: false, verbose: false, portBase: 4100 }));
it.each([['--ports', 'many'], ['--ports', '80'], ['--ports', '65535'], ['--unknown'], ['something']])('refuses %s %s', (...args) =>
  expect(() => parseOptions(args)).toThrow(expect.objectContaining({ code: 'usage' })),
);
it('gives the services their usual ports, and moves all together', () => {
  expect(portsFrom(DEFAULT_PORT_BASE).services).toEqual(DEFAULT_PORTS);
  expect(portsFrom(5100)).toMatchObject({ services: { ingest: 5101, notifier: 5105 }, client: 5109, nats: 5122, postgres: 5132 });
});
