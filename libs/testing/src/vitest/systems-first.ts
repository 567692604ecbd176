import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Whole systems take minutes, most of them waiting: begun last they would be waited for alone. */
export class SystemsFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const runsSystem = ({ moduleId }: TestSpecification): boolean => moduleId.includes('/e2e/');
    return [...sorted.filter(runsSystem), ...sorted.filter((file) => !runsSystem(file))];
  }
}
