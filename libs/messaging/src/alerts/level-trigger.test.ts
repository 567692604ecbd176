import { describe, expect, it } from 'vitest';
import { INITIAL_LEVEL, stepLevelTrigger, type LevelTriggerLimits, type LevelTriggerState } from './level-trigger.ts';

const limits: LevelTriggerLimits = { failuresToFire: 2, repeatEveryMs: 5_000, resolvedRepeats: 3 };

/** Probes one second apart: `.` answers, `x` does not. Returns what was said, and when. */
function play(probes: string, start: LevelTriggerState = INITIAL_LEVEL): string[] {
  let state = start;
  const said: string[] = [];
  for (const [second, probe] of [...probes].entries()) {
    const step = stepLevelTrigger(state, probe === '.', second * 1_000, limits);
    state = step.state;
    if (step.say !== undefined) said.push(`${second}:${step.say}`);
  }
  return said;
}

describe('stepLevelTrigger', () => {
  it('tells the end once at the start, for what a former process left open', () => {
    expect(play('............')).toEqual(['0:resolved']);
  });
  it('ignores a single failure', () => {
    expect(play('.x.x.x.x')).toEqual(['0:resolved']);
  });
  it('fires at the second failure in a row and repeats until it is over', () => {
    expect(play('xxxxxxxxxxxxx')).toEqual(['1:firing', '6:firing', '11:firing']);
  });
  it('tells the end at once, and again twice', () => {
    expect(play('xx...............')).toEqual(['1:firing', '2:resolved', '7:resolved', '12:resolved']);
  });
  it('stops telling the end when the trouble is back', () => {
    expect(play('xx.xx.......')).toEqual(['1:firing', '2:resolved', '4:firing', '5:resolved', '10:resolved']);
  });
});
