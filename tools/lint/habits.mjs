/** House rules that a linter can see; the words are shown to whoever breaks one. */
const forbidden = (selector, message) => ({ selector, message });

const EVERYWHERE = [
  forbidden('ExportAllDeclaration', 'Name what you export: `export *` hides what an entry offers.'),
  forbidden(
    'MemberExpression[object.name=/^(it|test|describe|suite)$/][property.name=/^(skip|skipIf|only|todo|runIf|fails)$/]',
    'A test that does not run counts as failed: mend it or remove it.',
  ),
];

const CLOCK = 'Take a Clock from @schoolbell/time, or `now` as an argument.';
const OF_TIME = [
  forbidden("MemberExpression[object.name='Date'][property.name='now']", CLOCK),
  forbidden("NewExpression[callee.name='Date'][arguments.length=0]", CLOCK),
  forbidden("CallExpression[callee.name='Date']", CLOCK),
  forbidden("MemberExpression[object.name='Math'][property.name='random']", 'Take a Random from @schoolbell/time.'),
];

export const habits = {
  'no-restricted-syntax': ['error', ...EVERYWHERE],
  'no-control-regex': 'error',
  // A closure may read what is assigned after it was written.
  'prefer-const': ['error', { ignoreReadBeforeAssign: true }],
  'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx'], location: 'anywhere' }],
};

/** Time is owned by one library. */
export const habitsOfTime = {
  'no-restricted-syntax': ['error', ...EVERYWHERE, ...OF_TIME],
  'no-restricted-imports': ['error', { paths: [{ name: 'luxon', message: 'Zones are the business of @schoolbell/time.' }] }],
};
