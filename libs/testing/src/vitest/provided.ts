import { inject } from 'vitest';
import { createProvider } from '../provider/choose.ts';
import type { ProviderChoice, ServerProvider } from '../provider/provider.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where servers of this run come from. */
    schoolbellProvider: ProviderChoice;
    /** The superuser of the Postgres that all files of this run share. */
    schoolbellAdminUrl: string;
  }
}

let provider: ServerProvider | undefined;

/** The provider that the global setup of this run has chosen. */
export const currentProvider = (): ServerProvider => (provider ??= createProvider(inject('schoolbellProvider')));

export const sharedAdminUrl = (): string => inject('schoolbellAdminUrl');
