/** Who may import whom, by the tags in each package.json. A test breaks every line of this once to see it fail. */
const SERVICES = ['ingest', 'results', 'delivery', 'scheduling', 'notifier'];
const SERVICE_LIBS = ['contracts', 'time', 'standard-webhooks', 'icalendar', 'service-kit', 'messaging'];

const scopes = (names) => names.map((name) => `scope:${name}`);
const rule = (scope, names) => ({ sourceTag: `scope:${scope}`, onlyDependOnLibsWithTags: scopes([scope, ...names]) });

const CONSTRAINTS = [
  { sourceTag: 'type:app', onlyDependOnLibsWithTags: ['type:lib'] },
  { sourceTag: 'type:lib', onlyDependOnLibsWithTags: ['type:lib'] },
  { sourceTag: 'type:e2e', onlyDependOnLibsWithTags: ['type:lib', 'type:tool'] },
  { sourceTag: 'type:tool', onlyDependOnLibsWithTags: ['type:lib', 'type:app'] },
  ...SERVICES.map((service) => rule(service, SERVICE_LIBS)),
  ...['contracts', 'time', 'standard-webhooks'].map((lib) => rule(lib, [])),
  rule('icalendar', ['time']),
  rule('service-kit', ['contracts', 'time']),
  rule('messaging', ['contracts', 'time', 'service-kit']),
  rule('local-stack', ['contracts', 'time', 'service-kit']),
  rule('testing', ['contracts', 'time', 'service-kit', 'standard-webhooks', 'local-stack']),
];

export const boundaries = ({ allow = [] } = {}) => ({
  allow,
  depConstraints: CONSTRAINTS,
  enforceBuildableLibDependency: false,
  banTransitiveDependencies: false,
  ignoredCircularDependencies: [
    ['@schoolbell/local-stack', '@schoolbell/service-kit'],
    ['@schoolbell/testing', '@schoolbell/service-kit'],
    ['@schoolbell/testing', '@schoolbell/messaging'],
  ],
});
