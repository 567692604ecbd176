import { describe, expect, test } from 'vitest';
import { compileTransform, OUTPUT_LIMIT } from './compile.ts';
import { TransformError } from './error.ts';

const code = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof TransformError) return error.code;
    throw error;
  }
  return 'none';
};
const evaluate = (expression: string, input: unknown = {}) => () => compileTransform(expression).applyText(JSON.stringify(input));

describe('compileTransform', () => {
  test('maps JSON to JSON', async () => {
    const { apply } = compileTransform('{ "who": data.learner, "tests": data.tests.{ "id": id, "share": score / max } }');
    const input = { data: { learner: 'u-1', tests: [{ id: 't-1', score: 1, max: 4 }, { id: 't-2', score: 0.3, max: 0.1 }] } };
    expect(await apply(input)).toEqual({ who: 'u-1', tests: [{ id: 't-1', share: 0.25 }, { id: 't-2', share: 0.3 / 0.1 }] });
  });

  test('selects nothing as undefined', async () => {
    expect(await compileTransform('missing').apply({})).toBeUndefined();
  });

  test('its version follows the expression', () => {
    expect(compileTransform('a').version).toBe(compileTransform('a').version);
    expect(compileTransform('a').version).not.toBe(compileTransform('b').version);
  });

  test('dates that are given are data, a missing part is 1970 and not today', async () => {
    expect(await compileTransform('$toMillis("2026-11-21T05:30:00Z")').apply({})).toBe(1_795_239_000_000);
    expect(await compileTransform('$fromMillis($toMillis("10:30", "[H]:[m]"))').apply({})).toBe('1970-01-01T10:30:00.000Z');
  });

  test('a syntax error tells the place', () => {
    expect(() => compileTransform('a.(b')).toThrow(/not valid JSONata.*character 4/);
    expect(code(() => compileTransform('{'))).toBe('transform-syntax');
  });

  test.each(['$now()', '$millis()', '$random()', '$shuffle([1,2])', '($f := $now; $f())'])('%s is refused', (expression) => {
    expect(code(() => compileTransform(expression))).toBe('transform-nondeterministic');
  });

  test.each(['$base64encode(a)', 'a ~> $base64decode()', '$map(list, $base64encode)'])('%s is refused: the realm cannot do it', (expression) => {
    expect(code(() => compileTransform(expression))).toBe('transform-unsupported');
  });

  test('what $eval hides is refused when it runs', () => {
    expect(code(evaluate('$eval("$no" & "w()")'))).toBe('transform-failed');
  });

  test('an error never quotes the data', () => {
    expect(evaluate('$number(name)', { name: 'Grace Hopper' })).toThrow('Unable to cast value to a number: …');
  });

  test.each([
    ['endless recursion', '($f := function($x) { $f($x) + 1 }; $f(1))', 'transform-failed'],
    ['an endless tail call', '($f := function($x) { $f($x) }; $f(1))', 'transform-timeout'],
    ['a catastrophic regular expression', '$match(text, /(a+)+$/)', 'transform-timeout'],
    ['nested loops', '[1..100000].[1..100000].(1)', 'transform-timeout'],
    ['quadratic work without a loop', 'list.($sum($$.list[$ > 3]))', 'transform-timeout'],
    ['a huge list', '[1..10000000]', 'transform-failed'],
    ['a huge string', '$reduce([1..20], function($p, $i) { $p & $p }, "xx")', 'transform-output-too-large'],
    ['a string that doubles for ever', '$reduce([1..99], function($p, $i) { $p & $p }, "x")', 'transform-failed'],
    ['a wide $pad', '$pad("x", 900000000)', 'transform-failed'],
    ['a list of lists that doubles', '$reduce([1..40], function($p, $i) { {"a": $p, "b": $p} }, 1)', 'transform-timeout'],
  ])('%s ends', (_name, expression, expected) => {
    const input = { text: `${'a'.repeat(40)}!`, list: Array.from({ length: 20_000 }, (_, index) => index) };
    expect(code(evaluate(expression, input))).toBe(expected);
    expect(compileTransform('1 + 1').applyText('{}')).toBe('2');
  });

  test('after a timeout expressions that were compiled before go on working', () => {
    const before = compileTransform('a');
    expect(code(evaluate('($f := function() { $f() }; $f())'))).toBe('transform-timeout');
    expect(before.applyText('{"a":1}')).toBe('1');
  });

  test('output at the limit passes', () => {
    const text = 'x'.repeat(OUTPUT_LIMIT - 2);
    expect(compileTransform('$').applyText(JSON.stringify(text))).toHaveLength(OUTPUT_LIMIT);
    expect(code(evaluate('$', `${text}x`))).toBe('transform-output-too-large');
  });

  test('expressions cannot reach the process', () => {
    expect(compileTransform('$lookup({}, "constructor")').applyText('{}')).toBeUndefined();
    expect(compileTransform('constructor.constructor("return process")()').applyText('{}')).toBeUndefined();
  });
});
